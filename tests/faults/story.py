"""The same requests, undisturbed and disturbed: what both have to end with."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from tests.e2e.queue.queue_world import Queue, queue_for
from tests.e2e.world import World
from tests.faults import ledger
from tests.faults.registry import Asked, requests

PATIENCE_SECONDS = 60

PARENT = "root"

ON_FALKORDB = pytest.mark.parametrize("graph_address", ["falkordb"], indirect=True)
"""Where the graph has no part in what goes wrong, one engine is enough."""


@dataclass
class Told:
    """Requests that stand in a queue; `undisturbed` is what they have to end with."""

    queue: Queue
    asked: list[Asked]
    undisturbed: str = ""

    async def settled(self) -> None:
        """Wait until nothing is left to do."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (stats := await self.queue.stats()).empty or stats.retrying:  # noqa: ASYNC110
                await asyncio.sleep(0.1)

    async def check(self) -> ledger.Account:
        """Make sure that the graph is that of the undisturbed run, and each fate is one."""
        account = await ledger.account(self.queue, self.asked)
        assert await self.queue.world.fingerprint() == self.undisturbed
        return account


async def pushed(queue: Queue, seed: int) -> Told:
    """Push the requests onto an empty queue before an empty graph, whose one version is a parent."""
    world = queue.world
    await ledger.keep_everything(queue)
    await world.ingest(names=[PARENT])
    function = "id" if world.graph.engine == "falkordb" else "elementId"
    rows = await world.graph.run(f"MATCH (v:Version {{name: '1.0'}}) RETURN {function}(v) AS id")
    asked = requests(seed, str(rows[0]["id"]))
    await ledger.push(queue, asked)
    return Told(queue, asked)


async def drained(queue: Queue) -> int:
    """Drain until nothing waits, neither now nor for a retry; return how many were settled well."""
    successful = 0
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            successful += (await queue.drain()).successful
            stats = await queue.stats()
            if stats.empty and not stats.retrying:
                return successful
            await asyncio.sleep(0.1)


async def wipe(world: World) -> None:
    await world.graph.run("MATCH (n) WHERE NOT n:SchemaMigration DETACH DELETE n")


@asynccontextmanager
async def after_undisturbed(
    redis_address: tuple[str, int],
    world: World,
    seed: int,
) -> AsyncIterator[Told]:
    """Drain the requests undisturbed, wipe the graph, and yield them anew in another queue."""
    async with queue_for(redis_address, world) as queue:
        told = await pushed(queue, seed)
        successful = await drained(queue)
        expected = await world.fingerprint()
        told.undisturbed = expected
        account = await told.check()
        assert successful == account.fates["done"] > 300
    await wipe(world)
    async with queue_for(redis_address, world) as queue:
        told = await pushed(queue, seed)
        told.undisturbed = expected
        yield told
