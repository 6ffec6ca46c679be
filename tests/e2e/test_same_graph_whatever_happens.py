"""Run twice, killed anywhere, or with every request failing once: the graph ends the same."""

import asyncio

import pytest

from src.local_stack.replay import every_request_fails_once, no_faults
from src.processes.extractors.pipeline import PipelineOptions
from tests.e2e.world import World, open_world

pytestmark = pytest.mark.long

FEW = ("jinja2", "httpcore", "shellingham")
"""With what they require, some 8 packages in several batches."""


class PowerCut(BaseException):
    """Ends the work like a kill would: nothing here may catch it."""


class CutAfter:
    """A driver that dies before or after its n-th statement, and stays dead."""

    def __init__(self, graph, statements: int, *, answered: bool) -> None:
        self._graph = graph
        self._left = statements
        self._answered = answered
        self.engine = graph.engine

    async def run(self, query, parameters=None):
        self._left -= 1
        if self._left < 0 or (self._left == 0 and not self._answered):
            raise PowerCut
        rows = await self._graph.run(query, parameters)
        if self._left == 0:
            raise PowerCut
        return rows

    def __getattr__(self, name):
        return getattr(self._graph, name)


async def whole_story(world: World) -> str:
    """Ingest, let a day pass, update; return the fingerprint."""
    world.day.now = 1
    await world.ingest()
    world.day.now = 2
    await world.update()
    return await world.fingerprint()


async def test_a_second_run_changes_nothing(world):
    first = await whole_story(world)
    again = await world.ingest()
    updated = await world.update()
    assert await world.fingerprint() == first
    assert again.counts.errors == updated.counts.errors == 0
    assert again.counts.stored == 0
    assert updated.counts.versions_added == updated.counts.versions_removed == 0


async def test_a_refresh_of_everything_changes_nothing(world):
    first = await whole_story(world)
    refreshed = await world.ingest(refresh=True)
    assert refreshed.counts.stored > 25
    assert await world.fingerprint() == first


async def test_an_update_with_nothing_changed_asks_for_the_index_alone(world):
    await whole_story(world)
    world.server.forget_requests()
    await world.update()
    assert sum(world.server.requests.values()) <= 2
    assert all(path.endswith("/simple/") or "quarantin" in path for path in world.server.requests)


async def test_every_request_failing_once_makes_no_difference(world, tmp_path):
    undisturbed = await whole_story(world)
    await world.graph.run("MATCH (n) DETACH DELETE n")
    async with open_world(world.graph, tmp_path / "other") as troubled:
        troubled.server.faults = every_request_fails_once()
        assert await whole_story(troubled) == undisturbed
        assert troubled.server.requests.most_common(1)[0][1] >= 2


@pytest.mark.faults
@pytest.mark.parametrize("answered", [False, True], ids=["before", "after"])
async def test_a_kill_between_any_two_statements_is_made_good_by_the_next_run(
    world, answered: bool
):
    world.options = PipelineOptions(fetch_concurrency=4, batch_packages=2, flush_seconds=0.02)
    await world.ingest(names=FEW)
    expected = await world.fingerprint()
    alive = world.graph
    cut = 1
    while True:
        await alive.run("MATCH (n) WHERE NOT n:SchemaMigration DETACH DELETE n")
        world.graph = CutAfter(alive, cut, answered=answered)
        try:
            await world.ingest(names=FEW)
        except (PowerCut, BaseExceptionGroup):
            survived = False
        else:
            survived = True
        world.graph = alive
        await world.ingest(names=FEW)
        assert await world.fingerprint() == expected, f"cut at statement {cut}"
        if survived:
            break
        cut += 1 if world.graph.engine == "falkordb" else 4
    assert cut > 20


async def test_a_cancelled_run_stops_at_once_and_the_next_one_finishes_it(world):
    world.server.delay_seconds = 0.05
    task = asyncio.create_task(world.ingest())
    await asyncio.sleep(0.6)
    begun = asyncio.get_running_loop().time()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert asyncio.get_running_loop().time() - begun < 5
    world.server.delay_seconds = 0
    world.server.faults = no_faults
    interrupted_then_finished = await whole_story(world)
    await world.graph.run("MATCH (n) WHERE NOT n:SchemaMigration DETACH DELETE n")
    assert await whole_story(world) == interrupted_then_finished
