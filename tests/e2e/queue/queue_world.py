"""A queue of a test's own on a real Redis, and the consumer that drains it."""

import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from redis.asyncio import Redis

from src.processes.extractors.package_extractor import PackageExtractor
from src.processes.extractors.pipeline import PipelineOptions
from src.processes.progress import Progress
from src.processes.queue.options import QueueOptions
from src.processes.queue.processor import QueueProcessor
from src.schemas.summary import QueueSummary
from src.services.graph.parent_store import ParentStore
from src.services.queue.message_queue import MessageQueue, open_queue
from src.services.queue.redis_keys import QueueKeys
from tests.e2e.world import World

ANY_FAILURES = PipelineOptions(fetch_concurrency=4, max_error_rate=100, flush_seconds=0.05)

QUICK = QueueOptions(
    budget_seconds=20,
    wait_seconds=0.05,
    retry_seconds=0.2,
    retry_cap_seconds=0.4,
    max_attempts=2,
    claim_seconds=0.5,
)
"""Short rests, so that a test need not wait long."""


class Queue:
    """A stream of its own for one test, and the processor that drains it."""

    def __init__(self, address: tuple[str, int], redis: Redis, world: World) -> None:
        self.address = address
        self.redis = redis
        self.world = world
        self.keys = QueueKeys(f"test-{uuid.uuid4().hex}", "g")
        self.options = QUICK

    def set(self, **options: object) -> None:
        """Change options of the processor."""
        self.options = replace(self.options, **options)

    @asynccontextmanager
    async def open(self, consumer: str = "one") -> AsyncIterator[MessageQueue]:
        host, port = self.address
        async with open_queue(
            host=host, port=port, db=0, keys=self.keys, consumer=consumer
        ) as queue:
            yield queue

    async def push(self, **message: object) -> None:
        await self.redis.xadd(self.keys.stream, {"data": json.dumps(message)})

    @asynccontextmanager
    async def processor(self, consumer: str = "one") -> AsyncIterator[QueueProcessor]:
        world = self.world
        async with self.open(consumer) as queue, world.client() as client:
            extractor = PackageExtractor(
                client, world.stores, Progress(lambda _: None), ANY_FAILURES
            )
            parents = ParentStore(world.graph)
            routes = {client.ecosystem: extractor}
            yield QueueProcessor(queue.stream, routes, parents, self.options)

    async def drain(self, consumer: str = "one") -> QueueSummary:
        async with self.processor(consumer) as processor:
            return await processor.drain()

    async def dead(self) -> list[dict[str, str]]:
        return [fields for _, fields in await self.redis.xrange(self.keys.dead_letters)]

    async def stats(self):
        async with self.open() as queue:
            return await queue.inspector.stats()


@asynccontextmanager
async def queue_for(address: tuple[str, int], world: World) -> AsyncIterator[Queue]:
    host, port = address
    async with Redis(
        host=host, port=port, decode_responses=True, encoding_errors="surrogateescape"
    ) as redis:
        opened = Queue(address, redis, world)
        yield opened
        keys = opened.keys
        await redis.delete(keys.stream, keys.retry, keys.dead_letters)
