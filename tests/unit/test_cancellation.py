"""A cancellation arrives, whatever the block makes of it."""

import asyncio

import pytest

from src.utils.cancellation import cancellation_kept


async def forgets():
    """What `asyncio.wait_for` does when its result comes together with a cancellation."""
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        return "result"


async def fails():
    await forgets()
    raise OSError


async def waits():
    await asyncio.sleep(1)


@pytest.mark.parametrize("block", [forgets, fails, waits])
async def test_who_is_cancelled_ends_cancelled(block):
    async def work():
        with cancellation_kept():
            await block()
        await asyncio.sleep(60)

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(5):
            await task


async def test_a_time_limit_is_still_told_as_one():
    async def work():
        with cancellation_kept():
            await forgets()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await work()


async def test_a_time_limit_inside_the_block_is_no_cancellation():
    with cancellation_kept(), pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await asyncio.sleep(1)


def test_without_an_event_loop_nobody_is_cancelled():
    with cancellation_kept():
        pass
