"""PyPI: the simple index in JSON (PEP 691), metadata files (PEP 658) and the JSON documents.

The HTML index, RSS and XML-RPC are not used: they are frozen, capped or to be closed.
"""

import asyncio
import logging
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from src.cache import FileCache
from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import InvalidKeyError, InvalidPayloadError
from src.schemas.package import KnownPackage, ListedPackage, PackageRecord
from src.services.apis.base import ChangeFeed, Listing
from src.services.apis.pypi_project import SIMPLE_TYPE, ProjectReader, PyPIOptions
from src.session import HttpSession
from src.utils.pypi.documents import PyPIDocuments
from src.utils.pypi.index import IndexReader, ProjectIndex
from src.utils.pypi.names import canonical_name
from src.utils.pypi.record import build_record

logger = logging.getLogger(__name__)

INDEX_BYTES = 1024 * 1024 * 1024
"""Limit of the index document: some 20 times its size in 2026."""

_SLICE = 10_000
"""Entries read in one go: about a twentieth of a second, and one line of progress."""


class PyPIClient:
    """Reads PyPI, or a mirror of it that serves the same documents."""

    ecosystem: Ecosystem = Ecosystem.PYPI

    def __init__(
        self,
        http: HttpSession,
        *,
        base_url: str,
        files_url: str,
        cache: FileCache,
        options: PyPIOptions | None = None,
    ) -> None:
        """Take the two addresses that the registry consists of; nothing is asked yet."""
        self._http = http
        self._index_url = f"{base_url.rstrip('/')}/simple/"
        self._cache = cache
        self._projects = ProjectReader(
            http, base_url.rstrip("/"), files_url.rstrip("/"), options or PyPIOptions()
        )

    def canonical_name(self, name: str) -> str:
        """Return the PEP 503 spelling; raises InvalidKeyError on what PEP 508 calls no name."""
        return canonical_name(name)

    async def listing(self) -> Listing:
        """Return every project of the index, from the cache for an hour.

        Raises InvalidPayloadError where the answer is not the whole index.
        """
        index = await self._cached_index()
        entries = ((name, serial, "") for name, serial in index.projects())
        return Listing(
            position=str(index.serial), packages=_listed(entries), total=len(index.names)
        )

    async def changes(self, since: str) -> ChangeFeed:
        """Return the projects whose serial is above `since`, in its order; never from the cache.

        Raises InvalidKeyError where `since` is no serial, InvalidPayloadError as `listing` does.
        """
        if since and not since.isdecimal():
            raise InvalidKeyError(f"not a serial of PyPI: {since[:80]!r}")
        after = int(since or 0)
        with tempfile.TemporaryDirectory(prefix="ssc-index-") as folder:
            path = Path(folder) / "index"
            await self._download(path)
            index = await self._read(path)
        entries = (
            (name, serial, str(position)) for name, serial, position in index.changed_since(after)
        )
        # A page cache may answer with an older index than the last time: never go backwards.
        position = str(max(index.serial, after))
        return ChangeFeed(position=position, packages=_listed(entries), names=index.names)

    async def fetch(self, package: ListedPackage, known: KnownPackage) -> PyPIDocuments:
        """Fetch the documents of one project; see `ProjectReader.fetch`."""
        return await self._projects.fetch(package, known)

    def parse(self, documents: PyPIDocuments) -> PackageRecord:
        """Turn them into a record; see `build_record`."""
        return build_record(documents)

    async def _cached_index(self) -> ProjectIndex:
        """Use a fresh file as it is, else revalidate it; one that cannot be read is replaced."""
        cached = self._cache.get(self._index_url)
        if cached is not None and cached.fresh:
            try:
                return await self._read(cached.path)
            except InvalidPayloadError as error:
                logger.warning("the cached index is damaged and is fetched again: %s", error)
                cached = None
        with tempfile.TemporaryDirectory(prefix="ssc-index-") as folder:
            path = Path(folder) / "index"
            etag = cached.etag if cached is not None else ""
            unchanged, etag = await self._download(path, etag)
            if unchanged:
                return await self._read(self._cache.revalidated(self._index_url).path)
            index = await self._read(path)
            # Stored once it is known to be whole, so that no run takes a part for everything.
            await asyncio.to_thread(self._cache.store, self._index_url, path, etag=etag)
        return index

    async def _download(self, path: Path, etag: str = "") -> tuple[bool, str]:
        response = await self._http.download(
            self._index_url,
            path,
            accept=SIMPLE_TYPE,
            content_types=(SIMPLE_TYPE,),
            max_bytes=INDEX_BYTES,
            etag=etag,
        )
        return response.not_modified, response.etag

    async def _read(self, path: Path) -> ProjectIndex:
        """Read an index file in a thread, slice by slice, so that a run can be stopped."""
        with await asyncio.to_thread(path.open, "rb") as stream:
            reader = await asyncio.to_thread(IndexReader, stream, self._index_url)
            entries = 0
            while await asyncio.to_thread(reader.read, _SLICE):
                entries += _SLICE
                logger.info("PyPI index: %d entries read", entries)
            index = await asyncio.to_thread(reader.index)
        if index.refused:
            logger.warning("PyPI index: %d entries hold no usable name", index.refused)
        return index


async def _listed(entries: Iterator[tuple[str, int, str]]) -> AsyncIterator[ListedPackage]:
    for name, serial, position in entries:
        yield ListedPackage(name=name, revision=str(serial) if serial else "", position=position)
