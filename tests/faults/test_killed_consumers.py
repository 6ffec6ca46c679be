"""Consumers as processes of their own: killed at random, side by side, or stopped for a while."""

import asyncio
import random
import signal
from collections import Counter
from contextlib import AsyncExitStack

import pytest

from tests.faults import ledger
from tests.faults.processes import address_of, consumer
from tests.faults.registry import DONE, GIVEN_UP, LAYERS
from tests.faults.story import ON_FALKORDB, after_undisturbed

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

KILLS = 20


@pytest.fixture
async def told(redis_address, world, seed):
    async with after_undisturbed(redis_address, world, seed) as story:
        yield story


def started(stack, told, graph_address):
    """Return what starts a consumer by its name."""

    async def start(name):
        address = address_of(told.queue, graph_address, name)
        return await stack.enter_async_context(consumer(address))

    return start


async def test_twenty_kills_at_random_points_make_no_difference(told, graph_address, seed):
    draw = random.Random(seed)
    queue = told.queue
    queue.set(claim_seconds=0.3)
    queue.world.server.delay_seconds = 0.01
    interrupted = 0
    async with AsyncExitStack() as stack:
        start = started(stack, told, graph_address)
        for number in range(KILLS):
            working = await start(f"killed-{number}")
            await asyncio.sleep(draw.uniform(0.1, 0.9))
            await working.kill()
            interrupted += (await queue.stats()).pending > 0
        last = await start("last")
        await told.settled()
        await last.finish()
    account = await told.check()
    print(f"{interrupted} of {KILLS} kills left messages behind: {account}")
    assert interrupted > KILLS / 2


@ON_FALKORDB
async def test_of_two_consumers_one_takes_over_what_the_other_leaves(told, graph_address, seed):
    draw = random.Random(seed)
    queue = told.queue
    queue.world.server.delay_seconds = 0.02
    async with AsyncExitStack() as stack:
        start = started(stack, told, graph_address)
        killed, other = await start("killed"), await start("other")
        async with asyncio.timeout(20):
            while not (await queue.stats()).consumers.get("killed"):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await asyncio.sleep(draw.uniform(0.1, 0.4))
        await killed.kill()
        left = (await queue.stats()).consumers["killed"]
        await told.settled()
        counted = await other.finish()
    account = await told.check()
    print(f"{left} messages were left behind: {account}, {counted}")
    assert left > 0


@ON_FALKORDB
async def test_a_consumer_that_sleeps_past_its_time_settles_nothing_twice(told, graph_address):
    queue = told.queue
    queue.world.server.delay_seconds = 0.02
    async with AsyncExitStack() as stack:
        start = started(stack, told, graph_address)
        sleeper = await start("sleeper")
        async with asyncio.timeout(20):
            while not (await queue.stats()).consumers.get("sleeper"):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        sleeper.send(signal.SIGSTOP)
        other = await start("other")
        await told.settled()
        sleeper.send(signal.SIGCONT)
        counts = [await sleeper.finish(), await other.finish()]
    account = await told.check()
    assert totals(counts) == account.fates


@ON_FALKORDB
async def test_three_consumers_at_once_share_the_work(told, graph_address):
    queue = told.queue
    queue.set(claim_seconds=5)
    queue.world.server.forget_requests()
    async with AsyncExitStack() as stack:
        start = started(stack, told, graph_address)
        three = await asyncio.gather(*(start(f"consumer-{number}") for number in range(3)))
        await told.settled()
        counts = [await each.finish() for each in three]
    account = await told.check()
    print([each["total_processed"] for each in counts], account)
    assert totals(counts) == account.fates
    assert all(each["total_processed"] > 0 for each in counts)
    asked = await ledger.times_asked(queue)
    read = {
        path.split("/")[3]: times
        for path, times in queue.world.server.requests.items()
        if path.startswith("/pypi/simple/p")
    }
    assert len(read) == sum(LAYERS)
    assert {name: times for name, times in read.items() if times > asked[name]} == {}


def totals(counts):
    """Return what several consumers counted, told like the fates."""
    whole = Counter()
    for each in counts:
        whole.update(each)
    reasons = {key: whole[key] for key in whole if key in GIVEN_UP}
    return Counter({DONE: whole["successful"], **reasons})
