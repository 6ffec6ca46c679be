"""The messages that were given up: looked at, sent again, or thrown away by an operator."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

from redis.asyncio import Redis

from src.services.queue import scripts
from src.services.queue.entries import ATTEMPTS, FIRST_SEEN, DeadLetter, read_letter
from src.services.queue.redis_keys import QueueKeys, told_as

_PAGE = 200
_COUNTED = 5_000
_SCRIPT_FIELDS = 2_000
"""A script can hand fewer than 4,000 fields to one command."""


class DeadLetters:
    """Reads, replays and purges dead letters; every failure of Redis is a QueueError."""

    def __init__(self, redis: Redis, keys: QueueKeys) -> None:
        """Look at `keys.dead_letters`."""
        self._redis: Any = redis  # its stubs cannot tell texts from bytes
        self._keys = keys

    async def letters(self, *, reason: str = "") -> AsyncIterator[DeadLetter]:
        """Yield those that were there at the start, oldest first; those of one reason if named."""
        with told_as("read the dead letters"):
            newest = await self._redis.xrevrange(self._keys.dead_letters, count=1)
        after, last = "-", newest[0][0] if newest else ""
        while last:
            with told_as("read the dead letters"):
                page = await self._redis.xrange(
                    self._keys.dead_letters, min=after, max=last, count=_PAGE
                )
            for letter in _read(page, reason):
                yield letter
            if len(page) < _PAGE:
                return
            after = f"({page[-1][0]}"

    async def newest(self, *, reason: str = "") -> AsyncIterator[DeadLetter]:
        """Yield them newest first, for who looks at them; those of one reason if named."""
        before, size = "+", _PAGE
        while size == _PAGE:
            with told_as("read the dead letters"):
                page = await self._redis.xrevrange(self._keys.dead_letters, max=before, count=_PAGE)
            for letter in _read(page, reason):
                yield letter
            size, before = len(page), f"({page[-1][0]}" if page else ""

    async def find(self, id_: str) -> DeadLetter | None:
        """Return one by its own id, None where there is none."""
        with told_as(f"read dead letter {id_}"):
            found = await self._redis.xrange(self._keys.dead_letters, min=id_, max=id_)
        return read_letter(*found[0]) if found else None

    async def replay(self, letter: DeadLetter) -> bool:
        """Send one to the end of the stream with a fresh count of tries; False where it is gone."""
        kept = {key: text for key, text in letter.fields.items() if key != ATTEMPTS}
        fields = {**kept, FIRST_SEEN: str(letter.first_seen)}
        if len(fields) > _SCRIPT_FIELDS:
            return await self._replay_long(letter.id, fields)
        flat = [text for pair in fields.items() for text in pair]
        keys = (self._keys.dead_letters, self._keys.stream)
        with told_as(f"replay dead letter {letter.id}"):
            return bool(await self._redis.eval(scripts.REPLAY, len(keys), *keys, letter.id, *flat))

    async def _replay_long(self, id_: str, fields: dict[str, str]) -> bool:
        """Send one again that a script cannot; two operators at once may send it twice."""
        if await self.find(id_) is None:
            return False
        with told_as(f"replay dead letter {id_}"):
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.xadd(self._keys.stream, fields).xdel(self._keys.dead_letters, id_)
                return bool((await pipe.execute())[1])

    async def purge(self, id_: str) -> bool:
        """Throw one away for good; False where it is gone already."""
        with told_as(f"purge dead letter {id_}"):
            return bool(await self._redis.xdel(self._keys.dead_letters, id_))

    async def counts(self) -> Counter[str]:
        """Return how many there are of each reason."""
        counted: Counter[str] = Counter()
        start, size = "-", _COUNTED
        while size == _COUNTED:
            with told_as("count the dead letters"):
                last, size, *reasons = await self._redis.eval(
                    scripts.COUNT_REASONS, 1, self._keys.dead_letters, start, str(_COUNTED)
                )
            for reason, number in zip(reasons[::2], reasons[1::2], strict=True):
                counted[str(reason)] += int(number)
            start = f"({last}"
        return counted


def _read(page: Sequence[tuple[str, dict[str, str]]], reason: str) -> Iterator[DeadLetter]:
    for id_, fields in page:
        letter = read_letter(id_, fields)
        if reason in {"", letter.reason}:
            yield letter
