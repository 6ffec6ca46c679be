"""A real SecantusDB, which speaks MongoDB's protocol, out of its wheel."""

import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pymongo
import pytest
from pymongo.errors import PyMongoError

from src.services.vulnerability.advisory_store import AdvisoryStore, open_advisories
from tests.servers.process import HOST, free_port, running
from tests.servers.requirement import missing_server


@dataclass(frozen=True, slots=True)
class SecantusDBServer:
    """Where it listens and keeps its data."""

    port: int
    folder: Path

    @property
    def uri(self) -> str:
        """Its address, which wants no login."""
        return f"mongodb://{HOST}:{self.port}/?directConnection=true&journal=true"

    @property
    def command(self) -> list[str]:
        """How it is started, in the foreground."""
        config = self.folder / "secantusd.toml"
        config.touch()  # else it reads one of the person who runs the tests
        return [
            *(sys.executable, "-m", "secantus", "--config", str(config), "--standalone"),
            *("--host", HOST, "--port", str(self.port), "--log-level", "WARNING"),
            *("--storage-path", str(self.folder / "data")),
        ]

    def answers(self) -> bool:
        """Tell whether it does its work."""
        client = pymongo.MongoClient(self.uri, serverSelectionTimeoutMS=500)
        try:
            client.admin.command("ping")
        except PyMongoError:
            return False
        finally:
            client.close()
        return True


def secantusdb_in(folder: Path) -> SecantusDBServer:
    """A server that is not started yet; skips the test where there is none to start."""
    if find_spec("secantus") is None:
        missing_server("the wheel secantusdb is not installed")
    return SecantusDBServer(free_port(), folder)


@pytest.fixture(scope="session")
def secantusdb_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecantusDBServer]:
    """A SecantusDB that this test process has for itself."""
    server = secantusdb_in(tmp_path_factory.mktemp("secantusdb"))
    with running(server.command, folder=server.folder, answers=server.answers):
        yield server


@pytest.fixture
def advisory_database(secantusdb_server: SecantusDBServer) -> str:
    """The address of an advisory database that is empty when the test begins."""
    with pymongo.MongoClient(secantusdb_server.uri) as client:
        client.drop_database("vulnerabilities")
    return secantusdb_server.uri


@pytest.fixture
async def advisories(advisory_database: str) -> AsyncIterator[AdvisoryStore]:
    """A store on an empty database."""
    async with open_advisories(advisory_database, "", "") as store:
        yield store
