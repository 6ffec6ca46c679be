"""npm: the replication service for names and changes, one packument for each package.

The replication service knows `_all_docs`, `_changes` with a numeric `since`, and its root. The old
feeds (long polling, `include_docs`), the search and the `latest` documents are not used: they are
closed, capped or incomplete.
"""

import asyncio
import logging
from collections.abc import AsyncIterator

from src.cache import FileCache
from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import InvalidKeyError
from src.schemas.package import KnownPackage, ListedPackage, PackageRecord
from src.services.apis.base import ChangeFeed, Listing
from src.services.apis.npm_packument import NpmOptions, PackumentReader
from src.services.apis.npm_replica import ReplicaReader, listed, name_set
from src.session import HttpSession
from src.utils.npm.names import canonical_name
from src.utils.npm.record import NpmDocuments, build_record

logger = logging.getLogger(__name__)

__all__ = ["NpmClient", "NpmOptions"]

_MAX_DIGITS = 18


class NpmClient:
    """Reads npm, or a mirror of it that serves the same documents."""

    ecosystem: Ecosystem = Ecosystem.NPM

    def __init__(
        self,
        http: HttpSession,
        *,
        base_url: str,
        replicate_url: str,
        cache: FileCache,
        options: NpmOptions | None = None,
    ) -> None:
        """Take the two addresses that the registry consists of; nothing is asked yet."""
        self._options = options or NpmOptions()
        self._packuments = PackumentReader(http, base_url.rstrip("/"), self._options)
        self._replica = ReplicaReader(
            http, replicate_url.rstrip("/"), cache, page_size=self._options.page_size
        )

    def canonical_name(self, name: str) -> str:
        """Return the name, which has one spelling; raises InvalidKeyError on what is none."""
        return canonical_name(name)

    async def listing(self) -> Listing:
        """Return every package, from the cache for an hour.

        Raises InvalidPayloadError where the pages do not make a whole listing.
        """
        names = await self._replica.cached_names()
        return Listing(position=str(names.sequence), packages=listed(names), total=names.packages)

    async def changes(self, since: str) -> ChangeFeed:
        """Return what changed after the sequence `since`; never from the cache.

        A sequence above the service's head means that it began to count anew: everything is then
        compared, as with "". Raises InvalidKeyError where `since` is no sequence,
        InvalidPayloadError where the feed does not lead to its head.
        """
        if since and not (since.isascii() and since.isdecimal() and len(since) <= _MAX_DIGITS):
            raise InvalidKeyError(f"not a sequence of npm: {since[:80]!r}")
        head = await self._replica.head()
        if since and int(since) > head.sequence:
            # Another server behind the same address may be a little behind the one before.
            await asyncio.sleep(self._options.lag_seconds)
            head = await self._replica.head()
        if not since or int(since) > head.sequence:
            if since:
                logger.warning(
                    "npm's sequence was reset (it is %d, the cursor %s): everything is compared",
                    head.sequence,
                    since,
                )
            names = await self._replica.fresh_names(head)
            return ChangeFeed(str(names.sequence), listed(names), await name_set(names))
        changes = self._replica.changes(int(since), head)
        # The first page is asked for now, so that a feed that fails does so here.
        first = await anext(changes, None)
        return ChangeFeed(str(head.sequence), _chained(first, changes), None)

    async def fetch(self, package: ListedPackage, known: KnownPackage) -> NpmDocuments:
        """Fetch the packument of one package; see `PackumentReader.fetch`."""
        return await self._packuments.fetch(package, known)

    def parse(self, documents: NpmDocuments) -> PackageRecord:
        """Turn it into a record; see `build_record`."""
        return build_record(documents)


async def _chained(
    first: ListedPackage | None, others: AsyncIterator[ListedPackage]
) -> AsyncIterator[ListedPackage]:
    if first is not None:
        yield first
    async for package in others:
        yield package
