"""Reads the catalog: whole, into a file that further readings continue, or from a time on.

The index tells how far the catalog went when it was made. Pages grow meanwhile: what is newer than
that head is left to the next reading, so that no half of a commit is taken for the whole of it.
"""

import asyncio
import logging
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from src.cache import CachedFile, FileCache
from src.schemas.errors import RegistryUnavailableError
from src.services.apis.nuget_catalog_store import CatalogRow, CatalogStore, DamagedStoreError
from src.services.apis.nuget_documents import NuGetSource
from src.services.apis.together import run_all
from src.utils.name_set import NameSet
from src.utils.nuget.catalog import (
    CatalogIndex,
    CatalogPage,
    CatalogPart,
    read_catalog_index,
    read_catalog_page,
)

logger = logging.getLogger(__name__)

_WINDOW = 64
"""Pages fetched before the next are begun: 35,000 items at most are in memory."""
_SLICE = 2_000
_PROGRESS = 10_000


@dataclass(frozen=True, slots=True)
class CatalogOptions:
    """How the catalog is read.

    `page_concurrency` bounds the requests at once; from each `checkpoint_pages` pages on, a reading
    that failed goes on. `lag_seconds` is waited once for a page that is older than the index says.
    """

    page_concurrency: int = 16
    checkpoint_pages: int = 2_000
    lag_seconds: float = 2.0


class CatalogReader:
    """Reads one registry's catalog."""

    def __init__(self, source: NuGetSource, cache: FileCache, options: CatalogOptions) -> None:
        """`cache` keeps the file between readings."""
        self._source = source
        self._cache = cache
        self._options = options

    async def whole(self, *, trusting: bool) -> CatalogStore:
        """Return everything on offer, read only; `trusting` takes a fresh file without asking.

        Raises RegistryError where the catalog cannot be read whole; what was read of it until then
        is kept, and read no second time.
        """
        key = (await self._source.services()).catalog
        cached = self._cache.get(key)
        store = await self._open(cached)
        if cached is None or store is None:
            return await self._updated(key, None, None)
        if not store.complete:
            store.close()
            return await self._updated(key, cached, None)
        if trusting and cached.fresh:
            return store
        index, etag = await self._index(key, cached.etag)
        if index is None:
            with suppress(KeyError):  # taken away meanwhile, which an open file does not mind
                await asyncio.to_thread(self._cache.revalidated, key)
            return store
        store.close()
        return await self._updated(key, cached, (index, etag))

    async def since(self, after: int) -> tuple[CatalogStore, int]:
        """Return what changed later than `after`, and up to when that is everything."""
        index, _ = await self._index((await self._source.services()).catalog)
        store = await asyncio.to_thread(CatalogStore.create, None)
        if index is None or index.head <= after:
            return store, after
        await self._read(store, index, after)
        return store, index.head

    async def _open(self, cached: CachedFile | None) -> CatalogStore | None:
        if cached is None:
            return None
        try:
            return await asyncio.to_thread(CatalogStore.open_file, cached.path, writable=False)
        except DamagedStoreError as error:
            logger.warning("the cached catalog is damaged and is read again: %s", error)
            return None

    async def _updated(
        self, key: str, cached: CachedFile | None, known: tuple[CatalogIndex, str] | None
    ) -> CatalogStore:
        """Read what the cached file lacks, store the result and open it."""
        index, etag = known or await self._index(key)
        assert index is not None  # noqa: S101 - without an ETag there is no 304
        with tempfile.TemporaryDirectory(prefix="ssc-catalog-") as folder:
            path = Path(folder) / "catalog"
            store = await _working_copy(path, cached)
            try:
                after = store.head
                if index.head > after or not store.complete:
                    await self._read(store, index, after, checkpoint=(key, path))
                    store.set_head(max(index.head, after), complete=True)
            finally:
                store.close()
            stored = await asyncio.to_thread(self._cache.store, key, path, etag=etag)
        return await asyncio.to_thread(CatalogStore.open_file, stored.path, writable=False)

    async def _index(self, url: str, etag: str = "") -> tuple[CatalogIndex | None, str]:
        """Return the index, None where it is still the one of `etag`."""
        response = await self._source.promised(url, etag=etag)
        if response.not_modified:
            return None, etag
        index = await asyncio.to_thread(read_catalog_index, response.body, url)
        return index, response.etag

    async def _read(
        self,
        store: CatalogStore,
        index: CatalogIndex,
        after: int,
        *,
        checkpoint: tuple[str, Path] | None = None,
    ) -> None:
        """Take every item later than `after` and not later than the index's head."""
        pages = [page for page in index.pages if page.ticks > after]
        records = shown = 0
        for start in range(0, len(pages), _WINDOW):
            window = pages[start : start + _WINDOW]
            for part in await self._parts(window):
                items = [item for item in part.items if after < item.ticks <= index.head]
                await asyncio.to_thread(store.add, items)
                records += len(items)
            if records - shown >= _PROGRESS:
                shown = records
                done = start + len(window)
                logger.info("NuGet catalog: %d records, %d of %d pages", records, done, len(pages))
            if checkpoint and _crosses(start, self._options.checkpoint_pages):
                # One tick less: the last commit may go on in the next page.
                store.set_head(window[-1].ticks - 1, complete=False)
                await asyncio.to_thread(_store_copy, self._cache, *checkpoint)
        if store.refused:
            logger.warning("NuGet catalog: %d records hold no usable id", store.refused)

    async def _parts(self, pages: Sequence[CatalogPage]) -> list[CatalogPart]:
        """Fetch some pages at once; they come back in their order."""
        gate = asyncio.Semaphore(self._options.page_concurrency)
        parts: dict[int, CatalogPart] = {}

        async def fetch(place: int, page: CatalogPage) -> None:
            async with gate:
                parts[place] = await self._part(page)

        await run_all(fetch(place, page) for place, page in enumerate(pages))
        return [parts[place] for place in range(len(pages))]

    async def _part(self, page: CatalogPage) -> CatalogPart:
        url = self._source.local(page.address, (await self._source.services()).catalog)
        for headers in ({}, {"cache-control": "no-cache"}):
            if headers:
                await asyncio.sleep(self._options.lag_seconds)
            response = await self._source.promised(url, headers=headers)
            part = await asyncio.to_thread(read_catalog_page, response.body, url)
            if part.ticks >= page.ticks:
                return part
        raise RegistryUnavailableError(f"a page older than the index says: {url}", url=url)


async def names_of(store: CatalogStore) -> NameSet:
    """Return the ids on offer for look-ups."""
    names = [row.name async for row in in_slices(store, store.offered)]
    return await asyncio.to_thread(NameSet, names)


async def in_slices(
    store: CatalogStore, rows: Callable[[], Iterator[CatalogRow]]
) -> AsyncIterator[CatalogRow]:
    """Yield rows of a store, read in a thread slice by slice."""
    iterator = await asyncio.to_thread(rows)
    while found := await asyncio.to_thread(store.take, iterator, _SLICE):
        for row in found:
            yield row


def _crosses(start: int, every: int) -> bool:
    return (start + _WINDOW) // every > start // every


async def _working_copy(path: Path, cached: CachedFile | None) -> CatalogStore:
    if cached is None:
        return await asyncio.to_thread(CatalogStore.create, path)
    await asyncio.to_thread(shutil.copyfile, cached.path, path)
    return await asyncio.to_thread(CatalogStore.open_file, path, writable=True)


def _store_copy(cache: FileCache, key: str, path: Path) -> None:
    copy = path.with_suffix(".copy")
    shutil.copyfile(path, copy)
    cache.store(key, copy, etag="")
