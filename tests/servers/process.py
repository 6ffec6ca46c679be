"""One server process of a test session: started in a folder of its own, and certainly ended."""

import ctypes
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

HOST = "127.0.0.1"
START_SECONDS = 30.0
STOP_SECONDS = 15.0
_PR_SET_PDEATHSIG = 1


PORTS = range(20_000, 32_000)
"""Below those that the system hands out: nobody gets one of them by chance before our server does."""


def free_port() -> int:
    """Return a port on which nothing listens at this moment."""
    while True:
        port = PORTS[secrets.randbelow(len(PORTS))]
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            return port


@contextmanager
def running(
    command: Sequence[str],
    *,
    folder: Path,
    answers: Callable[[], bool],
    user: str | None = None,
    environment: Mapping[str, str] | None = None,
    stop: signal.Signals = signal.SIGTERM,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; its output is kept in `folder`/server.log.

    Args:
        command: the server in the foreground.
        folder: where it runs.
        answers: tells whether it does its work, asked until it does.
        user: whom it runs as, this user when None.
        environment: all of its environment, this process's when None.
        stop: the signal that ends it without delay.
    """
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdout=output,
            stderr=output,
            user=user,
            env=environment,
            preexec_fn=lambda: die_with_parent(stop),  # noqa: PLW1509 - before any thread starts
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not answers():
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{command[0]} does not answer: {log.read_text()[-2000:]}")
            time.sleep(0.05)
        yield process
    finally:
        end(process, stop)


def end(process: subprocess.Popen[bytes], stop: signal.Signals = signal.SIGTERM) -> None:
    """Ask a process to end, and kill it with all that it started if it does not."""
    try:
        children = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        children = []
    process.send_signal(stop)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    _, alive = psutil.wait_procs(children, timeout=2)
    for child in alive:
        child.kill()


def is_root() -> bool:
    """Tell whether we run as root, which PostgreSQL refuses to do."""
    return os.geteuid() == 0


def die_with_parent(stop: signal.Signals) -> None:
    """Have the system end the server even when the tests are killed (prctl(2), Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(stop))
