"""A cancel that a library swallows is a run that never ends."""

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import TypeVar

Result = TypeVar("Result")


@contextmanager
def heeded_cancel() -> Iterator[None]:
    """Raise CancelledError at the end if the task was cancelled meanwhile and nobody was told.

    Before Python 3.12 asyncio.wait_for forgets a cancel that comes just as its work is done, and the
    redis client sends every command through it.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task is not None else 0
    yield
    if task is not None and task.cancelling() > before:
        raise asyncio.CancelledError


async def heeding_cancel(call: Awaitable[Result]) -> Result:
    """Return what `call` returns, unless a cancel that came meanwhile got lost in it."""
    with heeded_cancel():
        return await call
