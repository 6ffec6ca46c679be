"""Nobody answers at the start: a run says so in bounded time, a worker waits, and nothing is lost."""

import asyncio
from contextlib import AsyncExitStack
from types import SimpleNamespace

import pytest

from src.dagster_app.assembly import open_processor
from src.dagster_app.resources import default_resources
from src.local_stack.replay.addresses import replayed_addresses
from src.processes.queue.worker import work_until
from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import QueueError, StoreUnavailableError
from src.settings import get_settings
from tests.e2e.advisory_world import affected, open_advisory_world, record
from tests.e2e.queue.queue_world import queue_for
from tests.faults.processes import durable_redis
from tests.faults.registry import registry
from tests.faults.story import ON_FALKORDB, after_undisturbed, pushed
from tests.servers.process import free_port

pytestmark = [pytest.mark.faults, pytest.mark.timeout(150), ON_FALKORDB]

BOUND_SECONDS = 30


@pytest.fixture
async def told(graph, advisories, redis_address, tmp_path, seed):
    """Requests, after an undisturbed run with the advisories of one package."""
    async with open_advisory_world(graph, advisories, tmp_path / "cache") as world:
        world.shelf.beneath = registry(seed)
        world.shelf.publish(record("GHSA-0", affected(Ecosystem.PYPI, "p0-0")))
        await world.sync()
        async with after_undisturbed(redis_address, world, seed) as opened:
            yield opened


@pytest.fixture
def settings(told, graph_address, advisory_database, monkeypatch, tmp_path):
    """Settings that lead to all servers; the function returned changes some of them."""
    host, port = told.queue.address
    keys = told.queue.keys
    uri, user, password = graph_address

    def change(**changed):
        environment = {
            "GRAPH_DB_URI": uri,
            "GRAPH_DB_USER": user,
            "GRAPH_DB_PASSWORD": password,
            "VULN_DB_URI": advisory_database,
            "REDIS_HOST": host,
            "REDIS_PORT": str(port),
            "REDIS_STREAM": keys.stream,
            "REDIS_GROUP": keys.group,
            "HTTP_RATE_PER_SECOND": "0",
            "CACHE_DIR": str(tmp_path / "settings-cache"),
            **replayed_addresses(told.queue.world.server.url),
            **changed,
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        get_settings.cache_clear()

    yield change
    get_settings.cache_clear()


async def one_drain():
    """Drain as the asset does; return what was warned of."""
    warned = []
    resources = SimpleNamespace(**default_resources())
    async with (
        asyncio.timeout(BOUND_SECONDS),
        open_processor(resources, warned.append, lambda _: None) as opened,
    ):
        await opened.processor.drain()
    return warned


def nowhere(scheme):
    return f"{scheme}://127.0.0.1:{free_port()}/"


async def test_a_run_without_its_graph_reads_no_message(told, settings, graph_address):
    uri = graph_address[0]
    settings(GRAPH_DB_URI=nowhere(uri.partition(":")[0]) + "graph" * uri.startswith("falkordb"))
    with pytest.raises(StoreUnavailableError, match="cannot be reached"):
        await one_drain()
    assert (await told.queue.stats()).waiting == len(told.asked)
    settings()
    assert await one_drain() == []
    await told.check()


async def test_a_run_without_its_queue_says_so(told, settings):
    settings(REDIS_PORT=str(free_port()))
    with pytest.raises(QueueError, match="cannot create the consumer group"):
        await one_drain()
    settings()
    assert await one_drain() == []
    await told.check()


async def test_a_run_without_advisories_leaves_them_to_the_next_sync(told, settings):
    settings(VULN_DB_URI=nowhere("mongodb"))
    [warning] = await one_drain()
    assert "stored without their advisories" in warning
    world = told.queue.world
    assert await world.hits("p0-0") == {}
    await world.sync()
    assert "1.0" in await world.hits("p0-0")
    await told.check()


async def test_a_worker_waits_for_its_queue(world, tmp_path, seed):
    server, address = durable_redis(tmp_path)
    stop = asyncio.Event()
    async with AsyncExitStack() as stack:
        stack.callback(server.stop)
        queue = await stack.enter_async_context(queue_for(address, world))
        processor = await stack.enter_async_context(queue.processor())
        worker = asyncio.create_task(work_until(stop, processor, lambda _: None))
        await asyncio.sleep(5)
        assert not worker.done()
        await asyncio.to_thread(server.start)
        told = await pushed(queue, seed)
        await told.settled()
        stop.set()
        await worker
        told.undisturbed = await world.fingerprint()
        assert (await told.check()).fates["done"] > 300
