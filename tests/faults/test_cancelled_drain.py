"""A drain that is cancelled in the middle, as Dagster does, leaves everything to the next one."""

import asyncio
import random

import pytest

from tests.faults.story import after_undisturbed, drained

pytestmark = pytest.mark.faults

CANCELS = 12


async def test_what_a_cancelled_drain_leaves_is_claimed_and_finished(redis_address, world, seed):
    draw = random.Random(seed)
    async with after_undisturbed(redis_address, world, seed) as told:
        queue = told.queue
        queue.set(claim_seconds=0.2)
        world.server.delay_seconds = 0.005
        left = 0
        for number in range(CANCELS):
            drain = asyncio.create_task(queue.drain(f"cancelled-{number}"))
            await asyncio.sleep(draw.uniform(0.1, 0.7))
            cancelled = (
                drain.cancel()
            )  # else it had nothing to do: what is left may not be claimed yet
            async with asyncio.timeout(5):
                [ended] = await asyncio.gather(drain, return_exceptions=True)
            assert isinstance(ended, asyncio.CancelledError) == cancelled
            left += cancelled and (await queue.stats()).pending > 0
        world.server.delay_seconds = 0
        await drained(queue)
        print(await told.check(), f"{left} of {CANCELS} cancelled drains left messages behind")
        assert left > 0
