"""The Redis stream that other programs push requests onto, read as one consumer of a group.

A message stays pending until it is settled, so a crash loses nothing: whoever comes later claims
what rested long enough. Settling is one step in Redis, and only whoever settles first has a say.
"""

import json
import time
from collections.abc import Iterable, Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from src.schemas.errors import QueueError
from src.services.queue import scripts
from src.services.queue.entries import DATA, DEPTH, StreamMessage, letter_fields
from src.services.queue.redis_keys import QueueKeys, told_as

_FORGET_AFTER_MS = 86_400_000
"""A consumer without messages that was silent for a day is not coming back."""


def now_ms() -> int:
    """Return the time as the queue keeps it: epoch milliseconds."""
    return time.time_ns() // 1_000_000


class MessageStream:
    """Reads and settles messages; every failure of Redis is a QueueError."""

    def __init__(self, redis: Redis, keys: QueueKeys, consumer: str) -> None:
        """Read `keys.stream` as `consumer` of `keys.group`."""
        self._redis: Any = redis  # its stubs cannot tell texts from bytes
        self._keys = keys
        self._consumer = consumer
        self._claim_from = "0-0"

    async def ensure_group(self) -> None:
        """Create the group, from the first message on, wherever it is missing."""
        with told_as("create the consumer group"):
            try:
                await self._redis.xgroup_create(
                    self._keys.stream, self._keys.group, id="0", mkstream=True
                )
            except ResponseError as error:
                if "BUSYGROUP" not in str(error):
                    raise

    async def read(self, count: int, block_ms: int) -> list[StreamMessage]:
        """Return up to `count` new messages, waiting at most `block_ms` for the first."""
        with told_as("read the stream"):
            answer = await self._redis.xreadgroup(
                self._keys.group,
                self._consumer,
                {self._keys.stream: ">"},
                count=count,
                block=block_ms,
            )
        return [StreamMessage(id_, fields or {}) for id_, fields in _entries_of(answer)]

    async def claim(self, count: int, idle_ms: int) -> list[StreamMessage]:
        """Take over up to `count` messages of consumers that were silent for `idle_ms`.

        Nobody has begun them yet: see `begin`. One call looks at a part of what is pending, and the
        next one goes on behind it.
        """
        with told_as("claim pending messages"):
            cursor, ids, *_ = await self._redis.eval(
                scripts.CLAIM,
                1,
                self._keys.stream,
                self._keys.group,
                self._consumer,
                str(idle_ms),
                self._claim_from,
                str(count),
            )
            self._claim_from = str(cursor)
            return await self._delivered_before([str(id_) for id_ in ids])

    async def begin(self, ids: Sequence[str]) -> int:
        """Count another delivery of messages that were claimed; return how many are still ours.

        Only now, because whoever dies in the middle of a batch tells nothing against the messages
        that still waited for their turn.
        """
        return await self._hold("begin claimed messages", "", ids)

    async def hold(self, ids: Sequence[str]) -> int:
        """Say that we still work on messages; return how many of them are ours and not settled.

        Others that stand under our name came with an answer that was lost, or before a failure of
        ours: nobody works on them, so they must not be kept from whoever claims them.
        """
        return await self._hold("hold messages", "JUSTID", ids)

    async def acknowledge(self, ids: Sequence[str]) -> int:
        """Mark messages as done; return how many of them were ours to settle.

        Raises QueueError, and then they come again.
        """
        if not ids:
            return 0
        with told_as("acknowledge messages"):
            return int(await self._redis.xack(self._keys.stream, self._keys.group, *ids))

    async def dead_letter(self, message: StreamMessage, reason: str, details: str) -> bool:
        """Give a message up; tell whether that was ours to do."""
        letter = letter_fields(message, reason, details, now_ms())
        return bool(
            await self._script(
                f"dead-letter message {message.id}",
                scripts.DEAD_LETTER,
                (self._keys.stream, self._keys.dead_letters),
                (self._keys.group, message.id, *_flat(letter)),
            )
        )

    async def postpone(self, message: StreamMessage, *, attempts: int, due_ms: int) -> bool:
        """Put a message away until `due_ms`; tell whether that was ours to do."""
        told = {"id": message.id, "fields": _flat(message.kept(attempts=attempts))}
        # Bytes that are no UTF-8 stay as they are: Redis reads no lone surrogate out of JSON.
        member = json.dumps(told, ensure_ascii=False)
        return bool(
            await self._script(
                f"postpone message {message.id}",
                scripts.POSTPONE,
                (self._keys.stream, self._keys.retry),
                (self._keys.group, message.id, due_ms, member),
            )
        )

    async def bring_back(self, count: int) -> int:
        """Move up to `count` messages whose time has come back onto the stream."""
        return await self._script(
            "bring back messages that wait for a retry",
            scripts.BRING_BACK,
            (self._keys.retry, self._keys.stream),
            (now_ms(), count),
        )

    async def push(self, data: Iterable[str], *, depth: int = 0) -> list[str]:
        """Append requests, all or none, and return their ids."""
        kept = {DEPTH: str(depth)} if depth else {}
        with told_as("push onto the stream"):
            async with self._redis.pipeline(transaction=True) as pipe:
                for each in data:
                    pipe.xadd(self._keys.stream, {DATA: each, **kept})
                return [str(id_) for id_ in await pipe.execute()]

    async def trim(self) -> int:
        """Drop from the stream what every group has settled; return how many entries went."""
        with told_as("trim the stream"):
            oldest = [
                await self._oldest_unsettled(group)
                for group in await self._redis.xinfo_groups(self._keys.stream)
            ]
            if not oldest:
                return 0
            return int(
                await self._redis.xtrim(
                    self._keys.stream, minid=_id(min(oldest)), approximate=False
                )
            )

    async def leave(self) -> None:
        """Forget this consumer, and those that are long gone, unless messages are with them."""
        await self._script(
            "leave the consumer group",
            scripts.FORGET_CONSUMERS,
            (self._keys.stream,),
            (self._keys.group, self._consumer, _FORGET_AFTER_MS),
        )

    async def _oldest_unsettled(self, group: dict[str, Any]) -> tuple[int, int]:
        """Return the id from which on a group may still want entries."""
        if group["pending"]:
            summary = await self._redis.xpending(self._keys.stream, group["name"])
            if summary["min"]:
                return _parts(str(summary["min"]))
        moment, sequence = _parts(str(group["last-delivered-id"]))
        return moment, sequence + 1

    async def _delivered_before(self, ids: Sequence[str]) -> list[StreamMessage]:
        """Return messages that were delivered to others, this delivery counted too."""
        stream, group = self._keys.stream, self._keys.group
        async with self._redis.pipeline(transaction=False) as pipe:
            for id_ in ids:
                pipe.xrange(stream, min=id_, max=id_)
                pipe.xpending_range(stream, group, min=id_, max=id_, count=1)
            answers = await pipe.execute()
        return [
            StreamMessage(entries[0][0], entries[0][1], pending[0]["times_delivered"] + 1)
            for entries, pending in zip(answers[::2], answers[1::2], strict=True)
            if entries and pending
        ]

    async def _hold(self, what: str, how: str, ids: Sequence[str]) -> int:
        arguments = (self._keys.group, self._consumer, how, *ids)
        return await self._script(what, scripts.HOLD, (self._keys.stream,), arguments)

    async def _script(
        self, what: str, script: str, keys: Sequence[str], arguments: Sequence[str | int]
    ) -> int:
        with told_as(what):
            return int(await self._redis.eval(script, len(keys), *keys, *map(str, arguments)))


def _entries_of(answer: object) -> list[tuple[str, dict[str, str] | None]]:
    """Return the entries of an XREADGROUP answer: a list (RESP2), a map (RESP3), nil for none."""
    if answer is None:
        return []
    if isinstance(answer, dict):
        return [entry for batches in answer.values() for batch in batches for entry in batch]
    if isinstance(answer, list):
        return [entry for _, entries in answer for entry in entries]
    raise QueueError(f"cannot read the stream: Redis answered a {type(answer).__name__}")


def _flat(fields: dict[str, str]) -> list[str]:
    return [text for pair in fields.items() for text in pair]


def _parts(id_: str) -> tuple[int, int]:
    moment, _, sequence = id_.partition("-")
    return int(moment), int(sequence or 0)


def _id(parts: tuple[int, int]) -> str:
    return f"{parts[0]}-{parts[1]}"
