"""How the index is kept: whole once, then by chunks, and never a part of it for everything."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.cache import FileCache
from src.local_stack.replay import Document, Fault, ReplayServer, no_faults, table
from src.local_stack.replay.maven_makers import artifact_record, index_bytes
from src.schemas.errors import InvalidPayloadError, RegistryUnavailableError
from src.schemas.package import KnownPackage, ListedPackage
from src.services.apis.base import ChangeFeed
from src.services.apis.maven_api import MavenClient
from src.services.apis.maven_index import IndexBuilder, IndexFile
from src.session import HttpOptions, http_session
from src.utils.maven.index import Change
from src.utils.maven.index_properties import Position
from tests.contract import maven_registry
from tests.contract.maven_registry import FIRST_MOMENT, INDEX, FakeMaven
from tests.contract.registry import Published

ONE = {"1.0": Published()}
WHOLE, PROPERTIES = f"{INDEX}.gz", f"{INDEX}.properties"
HOUR = 3600
FIRST, SECOND, THIRD = "g:a", "g:b", "org.example:c"

NOTHING_KNOWN = KnownPackage()


class Clock:
    """Tells the time that a test set."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Reader:
    """Opens clients on folders of a test, as runs that follow each other do."""

    def __init__(self, server: ReplayServer, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.clock = Clock()

    @asynccontextmanager
    async def client(self, folder: str = "cache") -> AsyncIterator[MavenClient]:
        options = HttpOptions(
            user_agent="tests", rate_per_second=0, max_attempts=2, backoff_seconds=0.01
        )
        base = f"{self.server.url}/maven"
        cache = FileCache(self.folder / folder, clock=self.clock)
        async with http_session(options, bases=[base]) as http:
            yield MavenClient(http, base_url=base, cache=cache)

    async def listing(self, folder: str = "cache") -> tuple[str, dict[str, str]]:
        async with self.client(folder) as client:
            listing = await client.listing()
            found = {package.name: package.revision async for package in listing.packages}
        assert listing.total == len(found)
        return listing.position, found

    async def changes(
        self, since: str, folder: str = "cache"
    ) -> tuple[ChangeFeed, list[ListedPackage]]:
        async with self.client(folder) as client:
            feed = await client.changes(since)
            return feed, [package async for package in feed.packages]

    def asked(self) -> list[str]:
        """Return what was asked for since the last time."""
        paths = sorted(self.server.requests.elements())
        self.server.forget_requests()
        return [path.removeprefix(INDEX) for path in paths]


@pytest.fixture
def registry() -> FakeMaven:
    registry = FakeMaven()
    registry.publish(FIRST, ONE)
    registry.publish(SECOND, ONE)
    return registry


class Shown:
    """Serves the registry of the test that runs: starting a server takes longer than a test."""

    registry = FakeMaven()

    def document(self, path: str, query: str = "") -> Document | None:
        return self.registry.document(path, query)


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[ReplayServer, Shown]]:
    shown = Shown()
    with ReplayServer(shown) as running:
        yield running, shown


@pytest.fixture
def reader(registry: FakeMaven, shared: tuple[ReplayServer, Shown], tmp_path: Path) -> Reader:
    server, shown = shared
    shown.registry = registry
    server.faults = no_faults
    server.forget_requests()
    return Reader(server, tmp_path)


async def test_a_listing_is_kept_for_an_hour_then_asked_after_by_one_small_request(reader):
    position, found = await reader.listing()
    assert set(found) == {FIRST, SECOND}
    assert reader.asked() == [".gz", ".properties"]
    assert await reader.listing() == (position, found)
    assert reader.asked() == []
    reader.clock.now += HOUR + 1
    assert await reader.listing() == (position, found)
    assert reader.asked() == [".properties"]
    assert await reader.listing() == (position, found)
    assert reader.asked() == []


async def test_what_is_new_comes_by_chunks(registry, reader):
    await reader.listing()
    reader.asked()
    registry.publish(THIRD, ONE)
    registry.publish(FIRST, {**ONE, "1.1": Published()})
    registry.delete(SECOND)
    reader.clock.now += HOUR + 1
    position, found = await reader.listing()
    assert set(found) == {FIRST, THIRD}
    assert reader.asked() == [".3.gz", ".4.gz", ".5.gz", ".properties"]
    assert position.endswith("/5")


async def test_a_state_is_the_same_whichever_way_it_was_reached(registry, reader):
    await reader.listing()
    registry.publish(THIRD, {"1.0": Published(), "2.0": Published()})
    registry.publish(FIRST, {"0.9": Published(), "1.1": Published()})
    registry.publish(THIRD, {"2.0": Published()})
    registry.delete(SECOND)
    reader.clock.now += HOUR + 1
    by_chunks = await reader.listing()
    assert reader.asked()[-2:] != [".gz", ".properties"]
    assert await reader.listing("another") == by_chunks


async def test_a_feed_without_a_change_is_one_request_even_without_a_kept_index(reader):
    position, _ = await reader.listing()
    reader.asked()
    for folder in ("cache", "empty"):
        feed, packages = await reader.changes(position, folder)
        assert (feed.position, feed.names, packages) == (position, None, [])
        assert reader.asked() == [".properties"]


async def test_a_feed_tells_what_changed_in_the_order_of_the_chunks(registry, reader):
    position, before = await reader.listing()
    registry.publish(THIRD, ONE)
    registry.delete(FIRST)
    registry.publish(SECOND, {**ONE, "1.1": Published()})
    feed, packages = await reader.changes(position)
    assert feed.names is None
    assert [package.name for package in packages] == [THIRD, FIRST, SECOND]
    assert packages[1].revision == ""
    assert packages[2].revision not in {"", before[SECOND]}
    chain = position.rpartition("/")[0]
    assert [package.position for package in packages] == [f"{chain}/{n}" for n in (2, 3, 4)]
    assert feed.position == f"{chain}/5"
    later, packages = await reader.changes(f"{chain}/4")
    assert ([package.name for package in packages], later.position) == ([SECOND], feed.position)


async def test_what_was_deployed_and_taken_back_did_not_change(registry, reader):
    position, before = await reader.listing()
    registry.publish(THIRD, ONE)
    registry.delete(THIRD)
    _, packages = await reader.changes(position)
    assert [(package.name, package.revision) for package in packages] == [(THIRD, "")]
    reader.clock.now += HOUR + 1
    assert (await reader.listing())[1] == before


async def test_the_first_feed_is_a_comparison_with_everything(reader):
    feed, packages = await reader.changes("")
    assert {package.name for package in packages} == {FIRST, SECOND}
    assert all(package.revision for package in packages)
    assert feed.names is not None
    assert FIRST in feed.names
    assert THIRD not in feed.names


@pytest.mark.parametrize("since", ["1318453614498/1", "another/2", "another/99"])
async def test_a_position_that_the_kept_index_does_not_reach_back_to_compares_everything(
    reader, since
):
    feed, packages = await reader.changes(since)
    assert feed.names is not None
    assert {package.name for package in packages} == {FIRST, SECOND}
    assert feed.position == "1318453614498/2"


@pytest.mark.parametrize("gone", ["unlisted", "listed"])
async def test_without_the_next_chunk_the_index_is_fetched_whole_and_compared(
    registry, reader, gone
):
    position, _ = await reader.listing()
    registry.publish(FIRST, {**ONE, "1.1": Published()})
    registry.publish(THIRD, ONE)
    if gone == "unlisted":
        registry.first_chunk = registry.head
    else:
        reader.server.faults = table({f"{INDEX}.3.gz": Fault(status=404)})
    reader.asked()
    feed, packages = await reader.changes(position)
    assert ".gz" in reader.asked()
    assert feed.names is None
    assert [package.name for package in packages] == [FIRST, THIRD]
    assert {package.position for package in packages} == {"1318453614498/3"}


async def test_another_chain_is_another_index(reader, monkeypatch):
    position, _ = await reader.listing()
    monkeypatch.setattr(maven_registry, "CHAIN", "2000000000000")
    feed, packages = await reader.changes(position)
    assert feed.position == "2000000000000/2"
    assert feed.names is not None
    assert len(packages) == 2
    assert ".gz" in reader.asked()


async def test_a_mirror_that_lags_never_leads_backwards(registry, reader):
    registry.publish(THIRD, ONE)
    position, found = await reader.listing()
    registry.packages.pop(THIRD)
    del registry.chunks[3]
    feed, packages = await reader.changes(position)
    assert (feed.position, packages) == (position, [])
    reader.clock.now += HOUR + 1
    assert await reader.listing() == (position, found)


async def test_an_index_older_than_its_properties_is_not_believed(registry, reader):
    old = [artifact_record(FIRST, "1.0", "jar", FIRST_MOMENT)]
    body = index_bytes(FIRST_MOMENT - 8 * 86_400_000, old)
    registry.fixed[WHOLE] = Document(body, "application/x-gzip")
    with pytest.raises(RegistryUnavailableError):
        await reader.listing()
    del registry.fixed[WHOLE]
    assert len((await reader.listing())[1]) == 2


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"<html>Sorry</html>", InvalidPayloadError),
        (b"", InvalidPayloadError),
        (index_bytes(FIRST_MOMENT, []), InvalidPayloadError),
        (index_bytes(FIRST_MOMENT, [{"u": "g|a|1|sources|jar"}]), InvalidPayloadError),
        (
            index_bytes(FIRST_MOMENT, [artifact_record(FIRST, "1", "jar", 1)])[:-9],
            InvalidPayloadError,
        ),
    ],
)
async def test_a_part_is_never_kept_for_the_whole(registry, reader, body, error):
    registry.fixed[WHOLE] = Document(body, "application/x-gzip")
    with pytest.raises(error):
        await reader.listing()
    del registry.fixed[WHOLE]
    assert len((await reader.listing())[1]) == 2


@pytest.mark.parametrize("fault", [Fault(cut_after=30), Fault(status=503), Fault.error_page()])
async def test_a_broken_chunk_leaves_the_kept_index_as_it_was(registry, reader, fault):
    position, before = await reader.listing()
    registry.publish(FIRST, {**ONE, "1.1": Published()})
    registry.publish(THIRD, ONE)
    reader.server.faults = table({f"{INDEX}.4.gz": fault})
    with pytest.raises((RegistryUnavailableError, InvalidPayloadError)):
        await reader.changes(position)
    assert await reader.listing() == (position, before)
    reader.server.faults = table({})
    _, packages = await reader.changes(position)
    assert [package.name for package in packages] == [FIRST, THIRD]


@pytest.mark.parametrize("damage", [b"", b"no database at all", b"SQLite format 3\0" + bytes(200)])
async def test_a_damaged_file_is_fetched_again(reader, damage):
    before = await reader.listing()
    (kept,) = reader.folder.glob("cache/*.data")
    kept.write_bytes(damage.ljust(kept.stat().st_size, b"\0"))
    reader.asked()
    assert await reader.listing() == before
    assert reader.asked() == [".gz", ".properties"]


async def test_a_file_that_turns_out_to_be_damaged_fails_one_run_only(reader):
    before = await reader.listing()
    (kept,) = reader.folder.glob("cache/*.data")
    whole = kept.read_bytes()
    kept.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))
    with pytest.raises(InvalidPayloadError):
        await reader.listing()
    assert await reader.listing() == before


async def test_a_feed_that_is_read_slowly_outlives_the_next_state(registry, reader):
    async with reader.client() as client:
        listing = await client.listing()
        packages = aiter(listing.packages)
        seen = [(await anext(packages)).name]
        for number in range(3):
            registry.publish(THIRD, {f"{number}.0": Published()})
            await client.changes(listing.position)
        seen += [package.name async for package in packages]
    assert seen == [FIRST, SECOND]


async def test_a_package_read_alone_has_the_revision_of_the_kept_index(reader):
    async with reader.client() as client:
        alone = client.parse(await client.fetch(ListedPackage(FIRST), NOTHING_KNOWN))
        assert alone.source_revision == ""
        _, found = await reader.listing()
        alone = client.parse(await client.fetch(ListedPackage(FIRST), NOTHING_KNOWN))
        assert alone.source_revision == found[FIRST]
        told = client.parse(await client.fetch(ListedPackage(FIRST, "told"), NOTHING_KNOWN))
        assert told.source_revision == "told"


CHANGES = st.builds(
    Change,
    name=st.sampled_from([FIRST, SECOND, THIRD]),
    version=st.sampled_from(["1", "2"]),
    kind=st.sampled_from(["jar", "pom"]),
    modified=st.sampled_from([None, 0, 7, 9]),
)


def build(path: Path, chunks: list[list[Change]]) -> None:
    with IndexBuilder(path, Position("1", len(chunks)), 0) as builder:
        for number, chunk in enumerate(chunks, start=1):
            builder.add(chunk)
            while builder.settle(number, 2):
                pass
        builder.finish()


@given(st.lists(st.lists(CHANGES, max_size=6), min_size=1, max_size=4), st.data())
@settings(max_examples=40, deadline=None)
def test_any_chunks_in_any_slices_lead_to_the_state_that_they_say(chunks, data):
    left: dict[tuple[str, str, str], int] = {}
    for change in (change for chunk in chunks for change in chunk):
        left.pop((change.name, change.version, change.kind), None)
        if change.modified is not None:
            left[change.name, change.version, change.kind] = change.modified
    at_once = [Change(*key, modified) for key, modified in left.items()]
    with TemporaryDirectory() as folder:
        by_chunks, whole = Path(folder) / "chunks", Path(folder) / "whole"
        build(by_chunks, chunks)
        build(whole, [data.draw(st.permutations(at_once))])
        one, two = IndexFile(by_chunks), IndexFile(whole)
        told = {name: revision for name, revision, _ in one.packages("", 10)}
        assert told == {name: revision for name, revision, _ in two.packages("", 10)}
        assert set(told) == {name for name, _, _ in left}
        assert one.total == two.total == len(told)
        for name in told:
            versions = {version for other, version, _ in left if other == name}
            assert set(one.versions(name)) == versions
            assert one.versions(name) == two.versions(name)
        one.close()
        two.close()
