"""Several requests at once, as one that fails as a single one would.

Not with `asyncio.TaskGroup`: before Python 3.13 a cancellation that arrives while a group stops what
is left after a failure is lost, and then whoever was cancelled goes on and waits for ever. Nor with
`gather`, which does not stop the others.
"""

import asyncio
from collections.abc import Collection, Coroutine, Iterable
from typing import Any, TypeVar

First = TypeVar("First")
Second = TypeVar("Second")


async def run_both(
    first: Coroutine[object, object, First], second: Coroutine[object, object, Second]
) -> tuple[First, Second]:
    """Run two jobs at once; the first error stops the other and is raised as itself."""
    tasks = asyncio.create_task(first), asyncio.create_task(second)
    await _ended(tasks)
    return tasks[0].result(), tasks[1].result()


async def run_all(jobs: Iterable[Coroutine[object, object, None]]) -> None:
    """Run any number of jobs likewise."""
    await _ended([asyncio.create_task(job) for job in jobs])


async def _ended(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Wait for all, or for the first error, which is raised once all others have stopped."""
    for task in tasks:
        task.add_done_callback(_looked_at)
    try:
        if tasks:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in tasks:
            if task.done():
                task.result()
    finally:
        left = [task for task in tasks if not task.done()]
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)


def _looked_at(task: asyncio.Task[Any]) -> None:
    """Take note of an error that nobody may ask for, else it is told to be lost."""
    if not task.cancelled():
        task.exception()
