"""Maven Central, or any repository of the default layout that publishes an index.

Listed by the index in its transfer format; directory listings and the search service are not used:
the first is called abuse by the operator, the second has stood still since 2025.
"""

import asyncio
from collections.abc import AsyncIterator

from src.cache import FileCache
from src.schemas.ecosystem import Ecosystem
from src.schemas.package import KnownPackage, ListedPackage, PackageRecord
from src.services.apis.base import ChangeFeed, Listing
from src.services.apis.maven_feed import IndexKeeper, IndexLimits, changes_of, rows_of
from src.services.apis.maven_index import IndexFile
from src.services.apis.maven_package import MavenOptions, PackageReader
from src.session import HttpSession
from src.utils.maven.documents import MavenDocuments
from src.utils.maven.index_properties import Position, parse_position
from src.utils.maven.names import canonical_name
from src.utils.maven.record import build_record
from src.utils.name_set import NameSet


class MavenClient:
    """Reads a Maven repository."""

    ecosystem: Ecosystem = Ecosystem.MAVEN

    def __init__(
        self,
        http: HttpSession,
        *,
        base_url: str,
        cache: FileCache,
        options: MavenOptions | None = None,
    ) -> None:
        """Take the address of the repository's root; nothing is asked yet."""
        options = options or MavenOptions()
        base_url = base_url.rstrip("/")
        limits = IndexLimits(seconds=options.index_seconds)
        self._index = IndexKeeper(http, base_url, cache, limits)
        self._packages = PackageReader(http, base_url, self._index, options)

    def canonical_name(self, name: str) -> str:
        """Return `group:artifact` unchanged; raises InvalidKeyError on what is no such name."""
        return canonical_name(name)

    async def listing(self) -> Listing:
        """Return every package of the index, which is brought up to date once an hour.

        Raises InvalidPayloadError where an answer is not the whole index or chunk.
        """
        index = await self._index.kept(fresh=True)
        if index is None:
            index = await self._index.refreshed(await self._index.properties())
        return Listing(str(index.position), _listed(index), index.total)

    async def changes(self, since: str) -> ChangeFeed:
        """Return the packages that changed with the chunks after `since`, in their order.

        One request where there is no newer chunk. Where the chunks since then are not at hand, the
        feed is a comparison with everything, as it is for "". Raises InvalidKeyError where `since`
        is no position of an index, else what `listing` raises.
        """
        position = parse_position(since) if since else None
        properties = await self._index.properties()
        if position is not None and _covers(position, properties.position):
            return ChangeFeed(since, _nothing(), names=None)
        index = await self._index.refreshed(properties)
        head = str(index.position)
        if position is None or not _is_followed(index, position):
            found = [name async for rows in rows_of(index) for name, _, _ in rows]
            names = await asyncio.to_thread(NameSet, found)
            return ChangeFeed(head, _listed(index), names)
        return ChangeFeed(head, _changed(index, position), names=None)

    async def fetch(self, package: ListedPackage, known: KnownPackage) -> MavenDocuments:
        """Fetch the documents of one package; see `PackageReader.fetch`."""
        return await self._packages.fetch(package, known)

    def parse(self, documents: MavenDocuments) -> PackageRecord:
        """Turn them into a record; see `build_record`."""
        return build_record(documents)


def _covers(position: Position, head: Position) -> bool:
    # A mirror may answer with an older state than the last time: never go backwards.
    return position.chain == head.chain and position.number >= head.number


def _is_followed(index: IndexFile, position: Position) -> bool:
    return index.position.chain == position.chain and index.known_since <= position.number


async def _nothing() -> AsyncIterator[ListedPackage]:
    nothing: tuple[ListedPackage, ...] = ()
    for package in nothing:
        yield package


async def _listed(index: IndexFile) -> AsyncIterator[ListedPackage]:
    async for rows in rows_of(index):
        for name, revision, _ in rows:
            yield ListedPackage(name, revision)


async def _changed(index: IndexFile, since: Position) -> AsyncIterator[ListedPackage]:
    """Whoever stored a package may go on from its position: that of the last whole chunk before it.

    The position of a package's own chunk would pass over those of the chunk that are not stored yet.
    """
    async for rows in changes_of(index, since.number):
        for name, revision, changed in rows:
            reached = max(changed - 1, since.number)
            yield ListedPackage(name, revision, str(Position(since.chain, reached)))
