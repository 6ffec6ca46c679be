"""Files that are complete or absent, and the lock that lets one process change the stack."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from src.local_stack.errors import LocalStackError


def write_atomically(path: Path, text: str) -> None:
    """Replace a file in one step that a crash cannot halve."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


@contextmanager
def locked(path: Path, *, wait_seconds: float, report: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock of the stack; the system frees it when the process ends, however it ends.

    Raises:
        LocalStackError: another process held it for longer than `wait_seconds`.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        _take(file.fileno(), wait_seconds, report)
        yield


def _take(descriptor: int, wait_seconds: float, report: Callable[[str], None]) -> None:
    deadline = time.monotonic() + wait_seconds
    told = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise LocalStackError(
                    f"another ssc has been working on this stack for {wait_seconds:.0f} s; "
                    "end it, then try again"
                ) from None
            if not told:
                report("another ssc is working on this stack; waiting for it")
                told = True
            time.sleep(0.1)
        else:
            return
