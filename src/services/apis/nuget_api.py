"""NuGet: the V3 catalog for what there is and what changed, registrations for each package.

Search, OData and the other registration hives are not used: they are capped, closed, or leave
SemVer 2 packages out.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing

from src.cache import FileCache
from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import InvalidKeyError
from src.schemas.package import KnownPackage, ListedPackage, PackageRecord
from src.services.apis.base import ChangeFeed, Listing
from src.services.apis.nuget_catalog import CatalogOptions, CatalogReader, in_slices, names_of
from src.services.apis.nuget_catalog_store import CatalogStore
from src.services.apis.nuget_documents import NuGetSource
from src.services.apis.nuget_package import NuGetOptions, PackageReader
from src.session import HttpSession
from src.utils.nuget.names import canonical_name
from src.utils.nuget.record import build_record
from src.utils.nuget.registration import NuGetDocuments
from src.utils.nuget.revision import make_revision
from src.utils.nuget.timestamps import read_position, show_ticks


class NuGetClient:
    """Reads NuGet's public registry, or a mirror of it that has a catalog too."""

    ecosystem: Ecosystem = Ecosystem.NUGET

    def __init__(
        self,
        http: HttpSession,
        *,
        base_url: str,
        cache: FileCache,
        options: NuGetOptions | None = None,
    ) -> None:
        """Take the address below which everything lies; nothing is asked yet."""
        options = options or NuGetOptions()
        source = NuGetSource(http, base_url.rstrip("/"))
        self._catalog = CatalogReader(
            source,
            cache,
            CatalogOptions(options.page_concurrency, options.checkpoint_pages, options.lag_seconds),
        )
        self._packages = PackageReader(source, options)

    def canonical_name(self, name: str) -> str:
        """Return the lower-case id; raises InvalidKeyError on what is no package id."""
        return canonical_name(name)

    async def listing(self) -> Listing:
        """Return every id that has a version left, from a cache of at most an hour.

        Raises RegistryError where the catalog cannot be read whole.
        """
        store = await self._catalog.whole(trusting=True)
        return Listing(
            show_ticks(store.head), _listed(store), total=await asyncio.to_thread(store.count)
        )

    async def changes(self, since: str) -> ChangeFeed:
        """Return the ids that an item later than `since` names; never without asking the registry.

        Ids that are gone are among them, since their registration tells that. Raises InvalidKeyError
        where `since` is no position of this feed, RegistryError where the catalog cannot be read.
        """
        if not since:
            store = await self._catalog.whole(trusting=False)
            self._packages.head = store.head
            names = await names_of(store)
            return ChangeFeed(show_ticks(store.head), _changed(store, 0, whole=True), names)
        after = read_position(since)
        if after is None:
            raise InvalidKeyError(f"not a position of NuGet's catalog: {since[:80]!r}")
        store, head = await self._catalog.since(after)
        self._packages.head = head
        return ChangeFeed(show_ticks(head), _changed(store, after, whole=False), None)

    async def fetch(self, package: ListedPackage, known: KnownPackage) -> NuGetDocuments:
        """Fetch the documents of one package; see `PackageReader.fetch`."""
        return await self._packages.fetch(package, known)

    def parse(self, documents: NuGetDocuments) -> PackageRecord:
        """Turn them into a record; see `build_record`."""
        return build_record(documents)


async def _listed(store: CatalogStore) -> AsyncIterator[ListedPackage]:
    with closing(store):
        async for row in in_slices(store, store.offered):
            yield ListedPackage(row.name, make_revision(row.ticks, deleted=row.deleted))


async def _changed(
    store: CatalogStore, reached: int, *, whole: bool
) -> AsyncIterator[ListedPackage]:
    """Yield ids oldest first: where several share a commit, only the last of them moves the position.

    Whoever stored a package may go on from its position.
    """
    with closing(store):
        last = None
        async for row in in_slices(store, store.offered_by_time if whole else store.by_time):
            if last is not None:
                reached = last.ticks if last.ticks < row.ticks else reached
                yield _changed_package(last.name, last.ticks, reached, deleted=last.deleted)
            last = row
        if last is not None:
            yield _changed_package(last.name, last.ticks, last.ticks, deleted=last.deleted)


def _changed_package(name: str, ticks: int, reached: int, *, deleted: bool) -> ListedPackage:
    revision = make_revision(ticks, deleted=deleted)
    return ListedPackage(name, revision, show_ticks(reached), deleted=deleted)
