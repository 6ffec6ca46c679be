"""A cancel that a library swallows is a run that never ends."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

Result = TypeVar("Result")


async def heeding_cancel(call: Awaitable[Result]) -> Result:
    """Return what `call` returns, unless the task was cancelled meanwhile and `call` told nobody.

    Before Python 3.12 asyncio.wait_for forgets a cancel that comes just as its work is done, and the
    redis client sends every command through it.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task is not None else 0
    result = await call
    if task is not None and task.cancelling() > before:
        raise asyncio.CancelledError
    return result
