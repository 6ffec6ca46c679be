"""The queue: every message ends in exactly one place, and none is lost."""

import asyncio
import json
import uuid

import pytest
from redis.asyncio import Redis

from src.local_stack.replay import Fault, table
from src.processes.extractors.package_extractor import PackageExtractor
from src.processes.extractors.pipeline import PipelineOptions
from src.processes.progress import Progress
from src.processes.queue_processor import QueueOptions, QueueProcessor
from src.services.dbs.message_stream import MessageStream
from tests.e2e.shelf import Shelf
from tests.e2e.world import open_world

ANY_FAILURES = PipelineOptions(fetch_concurrency=4, max_error_rate=100, flush_seconds=0.05)


REST = 1.5
"""Seconds between two tries: longer than any one drain of these tests takes."""


class Queue:
    """A stream of its own for one test, and the processor that drains it."""

    def __init__(self, redis: Redis, world) -> None:
        self.redis = redis
        self.world = world
        self.name = f"test-{uuid.uuid4().hex}"
        self.options = QueueOptions(budget_seconds=20, retry_seconds=REST, max_attempts=2)

    def stream(self, consumer: str = "one") -> MessageStream:
        return MessageStream(self.redis, stream=self.name, group="g", consumer=consumer)

    async def push(self, **message: object) -> None:
        await self.redis.xadd(self.name, {"data": json.dumps(message)})

    async def drain(self, consumer: str = "one"):
        async with self.world.client() as client:
            extractor = PackageExtractor(
                client, self.world.stores, Progress(lambda _: None), ANY_FAILURES
            )
            routes = {client.ecosystem: extractor}
            return await QueueProcessor(self.stream(consumer), routes, self.options).drain()

    async def dead(self) -> list[dict[str, str]]:
        return [fields for _, fields in await self.redis.xrange(f"{self.name}-dlq")]


@pytest.fixture
async def shelf() -> Shelf:
    shelf = Shelf()
    shelf.put("lib", v1_0=[])
    shelf.put("app", v1_0=["lib>=1"])
    return shelf


@pytest.fixture
async def world(graph, tmp_path, shelf):
    async with open_world(graph, tmp_path / "cache", source=shelf) as opened:
        opened.attempts = 1
        yield opened


@pytest.fixture
async def queue(redis_address, world):
    host, port = redis_address
    async with Redis(host=host, port=port, decode_responses=True) as redis:
        opened = Queue(redis, world)
        yield opened
        await redis.delete(opened.name, f"{opened.name}-dlq")


PACKAGES = "MATCH (p:PyPIPackage) WHERE p.moment IS NOT NULL RETURN p.name AS name ORDER BY p.name"


async def stored(world) -> list[str]:
    return [row["name"] for row in await world.graph.run(PACKAGES)]


async def test_a_request_is_extracted_with_all_that_it_requires(queue, world):
    await queue.push(node_type="PyPIPackage", package="App", vendor="somebody")
    summary = await queue.drain()
    assert summary.metadata() == {
        "total_processed": 1,
        "successful": 1,
        "failed": 0,
        "validation_errors": 0,
        "unsupported_types": 0,
        "retried": 0,
        "success_rate": 100.0,
    }
    assert await stored(world) == ["app", "lib"]
    rows = await world.graph.run("MATCH (p:PyPIPackage {name: 'app'}) RETURN p.vendor AS vendor")
    assert rows == [{"vendor": "somebody"}]
    assert (await queue.stream().depth()).pending == 0


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"data": "{not json"}, "validation_error"),
        ({"data": '["a list"]'}, "validation_error"),
        ({"data": '{"node_type":"PyPIPackage"}'}, "validation_error"),
        ({"data": '{"node_type":"PyPIPackage","package":""}'}, "validation_error"),
        ({"data": '{"node_type":"PyPIPackage","package":"../x"}'}, "validation_error"),
        ({"data": '{"node_type":"PyPIPackage","package":7}'}, "validation_error"),
        ({"other": "field"}, "no_data_field"),
        ({"data": '{"node_type":"CondaPackage","package":"x"}'}, "unsupported_type"),
        ({"data": '{"node_type":"PyPIPackage","package":"nowhere"}'}, "extraction_failed"),
        (
            {"data": '{"node_type":"PyPIPackage","package":"lib","parent_id":"4:x:1"}'},
            "link_not_supported",
        ),
    ],
)
async def test_what_can_never_succeed_goes_to_the_dead_letters_at_once(queue, fields, reason):
    await queue.redis.xadd(queue.name, fields)
    summary = await queue.drain()
    [letter] = await queue.dead()
    assert letter["reason"] == reason
    assert letter["details"]
    assert letter["data"] == fields.get("data", '{"other": "field"}')
    assert summary.total_processed == 1
    assert summary.successful == 0
    assert (await queue.stream().depth()).pending == 0


async def test_messages_pushed_before_the_group_existed_are_read_too(queue):
    await queue.push(node_type="PyPIPackage", package="lib")
    assert (await queue.stream().depth()).waiting == 1
    assert (await queue.drain()).successful == 1


async def test_a_passing_failure_is_tried_again_and_then_given_up(queue, world):
    world.server.faults = table({"/pypi/simple/lib/": Fault(status=503)})
    await queue.push(node_type="PyPIPackage", package="lib")
    summary = await queue.drain()
    assert (summary.retried, summary.failed) == (1, 0)
    assert (await queue.stream().depth()).pending == 1
    summary = await drained_after_rest(queue)
    assert summary.failed == 1
    [letter] = await queue.dead()
    assert (letter["reason"], letter["attempts"]) == ("extraction_failed", "2")


async def drained_after_rest(queue):
    await asyncio.sleep(REST + 0.1)
    return await queue.drain()


async def test_a_passing_failure_that_passes_ends_well(queue, world):
    world.server.faults = table({"/pypi/simple/lib/": Fault(status=503)})
    await queue.push(node_type="PyPIPackage", package="lib")
    await queue.drain()
    world.server.faults = table({})
    assert (await drained_after_rest(queue)).successful == 1
    assert await queue.dead() == []


async def test_what_a_crashed_consumer_left_is_claimed_by_another(queue, world):
    await queue.push(node_type="PyPIPackage", package="lib")
    crashed = queue.stream("crashed")
    await crashed.ensure_group()
    assert len(await crashed.read(10, 100)) == 1
    assert (await drained_after_rest(queue)).successful == 1
    assert await stored(world) == ["lib"]


async def test_fifty_messages_for_one_package_fetch_it_once(queue, world):
    for _ in range(50):
        await queue.push(node_type="PyPIPackage", package="lib")
    assert (await queue.drain()).successful == 50
    assert world.server.requests["/pypi/simple/lib/"] == 1


async def test_a_package_that_is_there_is_read_again_only_on_refresh(queue, world):
    await world.ingest()
    world.server.forget_requests()
    await queue.push(node_type="PyPIPackage", package="lib")
    assert (await queue.drain()).successful == 1
    assert not world.server.requests
    await queue.push(node_type="PyPIPackage", package="lib", refresh=True)
    assert (await queue.drain()).successful == 1
    assert world.server.requests["/pypi/simple/lib/"] == 1


async def test_more_than_one_batch_is_drained_in_one_run(queue):
    for number in range(230):
        await queue.push(node_type="PyPIPackage", package="lib" if number % 2 else "nowhere")
    summary = await queue.drain()
    assert (summary.successful, summary.failed) == (115, 115)
    assert len(await queue.dead()) == 115


async def test_the_contract_lets_null_stand_for_absent_and_ignores_what_it_does_not_know(queue):
    await queue.push(
        node_type="PyPIPackage", package="lib", vendor=None, constraints=None, surprise=[1]
    )
    assert (await queue.drain()).successful == 1
