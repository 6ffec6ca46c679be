"""Failed packages are tried again when their time has come, once a run, and not for ever."""

import asyncio
import datetime as dt
from dataclasses import replace

import pytest

from src.local_stack.replay import Fault, no_faults, table
from src.processes.extractors.pipeline import PipelineOptions
from src.processes.extractors.writer import now_ms
from src.schemas.package_state import State
from src.services.graph.state_store import LEASE_MS, Failure
from src.utils.failure_policy import FailurePolicy
from tests.e2e.shelf import Release, Shelf
from tests.e2e.world import open_world

HOUR = 3_600_000
POLICY = FailurePolicy(retry_hours=1, max_attempts=3)
PAGE = "/pypi/simple/{}/"


@pytest.fixture
async def shelf() -> Shelf:
    shelf = Shelf()
    shelf.put("app", v1_0=["lib", "util"])
    shelf.put("lib", v1_0=[])
    shelf.put("util", v1_0=[])
    return shelf


@pytest.fixture
async def world(graph, tmp_path, shelf):
    async with open_world(graph, tmp_path / "cache", source=shelf) as opened:
        opened.options = PipelineOptions(
            fetch_concurrency=4, max_error_rate=100, flush_seconds=0.05, failures=POLICY
        )
        opened.attempts = 1
        yield opened


def broken(*names: str):
    """The pages of these projects answer 503, however often they are asked for."""
    return table({PAGE.format(name): [Fault(status=503)] * 99 for name in names})


def asked(world, name: str) -> int:
    """How often the page of a project was asked for since the last look."""
    number = world.server.requests[PAGE.format(name)]
    world.server.forget_requests()
    return number


async def last_seen(world, name: str, hours_ago: float) -> None:
    """Let the last failure of a package be some hours ago."""
    query = "MATCH (f:PackageFailure {name: $name}) SET f.last_seen = $moment"
    moment = now_ms() - round(hours_ago * HOUR)
    await world.graph.run(query, {"name": name, "moment": moment})


async def state_of(world, name: str):
    return await world.stores.states.state_of(world.ecosystem, name, policy=POLICY, now_ms=now_ms())


async def fail_refresh(world, shelf, name: str) -> None:
    """Everything is stored, and then the refresh of one package fails."""
    await world.ingest()
    shelf.put(name, v2_0=[])
    world.server.faults = broken(name)
    await world.update()
    assert (await state_of(world, name)).state is State.FAILED
    world.server.forget_requests()


async def test_a_failed_package_is_left_alone_until_its_delay_is_over(world, shelf):
    await fail_refresh(world, shelf, "lib")
    await last_seen(world, "lib", 0.98)
    await world.update()
    assert asked(world, "lib") == 0
    await last_seen(world, "lib", 1.02)
    summary = await world.update()
    assert asked(world, "lib") == 1
    assert (summary.counts.errors, summary.counts.errors_again) == (1, 1)
    # The second failure doubles the delay.
    await last_seen(world, "lib", 1.98)
    await world.update()
    assert asked(world, "lib") == 0
    await last_seen(world, "lib", 2.02)
    world.server.faults = no_faults
    await world.update()
    assert asked(world, "lib") == 1
    found = await state_of(world, "lib")
    assert (found.state, found.attempts, found.versions) == (State.STORED, 0, 2)


async def test_after_the_last_attempt_a_package_is_given_up(world, shelf):
    await fail_refresh(world, shelf, "lib")
    for _ in range(2):
        await last_seen(world, "lib", 200)
        await world.update()
        assert asked(world, "lib") == 1
    found = await state_of(world, "lib")
    assert (found.state, found.attempts, found.given_up) == (State.FAILED, 3, True)
    await last_seen(world, "lib", 10_000)
    summary = await world.update()
    assert asked(world, "lib") == 0
    assert summary.metadata()["package_states"]["failed"] == 1


@pytest.mark.parametrize("attempts", [1, 3], ids=["its time has not come", "given up"])
async def test_a_feed_that_names_the_package_anew_tries_it_all_the_same(world, shelf, attempts):
    await fail_refresh(world, shelf, "lib")
    for number in range(attempts - 1):
        failure = Failure("lib", "registry_unavailable", "503")
        await world.stores.state.record_failures(world.ecosystem, [failure], now_ms() + number)
    assert (await state_of(world, "lib")).given_up is (attempts == 3)
    world.server.faults = no_faults
    shelf.put("lib", v3_0=[])
    await world.update()
    assert asked(world, "lib") == 1
    found = await state_of(world, "lib")
    assert (found.state, found.versions) == (State.STORED, 3)


async def test_a_listing_that_names_the_package_tries_it_all_the_same(world):
    world.server.faults = broken("lib")
    await world.ingest()
    assert (await state_of(world, "lib")).state is State.FAILED
    world.server.faults = no_faults
    await world.ingest()
    assert (await state_of(world, "lib")).state is State.STORED


@pytest.mark.parametrize("retry_hours", [0, 1])
async def test_a_package_that_others_require_is_not_tried_twice_in_one_run(world, retry_hours):
    """It stands in the list of failures and among the bare ones."""
    world.options = replace(world.options, failures=FailurePolicy(retry_hours, 99))
    world.server.faults = broken("lib")
    await world.ingest()
    assert asked(world, "lib") == 1
    await last_seen(world, "lib", 2)
    await world.update()
    assert asked(world, "lib") == 1
    assert (await state_of(world, "lib")).attempts == 2


async def test_a_bare_package_whose_time_has_not_come_is_not_discovered(world):
    world.server.faults = broken("lib")
    summary = await world.ingest(names=("app",))
    assert (summary.discovered, summary.counts.errors) == (2, 1)
    asked(world, "lib")
    world.server.faults = no_faults
    summary = await world.ingest(names=("app",))
    assert (summary.discovered, asked(world, "lib")) == (0, 0)
    await last_seen(world, "lib", 1.02)
    summary = await world.ingest(names=("app",))
    assert (summary.discovered, asked(world, "lib")) == (1, 1)
    assert (await state_of(world, "lib")).state is State.STORED


async def test_a_failure_that_was_there_before_does_not_fail_a_quiet_run(world):
    world.server.faults = broken("lib")
    await world.ingest(names=("app",))
    await last_seen(world, "lib", 1.02)
    world.options = replace(world.options, max_error_rate=10)
    summary = await world.ingest(names=("app",))
    assert (summary.counts.errors, summary.counts.errors_again) == (1, 1)


async def test_a_package_is_running_while_a_run_works_on_it(world):
    world.options = replace(world.options, tell_seconds=0.05)
    world.server.faults = table({PAGE.format("lib"): Fault(delay_seconds=1.5)})
    task = asyncio.create_task(world.ingest())
    found = None
    for _ in range(28):
        await asyncio.sleep(0.05)
        running = await world.stores.state.runs(world.ecosystem)
        if [run.name for run in running] == ["lib"]:
            found = await state_of(world, "lib")
            break
    assert found is not None
    assert found.state is State.RUNNING
    assert found.running_since is not None
    assert (await state_of(world, "app")).state is State.STORED
    summary = await task
    assert summary.metadata()["package_states"] == states(stored=3)
    assert await world.stores.state.runs(world.ecosystem) == []


def states(**counted: int) -> dict[str, int]:
    return {**dict.fromkeys(("running", "failed", "queued", "gone", "stored"), 0), **counted}


async def test_a_run_that_is_cancelled_takes_back_what_it_had_taken_up(world):
    world.options = replace(world.options, tell_seconds=0.05)
    world.server.faults = table({PAGE.format("lib"): Fault(delay_seconds=30)})
    task = asyncio.create_task(world.ingest())
    while not await world.stores.state.runs(world.ecosystem):
        assert not task.done()
        await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await world.stores.state.runs(world.ecosystem) == []


@pytest.mark.parametrize("seconds", [0, 0.01, 1_000])
async def test_no_package_is_left_running_however_often_a_run_tells(world, shelf, seconds):
    for number in range(40):
        shelf.put(f"extra-{number}", v1_0=["lib"])
    world.options = replace(world.options, tell_seconds=seconds, batch_packages=3)
    sent = []
    alive = world.graph
    world.graph = Counting(alive, sent)
    summary = await world.ingest()
    assert summary.counts.stored == 43
    assert await world.stores.state.runs(world.ecosystem) == []
    told = [query for query in sent if "MERGE (r:PackageRun" in query]
    assert bool(told) == (seconds < 1)


class Counting:
    """The graph, with a note of every statement that is sent to it."""

    def __init__(self, graph, sent: list[str]) -> None:
        self._graph = graph
        self._sent = sent

    async def run(self, query, parameters=None):
        self._sent.append(query)
        return await self._graph.run(query, parameters)

    def __getattr__(self, name):
        return getattr(self._graph, name)


async def test_the_next_run_forgets_what_a_killed_one_had_taken_up(world):
    started = now_ms() - LEASE_MS - 1
    await world.stores.state.take_up(world.ecosystem, {"lib": started}, started)
    found = await state_of(world, "lib")
    assert (found.state, found.interrupted) == (State.QUEUED, True)
    await world.ingest()
    assert await world.stores.state.runs(world.ecosystem) == []
    assert (await state_of(world, "lib")).state is State.STORED


async def test_every_run_counts_the_packages_by_their_state(world, shelf):
    world.server.faults = broken("util")
    ingested = await world.ingest()
    assert ingested.metadata()["package_states"] == states(failed=1, stored=2)
    shelf.delete("lib")
    world.discovery_budget = 0
    shelf.put("app", v2_0=["new"])
    updated = await world.update()
    counted = states(failed=1, queued=1, gone=1, stored=1)
    assert updated.metadata()["package_states"] == counted


async def test_an_update_tells_how_long_published_versions_took_into_the_graph(world, shelf):
    """Of packages that it knew: the old versions of a new one say nothing about us."""
    assert "lag_p50_seconds" not in (await world.ingest()).metadata()
    assert "lag_p50_seconds" not in (await world.update()).metadata()
    ago = {"v2_0": 60, "v3_0": 600, "v4_0": 7_200}
    shelf.put("lib", **{name: published(seconds) for name, seconds in ago.items()})
    shelf.put("old", v1_0=[])
    shelf.put("app", v2_0=published(300, "old"))
    summary = await world.update()
    assert summary.counts.versions_added == 5
    assert summary.counts.lag.seen == 4
    told = summary.metadata()
    assert told["lag_p50_seconds"] == pytest.approx(300, abs=20)
    assert told["lag_p95_seconds"] == pytest.approx(7_200, abs=20)


async def test_a_version_that_comes_back_was_not_published_since(world, shelf):
    shelf.put("lib", v2_0=published(60))
    await world.ingest()
    shelf.drop("lib", "2.0")
    await world.update()
    shelf.put("lib", v2_0=published(60))
    summary = await world.update()
    assert (summary.counts.versions_added, summary.counts.lag.seen) == (1, 0)


def published(seconds_ago: float, *requires: str) -> Release:
    moment = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=seconds_ago)
    return Release(requires, uploaded=moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
