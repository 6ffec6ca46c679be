"""What became of every message, read from Redis alone: nobody's own count is believed."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from src.services.queue.redis_keys import open_redis
from tests.e2e.queue.queue_world import Queue
from tests.faults.registry import DONE, Asked

AUDIT = "audit"
"""A group that settles nothing, so that no entry is ever trimmed."""
WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Account:
    """How many requests were pushed and discovered, and the fates of them all.

    `retried` counts how often one of them was put away for a later try.
    """

    pushed: int
    discovered: int
    retried: int
    fates: Counter[str]


async def keep_everything(queue: Queue) -> None:
    """Begin to keep what is settled; to be called before anything is pushed."""
    await queue.redis.xgroup_create(queue.keys.stream, AUDIT, id="0", mkstream=True)


async def push(queue: Queue, asked: Iterable[Asked]) -> None:
    async with queue.redis.pipeline() as pipe:
        for each in asked:
            pipe.xadd(queue.keys.stream, each.fields)
        await pipe.execute()


async def account(queue: Queue, asked: Iterable[Asked]) -> Account:
    """Return the fates, having made sure that each request has exactly one, the one it should have.

    An entry of the stream is put away for a retry (then its successor stands behind it, one try
    older), or stands among the dead letters, or waits, or is done.
    """
    expected = {_key(each.fields): each.fate for each in asked}
    stats = await queue.stats()
    assert (stats.waiting, stats.pending) == (0, 0), "something was not settled"
    host, port = queue.address
    async with open_redis(host, port, 0) as redis:
        entries = await redis.xrange(queue.keys.stream)
        letters = [fields for _, fields in await redis.xrange(queue.keys.dead_letters)]
        retries = [json.loads(row)["id"] for row in await redis.zrange(queue.keys.retry, 0, -1)]
    given_up = {letter["message_id"]: letter["reason"] for letter in letters}
    assert len(given_up) == len(letters), "a message stands twice among the dead letters"
    assert len(set(retries)) == len(retries)
    known = {id_ for id_, _ in entries}
    assert given_up.keys() | set(retries) <= known, "a message of nobody"

    chains: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for id_, fields in entries:
        chains[_key(fields)].append((int(fields.get("attempts", 0)), id_))
    fates: Counter[str] = Counter()
    for key, chain in chains.items():
        tries = sorted(tried for tried, _ in chain)
        assert tries == list(range(len(chain))), f"{key} was put away twice: {chain}"
        *before, (_, last) = sorted(chain)
        assert not any(id_ in given_up or id_ in retries for _, id_ in before), key
        assert not (last in given_up and last in retries), key
        fate = WAITING if last in retries else given_up.get(last, DONE)
        assert fate in {expected.get(key, DONE), WAITING}, f"{key}: {fate}"
        fates[fate] += 1
    assert expected.keys() <= chains.keys(), "a request is lost"
    assert sum(fates.values()) == len(chains)
    retried = sum(len(chain) - 1 for chain in chains.values()) + fates[WAITING]
    return Account(len(expected), len(chains) - len(expected), retried, fates)


async def times_asked(queue: Queue) -> Counter[str]:
    """Return how many requests there were for each package, discovered ones among them."""
    counted: Counter[str] = Counter()
    host, port = queue.address
    async with open_redis(host, port, 0) as redis:
        for _, fields in await redis.xrange(queue.keys.stream):
            if fields.get("data", "").startswith('{"node_type'):
                counted[json.loads(fields["data"])["package"]] += 1
    return counted


def _key(fields: dict[str, str]) -> str:
    return fields["data"] if "data" in fields else json.dumps(fields, sort_keys=True)
