"""How the queue is doing: what waits, since when, with whom, and what was given up."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis

from src.services.queue import scripts
from src.services.queue.dead_letters import DeadLetters
from src.services.queue.entries import DATA, StreamMessage, milliseconds
from src.services.queue.message_stream import now_ms
from src.services.queue.redis_keys import QueueKeys, told_as

_COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class WaitingMessage:
    """A message that waits for another try, due at a time in epoch milliseconds."""

    id: str
    message: StreamMessage
    due_ms: int


@dataclass(frozen=True, slots=True)
class QueueStats:
    """What stands in the queue.

    `waiting` were never delivered, `pending` are with consumers (`consumers`: messages of each),
    `retrying` wait for another try, `due` of them may go on now, the first of them at `next_due_ms`
    (epoch milliseconds). `oldest_seconds` is the age of the oldest among the next one that waits,
    the first that is pending, and all that wait for a retry; None where there is none.
    """

    waiting: int = 0
    pending: int = 0
    retrying: int = 0
    due: int = 0
    next_due_ms: int | None = None
    oldest_seconds: float | None = None
    consumers: Mapping[str, int] = field(default_factory=dict)
    dead_letters: Mapping[str, int] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether a consumer would find nothing to do now."""
        return not (self.waiting or self.pending or self.due)


class QueueInspector:
    """Looks at the queue and changes nothing; every failure of Redis is a QueueError."""

    def __init__(self, redis: Redis, keys: QueueKeys) -> None:
        """Look at the queue of `keys`."""
        self._redis: Any = redis  # its stubs cannot tell texts from bytes
        self._keys = keys

    async def stats(self) -> QueueStats:
        """Return how the queue is doing; all is nothing where there is no queue yet."""
        dead_letters = await DeadLetters(self._redis, self._keys).counts()
        with told_as("look at the queue"):
            waiting, pending, oldest = await self._stream()
            retrying = int(await self._redis.zcard(self._keys.retry))
            due = int(await self._redis.zcount(self._keys.retry, "-inf", now_ms()))
            consumers = await self._consumers() if pending else {}
            first = await self._redis.zrange(self._keys.retry, 0, 0, withscores=True)
            ages = [moment for moment in (oldest, await self._oldest_retry()) if moment]
        age = max(0.0, (now_ms() - min(ages)) / 1000) if ages else None
        next_due = int(first[0][1]) if first else None
        return QueueStats(
            waiting, pending, retrying, due, next_due, age, consumers, dict(dead_letters)
        )

    async def retries(self, count: int) -> list[WaitingMessage]:
        """Return up to `count` messages that wait for another try, those due first first."""
        with told_as("look at the messages that wait for a retry"):
            rows = await self._redis.zrange(self._keys.retry, 0, count - 1, withscores=True)
        found = []
        for member, due in rows:
            id_, fields = _member(member)
            found.append(WaitingMessage(id_, StreamMessage(id_, fields), int(due)))
        return found

    async def peek(self, count: int) -> list[StreamMessage]:
        """Return up to `count` messages that were never delivered, the next one first."""
        with told_as("look at the stream"):
            group = await self._group()
            after = f"({group['last-delivered-id']}" if group else "-"
            entries = await self._redis.xrange(self._keys.stream, min=after, count=count)
        return [StreamMessage(id_, fields) for id_, fields in entries]

    async def _stream(self) -> tuple[int, int, int]:
        """Return how many wait, how many are pending, and when the oldest of them was pushed."""
        group = await self._group()
        if group is None:
            first = await self._redis.xrange(self._keys.stream, count=1)
            length = int(await self._redis.xlen(self._keys.stream))
            return length, 0, milliseconds(first[0][0]) if first else 0
        lag, pending = group.get("lag"), int(group["pending"])
        after = await self._redis.xrange(
            self._keys.stream, min=f"({group['last-delivered-id']}", count=1
        )
        oldest = [StreamMessage(id_, fields).first_seen for id_, fields in after]
        if pending:
            summary = await self._redis.xpending(self._keys.stream, self._keys.group)
            oldest += [milliseconds(str(summary["min"]))] if summary["min"] else []
        # Redis cannot tell the lag once entries were deleted from the middle; then it is counted.
        waiting = int(lag) if lag is not None else await self._count_after(group)
        return waiting, pending, min(oldest, default=0)

    async def _oldest_retry(self) -> int:
        """Return when the oldest message that waits for a retry was first seen, 0 without one."""
        found, start, size = [], 0, _COUNTED
        while size == _COUNTED:
            size, oldest = await self._redis.eval(
                scripts.OLDEST_RETRY, 1, self._keys.retry, str(start), str(start + _COUNTED - 1)
            )
            found += [int(oldest)] if int(oldest) > 0 else []
            start += _COUNTED
        return min(found, default=0)

    async def _count_after(self, group: Mapping[str, Any]) -> int:
        """Count what was never delivered, page by page."""
        counted, after = 0, str(group["last-delivered-id"])
        while page := await self._redis.xrange(self._keys.stream, min=f"({after}", count=1_000):
            counted, after = counted + len(page), page[-1][0]
        return counted

    async def _group(self) -> Mapping[str, Any] | None:
        if not await self._redis.exists(self._keys.stream):
            return None
        groups = await self._redis.xinfo_groups(self._keys.stream)
        return next((group for group in groups if group["name"] == self._keys.group), None)

    async def _consumers(self) -> dict[str, int]:
        told = await self._redis.xinfo_consumers(self._keys.stream, self._keys.group)
        return {str(row["name"]): int(row["pending"]) for row in told if row["pending"]}


def _member(member: str) -> tuple[str, dict[str, str]]:
    """Return id and fields of what waits for a retry; what nobody can read stands as data."""
    try:
        told = json.loads(member)
        flat = [str(text) for text in told["fields"]]
        return str(told["id"]), dict(zip(flat[::2], flat[1::2], strict=True))
    except (ValueError, TypeError, KeyError, RecursionError):
        return "", {DATA: member}
