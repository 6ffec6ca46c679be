"""Several requests at once, as one that fails as a single one would.

`asyncio.TaskGroup` stops the others when one fails, which `gather` does not, but raises a group of
errors; whoever asked for a package wants the error itself.
"""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import TypeVar

First = TypeVar("First")
Second = TypeVar("Second")


async def run_both(
    first: Coroutine[object, object, First], second: Coroutine[object, object, Second]
) -> tuple[First, Second]:
    """Run two jobs at once; the first error stops the other and is raised as itself."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = group.create_task(first), group.create_task(second)
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return tasks[0].result(), tasks[1].result()


async def run_all(jobs: Iterable[Coroutine[object, object, None]]) -> None:
    """Run any number of jobs likewise."""
    try:
        async with asyncio.TaskGroup() as group:
            for job in jobs:
                group.create_task(job)
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
