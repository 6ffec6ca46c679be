"""A message is settled once, though two consumers settle it or a command is sent a second time."""

import pytest

from tests.e2e.queue.queue_world import queue_for
from tests.e2e.shelf import Shelf
from tests.e2e.world import open_world

pytestmark = pytest.mark.faults


@pytest.fixture
async def queue(graph, redis_address, tmp_path):
    shelf = Shelf()
    shelf.put("lib", v1_0=[])
    async with (
        open_world(graph, tmp_path / "cache", source=shelf) as world,
        queue_for(redis_address, world) as opened,
    ):
        yield opened


async def taken(queue, opened):
    """Push a request and take it from the stream."""
    await queue.push(node_type="PyPIPackage", package="lib")
    await opened.stream.ensure_group()
    [message] = await opened.stream.read(1, 100)
    return message


async def test_what_is_put_away_twice_waits_once(queue):
    async with queue.open("slow") as slow, queue.open("other") as other:
        message = await taken(queue, slow)
        [claimed] = await other.stream.claim(1, 0)
        assert await other.stream.postpone(claimed, attempts=1, due_ms=1)
        assert not await slow.stream.postpone(message, attempts=1, due_ms=2)
        [waiting] = await other.inspector.retries(10)
    assert (waiting.id, waiting.due_ms) == (message.id, 1)


async def test_what_is_given_up_twice_is_one_dead_letter(queue):
    async with queue.open("slow") as slow, queue.open("other") as other:
        message = await taken(queue, slow)
        [claimed] = await other.stream.claim(1, 0)
        assert await other.stream.dead_letter(claimed, "extraction_failed", "first")
        assert not await slow.stream.dead_letter(message, "extraction_failed", "second")
    assert [letter["details"] for letter in await queue.dead()] == ["first"]


async def test_nobody_is_blamed_for_what_died_before_its_turn(queue):
    queue.set(max_deliveries=2)
    async with queue.open("first") as opened:
        message = await taken(queue, opened)
    for number in range(5):
        async with queue.open(f"dies-{number}") as opened:
            [claimed] = await opened.stream.claim(1, 0)
            assert (claimed.id, claimed.deliveries) == (message.id, 2)
    async with queue.open("begins") as opened:
        [claimed] = await opened.stream.claim(1, 0)
        assert await opened.stream.begin([claimed.id]) == 1
        [claimed] = await opened.stream.claim(1, 0)
        assert claimed.deliveries == 3


async def test_what_nobody_works_on_is_not_kept_by_whose_name_it_bears(queue):
    queue.set(claim_seconds=0.4)
    async with queue.open("one") as one:
        await taken(queue, one)  # its answer is lost: the consumer knows nothing of it
    queue.world.server.delay_seconds = 0.3
    async with queue.processor("one") as processor:
        for _ in range(8):
            await queue.push(node_type="PyPIPackage", package="lib", refresh=True)
            await processor.drain()
            if (await queue.stats()).pending == 0:
                return
    pytest.fail("a message is kept from everybody as long as there is other work")
