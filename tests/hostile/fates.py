"""Counting messages: each ends in exactly one place, and the graph is that of an undisturbed run."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from src.schemas.summary import QueueSummary
from src.services.dbs.graph_driver import GraphDriver
from tests.e2e.queue.queue_world import Queue

Fields = Sequence[str | bytes]
"""An entry of the stream as it is sent: names and values in turns, names perhaps twice."""

ROUNDS = 60


@dataclass(frozen=True)
class Ended:
    """Where the messages of a queue ended, and how often one was put away for a later try."""

    successful: int
    discovered: int
    retrying: int
    retried: int
    rounds: int
    dead: Counter[str]

    @property
    def counted(self) -> int:
        """All messages that have a fate."""
        return self.successful + self.retrying + self.dead.total()


async def push_raw(queue: Queue, entries: Sequence[Fields]) -> None:
    """Append entries as any program may send them, valid or not."""
    for at in range(0, len(entries), 500):
        async with queue.redis.pipeline(transaction=False) as pipe:
            for entry in entries[at : at + 500]:
                pipe.execute_command("XADD", queue.keys.stream, "*", *entry)
            await pipe.execute()


async def drained(queue: Queue, *, pushed: int) -> Ended:
    """Drain until nothing is left to do now or later; tell where everything ended.

    Every message has one fate: none is lost, none pending, none given up twice.
    """
    summaries: list[QueueSummary] = []
    for _ in range(ROUNDS):
        summaries.append(await queue.drain())
        stats = await queue.stats()
        if stats.empty and not stats.retrying:
            break
        await asyncio.sleep(0.1)
    stats = await queue.stats()
    assert (stats.pending, stats.waiting) == (0, 0)
    letters = await queue.dead()
    ids = Counter(letter["message_id"] for letter in letters)
    assert max(ids.values(), default=1) == 1, "a message was given up twice"
    ended = Ended(
        successful=sum(summary.successful for summary in summaries),
        discovered=sum(summary.discovered for summary in summaries),
        retrying=stats.retrying,
        retried=sum(summary.retried for summary in summaries),
        rounds=len(summaries),
        dead=Counter(letter["reason"] for letter in letters),
    )
    assert ended.counted == pushed + ended.discovered, ended
    told = sum((summary.reasons for summary in summaries), Counter())
    assert told == ended.dead
    return ended


async def wiped(graph: GraphDriver) -> None:
    """Empty a graph but for what its migrations noted."""
    await graph.run("MATCH (n) WHERE NOT n:SchemaMigration DETACH DELETE n")


async def undisturbed(queue: Queue, messages: Sequence[Mapping[str, object]]) -> str:
    """Return the fingerprint that these messages alone lead to; the graph is empty afterwards."""
    await wiped(queue.world.graph)
    for message in messages:
        await queue.push(**message)
    ended = await drained(queue, pushed=len(messages))
    assert not ended.dead
    found = await queue.world.fingerprint()
    await wiped(queue.world.graph)
    return found
