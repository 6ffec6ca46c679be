"""Cancellations that a driver forgets."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def cancellation_kept() -> Iterator[None]:
    """Raise CancelledError where the block was cancelled, and ended otherwise all the same.

    Before Python 3.12 `asyncio.wait_for`, which the drivers of Redis and MongoDB use, forgets a
    cancellation that comes together with its result; whoever was cancelled then goes on for ever.
    """
    task = _current_task()
    before = task.cancelling() if task is not None else 0
    try:
        yield
    finally:
        if task is not None and task.cancelling() > before:
            raise asyncio.CancelledError


def _current_task() -> asyncio.Task[object] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:  # no event loop runs, and nobody can cancel
        return None
