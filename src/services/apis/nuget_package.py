"""Fetches what NuGet publishes of one package, and no more than is needed.

The catalog is ahead of the registration: a package announced there may be served in an older state
for a while. `is_older` tells what of the two can be compared.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from src.schemas.errors import (
    ForbiddenAddressError,
    InvalidPayloadError,
    PackageNotFoundError,
    RegistryUnavailableError,
    RequestRefusedError,
)
from src.schemas.package import KnownPackage, ListedPackage
from src.services.apis.artifacts import ArtifactReader
from src.services.apis.nuget_documents import NuGetSource
from src.services.apis.together import run_all
from src.utils.nuget.import_names import read_import_names
from src.utils.nuget.record import newest_leaf
from src.utils.nuget.registration import (
    Leaf,
    NuGetDocuments,
    Registration,
    RegistrationPage,
    read_created,
    read_page,
    read_registration,
)
from src.utils.nuget.revision import Revision, is_older, read_revision

_NO_DATE = (PackageNotFoundError, ForbiddenAddressError, InvalidPayloadError, RequestRefusedError)


@dataclass(frozen=True, slots=True)
class NuGetOptions:
    """How much is asked of the registry at once, and how much is read.

    `page_concurrency` bounds the requests at once for one package or for the catalog;
    `artifact_concurrency` the artifacts downloaded by one client; `artifact_bytes` is the largest
    artifact read for import names, 0 reads none. `read_leaves` asks for the date of an unlisted
    version, which only the catalog tells. `lag_seconds` is waited once for a document that is older
    than announced. `checkpoint_pages` of the catalog lie between two states from which a reading
    that failed goes on.
    """

    page_concurrency: int = 16
    artifact_concurrency: int = 4
    artifact_bytes: int = 50 * 1024 * 1024
    read_leaves: bool = True
    lag_seconds: float = 2.0
    checkpoint_pages: int = 2_000


class _StaleError(Exception):
    """What was read is not the announced state, or not of one state."""


@dataclass(slots=True)
class _Fetched:
    """What has been fetched of one package so far."""

    name: str
    leaves: dict[str, Leaf]
    counts: Counter[str] = field(default_factory=Counter)
    created: dict[str, str] = field(default_factory=dict)


class PackageReader:
    """Fetches the documents of one package after another from one registry."""

    def __init__(self, source: NuGetSource, options: NuGetOptions) -> None:
        """Take the registry to read."""
        self._source = source
        self._options = options
        self._artifacts = ArtifactReader(
            source.http, max_bytes=options.artifact_bytes, concurrency=options.artifact_concurrency
        )
        self.head = 0
        """Up to when the catalog was read, in ticks."""

    async def fetch(self, package: ListedPackage, known: KnownPackage) -> NuGetDocuments:
        """Fetch the registration, then the dates and the artifact that `known` does not cover.

        Raises PackageNotFoundError where there is no such package, RegistryUnavailableError where
        its registration is older than `package.revision`: taken as it is, it would pass for the
        announced state, and the change would be lost.
        """
        fetched = await self._registration(package)
        known_sources = known.requirement_sources
        unchanged = frozenset(
            name for name, leaf in fetched.leaves.items() if known_sources.get(name) == leaf.source
        )
        await self._dates(fetched, unchanged)
        names, source = await self._import_names(fetched, known.artifact_source)
        return NuGetDocuments(
            name=package.name,
            revision=package.revision,
            leaves=fetched.leaves,
            unchanged=unchanged,
            created=fetched.created,
            artifact_names=names,
            artifact_source=source,
            counts=fetched.counts,
        )

    async def _registration(self, package: ListedPackage) -> _Fetched:
        url = (await self._source.services()).registration(package.name)
        announced = read_revision(package.revision)
        lagging = announced is not None and not announced.deleted
        try:
            return await self._current(package.name, url, announced, {})
        except PackageNotFoundError:
            if not lagging:
                raise
        except _StaleError:
            pass
        await asyncio.sleep(self._options.lag_seconds)
        try:
            return await self._current(package.name, url, announced, {"cache-control": "no-cache"})
        except _StaleError as error:
            raise RegistryUnavailableError(f"{error}: {url}", url=url) from error

    async def _current(
        self, name: str, url: str, announced: Revision | None, headers: dict[str, str]
    ) -> _Fetched:
        """Read the registration once; raises _StaleError where it is too old."""
        response = await self._source.get(url, headers=headers)
        registration = read_registration(response.body, name, url)
        leaves = await self._leaves(registration, name, url, headers)
        if announced is not None and is_older(registration.ticks, leaves, announced, self.head):
            raise _StaleError(f"the registration is older than {announced.text}")
        return _by_version(name, leaves)

    async def _leaves(
        self, registration: Registration, name: str, url: str, headers: dict[str, str]
    ) -> list[Leaf]:
        gate = asyncio.Semaphore(self._options.page_concurrency)
        found: dict[int, tuple[Leaf, ...]] = {}

        async def read(place: int, page: RegistrationPage) -> None:
            if page.leaves is not None:
                found[place] = page.leaves
                return
            async with gate:
                found[place] = await self._page(page.address, name, url, headers)

        await run_all(read(place, page) for place, page in enumerate(registration.pages))
        return [leaf for place in sorted(found) for leaf in found[place]]

    async def _page(
        self, address: str, name: str, index_url: str, headers: dict[str, str]
    ) -> tuple[Leaf, ...]:
        url = self._source.local(address, index_url)
        try:
            response = await self._source.get(url, headers=headers)
        except PackageNotFoundError as error:
            # Pages are replaced when versions come: the index was that of a moment ago.
            raise _StaleError("the registration names a page that is gone") from error
        return read_page(response.body, name, url)

    async def _dates(self, fetched: _Fetched, unchanged: frozenset[str]) -> None:
        """Ask the catalog when the unlisted versions were created that the graph may not date."""
        wanted = [
            leaf
            for version, leaf in fetched.leaves.items()
            if not leaf.released and not leaf.listed and version not in unchanged
        ]
        if not self._options.read_leaves:
            fetched.counts["dates_not_read"] += len(wanted)
            return
        gate = asyncio.Semaphore(self._options.page_concurrency)

        async def read(leaf: Leaf) -> None:
            async with gate:
                created = await self._created(leaf, fetched.name)
            if created:
                fetched.created[leaf.version] = created
            else:
                fetched.counts["dates_not_read"] += 1

        await run_all(read(leaf) for leaf in wanted)

    async def _created(self, leaf: Leaf, name: str) -> str:
        if not leaf.catalog_address:
            return ""
        try:
            services = await self._source.services()
            url = self._source.local(leaf.catalog_address, services.catalog)
            response = await self._source.get(url)
            return read_created(response.body, name, url)
        except _NO_DATE:
            return ""

    async def _import_names(
        self, fetched: _Fetched, known_source: str
    ) -> tuple[tuple[str, ...] | None, str]:
        """Read the newest version's package file, unless it is known, too large or refused."""
        newest = newest_leaf(fetched.leaves.values())
        if newest is None or not self._artifacts.admits():
            return None, ""
        url = (await self._source.services()).nupkg(fetched.name, newest.version)
        source = url.rpartition("/")[2]
        if source == known_source:
            return None, ""
        names = await self._artifacts.read(url, read_import_names, fetched.counts)
        return (None, "") if names is None else (names, source)


def _by_version(name: str, leaves: Iterable[Leaf]) -> _Fetched:
    """Keep one leaf a version: where two are the same once normalised, a listed and later one."""
    fetched = _Fetched(name, {})
    for leaf in leaves:
        if not leaf.version:
            fetched.counts["refused_versions"] += 1
            continue
        other = fetched.leaves.get(leaf.version)
        if other is not None:
            fetched.counts["repeated_versions"] += 1
        if other is None or (leaf.listed, leaf.released) > (other.listed, other.released):
            fetched.leaves[leaf.version] = leaf
    return fetched
