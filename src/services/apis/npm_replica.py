"""Follows npm's replication service, page by page: all names, and what changed.

It answers some mistakes with an empty page and status 200: a cursor past its head, a start key that
it does not understand. Each of these is told here from the true end.
"""

import asyncio
import json
import logging
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from src.cache import FileCache
from src.schemas.errors import InvalidPayloadError
from src.schemas.package import ListedPackage
from src.session import HttpSession
from src.utils.name_set import NameSet
from src.utils.npm.feed import (
    ChangesPage,
    Head,
    NamesPage,
    read_changes_page,
    read_head,
    read_names_page,
)
from src.utils.npm.names_file import NamesFile, NamesWriter, open_names, read_names, take

logger = logging.getLogger(__name__)

JSON_TYPE = "application/json"
PAGE_BYTES = 64 * 1024 * 1024
"""Limit of one page: some 30 times what 10,000 rows take."""

_SLICE = 10_000
_GUARD_SHARE = 0.98
"""A listing with fewer rows than this share of the service's own count is worth a warning."""


class ReplicaReader:
    """Reads the service at one address."""

    def __init__(
        self, http: HttpSession, replicate_url: str, cache: FileCache, *, page_size: int
    ) -> None:
        """Take the address without a trailing slash; a page begins with the last one's last row."""
        self._http = http
        self._root = f"{replicate_url}/"
        self._names_url = f"{replicate_url}/registry/_all_docs"
        self._changes_url = f"{replicate_url}/registry/_changes"
        self._cache = cache
        self._page_size = max(page_size, 2)

    async def head(self) -> Head:
        """Return where the service stands now."""
        return read_head(await self._get(self._root), self._root)

    async def cached_names(self) -> NamesFile:
        """Return the listing of the last hour, else a new one."""
        cached = self._cache.get(self._names_url)
        if cached is not None and cached.fresh:
            try:
                return await asyncio.to_thread(open_names, cached.path)
            except InvalidPayloadError as error:
                logger.warning("the cached listing is damaged and is fetched again: %s", error)
        return await self.fresh_names(await self.head())

    async def fresh_names(self, head: Head) -> NamesFile:
        """Read the whole listing anew; `head` was asked for before.

        Raises InvalidPayloadError where it is not whole.
        """
        with tempfile.TemporaryDirectory(prefix="ssc-npm-") as folder:
            path = Path(folder) / "names"
            await self._download(path, head)
            # Stored once it is known to be whole, so that no run takes a part for everything.
            entry = await asyncio.to_thread(self._cache.store, self._names_url, path, etag="")
        return await asyncio.to_thread(open_names, entry.path)

    async def changes(self, since: int, head: Head) -> AsyncIterator[ListedPackage]:
        """Yield what changed after `since` up to the head, in order.

        Raises InvalidPayloadError where a page does not lead on, or nothing at all changed although
        the head has moved.
        """
        reached, received = since, 0
        while reached < head.sequence:
            page = await self._changes_page(reached)
            if page.last <= reached:
                if page.size or not received:
                    raise InvalidPayloadError(
                        f"the change feed stands still at {reached}, its head is {head.sequence}",
                        url=self._changes_url,
                    )
                return  # the head counts changes that the feed does not show
            for row in page.rows:
                if reached < row.sequence <= head.sequence:
                    position = str(row.sequence)
                    yield ListedPackage(row.name, row.revision, position, deleted=row.deleted)
            received += page.size
            reached = page.last
            logger.info("npm changes: %d rows read, at %d", received, reached)

    async def _download(self, path: Path, head: Head) -> None:
        with await asyncio.to_thread(path.open, "wb") as sink:
            writer = NamesWriter(sink)
            walk = _Walk(head, self._names_url)
            while True:
                page = await self._names_page(walk.last)
                fresh = walk.take(page)
                if not fresh:
                    break
                rows = {row.name: row for row in page.rows if row.name in fresh}
                await asyncio.to_thread(writer.add, list(rows.values()))
                logger.info("npm listing: %d of about %d rows read", walk.seen, head.total)
            walk.check_end()
            await asyncio.to_thread(writer.finish, head)

    async def _names_page(self, start: str) -> NamesPage:
        address = f"{self._names_url}?limit={self._page_size}"
        if start:
            address += f"&startkey={quote(json.dumps(start), safe='')}"
        body = await self._get(address)
        return await asyncio.to_thread(read_names_page, body, self._names_url)

    async def _changes_page(self, since: int) -> ChangesPage:
        body = await self._get(f"{self._changes_url}?since={since}&limit={self._page_size}")
        return await asyncio.to_thread(read_changes_page, body, self._changes_url)

    async def _get(self, url: str) -> bytes:
        response = await self._http.get(
            url, accept=JSON_TYPE, content_types=(JSON_TYPE,), max_bytes=PAGE_BYTES
        )
        return response.body


async def listed(names: NamesFile) -> AsyncIterator[ListedPackage]:
    """Yield every package of a listing; raises InvalidPayloadError where the file lacks some."""
    found = 0
    with await asyncio.to_thread(names.path.open, "rb") as stream:
        rows = read_names(stream)
        while batch := await asyncio.to_thread(take, rows, _SLICE):
            found += len(batch)
            for row in batch:
                yield ListedPackage(row.name, row.revision)
    if found != names.packages:
        raise InvalidPayloadError(f"a listing of {names.packages} packages holds {found}")


async def name_set(names: NamesFile) -> NameSet:
    """Return all names of a listing for look-ups; its thread ends early where we are cancelled."""
    stop = threading.Event()

    def read() -> Iterator[str]:
        with names.path.open("rb") as stream:
            for row in read_names(stream):
                if stop.is_set():
                    return
                yield row.name

    try:
        return await asyncio.to_thread(NameSet, read())
    finally:
        stop.set()


@dataclass(slots=True)
class _Walk:
    """The way through the pages of all names, and how its end is told from a page that fails."""

    head: Head
    url: str
    last: str = ""
    seen: int = 0
    refused: int = 0
    before: frozenset[str] = frozenset()

    def take(self, page: NamesPage) -> frozenset[str]:
        """Return the ids that the page before did not have; none at the end of the listing.

        Raises InvalidPayloadError on a page that leads nowhere: an empty one where more rows were
        due, one that repeats what came before, one of a walk in circles.
        """
        ids = frozenset(page.ids)
        fresh = ids - self.before
        # The true end is the last row alone, or anything once all rows were seen.
        if not fresh and page.ids != (self.last,) and self.seen < self.head.total:
            what = "the same page again" if ids else "a page without rows"
            raise self._invalid(f"{what} behind {self.last!r}")
        if self.seen > 2 * self.head.total + 2 * len(ids):
            raise self._invalid(f"no end after {self.seen} rows")
        self.before = ids
        self.seen += len(fresh)
        self.refused += page.refused
        self.last = page.ids[-1] if ids else self.last
        return fresh

    def check_end(self) -> None:
        """Say what the finished listing lacks."""
        if self.refused:
            logger.warning("npm listing: %d rows hold no usable name", self.refused)
        if self.seen < _GUARD_SHARE * self.head.total:
            logger.warning(
                "npm listing: %d rows where the service counts %d", self.seen, self.head.total
            )

    def _invalid(self, message: str) -> InvalidPayloadError:
        told = f"{message}, after {self.seen} rows of {self.head.total}"
        return InvalidPayloadError(told, url=self.url)
