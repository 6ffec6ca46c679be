"""The queue as a whole, opened once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from src.services.queue.dead_letters import DeadLetters
from src.services.queue.message_stream import MessageStream
from src.services.queue.queue_stats import QueueInspector
from src.services.queue.redis_keys import QueueKeys, open_redis


@dataclass(frozen=True, slots=True)
class MessageQueue:
    """The stream as one consumer reads it, the dead letters, and a look at all of it."""

    stream: MessageStream
    dead_letters: DeadLetters
    inspector: QueueInspector


@asynccontextmanager
async def open_queue(
    *, host: str, port: int, db: int, keys: QueueKeys, consumer: str
) -> AsyncIterator[MessageQueue]:
    """Yield the queue of `keys`; nothing is asked of Redis yet."""
    async with open_redis(host, port, db) as redis:
        yield MessageQueue(
            MessageStream(redis, keys, consumer),
            DeadLetters(redis, keys),
            QueueInspector(redis, keys),
        )
