"""Bad input gets a clear error, is recorded, and loses nothing of the rest."""

import json

import pytest

from src.local_stack.replay import Document, Fault, table
from src.processes.extractors.pipeline import PipelineOptions
from src.schemas.errors import ErrorRateError, InvalidKeyError
from tests.e2e.shelf import Shelf
from tests.e2e.world import open_world

PATIENT = PipelineOptions(fetch_concurrency=4, batch_packages=7, max_error_rate=100)

NAMES = "MATCH (p:PyPIPackage) RETURN p.name AS name ORDER BY p.name"


@pytest.fixture
async def shelf() -> Shelf:
    shelf = Shelf()
    shelf.put("good", v1_0=[])
    shelf.put("bad", v1_0=["good"])
    return shelf


@pytest.fixture
async def world(graph, tmp_path, shelf):
    async with open_world(graph, tmp_path / "cache", source=shelf) as opened:
        opened.options = PATIENT
        opened.attempts = 2
        yield opened


async def recorded(world) -> dict[str, str]:
    async with world.client() as client:
        return {f.name: f.reason for f in await world.stores.state.failures(client.ecosystem)}


async def stored(world) -> list[str]:
    return [row["name"] for row in await world.graph.run(NAMES)]


@pytest.mark.parametrize(
    ("path", "fault", "reason"),
    [
        ("/pypi/simple/bad/", Fault.error_page(), "invalid_payload"),
        ("/pypi/simple/bad/", Fault.broken_json(), "invalid_payload"),
        ("/pypi/simple/bad/", Fault(cut_after=20), "registry_unavailable"),
        ("/pypi/simple/bad/", Fault(status=503), "registry_unavailable"),
        ("/pypi/simple/bad/", Fault(status=403), "request_refused"),
        ("/pypi/pypi/bad/json", Fault.broken_json(), "invalid_payload"),
        (
            "/pypi-files/packages/bad-1.0-py3-none-any.whl.metadata",
            Fault(body=b"Metadata-Version: 2.4\nName: bad\nVersion: 1.0\n\n"),
            "invalid_payload",
        ),
    ],
    ids=["error page", "broken json", "cut off", "down", "refused", "broken info", "wrong hash"],
)
async def test_one_broken_package_is_recorded_and_the_others_are_stored(
    world, path: str, fault: Fault, reason: str
):
    world.server.faults = table({path: fault})
    summary = await world.ingest()
    assert summary.metadata()["errors"] == 1
    assert summary.metadata()["new_packages_ingested"] == 1
    assert await recorded(world) == {"bad": reason}
    assert await stored(world) == ["good"]
    world.server.faults = table({})
    again = await world.ingest()
    assert again.metadata()["new_packages_ingested"] == 1
    assert await recorded(world) == {}
    assert await stored(world) == ["bad", "good"]


async def test_an_unknown_package_name_is_a_clear_error(world):
    summary = await world.ingest(names=("good", "no-such-package"))
    assert summary.counts.reasons == {"package_not_found": 1}
    assert await stored(world) == ["good"]


async def test_a_run_for_unknown_names_alone_fails(world):
    world.options = PipelineOptions()
    with pytest.raises(ErrorRateError, match="package_not_found"):
        await world.ingest(names=("no-such-package",))


@pytest.mark.parametrize("name", ["", " ", "../../etc/passwd", "a b", "näme", "x" * 2000, "a\x00b"])
async def test_a_name_that_is_no_name_is_refused_before_anything_is_asked(world, name: str):
    with pytest.raises(InvalidKeyError):
        await world.ingest(names=(name,))
    assert not world.server.requests


async def test_a_listing_with_odd_names_keeps_the_good_ones(world, shelf):
    shelf.put("Odd..Name__x", v1_0=[])
    shelf.put("näme", v1_0=[])
    shelf.put("'; MATCH (n) DETACH DELETE n //", v1_0=[])
    shelf.projects["odd-name-x"] = shelf.projects["Odd..Name__x"]
    summary = await world.ingest()
    assert await stored(world) == ["bad", "good", "odd-name-x"]
    assert summary.counts.errors == 0


async def test_a_project_without_files_or_versions_is_a_package_without_versions(world, shelf):
    shelf.put("empty")
    await world.ingest()
    assert "empty" in await stored(world)
    rows = await world.graph.run(
        "MATCH (p:PyPIPackage {name: 'empty'})-[r]->() RETURN count(r) AS edges"
    )
    assert rows == [{"edges": 0}]


async def test_a_project_with_3000_versions_is_stored_whole(world, shelf):
    shelf.put(
        "huge", **{f"v{major}_{minor}": ["good"] for major in range(60) for minor in range(50)}
    )
    summary = await world.ingest(names=("huge",))
    assert summary.counts.versions_added == 3_001  # and the one of `good`
    rows = await world.graph.run(
        "MATCH (:PyPIPackage {name: 'huge'})-[:HAVE]->(v:Version)-[:REQUIRE]->(p:PyPIPackage)"
        " RETURN count(DISTINCT v) AS versions, min(v.serial_number) AS first,"
        " max(v.serial_number) AS last, collect(DISTINCT p.name) AS packages"
    )
    assert rows == [{"versions": 3_000, "first": 0, "last": 2_999, "packages": ["good"]}]


async def test_broken_requirements_and_legacy_versions_are_kept_as_text_and_counted(world, shelf):
    shelf.put("old", **{"v1_0": ["good (>>> 1)", "good>=1"], "vjunk-version": []})
    summary = await world.ingest(names=("old",))
    assert summary.counts.notes["invalid_requirements"] == 1
    assert summary.counts.notes["legacy_versions"] == 1
    rows = await world.graph.run(
        "MATCH (:PyPIPackage {name: 'old'})-[:HAVE]->(v:Version)"
        " RETURN v.name AS name, v.serial_number AS serial,"
        " v.unresolved_requirements AS unresolved ORDER BY v.serial_number"
    )
    assert [(row["name"], row["serial"]) for row in rows] == [("junk-version", -1), ("1.0", 0)]
    assert [json.loads(entry) for entry in rows[1]["unresolved"]] == [
        {
            "name": "",
            "purl": "",
            "constraints": "good (>>> 1)",
            "kind": "invalid",
            "condition": "",
            "variant": "",
        }
    ]


async def test_links_of_a_document_never_lead_off_the_configured_registry(world, shelf):
    page = shelf.document("/pypi/simple/bad/")
    assert page is not None
    for target in (b"http://169.254.169.254/latest", b"file:///etc", b"https://evil.test/packages"):
        body = page.body.replace(b"https://files.pypi.test/packages", target)
        shelf.fixed["/pypi/simple/bad/"] = Document(body, page.content_type)
        summary = await world.ingest(names=("bad",), refresh=True)
        assert summary.counts.stored + summary.counts.errors == summary.counts.tried
    assert all(path.startswith(("/pypi/", "/pypi-files/")) for path in world.server.requests)
