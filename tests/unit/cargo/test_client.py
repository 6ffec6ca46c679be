"""The client of the crates registry over real HTTP: which documents it asks for, and what it makes of bad ones."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from src.cache import FileCache
from src.local_stack.replay import Document, Fault, ReplayServer, no_faults, table
from src.schemas.errors import (
    InvalidKeyError,
    InvalidPayloadError,
    PackageNotFoundError,
    PayloadTooLargeError,
    RegistryError,
    RegistryUnavailableError,
)
from src.schemas.http import HttpOptions
from src.schemas.package import KnownPackage, ListedPackage, PackageRecord, Requirement
from src.services.apis import artifacts
from src.services.apis.cargo_api import CargoClient
from src.services.apis.cargo_crate import CargoOptions
from src.session import http_session
from tests.contract.cargo_registry import PUBLISHED, Crate, FakeCargo, Release, artifact, dep

DUMP = "/cargo-static/db-dump.tar.gz"
NOTHING_KNOWN = KnownPackage()


@pytest.fixture
def registry() -> FakeCargo:
    fake = FakeCargo()
    fake.crates["bar"] = Crate({"1.0.0": Release()})
    fake.crates["foo"] = Crate(
        {
            "0.0.1-001": Release(),
            "1.0.0": Release(
                [
                    dep("bar", "^1.0", features=["std"]),
                    dep("bar", "^1.0", features=["alloc"]),
                    dep("serde", ">=1, <3", optional=True),
                    dep("cc", "*", kind="build"),
                    dep("quick", "^1", kind="dev"),
                    dep("old", "^1", package="bar"),
                    dep("bar", "^2", target="cfg(windows)", kind=None),
                ],
                rust_version="1.60",
                links="foo",
            ),
            "1.1.0-rc.1": Release([dep("bar", "> 1 < 2")]),
            "0.9.0+build.1": Release([dep("bar", "^0.9")], yanked=True),
        },
        repository="https://github.com/Owner/foo/tree/main",
    )
    for name in ("serde", "cc", "quick"):
        fake.crates[name] = Crate({"1.0.0": Release()})
    return fake


@pytest.fixture(scope="module")
def running() -> Iterator[ReplayServer]:
    with ReplayServer(FakeCargo()) as server:
        yield server


@pytest.fixture
def server(running: ReplayServer, registry: FakeCargo) -> ReplayServer:
    """The one server of this module (starting one takes a while), with a registry of its own."""
    running.app.source = registry
    running.faults = no_faults
    running.forget_requests()
    return running


@pytest.fixture
async def client(server: ReplayServer, tmp_path: Path) -> AsyncIterator[CargoClient]:
    async with opened(server, tmp_path) as made:
        yield made


@asynccontextmanager
async def opened(
    server: ReplayServer, tmp_path: Path, **options: int
) -> AsyncIterator[CargoClient]:
    http_options = HttpOptions(
        user_agent="tests",
        rate_per_second=0,
        timeout_seconds=5,
        max_attempts=3,
        backoff_seconds=0.01,
    )
    index, static = f"{server.url}/cargo-index", f"{server.url}/cargo-static"
    async with http_session(http_options, bases=(index, static)) as http:
        yield CargoClient(
            http,
            index_url=f"{index}/",
            static_url=f"{static}/",
            cache=FileCache(tmp_path / "cache"),
            options=CargoOptions(**{"artifact_bytes": 100_000, **options}),  # type: ignore[arg-type]
        )


async def record(
    client: CargoClient, name: str = "foo", known: KnownPackage = NOTHING_KNOWN, revision: str = ""
) -> PackageRecord:
    return client.parse(await client.fetch(ListedPackage(name, revision), known))


async def listed(client: CargoClient) -> dict[str, str]:
    listing = await client.listing()
    found = [package async for package in listing.packages]
    assert listing.total == len(found)
    return {package.name: package.revision for package in found}


def need(
    name: str, constraints: str, kind: str, condition: str = "", variant: str = ""
) -> Requirement:
    return Requirement(name, f"pkg:cargo/{name}", constraints, kind, condition, variant)


def check_foo(found: PackageRecord) -> None:
    """Compare with what was published, by hand."""
    assert [(v.serial_number, v.name) for v in found.versions] == [
        (-1, "0.0.1-001"),
        (0, "0.9.0+build.1"),
        (1, "1.0.0"),
        (2, "1.1.0-rc.1"),
    ]
    by_name = {version.name: version for version in found.versions}
    assert [v.name for v in found.versions if v.facts["yanked"]] == ["0.9.0+build.1"]
    whole = by_name["1.0.0"].requirements
    assert whole is not None
    assert whole.required == (
        need("bar", "^1", "runtime", "", "old"),
        need("bar", "^1.0", "runtime"),
        need("bar", "^2", "runtime", "cfg(windows)"),
        need("cc", "*", "build"),
    )
    assert whole.optional == (need("serde", ">=1, <3", "runtime"),)
    assert whole.development == (need("quick", "^1", "dev"),)
    assert whole.unresolved == ()
    assert by_name["1.0.0"].facts["rust_version"] == "1.60"
    assert by_name["1.0.0"].facts["links"] == "foo"
    assert by_name["1.0.0"].release_date == PUBLISHED
    assert by_name["0.9.0+build.1"].purl == "pkg:cargo/foo@0.9.0%2Bbuild.1"
    assert found.counts["legacy_versions"] == 1
    assert found.counts["unreadable_constraints"] == 1
    assert found.facts["import_names"] == ["foo"]


async def test_dump_and_index_say_the_same(
    client: CargoClient, server: ReplayServer, tmp_path: Path
) -> None:
    async with opened(server, tmp_path / "other") as cold:
        alone = await record(cold)
    revision = (await listed(client))["foo"]
    server.forget_requests()
    from_dump = await record(client, revision=revision)
    assert set(server.requests) == {"/cargo-static/crates/foo/foo-1.0.0.crate"}
    check_foo(alone)
    check_foo(from_dump)
    assert alone.source_revision == from_dump.source_revision == revision
    for one, two in zip(alone.versions, from_dump.versions, strict=True):
        assert (one.requirements, one.release_date) == (two.requirements, two.release_date)
        assert {**one.facts, "license": "MIT OR Apache-2.0"} == two.facts
    assert (alone.vendor, alone.repository_url) == ("n/a", "n/a")
    assert (from_dump.vendor, from_dump.repository_url) == ("Owner", "https://github.com/Owner/foo")
    assert from_dump.facts["license"] == "MIT OR Apache-2.0"
    assert from_dump.facts["status"] == "active"


async def test_what_only_the_dump_tells_is_added_to_the_index_from_the_last_dump(
    client: CargoClient, server: ReplayServer, tmp_path: Path
) -> None:
    revision = (await listed(client))["foo"]
    from_dump = await record(client, revision=revision)
    async with opened(server, tmp_path) as another:
        server.forget_requests()
        assert await record(another) == from_dump
        assert DUMP not in server.requests


async def test_the_index_decides_where_the_dump_is_of_another_state(
    client: CargoClient, registry: FakeCargo, server: ReplayServer
) -> None:
    revision = (await listed(client))["foo"]
    registry.crates["foo"].releases["2.0.0"] = Release([dep("bar")])
    later = await record(client)
    assert later.versions[-1].name == "2.0.0"
    sources = {v.name: v.requirements.source for v in later.versions if v.requirements}
    # The graph is ahead of the dump: a version that it has must not vanish again.
    again = await record(client, known=KnownPackage(sources), revision=revision)
    assert again.versions[-1].name == "2.0.0"
    server.forget_requests()
    await record(client, revision="another")
    assert server.requests["/cargo-index/3/f/foo"] == 1


async def test_what_is_known_is_not_read_again(client: CargoClient, server: ReplayServer) -> None:
    revision = (await listed(client))["foo"]
    first = await record(client, revision=revision)
    sources = {v.name: v.requirements.source for v in first.versions if v.requirements}
    known = KnownPackage(sources, str(first.facts["import_names_source"]))
    server.forget_requests()
    again = await record(client, known=known, revision=revision)
    assert [version.requirements for version in again.versions] == [None] * 4
    assert "import_names" not in again.facts
    assert not server.requests
    from_index = await record(client, known=known)
    assert from_index == again
    sources["1.0.0"] = "sha256:other"
    for told in (revision, ""):
        changed = await record(client, known=KnownPackage(sources), revision=told)
        assert [v.name for v in changed.versions if v.requirements] == ["1.0.0"]


async def test_the_listing_is_kept_for_an_hour_and_then_revalidated(
    client: CargoClient, registry: FakeCargo, server: ReplayServer, tmp_path: Path
) -> None:
    before = await listed(client)
    assert before.keys() == {"bar", "cc", "foo", "quick", "serde"}
    assert await listed(client) == before
    assert server.requests[DUMP] == 1
    client._dumps._cache = FileCache(tmp_path / "cache", clock=lambda: time.time() + 3601)
    assert await listed(client) == before
    assert server.requests[DUMP] == 2
    registry.delete("cc")
    registry.crates["bar"].releases["1.0.0"].yanked = True
    registry.crates["empty"] = Crate()
    registry.day = 2
    client._dumps._cache = FileCache(tmp_path / "cache", clock=lambda: time.time() + 7300)
    after = await listed(client)
    assert after.keys() == {"bar", "foo", "quick", "serde"}
    assert after["bar"] != before["bar"]
    assert after["foo"] == before["foo"]


async def test_changes_ask_once_and_tell_nothing_while_the_dump_is_the_same(
    client: CargoClient, registry: FakeCargo, server: ReplayServer, tmp_path: Path
) -> None:
    position = (await client.listing()).position
    for folder in ("", "elsewhere"):
        async with opened(server, tmp_path / folder) as another:
            server.forget_requests()
            feed = await another.changes(position)
            assert [package async for package in feed.packages] == []
            assert (feed.position, feed.names) == (position, None)
            assert server.requests == {DUMP: 1}
    registry.day = 2
    registry.delete("cc")
    feed = await client.changes(position)
    assert feed.position != position
    assert feed.names is not None
    assert ("foo" in feed.names, "cc" in feed.names) == (True, False)
    assert {package.name async for package in feed.packages} == {"bar", "foo", "quick", "serde"}


async def test_a_cursor_behind_the_dump_at_hand_sees_the_change_without_another_download(
    client: CargoClient, registry: FakeCargo
) -> None:
    position = (await client.listing()).position
    registry.day = 2
    feed = await client.changes("")
    again = await client.changes(position)
    assert again.position == feed.position
    assert len([package async for package in again.packages]) == 5


async def test_an_older_dump_than_the_last_is_not_believed(
    client: CargoClient, registry: FakeCargo
) -> None:
    registry.day = 2
    position = (await client.listing()).position
    registry.day = 1
    registry.delete("foo")
    feed = await client.changes(position)
    assert (feed.position, feed.names) == (position, None)


@pytest.mark.parametrize("position", ["yesterday", "dump", "dump /x y", "-1", "7"])
async def test_a_position_of_another_feed_is_refused(client: CargoClient, position: str) -> None:
    with pytest.raises(InvalidKeyError):
        await client.changes(position)


@pytest.mark.parametrize(
    "fault",
    [
        Fault.error_page(),
        Fault(body=b""),
        Fault(body=b"\x1f\x8bbroken"),
    ],
)
async def test_a_broken_dump_is_an_error_and_is_not_kept(
    client: CargoClient, server: ReplayServer, fault: Fault
) -> None:
    server.faults = table({DUMP: [fault]})
    with pytest.raises(InvalidPayloadError):
        await client.listing()
    assert len(await listed(client)) == 5


@pytest.mark.parametrize("size", [10, 400, 600, 900])
async def test_a_dump_cut_off_is_read_anew(
    client: CargoClient, server: ReplayServer, size: int
) -> None:
    server.faults = table({DUMP: [Fault(cut_after=size), Fault(cut_after=size + 50), None]})
    assert len(await listed(client)) == 5
    assert server.requests[DUMP] == 3


async def test_a_dump_that_never_comes_whole_is_unavailable(
    client: CargoClient, server: ReplayServer
) -> None:
    server.faults = table({DUMP: Fault(cut_after=700)})
    with pytest.raises(RegistryUnavailableError):
        await client.listing()


@pytest.mark.parametrize("table_name", ["crates", "versions", "dependencies"])
async def test_a_dump_without_one_of_its_tables_is_an_error(
    client: CargoClient, registry: FakeCargo, table_name: str
) -> None:
    registry.tables.remove(table_name)
    with pytest.raises(InvalidPayloadError):
        await client.changes("")


@pytest.mark.parametrize(
    ("table_name", "column"),
    [("crates", "id"), ("versions", "crate_id"), ("dependencies", "kind")],
)
async def test_a_row_of_the_wrong_kind_is_an_error(
    client: CargoClient,
    registry: FakeCargo,
    monkeypatch: pytest.MonkeyPatch,
    table_name: str,
    column: str,
) -> None:
    rows = registry.rows()
    rows[table_name][-1][column] = "seven"
    monkeypatch.setattr(registry, "rows", lambda: rows)
    with pytest.raises(InvalidPayloadError, match="wrong kind"):
        await client.listing()


async def test_tables_may_come_in_any_order_with_their_columns_in_any_order(
    client: CargoClient, registry: FakeCargo
) -> None:
    expected = await record(client, revision=(await listed(client))["foo"])
    registry.tables.reverse()
    for columns in registry.columns.values():
        columns.reverse()
    feed = await client.changes("")
    revisions = {package.name: package.revision async for package in feed.packages}
    assert await record(client, revision=revisions["foo"]) == expected


async def test_a_dump_beyond_its_limit_is_refused(server: ReplayServer, tmp_path: Path) -> None:
    async with opened(server, tmp_path, dump_bytes=100) as client:
        with pytest.raises(PayloadTooLargeError):
            await client.listing()


async def test_a_damaged_file_in_the_cache_is_made_anew(
    client: CargoClient, server: ReplayServer, tmp_path: Path
) -> None:
    position = (await client.listing()).position
    (data,) = (tmp_path / "cache").glob("*.data")
    size = data.stat().st_size
    data.write_bytes(b"x" * size)
    async with opened(server, tmp_path) as another:
        assert (await record(another)).versions  # the index does not need it
        assert (await another.changes(position)).names is None
        assert len(await listed(another)) == 5


async def test_a_cache_emptied_while_the_registry_is_asked_is_filled_anew(
    client: CargoClient, server: ReplayServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await client.changes("")

    def vanished(key: str) -> None:
        raise KeyError(key)

    monkeypatch.setattr(client._dumps._cache, "revalidated", vanished)
    assert (await client.changes("")).position == before.position
    assert server.requests[DUMP] == 3


async def test_names_that_nobody_may_hold_are_left_out_of_the_listing(
    client: CargoClient, registry: FakeCargo
) -> None:
    registry.crates["not a name"] = Crate({"1.0.0": Release()})
    registry.crates["foo"].releases["1.0.0"].deps.append(dep("not a name"))
    revisions = await listed(client)
    assert revisions.keys() == {"bar", "cc", "foo", "quick", "serde"}
    found = await record(client, revision=revisions["foo"])
    assert found.counts["invalid_requirements"] == 1


async def test_reading_the_dump_ends_at_once_when_it_is_cancelled(
    client: CargoClient, server: ReplayServer, tmp_path: Path
) -> None:
    server.faults = table({DUMP: Fault(hang=True)})
    reading = asyncio.create_task(client.listing())
    await asyncio.sleep(0.3)
    started = time.monotonic()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert time.monotonic() - started < 2
    assert not list((tmp_path / "cache").glob("*.data"))


@pytest.mark.parametrize("status", [404, 410, 451])
async def test_a_crate_that_is_gone_is_not_found(
    client: CargoClient, server: ReplayServer, status: int
) -> None:
    server.faults = table({"/cargo-index/3/f/foo": Fault(status=status)})
    with pytest.raises(PackageNotFoundError):
        await record(client)


async def test_another_spelling_is_told_and_is_not_that_package(
    client: CargoClient, registry: FakeCargo
) -> None:
    registry.crates["Inflector"] = Crate({"1.0.0": Release()})
    assert (await record(client, "Inflector")).name == "Inflector"
    with pytest.raises(PackageNotFoundError, match="'Inflector'"):
        await record(client, "inflector")


async def test_the_file_of_another_crate_is_refused(
    client: CargoClient, registry: FakeCargo
) -> None:
    registry.fixed["/cargo-index/3/f/foo"] = Document(registry.index_file("bar"), "text/plain")
    with pytest.raises(InvalidPayloadError):
        await record(client)


@pytest.mark.parametrize("fault", [Fault.error_page(), Fault.broken_json(), Fault(body=b"")])
async def test_a_page_that_is_not_the_file_is_never_taken_for_an_empty_one(
    client: CargoClient, server: ReplayServer, fault: Fault
) -> None:
    server.faults = table({"/cargo-index/3/f/foo": fault})
    with pytest.raises(InvalidPayloadError):
        await record(client)


async def test_a_refusal_is_no_absence(client: CargoClient, server: ReplayServer) -> None:
    server.faults = table({"/cargo-index/3/f/foo": Fault(status=403)})
    with pytest.raises(RegistryError) as told:
        await record(client)
    assert not isinstance(told.value, PackageNotFoundError)


async def test_a_crate_of_3_000_versions_is_read_whole(
    client: CargoClient, registry: FakeCargo
) -> None:
    names = [f"0.{number}.0" for number in range(3000)]
    releases = {name: Release([dep("bar", f"={name}")]) for name in names}
    registry.crates["many"] = Crate(releases)
    for revision in ("", (await listed(client))["many"]):
        found = await record(client, "many", revision=revision)
        assert [version.name for version in found.versions] == names
        constraints = [
            v.requirements.required[0].constraints for v in found.versions if v.requirements
        ]
        assert constraints == [f"={name}" for name in names]


FOO = "/cargo-static/crates/foo/foo-1.0.0.crate"


@pytest.mark.parametrize(
    ("fault", "count"),
    [
        (Fault(body=b"no archive"), "import_names_refused"),
        (Fault(body=artifact("bar", "1.0.0", Release())), "import_names_refused"),
        (Fault(body=b"x" * 100_001), "import_names_skipped"),
        (Fault(status=404), "import_names_skipped"),
        (Fault(status=403), "import_names_skipped"),
    ],
    ids=["broken", "another crate", "too large", "absent", "refused"],
)
async def test_an_artifact_that_cannot_be_read_is_counted_and_the_crate_kept(
    client: CargoClient, server: ReplayServer, fault: Fault, count: str
) -> None:
    server.faults = table({FOO: fault})
    found = await record(client)
    assert len(found.versions) == 4
    assert found.counts[count] == 1
    assert not {"import_names", "import_names_source"} & set(found.facts)


async def test_an_artifact_that_fails_for_now_fails_the_crate(
    client: CargoClient, server: ReplayServer
) -> None:
    server.faults = table({FOO: Fault(status=503)})
    with pytest.raises(RegistryUnavailableError):
        await record(client)


async def test_a_large_artifact_goes_through_a_file(
    client: CargoClient, monkeypatch: pytest.MonkeyPatch, server: ReplayServer
) -> None:
    monkeypatch.setattr(artifacts, "SMALL_ARTIFACT_BYTES", 20)
    assert (await record(client)).facts["import_names"] == ["foo"]
    assert server.requests[FOO] == 1


async def test_no_artifact_is_asked_for_where_none_is_wanted(
    server: ReplayServer, tmp_path: Path
) -> None:
    async with opened(server, tmp_path, artifact_bytes=0) as client:
        found = await record(client)
    assert "import_names" not in found.facts
    assert set(server.requests) == {"/cargo-index/3/f/foo"}


async def test_build_metadata_is_escaped_in_the_address_of_an_artifact(
    client: CargoClient, registry: FakeCargo
) -> None:
    registry.crates["ring"] = Crate({"1.0.0+b.1": Release()})
    found = await record(client, "ring")
    assert found.facts["import_names"] == ["ring"]
    assert str(found.facts["import_names_source"]).startswith("ring-1.0.0+b.1.crate#sha256=")


async def test_the_file_of_crates_is_a_whole_database(client: CargoClient, tmp_path: Path) -> None:
    await client.listing()
    (data,) = (tmp_path / "cache").glob("*.data")
    with sqlite3.connect(data) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


@pytest.mark.parametrize("name", ["Foo", "a", "x-1_y"])
def test_names_are_kept_as_they_are(name: str) -> None:
    assert CargoClient.canonical_name(None, name) == name  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["", "-a", "1a", "a b", "a/b", "ä", "a\n", "../a", "a" * 2000])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidKeyError):
        CargoClient.canonical_name(None, name)  # type: ignore[arg-type]
