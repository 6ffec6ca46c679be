"""The registry of crates: a daily dump of everything, an index of each crate as it is now.

The API is not used: it allows one request a second, and its pages end after 20,000 crates.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace

from src.cache import FileCache
from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import InvalidPayloadError
from src.schemas.package import KnownPackage, ListedPackage, PackageRecord
from src.services.apis.base import ChangeFeed, Listing
from src.services.apis.cargo_crate import CargoOptions, CrateReader
from src.services.apis.cargo_dump import CurrentDump, DumpKeeper, DumpPosition
from src.services.apis.cargo_store import CrateStore
from src.session import HttpSession
from src.utils.cargo.documents import CrateDocuments, CrateLinks, CrateVersion
from src.utils.cargo.names import canonical_name
from src.utils.cargo.record import build_record

logger = logging.getLogger(__name__)

_PAGE = 10_000

_Found = tuple[tuple[CrateVersion, ...], CrateLinks | None]
_NOTHING: tuple[ListedPackage, ...] = ()


class CargoClient:
    """Reads the registry of crates, or a mirror of its index and its static files.

    The dump is a day old at most; what it tells of a crate is taken where it is the announced state.
    Everything else comes from the index, which is always current. Both come to the same versions,
    requirements and yanks; licences, the repository and most dates stand in the dump only, so they
    are added from the last dump that was fetched here, if there was one.
    """

    ecosystem: Ecosystem = Ecosystem.CARGO

    def __init__(
        self,
        http: HttpSession,
        *,
        index_url: str,
        static_url: str,
        cache: FileCache,
        options: CargoOptions | None = None,
    ) -> None:
        """Take the two addresses that the registry consists of; nothing is asked yet."""
        chosen = options or CargoOptions()
        static = static_url.rstrip("/")
        self._crates = CrateReader(http, index_url.rstrip("/"), static, chosen)
        self._dumps = DumpKeeper(
            http,
            f"{static}/db-dump.tar.gz",
            cache,
            max_bytes=chosen.dump_bytes,
            budget_seconds=chosen.dump_seconds,
        )
        self._store: CrateStore | None = None
        self._looked = False
        self._looking = asyncio.Lock()

    def canonical_name(self, name: str) -> str:
        """Return the name as it is; raises InvalidKeyError on what is no crate name."""
        return canonical_name(name)

    async def listing(self) -> Listing:
        """Return every crate of the dump, from the cache for an hour.

        Raises InvalidPayloadError where the dump is not whole.
        """
        current = self._use(await self._dumps.recent())
        return Listing(
            position=str(current.position),
            packages=_listed(current.store),
            total=current.store.total,
        )

    async def changes(self, since: str) -> ChangeFeed:
        """Return every crate of the dump with its revision, nothing where the dump is the same.

        One request whatever happened. Raises InvalidKeyError where `since` is no position of ours,
        InvalidPayloadError as `listing` does.
        """
        if since:
            newer = await self._dumps.newer_than(DumpPosition.parse(since))
            if newer is None:
                return ChangeFeed(position=since, packages=_nothing(), names=None)
        else:
            newer = await self._dumps.current()
        current = self._use(newer)
        names = await asyncio.to_thread(current.store.names)
        return ChangeFeed(
            position=str(current.position), packages=_listed(current.store), names=names
        )

    async def fetch(self, package: ListedPackage, known: KnownPackage) -> CrateDocuments:
        """Read one crate from the dump where that holds the announced state, else from the index.

        Raises PackageNotFoundError where the index has no crate of just this name.
        """
        counts: Counter[str] = Counter()
        found = await self._from_dump(package, known) if package.revision else None
        if found is None:
            found = await self._from_index(package.name, known, counts)
        versions, links = found
        library, source = await self._crates.library(
            package.name, versions, known.artifact_source, counts
        )
        return CrateDocuments(package.name, versions, links, library, source, counts)

    def parse(self, documents: CrateDocuments) -> PackageRecord:
        """Turn them into a record; see `build_record`."""
        return build_record(documents)

    def _use(self, current: CurrentDump) -> CurrentDump:
        self._store, self._looked = current.store, True
        return current

    async def _store_at_hand(self) -> CrateStore | None:
        async with self._looking:
            if not self._looked:
                self._looked = True
                current = await self._dumps.at_hand()
                self._store = None if current is None else current.store
        return self._store

    async def _from_dump(self, package: ListedPackage, known: KnownPackage) -> _Found | None:
        if self._store is None:
            return None
        return await asyncio.to_thread(
            self._store.crate, package.name, package.revision, known.requirement_sources
        )

    async def _from_index(self, name: str, known: KnownPackage, counts: Counter[str]) -> _Found:
        file = await self._crates.index_file(name)
        counts.update(file.counts)
        told, links = await self._facts(name)
        versions = tuple(
            _completed(_without_known(version, known), told.get(version.num))
            for version in file.versions
        )
        return versions, links

    async def _facts(self, name: str) -> tuple[dict[str, CrateVersion], CrateLinks | None]:
        store = await self._store_at_hand()
        if store is None:
            return {}, None
        try:
            return await asyncio.to_thread(store.facts, name) or ({}, None)
        except InvalidPayloadError as error:
            # Only an addition: whoever was asked for one crate can do without.
            logger.warning("the dump of crates at hand is left out: %s", error)
            self._store = None
            return {}, None


def _without_known(version: CrateVersion, known: KnownPackage) -> CrateVersion:
    if known.requirement_sources.get(version.num) == version.source:
        return replace(version, dependencies=None, broken=())
    return version


def _completed(version: CrateVersion, told: CrateVersion | None) -> CrateVersion:
    """Add what only the dump tells; a number published anew after a deletion is another version."""
    if told is None or told.checksum != version.checksum:
        return version
    return replace(
        version,
        created=told.created or version.created,
        license=told.license,
        rust_version=version.rust_version or told.rust_version,
        links=version.links or told.links,
    )


async def _listed(store: CrateStore) -> AsyncIterator[ListedPackage]:
    after = ""
    while page := await asyncio.to_thread(store.page, after, _PAGE):
        for name, revision in page:
            yield ListedPackage(name=name, revision=revision)
        after = page[-1][0]


async def _nothing() -> AsyncIterator[ListedPackage]:
    for package in _NOTHING:
        yield package
