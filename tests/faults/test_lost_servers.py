"""The graph, the advisories and Redis go to sleep or die in the middle of a batch, and come back."""

import asyncio
from contextlib import asynccontextmanager, contextmanager

import pytest

from src.processes.queue.worker import work_until
from src.schemas.ecosystem import Ecosystem
from src.services.dbs.graph_driver import open_graph
from src.services.vulnerability.advisory_store import open_advisories
from tests.e2e.advisory_world import affected, open_advisory_world, record
from tests.e2e.world import open_world
from tests.faults.processes import (
    durable_advisories,
    durable_falkordb,
    durable_neo4j,
    durable_redis,
)
from tests.faults.registry import LAYERS, registry
from tests.faults.story import ON_FALKORDB, after_undisturbed

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120)]

OUTAGE_SECONDS = 5
HOW = ("asleep", "killed")


@contextmanager
def started(server):
    server.start()
    try:
        yield server
    finally:
        server.stop()


async def away(server, how):
    """Let a server answer nothing, or be dead, for some seconds."""
    await asyncio.to_thread(server.sleep if how == "asleep" else server.kill)
    await asyncio.sleep(OUTAGE_SECONDS)
    await asyncio.to_thread(server.wake if how == "asleep" else server.start)


@asynccontextmanager
async def working(told):
    """A worker at the requests; at the end it has settled all of them, and was stopped."""
    told.queue.set(max_attempts=10)
    stop = asyncio.Event()
    async with told.queue.processor() as processor, asyncio.TaskGroup() as group:
        group.create_task(work_until(stop, processor, lambda _: None))
        yield
        await told.settled()
        stop.set()


async def in_the_middle(told, after=400):
    """Wait until a part of the packages was read, and the rest of a batch is being worked on."""
    server = told.queue.world.server
    async with asyncio.timeout(30):
        while server.requests.total() < after or not (await told.queue.stats()).pending:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


NEO4J_STARTS_SLOWLY = [pytest.mark.xdist_group("neo4j"), pytest.mark.timeout(960)]


@pytest.mark.parametrize(
    ("engine", "outages"),
    [
        (durable_falkordb, ("asleep",)),
        (durable_falkordb, ("killed",)),
        pytest.param(durable_neo4j, ("asleep", "killed"), marks=NEO4J_STARTS_SLOWLY),
    ],
)
async def test_a_graph_that_comes_back_is_whole(engine, outages, redis_address, tmp_path, seed):
    server, address = engine(tmp_path)
    with started(server):
        async with (
            open_graph(*address, attempts=3) as graph,  # gives up before the graph is back
            open_world(graph, tmp_path / "cache", source=registry(seed)) as world,
            after_undisturbed(redis_address, world, seed) as told,
        ):
            world.server.forget_requests()
            async with working(told):
                for number, how in enumerate(outages, 1):
                    await in_the_middle(told, after=number * 400)
                    await away(server, how)
            account = await told.check()
            print(account, outages)
            assert (account.retried > 0) == ("killed" in outages)


@ON_FALKORDB
@pytest.mark.parametrize("how", HOW)
async def test_a_redis_that_comes_back_has_lost_no_message(how, graph, tmp_path, seed):
    server, address = durable_redis(tmp_path)
    with started(server):
        async with (
            open_world(graph, tmp_path / "cache", source=registry(seed)) as world,
            after_undisturbed(address, world, seed) as told,
        ):
            world.server.forget_requests()
            async with working(told):
                await in_the_middle(told)
                await away(server, how)
            print(await told.check(), how)


ADVISORIES = [
    record(f"GHSA-{number}", affected(Ecosystem.PYPI, f"p{number % 4}-{number}", "0", "2.0"))
    for number in range(0, min(LAYERS), 3)
]


async def unattributed(world):
    rows = await world.graph.run(
        "MATCH (p:PyPIPackage) WHERE p.unattributed IS NOT NULL RETURN count(p) AS number"
    )
    return rows[0]["number"]


@ON_FALKORDB
@pytest.mark.parametrize("how", HOW)
async def test_without_advisories_packages_come_and_the_next_sync_attributes_them(
    how, graph, redis_address, tmp_path, seed
):
    server, uri = durable_advisories(tmp_path)
    with started(server):
        async with (
            open_advisories(uri, "", "", attempts=2, connect_timeout_seconds=1) as advisories,
            open_advisory_world(graph, advisories, tmp_path / "cache") as world,
        ):
            world.shelf.beneath = registry(seed)
            world.shelf.publish(*ADVISORIES)
            await world.sync()
            async with after_undisturbed(redis_address, world, seed) as told:
                world.server.forget_requests()
                async with working(told):
                    await in_the_middle(told)
                    await away(server, how)
                waiting = await unattributed(world)
                assert (waiting > 0) == (how == "killed")
                await world.sync()
                assert await unattributed(world) == 0
                print(await told.check(), how, f"{waiting} waited for the sync")
                assert await world.hits("p0-0") == {"1.0": ["GHSA-0"]}
