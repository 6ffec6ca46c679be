"""A real Neo4j Community, as its jars from Maven Central and the Java that is installed.

Each test process starts one of its own, so that tests may run beside each other; with
`--dist loadgroup` all Neo4j tests share one process, and so one server.
"""

import fcntl
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import neo4j
import pytest
from neo4j.exceptions import AuthError, DriverError, Neo4jError

from tests.servers.process import HOST, free_port, running
from tests.servers.requirement import missing_server

DOWNLOAD_SECONDS = 900
POM = Path(__file__).parent / "neo4j" / "pom.xml"
JARS = Path(__file__).parents[2] / ".ssc"
USER = "neo4j"
FIRST_PASSWORD = "neo4j"
PASSWORD = "a password: 'with' \"quotes\" @ and %20"
OPENED = ("java.base/java.nio", "java.base/java.io", "java.base/sun.nio.ch")
SETTINGS = """
server.bolt.listen_address={host}:{port}
server.http.enabled=false
server.https.enabled=false
server.memory.pagecache.size=64m
db.tx_log.preallocate=false
dbms.usage_report.enabled=false
"""


@dataclass(frozen=True, slots=True)
class Neo4jServer:
    """Where it listens and keeps its data."""

    port: int
    home: Path

    @property
    def address(self) -> tuple[str, str, str]:
        """Its address, user and password."""
        return f"bolt://{HOST}:{self.port}", USER, PASSWORD

    @property
    def command(self) -> list[str]:
        """How it is started, in the foreground."""
        return [
            _program("java"),
            *("-Xms256m", "-Xmx640m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
            *(f"--add-opens={package}=ALL-UNNAMED" for package in OPENED),
            *("-cp", f"{neo4j_jars()}/*", "org.neo4j.server.CommunityEntryPoint"),
            *(f"--home-dir={self.home}", f"--config-dir={self.home / 'conf'}"),
        ]

    def answers(self) -> bool:
        """Tell whether it takes statements, its first password being replaced."""
        return _takes_statements(*self.address)


def neo4j_in(home: Path) -> Neo4jServer:
    """A server that is not started yet."""
    server = Neo4jServer(free_port(), home)
    (home / "conf").mkdir()
    (home / "conf" / "neo4j.conf").write_text(SETTINGS.format(host=HOST, port=server.port))
    return server


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, str]]:
    """Address, user and password of a Neo4j that this test process has for itself."""
    server = neo4j_in(tmp_path_factory.mktemp("neo4j"))
    with running(server.command, folder=server.home, answers=server.answers):
        yield server.address


def neo4j_jars() -> Path:
    """Return the folder of the server's jars, fetched by Maven the first time."""
    folder = JARS / f"neo4j-{_version()}" / "lib"
    JARS.mkdir(exist_ok=True)
    with (JARS / "neo4j.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            _fetch(folder)
    return folder


def _fetch(folder: Path) -> None:
    folder.parent.mkdir(exist_ok=True)
    # Half a download must not look like a whole one.
    with tempfile.TemporaryDirectory(dir=folder.parent) as part:
        command = [
            *(_program("mvn"), "-B", "-q", "-f", str(POM), "dependency:copy-dependencies"),
            f"-DoutputDirectory={part}/lib",
        ]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=DOWNLOAD_SECONDS)
        except subprocess.TimeoutExpired:
            missing_server(f"Maven did not fetch Neo4j within {DOWNLOAD_SECONDS} s")
        except subprocess.CalledProcessError as error:
            missing_server(f"Maven could not fetch Neo4j: {error.stdout.decode()[-500:]}")
        (Path(part) / "lib").rename(folder)


def _version() -> str:
    namespace = {"m": "http://maven.apache.org/POM/4.0.0"}
    version = ET.parse(POM).getroot().findtext("m:properties/m:neo4j.version", None, namespace)
    assert version
    return version


def _program(name: str) -> str:
    return shutil.which(name) or missing_server(f"{name} is not installed")


def _takes_statements(uri: str, user: str, password: str) -> bool:
    try:
        try:
            with neo4j.GraphDatabase.driver(uri, auth=(user, password)) as driver:
                driver.execute_query("RETURN 1")
        except AuthError:  # it was never started before
            _set_password(uri, user, password)
    except (DriverError, Neo4jError):
        return False
    return True


def _set_password(uri: str, user: str, password: str) -> None:
    with neo4j.GraphDatabase.driver(uri, auth=(user, FIRST_PASSWORD)) as driver:
        driver.execute_query(
            "ALTER CURRENT USER SET PASSWORD FROM $old TO $new",
            {"old": FIRST_PASSWORD, "new": password},
            database_="system",
        )
