"""The Redis stream that other programs push requests onto, read as one consumer of a group.

A message stays pending until it is acknowledged, so a crash loses nothing: whoever comes later claims
what rested long enough. Only commands of Redis 7.0 are used.
"""

import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from src.schemas.errors import QueueError

_FIELD = "data"


@dataclass(frozen=True, slots=True)
class StreamMessage:
    """One entry of the stream. `fields` is as it came; `deliveries` counts this delivery too."""

    id: str
    fields: Mapping[str, str]
    deliveries: int

    @property
    def data(self) -> str | None:
        """The JSON text of the request, None where the entry has no field `data`."""
        return self.fields.get(_FIELD)


@dataclass(frozen=True, slots=True)
class StreamDepth:
    """How much waits: entries never delivered, and entries delivered but not acknowledged."""

    waiting: int
    pending: int


class MessageStream:
    """Reads, acknowledges and dead-letters messages; every failure of Redis is a QueueError."""

    def __init__(self, redis: Redis, *, stream: str, group: str, consumer: str) -> None:
        """Read `stream` as `consumer` of `group`; dead letters go to `<stream>-dlq`."""
        self._redis = redis
        self._stream = stream
        self._group = group
        self._consumer = consumer
        self.dead_letters = f"{stream}-dlq"

    async def ensure_group(self) -> None:
        """Create the group, from the first message on, wherever it is missing."""
        try:
            await self._redis.xgroup_create(self._stream, self._group, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise QueueError(f"cannot create the consumer group: {error}") from error
        except RedisError as error:
            raise QueueError(f"cannot create the consumer group: {error}") from error

    async def read(self, count: int, block_ms: int) -> list[StreamMessage]:
        """Return up to `count` new messages, waiting at most `block_ms` for the first."""
        try:
            answer = await self._redis.xreadgroup(
                self._group, self._consumer, {self._stream: ">"}, count=count, block=block_ms
            )
        except RedisError as error:
            raise QueueError(f"cannot read the stream: {error}") from error
        entries = _entries_of(answer)
        return [StreamMessage(id_, fields or {}, 1) for id_, fields in entries]

    async def claim(self, count: int, idle_ms: int) -> list[StreamMessage]:
        """Take over up to `count` messages that nobody acknowledged for `idle_ms`."""
        try:
            answer = await self._redis.xautoclaim(
                self._stream, self._group, self._consumer, idle_ms, count=count
            )
            entries = [(id_, fields) for id_, fields in answer[1] if fields is not None]
            deliveries = await self._deliveries([id_ for id_, _ in entries])
        except RedisError as error:
            raise QueueError(f"cannot claim pending messages: {error}") from error
        return [StreamMessage(id_, fields, deliveries[id_]) for id_, fields in entries]

    async def acknowledge(self, ids: Sequence[str]) -> None:
        """Mark messages as done; raises QueueError, and then they come again."""
        if not ids:
            return
        try:
            await self._redis.xack(self._stream, self._group, *ids)
        except RedisError as error:
            raise QueueError(f"cannot acknowledge messages: {error}") from error

    async def dead_letter(self, message: StreamMessage, reason: str, details: str) -> None:
        """Move a message to the dead letters and acknowledge it, both or neither."""
        letter: dict[Any, Any] = {
            _FIELD: message.data if message.data is not None else json.dumps(dict(message.fields)),
            "reason": reason,
            "details": details,
            "message_id": message.id,
            "attempts": str(message.deliveries),
            "failed_at": str(time.time_ns() // 1_000_000),
        }
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.xadd(self.dead_letters, letter)
                pipe.xack(self._stream, self._group, message.id)
                await pipe.execute()
        except RedisError as error:
            raise QueueError(f"cannot dead-letter message {message.id}: {error}") from error

    async def depth(self) -> StreamDepth:
        """Return how much waits; nothing where stream or group do not exist yet."""
        try:
            if not await self._redis.exists(self._stream):
                return StreamDepth(0, 0)
            for group in await self._redis.xinfo_groups(self._stream):
                if group["name"] == self._group:
                    lag = group.get("lag")
                    length = await self._redis.xlen(self._stream)
                    return StreamDepth(length if lag is None else lag, group["pending"])
            return StreamDepth(await self._redis.xlen(self._stream), 0)
        except RedisError as error:
            raise QueueError(f"cannot look at the stream: {error}") from error

    async def push(self, data: str) -> str:
        """Append a request and return its id."""
        try:
            return str(await self._redis.xadd(self._stream, {_FIELD: data}))
        except RedisError as error:
            raise QueueError(f"cannot push onto the stream: {error}") from error

    async def _deliveries(self, ids: Sequence[str]) -> dict[str, int]:
        """Return how often each pending message was delivered, this time included."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for id_ in ids:
                pipe.xpending_range(self._stream, self._group, min=id_, max=id_, count=1)
            answers = await pipe.execute()
        counts = dict.fromkeys(ids, 1)
        counts.update(
            {row["message_id"]: row["times_delivered"] for rows in answers for row in rows}
        )
        return counts


def _entries_of(answer: object) -> list[tuple[str, dict[str, str] | None]]:
    """Return the entries of an XREADGROUP answer, which is a list (RESP2) or a map (RESP3)."""
    if isinstance(answer, dict):
        return [entry for batches in answer.values() for batch in batches for entry in batch]
    if isinstance(answer, list):
        return [entry for _, entries in answer for entry in entries]
    return []


@asynccontextmanager
async def open_stream(
    *, host: str, port: int, db: int, stream: str, group: str, consumer: str
) -> AsyncIterator[MessageStream]:
    """Yield a stream whose connections belong to the running event loop, closed afterwards."""
    redis = Redis(
        host=host,
        port=port,
        db=db,
        decode_responses=True,
        socket_connect_timeout=5,
        socket_timeout=30,
        health_check_interval=30,
    )
    try:
        yield MessageStream(redis, stream=stream, group=group, consumer=consumer)
    finally:
        await redis.aclose()
