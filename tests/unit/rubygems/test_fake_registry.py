"""The registry of the contract suite behaves as RubyGems does, seen through the client."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from src.cache import FileCache
from src.local_stack.replay import ReplayServer
from src.schemas.errors import PackageNotFoundError
from src.schemas.http import HttpOptions
from src.schemas.package import KnownPackage, ListedPackage, PackageRecord
from src.services.apis.base import RegistryClient
from tests.contract.registry import FakeRegistry, Published
from tests.contract.rubygems_registry import FakeRubyGems

OPTIONS = HttpOptions(user_agent="tests", rate_per_second=0, max_attempts=2, backoff_seconds=0.01)
Client = RegistryClient[object]


@pytest.fixture
def fake() -> FakeRubyGems:
    return FakeRubyGems()


@pytest.fixture
def server(fake: FakeRubyGems) -> Iterator[ReplayServer]:
    with ReplayServer(fake) as running:
        yield running


@pytest.fixture
async def client(fake: FakeRubyGems, server: ReplayServer, tmp_path: Path) -> AsyncIterator[Client]:
    registry: FakeRegistry = fake
    async with registry.open_client(server.url, OPTIONS, FileCache(tmp_path)) as opened:
        yield opened


async def record(client: Client, package: ListedPackage) -> PackageRecord:
    return client.parse(await client.fetch(package, KnownPackage()))


async def changed(client: Client, since: str) -> dict[str, str]:
    feed = await client.changes(since)
    return {package.name: package.revision async for package in feed.packages}


@pytest.mark.parametrize("quirks", [(), ("repeated_page",), ("unknown_fields",), ("empty_page",)])
async def test_what_is_published_is_listed_and_read(
    client: Client, fake: FakeRubyGems, quirks: tuple[str, ...]
) -> None:
    fake.quirks.update(quirks)
    for name in fake.names:
        fake.publish(name, {"1.0": Published((("rake", ">= 1, < 2"),)), "1.0-java": Published()})
    listing = await client.listing()
    listed = [package async for package in listing.packages]
    assert sorted(package.name for package in listed) == sorted(fake.names)
    assert listing.total == len(fake.names)
    for package in listed:
        read = await record(client, package)
        assert read.source_revision == package.revision
        assert [version.name for version in read.versions] == ["1.0", "1.0-java"]
        assert read.facts["import_names"] == [package.name]
        first = read.versions[0].requirements
        assert first is not None
        assert [(entry.name, entry.constraints) for entry in first.required] == [
            ("rake", ">= 1, < 2")
        ]


async def test_the_feed_tells_of_changes_deletions_and_yanks(
    client: Client, fake: FakeRubyGems
) -> None:
    for name in ("rack", "rake", "x"):
        fake.publish(name, {"1.0": Published(), "2.0": Published()})
    since = (await client.changes("")).position
    assert await changed(client, since) == {}
    fake.publish("rack", {"1.0": Published(), "2.0": Published(yanked=True)})
    fake.delete("x")
    feed = await client.changes(since)
    packages = [package async for package in feed.packages]
    assert [package.name for package in packages] == ["rack"]
    assert feed.names is not None
    assert ["rack" in feed.names, "rake" in feed.names, "x" in feed.names] == [True, True, False]
    assert [version.name for version in (await record(client, packages[0])).versions] == ["1.0"]
    with pytest.raises(PackageNotFoundError):
        await record(client, ListedPackage("x"))
    fake.rebuild()
    assert set(await changed(client, feed.position)) == {"rack", "rake"}
