"""One contract for every registry client: the pipeline may not care which it holds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from src.cache import FileCache
from src.local_stack.replay import Fault, ReplayServer, every_request_fails_once, table
from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import (
    InvalidKeyError,
    InvalidPayloadError,
    PackageNotFoundError,
    RegistryError,
    RegistryUnavailableError,
)
from src.schemas.http import HttpOptions
from src.schemas.package import KnownPackage, ListedPackage, PackageRecord
from src.services.apis.base import ChangeFeed, RegistryClient
from tests.contract.every import REGISTRIES
from tests.contract.registry import FakeRegistry, Published

ONE = {"1.0.0": Published()}
NOTHING_KNOWN = KnownPackage()

FROM_ONE_ON = {
    Ecosystem.PYPI: ">=1.0.0",
    Ecosystem.NPM: ">=1.0.0",
    Ecosystem.MAVEN: "[1.0.0,)",
    Ecosystem.CARGO: ">=1.0.0",
    Ecosystem.RUBYGEMS: ">= 1.0.0",
    Ecosystem.NUGET: "[1.0.0, )",
}
"""How each ecosystem writes "1.0.0 or later"."""

FORGETS_YANKED = {Ecosystem.RUBYGEMS}
"""Whose documents no longer name a version once it is yanked."""


@dataclass
class Reading:
    """A registry, its server, and clients of it."""

    registry: FakeRegistry
    server: ReplayServer
    cache: FileCache
    attempts: int = 3

    @asynccontextmanager
    async def client(self) -> AsyncIterator[RegistryClient[object]]:
        options = HttpOptions(
            user_agent="tests",
            rate_per_second=0,
            timeout_seconds=3,
            budget_seconds=10,
            backoff_seconds=0.01,
            max_attempts=self.attempts,
        )
        async with self.registry.open_client(self.server.url, options, self.cache) as client:
            yield client

    async def listing(self) -> list[ListedPackage]:
        async with self.client() as client:
            listing = await client.listing()
            return [package async for package in listing.packages]

    async def changes(self, since: str) -> tuple[ChangeFeed, list[ListedPackage]]:
        async with self.client() as client:
            feed = await client.changes(since)
            return feed, [package async for package in feed.packages]

    async def read(self, name: str, known: KnownPackage = NOTHING_KNOWN) -> PackageRecord:
        async with self.client() as client:
            return client.parse(await client.fetch(ListedPackage(name), known))

    async def read_listed(self, name: str) -> tuple[ListedPackage, PackageRecord]:
        """Read a package as an ingestion does: after the listing, by the same client."""
        async with self.client() as client:
            listing = await client.listing()
            listed = {package.name: package async for package in listing.packages}
            documents = await client.fetch(listed[name], NOTHING_KNOWN)
            return listed[name], client.parse(documents)


@pytest.fixture(params=REGISTRIES, ids=lambda fake: fake.ecosystem)
def reading(request, tmp_path):
    """A registry of 14 packages with one version each, served over HTTP."""
    registry: FakeRegistry = request.param()
    for name in registry.names:
        registry.publish(name, ONE)
    with ReplayServer(registry) as server:
        yield Reading(registry, server, FileCache(tmp_path / "cache", ttl_seconds=0))


def versions(record: PackageRecord) -> list[tuple[int, str]]:
    return [(version.serial_number, version.name) for version in record.versions]


async def test_a_listing_names_every_package_once(reading):
    names = [package.name for package in await reading.listing()]
    assert sorted(names) == sorted(reading.registry.names)


async def test_pages_that_repeat_themselves_name_nothing_twice_and_lose_nothing(reading):
    reading.registry.quirks.add("repeated_page")
    names = [package.name for package in await reading.listing()]
    assert sorted(names) == sorted(reading.registry.names)


async def test_an_empty_page_ends_nothing_silently(reading):
    """It is either read over or an error; a part is never taken for the whole."""
    reading.registry.quirks.add("empty_page")
    try:
        names = [package.name for package in await reading.listing()]
    except InvalidPayloadError:
        return
    assert sorted(names) == sorted(reading.registry.names)


async def test_a_listing_that_is_there_no_more_is_an_error_and_not_an_empty_one(reading):
    reading.server.faults = table({reading.registry.listing_path(): Fault(status=404)})
    with pytest.raises(RegistryError):
        await reading.listing()


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault(status=503), id="a server error"),
        pytest.param(Fault(cut_after=20), id="a body cut off"),
        pytest.param(Fault(status=429, headers={"retry-after": "0"}), id="too many requests"),
        pytest.param(Fault.error_page(), id="an error page with status 200"),
        pytest.param(Fault(status=403), id="refused"),
    ],
)
async def test_a_broken_listing_or_feed_is_an_error(reading, fault):
    reading.server.faults = table({reading.registry.listing_path(): fault})
    with pytest.raises(RegistryError):
        await reading.listing()
    with pytest.raises(RegistryError):
        await reading.changes("")


async def test_everything_is_read_although_each_request_fails_once(reading):
    reading.server.faults = every_request_fails_once()
    assert len(await reading.listing()) == len(reading.registry.names)
    reading.server.faults = every_request_fails_once()
    assert versions(await reading.read(reading.registry.names[0])) == [(0, "1.0.0")]


async def test_a_comparison_with_everything_names_all_and_only_what_is_there(reading):
    feed, packages = await reading.changes("")
    assert feed.names is not None
    assert all(name in feed.names for name in reading.registry.names)
    assert f"{reading.registry.names[0]}x" not in feed.names
    assert sorted({package.name for package in packages}) == sorted(reading.registry.names)
    assert feed.position


async def test_from_a_listings_position_a_change_is_seen(reading):
    async with reading.client() as client:
        position = (await client.listing()).position
    changed = reading.registry.names[3]
    reading.registry.publish(changed, {**ONE, "1.1.0": Published()})
    feed, packages = await reading.changes(position)
    assert changed in {package.name for package in packages}
    assert {package.name for package in packages} <= set(reading.registry.names)
    assert feed.position != position


async def test_a_deleted_package_is_noticed_by_the_feed_or_missing_in_its_names(reading):
    feed, _ = await reading.changes("")
    deleted = reading.registry.names[2]
    reading.registry.delete(deleted)
    feed, packages = await reading.changes(feed.position)
    told = deleted in {package.name for package in packages}
    assert told or (feed.names is not None and deleted not in feed.names)
    assert deleted not in {package.name for package in await reading.listing()} or told


async def test_an_update_with_nothing_changed_costs_the_same_for_any_number_of_packages(reading):
    feed, _ = await reading.changes("")
    reading.server.forget_requests()
    unchanged, packages = await reading.changes(feed.position)
    asked = sum(reading.server.requests.values())
    assert unchanged.position == feed.position
    assert asked <= 3
    assert [p for p in packages if not p.revision] == []


@pytest.mark.parametrize("position", ["no position of anybody", "-1", "\x00", "'; DROP"])
async def test_a_foreign_position_is_an_error_and_not_a_silent_beginning(reading, position):
    with pytest.raises(InvalidKeyError):
        await reading.changes(position)


async def test_the_revision_of_the_listing_is_the_one_that_the_record_carries(reading):
    listed, record = await reading.read_listed(reading.registry.names[1])
    assert listed.revision
    assert record.source_revision == listed.revision


async def test_a_package_reads_the_same_with_and_without_a_listing(reading):
    name, other = reading.registry.names[:2]
    reading.registry.publish(
        name,
        {
            "1.0.0": Published(((other, FROM_ONE_ON[reading.registry.ecosystem]),)),
            "1.2.0": Published(yanked=True),
            "1.10.0": Published(),
        },
    )
    _, listed = await reading.read_listed(name)
    alone = await reading.read(name)
    offered = ["1.0.0", "1.2.0", "1.10.0"]
    if reading.registry.ecosystem in FORGETS_YANKED:
        offered.remove("1.2.0")
    assert versions(listed) == versions(alone) == list(enumerate(offered))
    for one, two in zip(listed.versions, alone.versions, strict=True):
        assert one.purl == two.purl
        assert one.requirements is not None
        assert two.requirements is not None
        assert one.requirements.required == two.requirements.required
        assert one.requirements.optional == two.requirements.optional
        shared = set(one.facts) & set(two.facts)
        assert {key: one.facts[key] for key in shared} == {key: two.facts[key] for key in shared}


async def test_requirements_stand_on_the_version_that_declares_them(reading):
    name, first, second = reading.registry.names[:3]
    constraint = FROM_ONE_ON[reading.registry.ecosystem]
    reading.registry.publish(
        name,
        {
            "1.0.0": Published(((first, constraint),)),
            "2.0.0": Published(((second, constraint), (first, constraint))),
        },
    )
    record = await reading.read(name)
    required = {
        version.name: sorted(
            (need.name, need.constraints) for need in version.requirements.required
        )
        for version in record.versions
        if version.requirements is not None
    }
    assert required == {
        "1.0.0": [(first, constraint)],
        "2.0.0": sorted([(first, constraint), (second, constraint)]),
    }
    assert all(
        version.requirements is not None and version.requirements.source
        for version in record.versions
    )


async def test_what_is_known_is_not_given_again_and_what_is_new_is(reading):
    name = reading.registry.names[0]
    before = await reading.read(name)
    sources = {v.name: v.requirements.source for v in before.versions if v.requirements is not None}
    reading.registry.publish(name, {**ONE, "1.1.0": Published()})
    after = await reading.read(name, KnownPackage(sources, ""))
    given = {version.name: version.requirements is not None for version in after.versions}
    assert given == {"1.0.0": False, "1.1.0": True}


async def test_a_yank_or_its_like_keeps_the_version_and_changes_the_revision(reading):
    name = reading.registry.names[0]
    before, _ = await reading.read_listed(name)
    reading.registry.publish(name, {"1.0.0": Published(yanked=True), "1.1.0": Published()})
    after, record = await reading.read_listed(name)
    assert before.revision != after.revision
    assert record.source_revision == after.revision
    assert "1.1.0" in {version.name for version in record.versions}


async def test_a_package_that_was_never_there_is_not_found(reading):
    name = f"{reading.registry.names[0]}-nowhere"
    with pytest.raises(PackageNotFoundError):
        await reading.read(name)


@pytest.mark.parametrize("status", [404, 410])
async def test_a_package_that_is_gone_is_not_found(reading, status):
    name = reading.registry.names[0]
    path = reading.registry.package_path(name)
    reading.server.faults = table({path: Fault(status=status)})
    with pytest.raises(PackageNotFoundError):
        await reading.read(name)


async def test_a_deleted_package_is_not_found(reading):
    name = reading.registry.names[0]
    reading.registry.delete(name)
    with pytest.raises(PackageNotFoundError):
        await reading.read(name)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        pytest.param(Fault(status=500), RegistryUnavailableError, id="a server error"),
        pytest.param(Fault(cut_after=5), RegistryUnavailableError, id="a body cut off"),
        pytest.param(Fault(status=429), RegistryUnavailableError, id="too many requests"),
        pytest.param(Fault.error_page(), InvalidPayloadError, id="an error page with status 200"),
        pytest.param(
            Fault(body=b'{"half": ['), InvalidPayloadError, id="the right type with half a document"
        ),
        pytest.param(Fault(status=403), RegistryError, id="refused"),
    ],
)
async def test_a_broken_document_is_the_error_that_it_is(reading, fault, error):
    name = reading.registry.names[0]
    reading.server.faults = table({reading.registry.package_path(name): fault})
    with pytest.raises(error) as told:
        await reading.read(name)
    assert not isinstance(told.value, PackageNotFoundError)


async def test_retry_after_is_waited_for(reading):
    name = reading.registry.names[0]
    path = reading.registry.package_path(name)
    faults = [Fault(status=429, headers={"retry-after": "1"}), None]
    reading.server.faults = table({path: faults})
    record = await reading.read(name)
    assert versions(record) == [(0, "1.0.0")]
    assert reading.server.requests[path] >= len(faults)


async def test_fields_that_nobody_knows_are_read_over(reading):
    plain = await reading.read(reading.registry.names[0])
    reading.registry.quirks.add("unknown_fields")
    listed, record = await reading.read_listed(reading.registry.names[0])
    assert versions(record) == versions(plain)
    assert listed.revision == record.source_revision
    assert len(await reading.listing()) == len(reading.registry.names)


async def test_another_spelling_is_the_same_package_only_where_the_registry_says_so(reading):
    spelled, canonical = reading.registry.other_spelling
    async with reading.client() as client:
        assert client.canonical_name(spelled) == canonical
        assert client.canonical_name(canonical) == canonical


@pytest.mark.parametrize(
    "name", ["", " ", "a\nb", "\x00", "../../etc/passwd", "a/../b", "a" * 2_000, "é\ud800"]
)
async def test_what_is_no_name_is_refused_before_anything_is_asked(reading, name):
    async with reading.client() as client:
        with pytest.raises(InvalidKeyError):
            client.canonical_name(name)


async def test_a_package_without_a_version_is_a_record_without_versions_or_gone(reading):
    name = reading.registry.names[0]
    reading.registry.publish(name, {})
    try:
        record = await reading.read(name)
    except PackageNotFoundError:
        return
    assert record.versions == ()
    assert record.name == name


async def test_only_loopback_was_ever_asked_and_only_below_the_configured_bases(reading):
    await reading.read_listed(reading.registry.names[0])
    prefix = f"/{reading.registry.ecosystem}"
    assert all(path.startswith(prefix) for path in reading.server.requests)
