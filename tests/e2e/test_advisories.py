"""Packages first or advisories first, in pieces or cut anywhere: the graph ends the same."""

import pytest

from src.processes.attributor import Attributor, PostponedAttribution
from src.processes.extractors.stores import Stores
from src.processes.extractors.writer import NOT_ATTRIBUTED
from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import StoreUnavailableError
from src.services.graph.attribution_store import AttributionStore
from tests.e2e.advisory_world import (
    MEDIUM,
    AdvisoryWorld,
    Meanwhile,
    affected,
    attributions,
    record,
)
from tests.e2e.test_same_graph_whatever_happens import CutAfter, PowerCut

pytestmark = pytest.mark.faults

PYPI, NPM = Ecosystem.PYPI, Ecosystem.NPM
FEW = ("jinja2", "sniffio", "toposort")


def at(minute, said):
    return {**said, "modified": f"2024-03-01T00:{minute:02}:00Z"}


EARLY = (
    at(1, record("MOVES", affected(PYPI, "jinja2"))),
    at(2, record("LEAVES", affected(PYPI, "click"))),
    at(3, record("STAYS", affected(PYPI, "sniffio", "0", "1.3.0"), vector=MEDIUM)),
)
LATE = (
    at(4, record("MOVES", affected(PYPI, "markupsafe", "2.0"))),
    at(5, record("LEAVES", affected(PYPI, "click"), withdrawn="2024-03-01T00:05:00Z")),
    at(6, record("NEW", affected(PYPI, "toposort"), affected(PYPI, "click", "8.2"))),
    at(7, record("GHSA-A", affected(PYPI, "sniffio"), aliases=["STAYS"])),
    at(8, record("MAL-A", affected(PYPI, "certifi"))),
)
FINAL = (EARLY[2], *LATE)


async def packages(world: AdvisoryWorld) -> None:
    """Both days of the registry: versions appear, one goes, and a whole project."""
    world.day.now = 1
    await world.ingest()
    world.day.now = 2
    await world.update()


async def wipe(world: AdvisoryWorld) -> None:
    await world.graph.run("MATCH (n) WHERE NOT n:SchemaMigration DETACH DELETE n")
    for collection in (
        world.advisories._records,
        world.advisories._generations,
        world.advisories._cursors,
    ):
        await collection.delete_many({})
    world.shelf.records.clear()


async def packages_first(world: AdvisoryWorld) -> None:
    await packages(world)
    world.shelf.publish(*FINAL)
    await world.sync()


async def advisories_first(world: AdvisoryWorld) -> None:
    world.shelf.publish(*FINAL)
    await world.sync()
    await packages(world)


async def interleaved(world: AdvisoryWorld) -> None:
    world.shelf.publish(*EARLY)
    await world.sync()
    world.day.now = 1
    await world.ingest()
    world.shelf.publish(*LATE[:2])
    await world.sync()
    world.day.now = 2
    await world.update()
    world.shelf.publish(*LATE[2:])
    await world.sync()


async def without_attributor_at_first(world: AdvisoryWorld) -> None:
    world.shelf.publish(*FINAL)
    await world.sync()
    with pytest.MonkeyPatch.context() as patch:
        kept = world.stores
        patch.setattr(
            AdvisoryWorld,
            "stores",
            property(lambda _: Stores(kept.packages, kept.versions, kept.state, kept.states)),
        )
        await packages(world)
    assert set((await attributions(world.graph, PYPI, "sniffio")).values()) == {None}
    await world.reconcile()


async def test_every_order_ends_with_the_same_graph(advisory_world):
    world = advisory_world
    ended = {}
    for path in (packages_first, advisories_first, interleaved, without_attributor_at_first):
        await wipe(world)
        await path(world)
        ended[path.__name__] = await world.fingerprint()
        said = await attributions(world.graph, PYPI, "sniffio")
        assert said["1.0.0"].vulnerabilities == ("GHSA-A", "STAYS"), "removed on the second day"
        assert (said["1.0.0"].mean, said["1.3.1"].vulnerabilities) == (9.8, ("GHSA-A",))
        clicked = await world.hits("click")
        assert clicked["8.2.0"] == ["NEW"]
        assert "8.1.8" in await attributions(world.graph, PYPI, "click")
        assert "8.1.8" not in clicked, "LEAVES is withdrawn"
        assert await world.hits("jinja2") == {}
        assert (await attributions(world.graph, PYPI, "certifi")).popitem()[1].mean == 0.0
    assert len(set(ended.values())) == 1, ended


async def test_a_second_sync_and_a_reconciliation_change_nothing(advisory_world):
    world = advisory_world
    await packages_first(world)
    before = await world.fingerprint()
    world.server.forget_requests()
    quiet = (await world.sync()).metadata()
    assert sum(world.server.requests.values()) == 1  # the list of changes alone
    nightly = (await world.reconcile()).metadata()
    for summary in (quiet, nightly):
        assert summary["records_changed"] == summary["versions_reattributed"] == 0
        assert summary["errors"] == 0
    assert nightly["records_seen"] == len(FINAL)
    assert await world.fingerprint() == before


async def test_a_sync_while_an_extraction_attributes_ends_right(advisory_world, monkeypatch):
    world = advisory_world
    world.shelf.publish(*EARLY)
    await world.sync()

    async def synced() -> None:
        world.shelf.publish(*LATE)
        assert (await world.sync()).metadata()["records_changed"] == len(LATE)

    racing = Attributor(world.advisories, Meanwhile(world.graph, synced))
    with monkeypatch.context() as patch:
        patch.setattr(AdvisoryWorld, "attributing", racing)
        await world.ingest(names=FEW)
    raced = await world.fingerprint()
    await wipe(world)
    world.shelf.publish(*FINAL)
    await world.sync()
    await world.ingest(names=FEW)
    assert await world.fingerprint() == raced


class Unreachable:
    """An advisory database that is away, and counts how often it is asked."""

    def __init__(self):
        self.asked = 0

    def __getattr__(self, name):
        async def fail(*_):
            self.asked += 1
            raise StoreUnavailableError("the advisory database cannot be reached")

        return fail


async def test_an_extraction_outlives_the_advisory_database_and_the_next_sync_repairs_it(
    advisory_world, caplog
):
    world = advisory_world
    world.shelf.publish(*FINAL)
    await world.sync()
    world.advisories, there = Unreachable(), world.advisories
    summary = await world.ingest(names=FEW)
    assert summary.counts.errors == 0
    assert summary.counts.notes[NOT_ATTRIBUTED] == summary.counts.stored > 3
    assert caplog.text.count("wait for the next sync") == world.advisories.asked == 1
    assert set((await attributions(world.graph, PYPI, "sniffio")).values()) == {None}
    world.advisories = there
    assert (await world.sync()).metadata()["packages_reattributed"] == summary.counts.stored
    repaired = await world.fingerprint()
    await wipe(world)
    world.shelf.publish(*FINAL)
    await world.sync()
    await world.ingest(names=FEW)
    assert await world.fingerprint() == repaired
    assert (await world.sync()).metadata()["packages_reattributed"] == 0


async def test_what_was_postponed_is_made_good_by_the_next_sync(advisory_world, monkeypatch):
    world = advisory_world
    world.shelf.publish(*FINAL)
    await world.sync()
    with monkeypatch.context() as patch:
        postponed = PostponedAttribution(AttributionStore(world.graph))
        patch.setattr(AdvisoryWorld, "attributing", postponed)
        summary = await world.ingest(names=FEW)
    assert summary.counts.notes[NOT_ATTRIBUTED] == summary.counts.stored
    assert set((await attributions(world.graph, PYPI, "sniffio")).values()) == {None}
    await world.sync()
    repaired = await world.fingerprint()
    await wipe(world)
    world.shelf.publish(*FINAL)
    await world.sync()
    await world.ingest(names=FEW)
    assert await world.fingerprint() == repaired


@pytest.mark.parametrize("answered", [False, True], ids=["before", "after"])
async def test_an_extraction_killed_anywhere_leaves_nothing_unattributed(advisory_world, answered):
    world = advisory_world
    world.shelf.publish(*FINAL)
    await world.sync()
    await world.ingest(names=FEW[1:])
    expected = await world.fingerprint()
    alive = world.graph
    cut, survived = 1, False
    while not survived:
        await alive.run("MATCH (n) WHERE NOT n:SchemaMigration DETACH DELETE n")
        world.graph = CutAfter(alive, cut, answered=answered)
        survived = await outlives(world.ingest(names=FEW[1:]))
        world.graph = alive
        await world.ingest(names=FEW[1:])
        assert await world.fingerprint() == expected, f"cut at statement {cut}"
        cut += 1 if alive.engine == "falkordb" else 3
    assert cut > 8


class CutStore:
    """An advisory store that dies before or after its n-th call, and stays dead."""

    def __init__(self, store, calls: int, *, answered: bool) -> None:
        self._store = store
        self._left = calls
        self._answered = answered

    def __getattr__(self, name):
        method = getattr(self._store, name)
        if name in ("ids", "waiting"):
            return method

        async def call(*args):
            self._left -= 1
            if self._left < 0 or (self._left == 0 and not self._answered):
                raise PowerCut
            answer = await method(*args)
            if self._left == 0:
                raise PowerCut
            return answer

        return call


async def outlives(work) -> bool:
    try:
        await work
    except (PowerCut, BaseExceptionGroup):
        return False
    return True


@pytest.mark.parametrize("answered", [False, True], ids=["before", "after"])
async def test_a_sync_killed_at_any_call_is_made_good_by_the_next_one(advisory_world, answered):
    world = advisory_world
    await world.ingest(names=FEW)

    async def begin() -> None:
        world.shelf.publish(*EARLY)
        await world.sync()
        world.shelf.publish(*LATE)

    await begin()
    await world.sync()
    expected = await world.fingerprint()
    graph, store = world.graph, world.advisories
    for target in ("advisories", "graph"):
        cut, survived = 1, False
        while not survived:
            await store._records.delete_many({})
            await store._cursors.delete_many({})
            world.shelf.records.clear()
            await begin()
            if target == "graph":
                world.graph = CutAfter(graph, cut, answered=answered)
            else:
                world.advisories = CutStore(store, cut, answered=answered)
            survived = await outlives(world.sync())
            world.graph, world.advisories = graph, store
            await world.sync()
            assert await world.fingerprint() == expected, f"cut at call {cut} of {target}"
            cut += 1 if graph.engine == "falkordb" else 3
        assert cut > 5
