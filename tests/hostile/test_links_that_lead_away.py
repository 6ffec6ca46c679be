"""Whatever a registry's documents or answers point at: only what is configured is ever asked."""

from dataclasses import dataclass
from itertools import cycle

import pytest

from src.local_stack.replay import Document, Fault, table
from src.processes.extractors.pipeline import PipelineOptions
from src.schemas.ecosystem import Ecosystem
from tests.e2e.queue.queue_world import queue_for
from tests.e2e.world import World, open_world
from tests.hostile.fates import drained, undisturbed
from tests.hostile.loopback import Silent, connections
from tests.hostile.sources import Tampered, two_packages

pytestmark = pytest.mark.parametrize("graph_address", ["falkordb"], indirect=True)

EVERY = pytest.mark.parametrize("ecosystem", list(Ecosystem), ids=str)
AWAY = (
    "http://127.0.0.1:{silent}",
    "http://127.0.0.1:{silent}@127.0.0.1:{silent}",
    "http://[::1]:{silent}",
    "http://localhost:{silent}",
    "http://169.254.169.254",
    "http://10.0.0.1",
    "https://127.0.0.1:{silent}",
    "file:///etc",
    "//127.0.0.1:{silent}",
    "ftp://127.0.0.1:{silent}",
)


@dataclass
class Trap:
    """A world whose registry leads away, the port that must stay silent, and what was reached."""

    world: World
    source: Tampered
    silent: Silent
    reached: set[tuple[str, int]]
    good: str
    bad: str
    bad_path: str

    def away(self, target: str) -> str:
        return target.format(silent=self.silent.port)

    def stayed_at_home(self, *more: int) -> None:
        """Nothing but the registry and our own servers was connected to."""
        registry = int(self.world.server.url.rpartition(":")[2])
        strangers = {port for host, port in self.reached if host == "127.0.0.1"}
        assert {host for host, _ in self.reached} == {"127.0.0.1"}
        assert strangers <= {registry, *more}
        assert self.silent.visits == []


@pytest.fixture
async def trap(graph, graph_address, redis_address, tmp_path, ecosystem, monkeypatch):
    registry, good, bad = two_packages(ecosystem)
    source = Tampered(registry)
    with Silent() as silent, connections(monkeypatch) as reached:
        async with open_world(
            graph, tmp_path / "cache", source=source, ecosystem=ecosystem
        ) as world:
            world.attempts = 2
            world.options = PipelineOptions(max_error_rate=100)
            trap = Trap(world, source, silent, reached, good, bad, registry.package_path(bad))
            yield trap
            own = int(graph_address[0].rpartition(":")[2].partition("/")[0])
            trap.stayed_at_home(own, redis_address[1])


async def failures(world: World) -> dict[str, str]:
    return {f.name: f.reason for f in await world.stores.state.failures(world.ecosystem)}


async def stored(world: World) -> set[str]:
    rows = await world.graph.run(
        f"MATCH (p:{world.ecosystem.label}) WHERE p.moment IS NOT NULL RETURN p.name AS name"
    )
    return {str(row["name"]) for row in rows}


@EVERY
@pytest.mark.parametrize("target", AWAY)
async def test_links_in_documents_are_rewritten_or_refused(trap, target):
    world = trap.world
    trap.source.links = trap.away(target).encode()
    await world.ingest(names=(trap.good, trap.bad))
    left = {trap.good, trap.bad} - await stored(world)
    assert set(await failures(world)) == left
    assert set((await failures(world)).values()) <= {"forbidden_address", "invalid_payload"}
    assert trap.silent.visits == []
    trap.source.links = None
    await world.ingest(names=(trap.good, trap.bad))
    assert await stored(world) == {trap.good, trap.bad}


@EVERY
async def test_a_redirect_away_is_refused_and_told_in_the_dead_letter(
    trap, redis_address, ecosystem
):
    world = trap.world
    async with queue_for(redis_address, world) as queue:
        good = {"node_type": ecosystem.label, "package": trap.good}
        expected = await undisturbed(queue, [good])
        targets = [*map(trap.away, AWAY), f"{world.server.url}/health", "/../health", "//"]
        for target, status in zip(targets, cycle((301, 302, 303, 307, 308)), strict=False):
            redirect = Fault(status=status, headers={"location": f"{target}/x"})
            world.server.faults = table({trap.bad_path: redirect})
            await queue.push(node_type=ecosystem.label, package=trap.bad)
            await queue.drain()
        await queue.push(**good)
        letters = await queue.dead()
        assert [letter["reason"] for letter in letters] == ["extraction_failed"] * len(targets)
        assert all("forbidden_address: " in letter["details"] for letter in letters)
        assert await failures(world) == {trap.bad: "forbidden_address"}
        await queue.redis.delete(queue.keys.dead_letters)
        assert (await drained(queue, pushed=1)).successful == 1
        assert await world.fingerprint() == expected
        assert "/health" not in world.server.requests


@EVERY
async def test_a_redirect_within_the_registry_is_followed(trap):
    world = trap.world
    moved = f"/{trap.bad_path.split('/')[1]}/moved"
    beneath = trap.source.beneath

    class Moved:
        def document(self, path: str, query: str = "") -> Document | None:
            return beneath.document(trap.bad_path if path == moved else path, query)

    trap.source.beneath = Moved()
    redirect = Fault(status=302, headers={"location": moved})
    world.server.faults = table({trap.bad_path: redirect})
    await world.ingest(names=(trap.bad,))
    assert world.server.requests[moved] == 1
    assert trap.bad in await stored(world)


@EVERY
async def test_a_circle_of_redirects_ends(trap):
    world = trap.world
    redirect = Fault(status=302, headers={"location": trap.bad_path})
    world.server.faults = table({trap.bad_path: redirect})
    await world.ingest(names=(trap.good, trap.bad))
    assert await failures(world) == {trap.bad: "invalid_payload"}
    assert await stored(world) == {trap.good}
    assert world.server.requests[trap.bad_path] <= 6


LEADING_FIELDS = (
    {"repository_url": "http://127.0.0.1:{silent}/owner/name"},
    {"repository_url": "http://169.254.169.254/latest/meta-data"},
    {"repository_url": "file:///etc/passwd"},
    {"vendor": "http://127.0.0.1:{silent}/"},
    {"constraints": "@ http://127.0.0.1:{silent}/x.whl"},
)


@EVERY
async def test_addresses_in_messages_are_stored_and_never_asked(trap, redis_address, ecosystem):
    async with queue_for(redis_address, trap.world) as queue:
        for fields in LEADING_FIELDS:
            told = {key: trap.away(value) for key, value in fields.items()}
            await queue.push(node_type=ecosystem.label, package=trap.good, refresh=True, **told)
        ended = await drained(queue, pushed=len(LEADING_FIELDS))
        assert ended.successful == len(LEADING_FIELDS)
