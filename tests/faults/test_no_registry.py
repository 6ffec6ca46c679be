"""A registry that is down all along: every run ends, says why, and keeps what it was asked."""

import asyncio
import time
from contextlib import contextmanager

import pytest

from src.local_stack.replay import Fault, no_faults
from src.schemas.errors import ErrorRateError, RegistryUnavailableError
from tests.faults import ledger
from tests.faults.ledger import WAITING
from tests.faults.registry import GIVEN_UP
from tests.faults.story import ON_FALKORDB, after_undisturbed, drained
from tests.servers.process import free_port

pytestmark = [pytest.mark.faults, ON_FALKORDB]

HOW = ("refuses", "fails", "hangs")
BOUND_SECONDS = 20
WITHOUT_REGISTRY = [reason for reason in GIVEN_UP if reason != "package_not_found"]


@contextmanager
def down(world, how, *, spared=frozenset()):
    """Let the registry refuse connections, answer 503, or never answer, but for the paths spared."""
    url = world.server.url
    world.http = {"timeout_seconds": 0.3, "breaker_seconds": 0.5}
    if how == "refuses":
        world.server.url = f"http://127.0.0.1:{free_port()}"
    fault = Fault(hang=True) if how == "hangs" else Fault(status=503)
    world.server.faults = lambda path, _: None if path in spared else fault
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < BOUND_SECONDS
    world.server.url, world.server.faults, world.http = url, no_faults, {}


@pytest.mark.parametrize("how", HOW)
async def test_a_drain_puts_everything_away_for_a_later_try(how, redis_address, world, seed):
    async with after_undisturbed(redis_address, world, seed) as told:
        told.queue.set(max_attempts=4)
        with down(world, how):
            await told.queue.drain()
        account = await ledger.account(told.queue, told.asked)
        print(account)
        assert account.fates[WAITING] == len(told.asked) - 12 * len(WITHOUT_REGISTRY)
        assert all(account.fates[reason] == 12 for reason in WITHOUT_REGISTRY)
        assert account.discovered == 0
        await drained(told.queue)
        await told.check()


async def test_no_message_is_given_up_before_its_last_try(redis_address, world, seed):
    async with after_undisturbed(redis_address, world, seed) as told:
        queue = told.queue
        queue.set(max_attempts=3, retry_seconds=0.1, retry_cap_seconds=0.1)
        waiting = [each for each in told.asked if each.fate not in WITHOUT_REGISTRY]
        for tries in (1, 2):
            with down(world, "fails"):
                await drained_once(queue)
            async with queue.open() as opened:
                retries = await opened.inspector.retries(1_000)
            assert [each.message.attempts for each in retries] == [tries] * len(waiting)
        with down(world, "fails"):
            await drained_once(queue)
        letters = [each for each in await queue.dead() if each["reason"] == "extraction_failed"]
        assert [letter["attempts"] for letter in letters] == ["3"] * len(waiting)
        assert all("registry_unavailable" in letter["details"] for letter in letters)
        assert (await queue.stats()).empty


async def drained_once(queue):
    """Drain once all are due that wait for a retry: a circuit that opened may ask for more time."""
    while (stats := await queue.stats()).retrying > stats.due:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    assert stats.retrying <= 100, "one batch, so that nothing comes back in this same drain"
    await queue.drain()


@pytest.mark.parametrize("how", HOW)
async def test_an_ingestion_and_an_update_fail_and_leave_the_graph_as_it_was(how, world):
    await world.ingest(prefix="p3-1")
    await world.update()
    before, cursor = await world.fingerprint(), await world.cursor()
    for run in (world.ingest, world.update):
        with down(world, how), pytest.raises(RegistryUnavailableError):
            await run()
        assert (await world.fingerprint(), await world.cursor()) == (before, cursor)


@pytest.mark.parametrize("how", HOW)
async def test_a_registry_that_goes_down_after_its_listing_fails_the_run(how, world):
    await world.ingest()
    expected = await world.fingerprint()
    await world.graph.run("MATCH (n) WHERE NOT n:SchemaMigration DETACH DELETE n")
    listing = {"/pypi/simple/"} if how != "refuses" else set()
    error = ErrorRateError if listing else RegistryUnavailableError
    with down(world, how, spared=listing), pytest.raises(error) as caught:
        await world.ingest()
    assert not listing or "registry_unavailable" in str(caught.value)
    assert not await world.cursor()
    await world.ingest()
    assert await world.fingerprint() == expected
