"""The graph hears of what takes longer than a moment, and of its end whatever comes first."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from src.processes.extractors import under_way
from src.processes.extractors.under_way import UnderWay
from src.services.graph.state_store import LEASE_MS, StateStore
from tests.graph.builders import PYPI

MOMENT = 0.02


class SlowStore(StateStore):
    """A state store on the way to which each note of a begin takes a while."""

    async def take_up(self, ecosystem, started, moment_ms):
        await asyncio.sleep(5 * MOMENT)
        await super().take_up(ecosystem, started, moment_ms)


@asynccontextmanager
async def telling(state):
    """Packages under way in a run that tells of them every moment."""
    made = UnderWay(PYPI, state, MOMENT)
    task = asyncio.create_task(made.keep_telling())
    yield made
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def names(state) -> list[str]:
    return [run.name for run in await state.runs(PYPI)]


async def test_what_takes_long_is_told_until_it_is_settled(graph):
    state = StateStore(graph)
    async with telling(state) as packages:
        packages.take_up("slow")
        packages.take_up("slower")
        await asyncio.sleep(10 * MOMENT)
        assert await names(state) == ["slow", "slower"]
        await packages.settle(["slow", "never taken up"])
        assert await names(state) == ["slower"]
        await packages.abandon()
    assert await names(state) == []


async def test_what_is_settled_at_once_is_never_told(graph):
    state = StateStore(graph)
    async with telling(state) as packages:
        packages.take_up("quick")
        await packages.settle(["quick"])
        await asyncio.sleep(10 * MOMENT)
        assert await names(state) == []


async def test_a_package_that_is_settled_while_it_is_being_told_does_not_stay(graph):
    state = SlowStore(graph)
    async with telling(state) as packages:
        packages.take_up("a")
        await asyncio.sleep(3 * MOMENT)
        await packages.settle(["a"])
        await asyncio.sleep(10 * MOMENT)
        assert await names(state) == []


async def test_what_takes_very_long_is_told_again_before_it_is_taken_for_dead(graph, monkeypatch):
    state, now = StateStore(graph), 1_700_000_000_000
    monkeypatch.setattr(under_way, "now_ms", lambda: now)
    async with telling(state) as packages:
        packages.take_up("a")
        await asyncio.sleep(10 * MOMENT)
        now += LEASE_MS
        await asyncio.sleep(10 * MOMENT)
        [run] = await state.runs(PYPI)
        assert (run.started, run.alive) == (now - LEASE_MS, now)
        await packages.settle(["a"])
