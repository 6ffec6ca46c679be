"""Keeps the compact index's versions file up to date with as few bytes as possible.

The file is appended to for a month. What a copy lacks is asked for as a range that begins a little
before the copy's end, so that a server whose file did not grow has something to answer, and one
whose file is another is found out. `Repr-Digest` tells whether the result is whole. Where it is not,
the file is fetched anew: once, and then it is given up.
"""

import asyncio
import logging
import shutil
import tempfile
import time
from http import HTTPStatus
from pathlib import Path

from src.cache import CachedFile, FileCache
from src.schemas.errors import InvalidPayloadError, RegistryUnavailableError, RequestRefusedError
from src.schemas.http import HttpResponse
from src.session import HttpSession
from src.utils.rubygems.digests import announced_sha256, has_sha256
from src.utils.rubygems.index import VersionsIndex, VersionsReader

logger = logging.getLogger(__name__)

VERSIONS_BYTES = 1024 * 1024 * 1024
"""Limit of the file: some 40 times its size in 2026."""

TEXT_TYPES = ("text/plain", "application/octet-stream", "")
"""The registry says text; mirrors serve files without a suffix as anything or nothing."""

_OVERLAP_BYTES = 1024
_BUDGET_SECONDS = 900
_SLICE = 10_000
"""Lines read in one go: about a twentieth of a second, and one line of progress."""


class VersionsFile:
    """The versions file of one registry, kept in the cache."""

    def __init__(
        self, http: HttpSession, url: str, cache: FileCache, *, look_seconds: float = 300
    ) -> None:
        """`look_seconds` must pass before `announces` asks the registry again."""
        self._http = http
        self._url = url
        self._cache = cache
        self._look_seconds = look_seconds
        self._look = asyncio.Lock()
        self._seen: tuple[float, VersionsIndex] | None = None

    async def cached(self) -> VersionsIndex:
        """Return the index, without asking where the copy is fresh."""
        entry = self._cache.get(self._url)
        if entry is None or not entry.fresh:
            return await self.current()
        try:
            return await self._read(entry.path)
        except InvalidPayloadError as error:
            logger.warning("the cached versions file is damaged and is fetched again: %s", error)
            return await self._whole()

    async def current(self) -> VersionsIndex:
        """Return the index as the registry has it now.

        Raises InvalidPayloadError where it serves something else, RegistryUnavailableError where
        what it serves never has the digest that it tells.
        """
        entry = self._cache.get(self._url)
        index = await self._updated(entry) if entry is not None else None
        return index if index is not None else await self._whole()

    async def announces(self, name: str, md5: str) -> bool:
        """Tell whether the file now has this MD5 for a gem; asked anew once in a while at most."""
        async with self._look:
            now = time.monotonic()
            if self._seen is None or now - self._seen[0] >= self._look_seconds:
                self._seen = now, await self.current()
            return self._seen[1].md5(name) == md5

    async def _updated(self, entry: CachedFile) -> VersionsIndex | None:
        """Ask for what the copy lacks; None where the file must be fetched whole."""
        size = (await asyncio.to_thread(entry.path.stat)).st_size
        start = max(0, size - _OVERLAP_BYTES)
        with tempfile.TemporaryDirectory(prefix="ssc-versions-") as folder:
            path = Path(folder) / "versions"
            try:
                answer = await self._download(path, etag=entry.etag, start=start)
            except RequestRefusedError as error:
                if error.status != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                    raise
                return None
            if answer.partial and not await asyncio.to_thread(_prepend, entry.path, path, start):
                return None
            try:
                if answer.not_modified:
                    return await self._read(self._cache.revalidated(self._url).path)
                return await self._taken(path, answer)
            except (InvalidPayloadError, KeyError) as error:
                logger.warning("the versions file could not be updated: %s", error)
                return None

    async def _whole(self) -> VersionsIndex:
        with tempfile.TemporaryDirectory(prefix="ssc-versions-") as folder:
            path = Path(folder) / "versions"
            for headers in ({}, {"cache-control": "no-cache"}):
                answer = await self._download(path, headers=headers)
                index = await self._taken(path, answer)
                if index is not None:
                    return index
        raise RegistryUnavailableError(
            "the versions file has another digest than the registry tells", url=self._url
        )

    async def _download(
        self, path: Path, *, etag: str = "", start: int = 0, headers: dict[str, str] | None = None
    ) -> HttpResponse:
        return await self._http.download(
            self._url,
            path,
            content_types=TEXT_TYPES,
            max_bytes=VERSIONS_BYTES,
            budget_seconds=_BUDGET_SECONDS,
            etag=etag,
            start=start,
            headers=headers,
        )

    async def _taken(self, path: Path, answer: HttpResponse) -> VersionsIndex | None:
        """Read a file and store it once it is known to be whole; None with a wrong digest."""
        if not await asyncio.to_thread(_is_whole, path, announced_sha256(answer.headers)):
            return None
        index = await self._read(path)
        await asyncio.to_thread(self._cache.store, self._url, path, etag=answer.etag)
        return index

    async def _read(self, path: Path) -> VersionsIndex:
        """Read a file in a thread, slice by slice, so that a run can be stopped."""
        with await asyncio.to_thread(path.open, "rb") as stream:
            reader = await asyncio.to_thread(VersionsReader, stream, self._url)
            lines = 0
            while read := await asyncio.to_thread(reader.read, _SLICE):
                lines += read
                logger.info("RubyGems versions file: %d lines read", lines)
        index = reader.index()
        if index.refused:
            logger.warning("RubyGems versions file: %d lines name no gem", index.refused)
        return index


def _prepend(known: Path, part: Path, start: int) -> bool:
    """Put what is known in front of a part that begins at `start`; False where they do not meet."""
    whole = part.with_suffix(".whole")
    with known.open("rb") as before, part.open("rb") as behind, whole.open("wb") as sink:
        before.seek(start)
        overlap = before.read()
        if behind.read(len(overlap)) != overlap:
            return False
        before.seek(0)
        shutil.copyfileobj(before, sink)
        shutil.copyfileobj(behind, sink)
    whole.replace(part)
    return True


def _is_whole(path: Path, digest: bytes | None) -> bool:
    with path.open("rb") as stream:
        return has_sha256(stream, digest)
