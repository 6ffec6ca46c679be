"""Updates find what changed, and only that; they never believe too much at once."""

from dataclasses import replace

import pytest

from src.local_stack.replay import Fault, table
from src.schemas.errors import (
    ErrorRateError,
    InvalidPayloadError,
    ListingGuardError,
    StoreError,
)
from src.services.graph.version_store import VersionStore
from tests.e2e.shelf import Release, Shelf
from tests.e2e.world import open_world

VERSIONS = """
MATCH (p:PyPIPackage {name: $name})-[:HAVE]->(v:Version)
RETURN v.name AS name, v.serial_number AS serial, v.yanked AS yanked ORDER BY v.serial_number
"""
GONE = """
MATCH (v:Version)-[:WAS_OF]->(:PyPIPackage {name: $name})
RETURN v.name AS name, v.status AS status ORDER BY v.name
"""
REQUIRES = """
MATCH (:PyPIPackage {name: $name})-[:HAVE]->(v:Version)-[r:REQUIRE]->(p:PyPIPackage)
RETURN v.name AS version, p.name AS package, r.constraints AS constraints ORDER BY version, package
"""
PACKAGE = "MATCH (p:PyPIPackage {name: $name}) RETURN p{.*} AS package"


@pytest.fixture
async def shelf() -> Shelf:
    shelf = Shelf()
    shelf.put("app", v1_0=["lib>=1"], v2_0=["lib>=2", "util; python_version < '3.9'"])
    shelf.put("lib", v1_0=[], v2_0=[])
    shelf.put("util", v0_1=[])
    return shelf


@pytest.fixture
async def world(graph, tmp_path, shelf):
    async with open_world(graph, tmp_path / "cache", source=shelf) as opened:
        await opened.ingest()
        yield opened


async def names(world, query: str, name: str) -> list[str]:
    return [row["name"] for row in await world.graph.run(query, {"name": name})]


async def test_an_ingestion_leaves_the_cursor_where_the_listing_stood(world, shelf):
    assert await world.cursor() == str(shelf.serial)


async def test_a_new_version_arrives_and_older_ones_are_not_fetched_again(world, shelf):
    shelf.put("lib", v3_0=["util"])
    world.server.forget_requests()
    summary = await world.update()
    assert (summary.counts.stored, summary.counts.versions_added) == (1, 1)
    assert await names(world, VERSIONS, "lib") == ["1.0", "2.0", "3.0"]
    metadata = [path for path in world.server.requests if path.endswith(".metadata")]
    assert [path.rpartition("/")[2] for path in metadata] == ["lib-3.0-py3-none-any.whl.metadata"]
    assert not any("/app/" in path for path in world.server.requests)


async def test_a_backport_takes_its_place_in_the_order_of_versions(world, shelf):
    shelf.put("lib", v1_5=[])
    await world.update()
    rows = await world.graph.run(VERSIONS, {"name": "lib"})
    assert [(row["name"], row["serial"]) for row in rows] == [("1.0", 0), ("1.5", 1), ("2.0", 2)]


async def test_a_yank_arrives_without_its_requirements_being_read_again(world, shelf):
    shelf.projects["app"].releases["1.0"].yanked = "broken"
    shelf.put("app")
    world.server.forget_requests()
    await world.update()
    rows = await world.graph.run(VERSIONS, {"name": "app"})
    assert [(row["name"], row["yanked"]) for row in rows] == [("1.0", True), ("2.0", False)]
    assert not any(path.endswith(".metadata") for path in world.server.requests)
    assert len(await world.graph.run(REQUIRES, {"name": "app"})) == 3


async def test_requirements_are_read_again_when_the_file_that_speaks_changed(world, shelf):
    shelf.put("app", v2_0=["lib>=2.5"])
    await world.update()
    rows = await world.graph.run(REQUIRES, {"name": "app"})
    found = [(row["version"], row["package"], row["constraints"]) for row in rows]
    assert found == [("1.0", "lib", ">=1"), ("2.0", "lib", ">=2.5")]


async def test_a_deleted_version_moves_from_have_to_was_of_and_back(world, shelf):
    shelf.drop("lib", "1.0")
    await world.update()
    assert await names(world, VERSIONS, "lib") == ["2.0"]
    assert await world.graph.run(GONE, {"name": "lib"}) == [{"name": "1.0", "status": "removed"}]
    shelf.put("lib", v1_0=[])
    await world.update()
    assert await names(world, VERSIONS, "lib") == ["1.0", "2.0"]
    assert await world.graph.run(GONE, {"name": "lib"}) == []


async def test_a_deleted_project_keeps_its_node_and_loses_its_versions(world, shelf):
    shelf.delete("util")
    summary = await world.update()
    assert summary.counts.gone == 1
    assert summary.counts.errors == 0
    [row] = await world.graph.run(PACKAGE, {"name": "util"})
    assert row["package"]["status"] == "removed"
    assert await names(world, VERSIONS, "util") == []
    assert await names(world, GONE, "util") == ["0.1"]


async def test_a_deleted_project_that_comes_back_is_ingested_again(world, shelf):
    shelf.delete("util")
    await world.update()
    shelf.put("util", v0_1=[], v0_2=[])
    await world.ingest(refresh=True)
    assert await names(world, VERSIONS, "util") == ["0.1", "0.2"]
    [row] = await world.graph.run(PACKAGE, {"name": "util"})
    assert row["package"]["status"] == "active"


async def test_a_deleted_project_that_comes_back_comes_with_the_next_update(world, shelf):
    shelf.delete("util")
    await world.update()
    shelf.put("util", v0_1=[], v0_2=[])
    await world.update()
    assert await names(world, VERSIONS, "util") == ["0.1", "0.2"]
    assert await names(world, GONE, "util") == []
    [row] = await world.graph.run(PACKAGE, {"name": "util"})
    assert row["package"]["status"] == "active"


async def test_a_required_package_that_is_published_later_comes_with_the_next_update(world, shelf):
    shelf.put("app", v3_0=["not-yet"])
    await world.update()
    shelf.put("not-yet", v1_0=[])
    await world.update()
    assert await names(world, VERSIONS, "not-yet") == ["1.0"]


async def test_an_ingestion_that_finds_none_of_the_listed_packages_fails(graph, tmp_path, shelf):
    for number in range(6):
        shelf.put(f"extra-{number}", v1_0=[])
    async with open_world(graph, tmp_path / "cache", source=shelf) as world:
        world.server.faults = not_found(shelf)
        with pytest.raises(ListingGuardError, match="7 of 7 packages that should be there"):
            await world.ingest()
        assert await world.cursor() == ""


@pytest.mark.parametrize("refresh", [False, True], ids=["along the feed", "everything"])
async def test_packages_that_cannot_all_be_gone_are_left_as_they_are(world, shelf, refresh):
    for number in range(6):
        shelf.put(f"extra-{number}", v1_0=[])
    await world.update()
    await world.ingest()
    before, cursor = await world.fingerprint(), await world.cursor()
    for number in range(6):
        shelf.put(f"extra-{number}", v2_0=[])
    world.server.faults = not_found(shelf)
    with pytest.raises(ListingGuardError, match="packages that should be there are not found"):
        await world.update(refresh=refresh)
    assert (await world.fingerprint(), await world.cursor()) == (before, cursor)


def not_found(shelf):
    """Every document of every project is away; the listing is there."""
    return table({f"/pypi/simple/{name}/": [Fault(status=404)] * 99 for name in shelf.projects})


async def test_a_project_that_only_the_listing_lost_is_kept(world, shelf):
    shelf.hidden.add("lib")
    summary = await world.update()
    assert summary.counts.gone == 0
    assert await names(world, VERSIONS, "lib") == ["1.0", "2.0"]


async def test_a_quarantined_project_is_marked_and_then_left_in_peace(world, shelf):
    shelf.put("lib", status="quarantined")
    await world.update()
    [row] = await world.graph.run(PACKAGE, {"name": "lib"})
    assert row["package"]["status"] == "quarantined"
    world.server.forget_requests()
    await world.update()
    assert list(world.server.requests) == ["/pypi/simple/"]
    shelf.put("lib", status="active")
    await world.update()
    [row] = await world.graph.run(PACKAGE, {"name": "lib"})
    assert row["package"]["status"] == "active"


async def test_a_listing_that_lost_too_much_stops_the_run_and_changes_nothing(world, shelf):
    for number in range(20):
        shelf.put(f"extra-{number}", v1_0=[])
    await world.ingest(refresh=True)
    before = await world.fingerprint()
    shelf.hidden.update(f"extra-{number}" for number in range(6))
    with pytest.raises(ListingGuardError, match="lacks 6 of the graph's 23"):
        await world.update()
    assert await world.fingerprint() == before


async def test_an_empty_listing_is_an_error_and_not_an_empty_registry(world, shelf):
    shelf.projects.clear()
    with pytest.raises((InvalidPayloadError, ListingGuardError)):
        await world.ingest()


@pytest.mark.parametrize("fault", [Fault.error_page(), Fault.broken_json(), Fault(status=404)])
async def test_a_failed_listing_fails_the_run(world, shelf, fault):
    before, cursor = await world.fingerprint(), await world.cursor()
    shelf.put("lib", v9_0=[])
    world.server.faults = table({"/pypi/simple/": fault})
    with pytest.raises(Exception) as raised:  # noqa: PT011 - the point is that it raises ours
        await world.update()
    assert type(raised.value).__module__ == "src.schemas.errors"
    assert (await world.fingerprint(), await world.cursor()) == (before, cursor)


async def test_a_failed_package_is_recorded_and_retried_though_the_cursor_moved_on(world, shelf):
    for number in range(10):
        shelf.put(f"extra-{number}", v1_0=[])
    await world.ingest()
    await world.update()
    shelf.put("lib", v3_0=[])
    for number in range(10):
        shelf.put(f"extra-{number}", v2_0=[])
    world.attempts = 1
    world.server.faults = table({"/pypi/simple/lib/": Fault(status=503)})
    summary = await world.update()
    assert summary.counts.errors == 1
    [failure] = [f async for f in failures(world)]
    assert (failure.name, failure.reason) == ("lib", "registry_unavailable")
    assert await world.cursor() == str(shelf.serial)
    world.server.faults = table({})
    await world.update()
    assert await names(world, VERSIONS, "lib") == ["1.0", "2.0", "3.0"]
    assert [f async for f in failures(world)] == []


async def failures(world):
    async with world.client() as client:
        for failure in await world.stores.state.failures(client.ecosystem):
            yield failure


async def test_a_registry_that_fails_too_often_fails_the_run(world, shelf):
    for number in range(30):
        shelf.put(f"extra-{number}", v1_0=[])
    world.attempts = 1
    bad = {f"/pypi/simple/extra-{number}/": Fault(status=500) for number in range(30)}
    world.server.faults = table(bad)
    with pytest.raises(ErrorRateError, match="registry_unavailable"):
        await world.ingest(refresh=True)


async def test_a_restricted_run_leaves_the_cursor_alone(world, shelf):
    cursor = await world.cursor()
    shelf.put("lib", v3_0=[])
    shelf.put("app", v3_0=[])
    await world.update(prefix="li")
    assert await world.cursor() == cursor
    assert await names(world, VERSIONS, "lib") == ["1.0", "2.0", "3.0"]
    assert await names(world, VERSIONS, "app") == ["1.0", "2.0"]
    await world.update()
    assert await names(world, VERSIONS, "app") == ["1.0", "2.0", "3.0"]


async def test_what_an_update_newly_requires_is_extracted_too(world, shelf):
    shelf.put("fresh", v1_0=["deeper"])
    shelf.put("deeper", v1_0=[])
    shelf.put("app", v3_0=["fresh"])
    summary = await world.update()
    assert summary.discovered == 2
    assert await names(world, VERSIONS, "deeper") == ["1.0"]
    bare = "MATCH (p:PyPIPackage) WHERE p.moment IS NULL RETURN p.name AS name"
    assert await world.graph.run(bare) == []


async def test_a_required_package_that_does_not_exist_is_marked_and_not_asked_again(world, shelf):
    shelf.put("app", v3_0=["nowhere-to-be-found"])
    await world.update()
    [row] = await world.graph.run(PACKAGE, {"name": "nowhere-to-be-found"})
    assert row["package"]["status"] == "removed"
    world.server.forget_requests()
    await world.update()
    assert list(world.server.requests) == ["/pypi/simple/"]


async def test_a_run_without_a_cursor_compares_everything(graph, tmp_path, shelf):
    async with open_world(graph, tmp_path / "cache", source=shelf) as world:
        await world.ingest(names=("lib",))
        shelf.put("lib", v3_0=[])
        await world.ingest()
        assert await world.cursor() == ""
        await world.update()
        assert await names(world, VERSIONS, "lib") == ["1.0", "2.0", "3.0"]
        assert await world.cursor() == str(shelf.serial)


async def test_release_marks_are_those_of_the_document(graph, tmp_path):
    shelf = Shelf()
    shelf.put("one", v1_0=Release(yanked=True), v2_0rc1=Release(uploaded="2024-05-06T07:08:09Z"))
    async with open_world(graph, tmp_path / "cache", source=shelf) as world:
        await world.ingest()
        rows = await world.graph.run(
            "MATCH (v:Version) RETURN v.name AS name, v.yanked AS yanked,"
            " v.prerelease AS prerelease, v.release_date AS date ORDER BY v.serial_number"
        )
        assert rows == [
            {
                "name": "1.0",
                "yanked": True,
                "prerelease": False,
                "date": "2024-01-01T00:00:00.000000Z",
            },
            {"name": "2.0rc1", "yanked": False, "prerelease": True, "date": "2024-05-06T07:08:09Z"},
        ]


async def test_what_the_feed_lost_is_found_by_the_next_comparison_with_everything(world, shelf):
    """A change that moved a package's own serial, but to one that the cursor is past already."""
    shelf.put("lib", v3_0=[])
    shelf.projects["lib"].serial = 1
    await world.update()
    assert await names(world, VERSIONS, "lib") == ["1.0", "2.0"]
    world.options = replace(world.options, compare_days=0)
    await world.update()
    assert await names(world, VERSIONS, "lib") == ["1.0", "2.0", "3.0"]


async def test_a_refresh_counts_no_package_as_new(world, shelf):
    shelf.put("fresh", v1_0=[])
    told = (await world.ingest(refresh=True)).metadata()
    assert (told["new_packages_ingested"], told["packages_refreshed"]) == (1, 3)


async def test_a_package_that_the_graph_refuses_is_a_failure_and_the_others_are_stored(
    world, shelf, monkeypatch
):
    write = VersionStore.write

    async def refusing(self, records, **options):
        if any(record.name == "lib" for record in records):
            raise StoreError("no such package in this house")
        return await write(self, records, **options)

    shelf.put("lib", v3_0=[])
    for number in range(12):
        shelf.put(f"extra-{number}", v1_0=[])
    await world.ingest()
    for number in range(12):
        shelf.put(f"extra-{number}", v2_0=[])
    monkeypatch.setattr(VersionStore, "write", refusing)
    summary = await world.update()
    assert (summary.counts.stored, summary.counts.reasons) == (12, {"store": 1})
    assert await names(world, VERSIONS, "extra-11") == ["1.0", "2.0"]
    assert [failure.name async for failure in failures(world)] == ["lib"]
    assert await world.cursor() == str(shelf.serial)
    monkeypatch.undo()
    await world.update()
    assert await names(world, VERSIONS, "lib") == ["1.0", "2.0", "3.0"]
