"""A queue of a test's own on a real Redis."""

import uuid
from collections.abc import AsyncIterator, Iterator

import pytest
import redis

from src.services.queue.message_queue import MessageQueue, open_queue
from src.services.queue.redis_keys import QueueKeys


@pytest.fixture
def keys() -> QueueKeys:
    return QueueKeys(f"test-{uuid.uuid4().hex}", "group")


@pytest.fixture
def raw(redis_address: tuple[str, int]) -> Iterator[redis.Redis]:
    """Redis as another program sees it; bytes stay bytes."""
    with redis.Redis(*redis_address) as client:
        yield client


@pytest.fixture
async def queue(redis_address: tuple[str, int], keys: QueueKeys) -> AsyncIterator[MessageQueue]:
    host, port = redis_address
    async with open_queue(host=host, port=port, db=0, keys=keys, consumer="one") as opened:
        await opened.stream.ensure_group()
        yield opened


@pytest.fixture
async def other(redis_address: tuple[str, int], keys: QueueKeys) -> AsyncIterator[MessageQueue]:
    """The same queue as another consumer sees it."""
    host, port = redis_address
    async with open_queue(host=host, port=port, db=0, keys=keys, consumer="two") as opened:
        yield opened
