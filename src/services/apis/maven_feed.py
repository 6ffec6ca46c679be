"""Keeps the repository index: fetched whole once, then chunk by chunk."""

import asyncio
import logging
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from src.cache import FileCache
from src.schemas.errors import (
    InvalidPayloadError,
    PackageNotFoundError,
    RegistryUnavailableError,
)
from src.services.apis.maven_index import IndexBuilder, IndexFile, Row
from src.session import HttpSession
from src.utils.maven.index import IndexReader
from src.utils.maven.index_properties import IndexProperties, read_properties

logger = logging.getLogger(__name__)

SLICE = 10_000
"""Records or rows taken in one go: a fraction of a second."""

_STALE_MS = 86_400_000
_COPY_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class IndexLimits:
    """What a download of the index may take: today it has about half a gigabyte."""

    seconds: float = 4 * 3600
    bytes: int = 16 * 1024 * 1024 * 1024


class IndexKeeper:
    """Brings the kept index up to where the registry's stands."""

    def __init__(
        self, http: HttpSession, base_url: str, cache: FileCache, limits: IndexLimits
    ) -> None:
        """`base_url` has no trailing slash; nothing is asked yet."""
        self._http = http
        self._url = f"{base_url}/.index/nexus-maven-repository-index"
        self._cache = cache
        self._limits = limits
        self._key = f"{self._url}#sqlite"
        self._open: IndexFile | None = None
        self._lock = asyncio.Lock()

    async def properties(self) -> IndexProperties:
        """Ask where the index stands: one small request."""
        url = f"{self._url}.properties"
        response = await self._http.get(url)
        return read_properties(response.body, url)

    async def kept(self, *, fresh: bool = False) -> IndexFile | None:
        """Return the index as it was last kept, None where there is none (or no `fresh` one)."""
        async with self._lock:
            entry = await asyncio.to_thread(self._cache.get, self._key)
            if entry is None or (fresh and not entry.fresh):
                return None
            return await self._opened(entry.path)

    async def refreshed(self, properties: IndexProperties) -> IndexFile:
        """Return the index as the properties announce it: kept, by chunks, or whole, in this order."""
        kept = await self.kept()
        if kept is not None and kept.position.chain == properties.position.chain:
            if kept.position.number >= properties.position.number:
                await asyncio.to_thread(self._cache.revalidated, self._key)
                return kept
            chunks = properties.chunks_after(kept.position.number)
            if chunks:
                try:
                    return await self._by_chunks(kept, properties, chunks)
                except PackageNotFoundError as error:
                    logger.warning("a chunk is announced and not there: %s", error)
        return await self._whole(kept, properties)

    async def _opened(self, path: Path) -> IndexFile | None:
        if self._open is None or self._open.path != path:
            try:
                # The former one is left to the garbage collector: a feed may still read it.
                self._open = await asyncio.to_thread(IndexFile, path)
            except InvalidPayloadError as error:
                logger.warning("the kept index is damaged and is fetched again: %s", error)
                self._open = None
        return self._open

    async def _by_chunks(
        self, kept: IndexFile, properties: IndexProperties, chunks: list[int]
    ) -> IndexFile:
        with tempfile.TemporaryDirectory(prefix="ssc-index-") as folder:
            path = Path(folder) / "index"
            await _copy(kept.path, path)
            with await asyncio.to_thread(
                IndexBuilder, path, properties.position, kept.known_since
            ) as builder:
                for number in chunks:
                    packed = Path(folder) / "chunk"
                    await self._read(f"{self._url}.{number}.gz", packed, builder)
                    await _settle(builder, number)
                await asyncio.to_thread(builder.finish)
            return await self._keep(path)

    async def _whole(self, kept: IndexFile | None, properties: IndexProperties) -> IndexFile:
        # What the former state of the same chain did not have in this form changed with the head.
        former = kept if kept and kept.position.chain == properties.position.chain else None
        head = properties.position
        with tempfile.TemporaryDirectory(prefix="ssc-index-") as folder:
            path = Path(folder) / "index"
            known_since = former.known_since if former else head.number
            with await asyncio.to_thread(IndexBuilder, path, head, known_since) as builder:
                if former is not None:
                    async for row in rows_of(former):
                        await asyncio.to_thread(builder.remember, row)
                url = f"{self._url}.gz"
                packed = Path(folder) / "whole"
                timestamp = await self._read(url, packed, builder)
                if 0 < timestamp < properties.timestamp - _STALE_MS:
                    raise RegistryUnavailableError(
                        f"the index is older than its properties say: {url}", url=url
                    )
                await _settle(builder, head.number)
                if not await asyncio.to_thread(builder.finish):
                    raise InvalidPayloadError(f"an index without an artifact: {url}", url=url)
            return await self._keep(path)

    async def _read(self, url: str, packed: Path, builder: IndexBuilder) -> int:
        """Download and take a file, slice by slice, so that a run can be stopped; return its time."""
        await self._http.download(
            url, packed, max_bytes=self._limits.bytes, budget_seconds=self._limits.seconds
        )
        with await asyncio.to_thread(packed.open, "rb") as stream:
            reader = await asyncio.to_thread(IndexReader, stream, url)
            while await asyncio.to_thread(_take, reader, builder):
                logger.info("Maven index: %d records read", reader.records)
        if reader.refused:
            logger.warning("Maven index: %d records name nothing usable", reader.refused)
        await asyncio.to_thread(packed.unlink)
        return reader.timestamp

    async def _keep(self, path: Path) -> IndexFile:
        entry = await asyncio.to_thread(self._cache.store, self._key, path, etag="")
        async with self._lock:
            opened = await self._opened(entry.path)
        if opened is None:
            raise InvalidPayloadError(f"the index could not be kept: {self._url}", url=self._url)
        return opened


async def rows_of(index: IndexFile) -> AsyncIterator[list[Row]]:
    """Yield every package of an index in slices, by name; those that are gone are left out."""
    after = ""
    while rows := await asyncio.to_thread(index.packages, after, SLICE):
        yield rows
        after = rows[-1][0]


async def changes_of(index: IndexFile, since: int) -> AsyncIterator[list[Row]]:
    """Yield the packages that changed after chunk `since`, in the order of their change."""
    after = (since + 1, "")
    while rows := await asyncio.to_thread(index.changed, after, SLICE):
        yield rows
        after = (rows[-1][2], rows[-1][0])


def _take(reader: IndexReader, builder: IndexBuilder) -> bool:
    changes = reader.read(SLICE)
    if changes:
        builder.add(changes)
    return changes is not None


async def _settle(builder: IndexBuilder, number: int) -> None:
    while await asyncio.to_thread(builder.settle, number, SLICE):
        pass


async def _copy(source: Path, target: Path) -> None:
    with (
        await asyncio.to_thread(source.open, "rb") as old,
        await asyncio.to_thread(target.open, "wb") as new,
    ):
        await asyncio.to_thread(_copy_step, old, new)
        while await asyncio.to_thread(_copy_step, old, new):
            pass


def _copy_step(old: BinaryIO, new: BinaryIO) -> bool:
    data = old.read(_COPY_BYTES)
    new.write(data)
    return bool(data)
