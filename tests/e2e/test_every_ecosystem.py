"""What must hold for the sample of each ecosystem, whichever way it came into the graph."""

import pytest

from src.cache import FileCache
from src.local_stack.replay import every_request_fails_once
from src.schemas.ecosystem import Ecosystem
from tests.e2e.test_same_graph_whatever_happens import CutAfter, PowerCut, whole_story
from tests.e2e.world import World, open_world

pytestmark = pytest.mark.long

OTHERS = [ecosystem for ecosystem in Ecosystem if ecosystem is not Ecosystem.PYPI]
"""PyPI has closer tests of the same in test_same_graph_whatever_happens."""

NAMES = "MATCH (p:{label}) WHERE p.moment IS NOT NULL RETURN p.name AS name"
WIPE = "MATCH (n) WHERE NOT n:SchemaMigration DETACH DELETE n"


@pytest.fixture(params=OTHERS, ids=str)
async def world(request, graph, tmp_path):
    async with open_world(graph, tmp_path / "cache", ecosystem=request.param) as opened:
        yield opened


async def names_in(world: World) -> list[str]:
    rows = await world.graph.run(NAMES.format(label=world.ecosystem.label))
    return sorted(str(row["name"]) for row in rows)


async def test_a_second_run_and_a_refresh_change_nothing(world):
    first = await whole_story(world)
    again = await world.ingest()
    updated = await world.update()
    assert await world.fingerprint() == first
    assert again.counts.stored == again.counts.errors == updated.counts.errors == 0
    refreshed = await world.ingest(refresh=True)
    assert refreshed.counts.stored >= 8
    assert refreshed.counts.errors == 0
    assert await world.fingerprint() == first


async def test_every_request_failing_once_makes_no_difference(world, tmp_path):
    undisturbed = await whole_story(world)
    await world.graph.run(WIPE)
    other = tmp_path / "other"
    async with open_world(world.graph, other, ecosystem=world.ecosystem) as troubled:
        troubled.server.faults = every_request_fails_once()
        assert await whole_story(troubled) == undisturbed
        assert troubled.server.requests.most_common(1)[0][1] >= 2


async def test_a_kill_is_made_good_by_the_next_run(world, tmp_path):
    expected = await whole_story(world)
    alive = world.graph
    for cut in (4, 9, 14):
        await alive.run(WIPE)
        world.day.now = 1
        # A registry does not go back in time: what was cached of its second day must go too.
        world.cache = FileCache(tmp_path / str(cut), ttl_seconds=0)
        world.graph = CutAfter(alive, cut, answered=cut % 2 == 0)
        with pytest.raises((PowerCut, BaseExceptionGroup)):
            await world.ingest()
        world.graph = alive
        assert await whole_story(world) == expected, f"cut at statement {cut}"


async def test_all_at_once_and_one_by_one_lead_to_the_same_graph(world):
    """The bulk path and the path a package agree, and neither wipes what only the other knows."""
    await world.ingest()
    names = await names_in(world)
    await world.ingest(names=tuple(names), refresh=True)
    bulk_then_single = await world.fingerprint()
    await world.graph.run(WIPE)
    await world.ingest(names=tuple(names))
    await world.ingest(refresh=True)
    assert await world.fingerprint() == bulk_then_single


async def test_an_update_with_nothing_changed_asks_a_handful_of_requests(world):
    await whole_story(world)
    world.server.forget_requests()
    quiet = await world.update()
    assert quiet.counts.tried == 0
    assert 1 <= sum(world.server.requests.values()) <= 3


async def test_nothing_of_the_registry_is_left_unread_or_misread(world):
    ingested = await world.ingest()
    assert ingested.counts.reasons == {}
    assert ingested.counts.errors == 0
    world.day.now = 2
    updated = await world.update()
    assert updated.counts.reasons == {}
    assert updated.counts.versions_added >= 1
    assert updated.counts.gone >= 1
