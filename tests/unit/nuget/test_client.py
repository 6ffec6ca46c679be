"""The NuGet client against a served registry: catalog, registrations, dates, artifacts, lag."""

import io
import json
import zipfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from src.cache import FileCache
from src.local_stack.replay import Document, Fault, ReplayServer, table
from src.schemas.errors import (
    InvalidKeyError,
    InvalidPayloadError,
    PackageNotFoundError,
    RegistryUnavailableError,
)
from src.schemas.http import HttpOptions
from src.schemas.package import KnownPackage, ListedPackage, PackageRecord
from src.services.apis.nuget_api import NuGetClient
from src.services.apis.nuget_package import NuGetOptions
from src.session import HttpSession, http_session
from tests.contract.nuget_registry import HOST, FakeNuGet
from tests.contract.registry import Published

CATALOG = "/nuget/v3/catalog0"
PLAIN = {"1.0.0": Published()}
NOTHING_KNOWN = KnownPackage()


def registration(name: str) -> str:
    return f"/nuget/v3/registration5-gz-semver2/{name}/index.json"


@pytest.fixture
def registry() -> FakeNuGet:
    fake = FakeNuGet()
    for name in fake.names:
        fake.publish(name, PLAIN)
    return fake


@pytest.fixture
def server(registry: FakeNuGet) -> Iterator[ReplayServer]:
    with ReplayServer(registry) as running:
        yield running


@pytest.fixture
async def http(server: ReplayServer) -> AsyncIterator[HttpSession]:
    options = HttpOptions(
        user_agent="tests",
        rate_per_second=0,
        timeout_seconds=5,
        max_attempts=2,
        backoff_seconds=0.01,
    )
    async with http_session(options, bases=(f"{server.url}/nuget",)) as session:
        yield session


@pytest.fixture
def cache(tmp_path: Path) -> FileCache:
    return FileCache(tmp_path / "cache")


def new_client(
    http: HttpSession, server: ReplayServer, cache: FileCache, **options: object
) -> NuGetClient:
    chosen = {"lag_seconds": 0.01, "artifact_bytes": 100_000, **options}
    return NuGetClient(
        http,
        base_url=f"{server.url}/nuget/",
        cache=cache,
        options=NuGetOptions(**chosen),  # type: ignore[arg-type]
    )


@pytest.fixture
def client(http: HttpSession, server: ReplayServer, cache: FileCache) -> NuGetClient:
    return new_client(http, server, cache)


async def record(
    client: NuGetClient, name: str, known: KnownPackage = NOTHING_KNOWN, revision: str = ""
) -> PackageRecord:
    return client.parse(await client.fetch(ListedPackage(name, revision), known))


async def listed(client: NuGetClient) -> dict[str, str]:
    return {entry.name: entry.revision async for entry in (await client.listing()).packages}


def put(registry: FakeNuGet, path: str, body: object) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    registry.fixed[path] = Document(content, "application/json")


def nupkg(*paths: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in paths:
            archive.writestr(path, b"")
    return packed.getvalue()


async def test_the_listing_is_read_once_an_hour_and_then_only_what_is_new(
    http: HttpSession, registry: FakeNuGet, server: ReplayServer, tmp_path: Path
) -> None:
    now = 1_000_000.0
    cache = FileCache(tmp_path / "cache", clock=lambda: now)
    first = await listed(new_client(http, server, cache))
    assert sorted(first) == sorted(registry.names)
    server.forget_requests()
    assert await listed(new_client(http, server, cache)) == first
    assert set(server.requests) == {"/nuget/v3/index.json"}
    registry.publish("package.00", {"1.0.0": Published(), "2.0.0": Published()})
    registry.publish("new", PLAIN)
    now += 3601
    server.forget_requests()
    later = await listed(new_client(http, server, cache))
    assert {name for name in later if later[name] != first.get(name)} == {"package.00", "new"}
    pages = {path for path in server.requests if "/page" in path}
    assert pages == {f"{CATALOG}/page2.json", f"{CATALOG}/page3.json"}
    now += 3601
    server.forget_requests()
    assert await listed(new_client(http, server, cache)) == later
    assert set(server.requests) == {"/nuget/v3/index.json", f"{CATALOG}/index.json"}


async def test_the_listing_knows_its_number_and_position(
    client: NuGetClient, registry: FakeNuGet
) -> None:
    listing = await client.listing()
    assert listing.total == len(registry.names)
    assert listing.position == registry.items[-1]["commitTimeStamp"]


async def test_an_id_is_listed_while_one_version_is_left(
    http: HttpSession, registry: FakeNuGet, server: ReplayServer, cache: FileCache
) -> None:
    registry.publish("both", {"1.0.0": Published(), "2.0.0+x": Published()})
    registry.publish("both", {"2.0.0+x": Published()})
    registry.publish("none", PLAIN)
    registry.delete("none")
    registry.publish("again", PLAIN)
    registry.delete("again")
    registry.publish("again", PLAIN)
    found = await listed(new_client(http, server, cache))
    assert {"both", "again"} <= set(found)
    assert "none" not in found
    assert found["both"].endswith(" deleted")
    assert not found["again"].endswith(" deleted")


async def test_a_reading_that_failed_goes_on_where_it_was(
    http: HttpSession, registry: FakeNuGet, server: ReplayServer, cache: FileCache
) -> None:
    for number in range(700):
        registry.publish(f"many.{number}", PLAIN)
    last = f"{CATALOG}/page140.json"
    server.faults = table({last: Fault(status=503)})
    with pytest.raises(RegistryUnavailableError):
        await new_client(http, server, cache, checkpoint_pages=64).listing()
    assert server.requests[f"{CATALOG}/page0.json"] == 1
    server.faults = table({})
    server.forget_requests()
    found = await listed(new_client(http, server, cache))
    assert len(found) == len(registry.names) + 700
    assert server.requests[f"{CATALOG}/page0.json"] == 0
    assert server.requests[last] == 1


async def test_a_damaged_cache_is_made_anew(
    http: HttpSession, server: ReplayServer, cache: FileCache, tmp_path: Path
) -> None:
    first = await listed(new_client(http, server, cache))
    for path in (tmp_path / "cache").glob("*.data"):
        path.write_bytes(b"x" * path.stat().st_size)
    assert await listed(new_client(http, server, cache)) == first


async def test_changes_come_oldest_first_with_positions_that_never_run_ahead(
    client: NuGetClient, registry: FakeNuGet
) -> None:
    start = (await client.changes("")).position
    registry.publish("b", PLAIN)
    registry.publish("a", PLAIN)
    registry.items[-1]["commitTimeStamp"] = registry.items[-2]["commitTimeStamp"]
    registry.publish("c", PLAIN)
    registry.delete("b")
    feed = await client.changes(start)
    found = [(entry.name, entry.revision, entry.position) async for entry in feed.packages]
    stamps = [item["commitTimeStamp"] for item in registry.items[-4:]]
    assert found == [
        ("a", stamps[1], stamps[1]),
        ("c", stamps[2], stamps[2]),
        ("b", f"{stamps[3]} deleted", stamps[3]),
    ]
    assert feed.position == stamps[3]
    assert feed.names is None
    middle = [entry.name async for entry in (await client.changes(stamps[0])).packages]
    assert middle == ["c", "b"]


async def test_of_ids_in_one_commit_only_the_last_moves_the_position(
    client: NuGetClient, registry: FakeNuGet
) -> None:
    start = (await client.changes("")).position
    for name in ("b", "a", "c"):
        registry.publish(name, PLAIN)
    for item in registry.items[-3:]:
        item["commitTimeStamp"] = registry.items[-1]["commitTimeStamp"]
    feed = await client.changes(start)
    stamp = registry.items[-1]["commitTimeStamp"]
    found = [(entry.name, entry.position) async for entry in feed.packages]
    assert found == [("a", start), ("b", start), ("c", stamp)]


async def test_nothing_changed_costs_two_requests_and_an_older_index_moves_nothing_back(
    client: NuGetClient, registry: FakeNuGet, server: ReplayServer
) -> None:
    position = (await client.changes("")).position
    old = registry.document(f"{CATALOG}/index.json")
    server.forget_requests()
    assert (await client.changes(position)).position == position
    assert set(server.requests) == {f"{CATALOG}/index.json"}
    registry.publish("later", PLAIN)
    newer = (await client.changes(position)).position
    assert newer > position
    assert old is not None
    registry.fixed["/v3/catalog0/index.json"] = old
    stale = await client.changes(newer)
    assert stale.position == newer
    assert [entry async for entry in stale.packages] == []


async def test_what_is_newer_than_the_index_is_left_to_the_next_reading(
    client: NuGetClient, registry: FakeNuGet
) -> None:
    for number in range(3):
        registry.publish(f"fill.{number}", PLAIN)
    start = (await client.changes("")).position
    registry.publish("seen", PLAIN)
    index = registry.document(f"{CATALOG}/index.json")
    assert index is not None
    registry.publish("too.new", PLAIN)
    registry.fixed["/v3/catalog0/index.json"] = index
    feed = await client.changes(start)
    assert [entry.name async for entry in feed.packages] == ["seen"]
    del registry.fixed["/v3/catalog0/index.json"]
    feed = await client.changes(feed.position)
    assert [entry.name async for entry in feed.packages] == ["too.new"]


async def test_a_page_older_than_the_index_says_is_asked_for_again_and_then_refused(
    client: NuGetClient, registry: FakeNuGet, server: ReplayServer
) -> None:
    position = (await client.changes("")).position
    last = f"page{(len(registry.items) - 1) // 5}.json"
    old = registry.document(f"{CATALOG}/{last}")
    assert old is not None
    registry.publish("later", PLAIN)
    registry.fixed[f"/v3/catalog0/{last}"] = old
    server.forget_requests()
    with pytest.raises(RegistryUnavailableError):
        await client.changes(position)
    assert server.requests[f"{CATALOG}/{last}"] == 2


@pytest.mark.parametrize(
    "fault",
    [Fault.error_page(), Fault.broken_json(), Fault(body=b"{}"), Fault(status=404)],
)
@pytest.mark.parametrize(
    "path", ["/nuget/v3/index.json", f"{CATALOG}/index.json", f"{CATALOG}/page1.json"]
)
async def test_a_listing_that_is_not_whole_is_never_taken_for_one(
    client: NuGetClient, server: ReplayServer, path: str, fault: Fault
) -> None:
    server.faults = table({path: fault})
    with pytest.raises(InvalidPayloadError):
        await client.listing()
    with pytest.raises(InvalidPayloadError):
        await client.changes("")


async def test_a_missing_service_index_says_nothing_of_a_package(
    client: NuGetClient, server: ReplayServer
) -> None:
    server.faults = table({"/nuget/v3/index.json": Fault(status=404)})
    with pytest.raises(InvalidPayloadError):
        await record(client, "package.00")


async def test_a_page_cut_short_is_refused(client: NuGetClient, registry: FakeNuGet) -> None:
    document = registry.document(f"{CATALOG}/page1.json")
    assert document is not None
    page = json.loads(document.body)
    page["items"].pop()
    put(registry, "/v3/catalog0/page1.json", page)
    with pytest.raises(InvalidPayloadError):
        await client.listing()


@pytest.mark.parametrize("position", ["7", "2024-01-01T00:00:00Z", "2024-13-01T00:00:00.0000000Z"])
async def test_a_foreign_position_is_refused(client: NuGetClient, position: str) -> None:
    with pytest.raises(InvalidKeyError):
        await client.changes(position)


async def test_a_package_with_pages_of_their_own_is_read_whole(
    client: NuGetClient, registry: FakeNuGet, server: ReplayServer
) -> None:
    versions = {f"1.{number}.0": Published((("b", f"[1.{number}, )"),)) for number in range(9)}
    registry.publish("large", versions)
    found = await record(client, "large")
    assert [version.name for version in found.versions] == list(versions)
    for number, version in enumerate(found.versions):
        assert version.requirements is not None
        assert version.requirements.required[0].constraints == f"[1.{number}, )"
    pages = [path for path in server.requests if "/large/page/" in path]
    assert len(pages) == 2
    server.faults = table({pages[0]: Fault(status=404)})
    with pytest.raises(RegistryUnavailableError):
        await record(client, "large")
    server.faults = table({pages[1]: Fault(body=b'{"count": 5}')})
    with pytest.raises(InvalidPayloadError):
        await record(client, "large")


async def test_what_is_known_is_left_out(
    client: NuGetClient, registry: FakeNuGet, server: ReplayServer
) -> None:
    registry.publish("p", {"1.0.0": Published(yanked=True), "2.0.0": Published()})
    put(registry, "/v3-flatcontainer/p/2.0.0/p.2.0.0.nupkg", nupkg("lib/net8.0/P.dll"))
    first = await record(client, "p")
    assert first.facts["import_names"] == ["P"]
    sources = {v.name: v.requirements.source for v in first.versions if v.requirements}
    known = KnownPackage(sources, str(first.facts["import_names_source"]))
    server.forget_requests()
    again = await record(client, "p", known)
    assert set(server.requests) == {registration("p")}
    assert [version.requirements for version in again.versions] == [None, None]
    assert "import_names" not in again.facts


async def test_an_unlisted_version_is_marked_and_dated_by_the_catalog(
    client: NuGetClient, registry: FakeNuGet
) -> None:
    registry.publish("p", {"1.0.0": Published(yanked=True), "1.1.0": Published(yanked=True)})
    address = registry.leaves["p"]["1.1.0"]["@id"].removeprefix(HOST)
    del registry.created[address]
    found = await record(client, "p")
    assert [version.facts["unlisted"] for version in found.versions] == [True, True]
    assert [version.release_date for version in found.versions] == ["2023-05-06T07:08:09.1Z", ""]
    assert found.counts == {"dates_not_read": 1, "import_names_skipped": 1}


async def test_leaves_are_not_read_where_that_is_switched_off(
    http: HttpSession, registry: FakeNuGet, server: ReplayServer, cache: FileCache
) -> None:
    registry.publish("p", {"1.0.0": Published(yanked=True)})
    client = new_client(http, server, cache, read_leaves=False, artifact_bytes=0)
    found = await record(client, "p")
    assert found.versions[0].release_date == ""
    assert found.counts == {"dates_not_read": 1}
    assert not any("/data/" in path for path in server.requests)


@pytest.mark.parametrize(
    ("body", "count"),
    [
        (b"no archive", "import_names_refused"),
        (nupkg("../escape.dll"), "import_names_refused"),
        (b"PK" + b"x" * 200_000, "import_names_skipped"),
    ],
    ids=["no archive", "an entry that leads out", "too large"],
)
async def test_an_artifact_that_cannot_be_read_is_counted(
    client: NuGetClient, registry: FakeNuGet, body: bytes, count: str
) -> None:
    put(registry, "/v3-flatcontainer/package.00/1.0.0/package.00.1.0.0.nupkg", body)
    found = await record(client, "package.00")
    assert found.counts == {count: 1}
    assert "import_names" not in found.facts


async def test_an_older_registration_is_asked_for_once_more_and_then_refused(
    client: NuGetClient, registry: FakeNuGet, server: ReplayServer
) -> None:
    old = registry.document(registration("package.00"))
    assert old is not None
    registry.publish("package.00", {**PLAIN, "2.0.0": Published()})
    revision = (await listed(client))["package.00"]
    registry.fixed[registration("package.00").removeprefix("/nuget")] = old
    server.forget_requests()
    with pytest.raises(RegistryUnavailableError):
        await record(client, "package.00", revision=revision)
    assert server.requests[registration("package.00")] == 2
    assert len((await record(client, "package.00")).versions) == 1
    del registry.fixed[registration("package.00").removeprefix("/nuget")]
    found = await record(client, "package.00", revision=revision)
    assert found.source_revision == revision
    assert len(found.versions) == 2


@pytest.mark.parametrize(("deleted", "asked"), [("", 2), (" deleted", 1)])
async def test_a_package_that_is_announced_and_not_there_is_asked_for_again_unless_deleted(
    client: NuGetClient, server: ReplayServer, deleted: str, asked: int
) -> None:
    with pytest.raises(PackageNotFoundError):
        await record(client, "gone", revision=f"2024-01-01T00:00:00.0000000Z{deleted}")
    assert server.requests[registration("gone")] == asked


async def test_the_record_tells_the_package(client: NuGetClient, registry: FakeNuGet) -> None:
    registry.publish("p.q", {"1.0.0": Published(), "2.0.0-beta": Published()})
    registry.leaves["p.q"]["1.0.0"]["deprecation"] = {"reasons": ["Legacy", "CriticalBugs"]}
    found = await record(client, "p.q")
    assert (found.vendor, found.repository_url) == ("Ann Author", "https://github.com/ann/p.q")
    assert found.facts == {
        "status": "deprecated",
        "license": "MIT",
        "display_name": "P.Q",
        "authors": ["Ann Author", "Ben Author"],
    }
    assert found.versions[0].facts == {
        "unlisted": False,
        "deprecated": "Legacy, CriticalBugs",
        "deprecation_reasons": ["Legacy", "CriticalBugs"],
        "alternate_package": "",
        "license": "MIT",
        "prerelease": False,
    }
    assert found.versions[1].facts["prerelease"] is True


async def test_versions_that_are_one_once_normalised_are_kept_once(
    client: NuGetClient, registry: FakeNuGet
) -> None:
    registry.publish("p", {"1.0": Published(), "1.0.0.0": Published(yanked=True)})
    registry.publish("q", {"not.a.version": Published(), "1.0": Published()})
    found = await record(client, "p")
    assert [(version.name, version.facts["unlisted"]) for version in found.versions] == [
        ("1.0.0", False)
    ]
    assert found.counts["repeated_versions"] == 1
    odd = await record(client, "q")
    assert [(version.serial_number, version.name) for version in odd.versions] == [
        (-1, "not.a.version"),
        (0, "1.0.0"),
    ]
    assert odd.counts["legacy_versions"] == 1


async def test_a_leaf_without_a_version_is_counted_and_the_others_are_kept(
    client: NuGetClient, registry: FakeNuGet
) -> None:
    registry.publish("p", {"1.0.0": Published(), "2.0.0": Published()})
    registry.leaves["p"]["2.0.0"]["version"] = None
    found = await record(client, "p")
    assert [version.name for version in found.versions] == ["1.0.0"]
    assert found.counts["refused_versions"] == 1
    registry.leaves["p"]["1.0.0"]["version"] = 1
    with pytest.raises(InvalidPayloadError):
        await record(client, "p")


async def test_entries_with_an_id_that_is_none_are_left_out(
    client: NuGetClient, registry: FakeNuGet
) -> None:
    registry.publish("fine", PLAIN)
    registry.items[-1]["nuget:id"] = "not fine"
    assert sorted(await listed(client)) == sorted(registry.names)
