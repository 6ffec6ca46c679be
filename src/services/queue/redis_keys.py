"""Where the queue lives in Redis, and how its failures are told."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.exceptions import RedisError

from src.schemas.errors import QueueError
from src.utils.cancellation import cancellation_kept


@dataclass(frozen=True, slots=True)
class QueueKeys:
    """The keys of one queue. Other programs push onto `stream`; the rest is named after it."""

    stream: str
    group: str

    @property
    def retry(self) -> str:
        """The sorted set of messages that wait for another try, by the time when it is due."""
        return f"{self.stream}-retry"

    @property
    def dead_letters(self) -> str:
        """The stream of messages that were given up."""
        return f"{self.stream}-dlq"


@contextmanager
def told_as(what: str) -> Iterator[None]:
    """Turn every failure of Redis into a QueueError that says what could not be done."""
    try:
        with cancellation_kept():
            yield
    except RedisError as error:
        raise QueueError(f"cannot {what}: {error}") from error


@asynccontextmanager
async def open_redis(host: str, port: int, db: int) -> AsyncIterator[Redis]:
    """Yield connections that belong to the running event loop, closed afterwards.

    Bytes that are no UTF-8 come back as they were: a broken message must not stop the others.
    """
    redis = Redis(
        host=host,
        port=port,
        db=db,
        decode_responses=True,
        encoding_errors="surrogateescape",
        socket_connect_timeout=5,
        socket_timeout=30,
        health_check_interval=30,
    )
    try:
        yield redis
    finally:
        await redis.aclose()
