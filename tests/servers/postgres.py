"""A real PostgreSQL, as Debian installs it."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest
from psycopg2 import sql

from tests.servers.process import HOST, free_port, is_root, running
from tests.servers.requirement import missing_server

USER = "dagster"
PASSWORD = "a password: 'with' \"quotes\" @ and %20"
INSTALLED = Path("/usr/lib/postgresql")
# Nothing here outlives the test, so nothing has to reach the disk.
FAST = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """How to log in to a database."""

    user: str
    password: str
    db: str
    host: str
    port: int

    def environment(self) -> dict[str, str]:
        """Return the variables that dagster.yaml and the settings read."""
        return {
            "POSTGRES_USER": self.user,
            "POSTGRES_PASSWORD": self.password,
            "POSTGRES_DB": self.db,
            "POSTGRES_HOST": self.host,
            "POSTGRES_PORT": str(self.port),
        }


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[PostgresServer]:
    """A PostgreSQL that this test process has for itself, with its database `postgres`."""
    programs = _programs()
    owner = _owner()
    # pytest's own folders are closed to other users, and PostgreSQL does not run as root.
    folder = Path(tempfile.mkdtemp(prefix="ssc-postgres-"))
    try:
        if owner is not None:
            shutil.chown(folder, owner)
        server = PostgresServer(USER, PASSWORD, "postgres", HOST, free_port())
        _initialise(programs, folder, owner)
        data, port = str(folder / "data"), str(server.port)
        command = [
            *(str(programs / "postgres"), "-D", data, "-h", HOST, "-p", port),
            *("-k", str(folder), *FAST),
        ]
        with running(
            command,
            folder=folder,
            answers=lambda: _answers(server),
            user=owner,
            environment={},
            stop=signal.SIGINT,  # SIGTERM would wait for every client to leave
        ):
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_server(postgres_cluster: PostgresServer) -> Iterator[PostgresServer]:
    """A PostgreSQL with an empty database for this test alone."""
    name = f"test_{os.urandom(6).hex()}"
    _administer(postgres_cluster, "CREATE DATABASE {}", name)
    cluster = postgres_cluster
    yield PostgresServer(cluster.user, cluster.password, name, cluster.host, cluster.port)
    _administer(postgres_cluster, "DROP DATABASE {} WITH (FORCE)", name)


def _programs() -> Path:
    found = sorted(INSTALLED.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        missing_server(f"PostgreSQL is not installed below {INSTALLED}")
    return found[-1].parent


def _owner() -> str | None:
    if not is_root():
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    return missing_server("PostgreSQL does not run as root, and there is no other user to take")


def _initialise(programs: Path, folder: Path, owner: str | None) -> None:
    secret = folder / "password"
    secret.write_text(f"{PASSWORD}\n")
    if owner is not None:
        shutil.chown(secret, owner)
    subprocess.run(
        [
            *(str(programs / "initdb"), "-D", str(folder / "data"), "-U", USER),
            *("--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8"),
            *("--locale=C", "--no-sync"),
        ],
        cwd=folder,
        user=owner,
        env={},
        check=True,
        capture_output=True,
    )


def _connect(server: PostgresServer) -> "psycopg2.extensions.connection":
    return psycopg2.connect(
        host=server.host,
        port=server.port,
        dbname=server.db,
        user=server.user,
        password=server.password,
        connect_timeout=2,
    )


def _answers(server: PostgresServer) -> bool:
    try:
        _connect(server).close()
    except psycopg2.OperationalError:
        return False
    return True


def _administer(server: PostgresServer, statement: str, database: str) -> None:
    connection = _connect(server)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(sql.Identifier(database)))
    finally:
        connection.close()
