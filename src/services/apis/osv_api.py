"""The OSV database, as it is exported: a list of changes, a record an address, an archive of all.

Source: OSV's documentation of its data exports. `ecosystem` is the name of a folder there, the OSV name
of an ecosystem (exact case).
"""

import asyncio
import json
import tempfile
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from src.cache import FileCache
from src.schemas.errors import InvalidKeyError, InvalidPayloadError
from src.services.apis.osv_archive import Archive, ArchiveLimits, is_whole
from src.services.apis.osv_feed import Changes, FeedSink, is_record_id
from src.session import HttpSession

__all__ = ["Archive", "ArchiveLimits", "Changes", "OSVClient", "OSVOptions"]


@dataclass(frozen=True, slots=True)
class OSVOptions:
    """Limits of what is read; an archive has hundreds of megabytes and so a budget of its own."""

    archive: ArchiveLimits = field(default_factory=ArchiveLimits)
    feed_bytes: int = 512 * 1024**2
    record_bytes: int = 32 * 1024**2
    archive_seconds: float = 3600.0


class OSVClient:
    """Reads an export of the OSV database; raises errors of RegistryError."""

    def __init__(
        self,
        http: HttpSession,
        *,
        base_url: str,
        cache: FileCache,
        options: OSVOptions | None = None,
    ) -> None:
        """Read below `base_url`, which is asked nothing yet; archives are kept in `cache`."""
        self._http = http
        self._base = base_url.rstrip("/")
        self._cache = cache
        self._options = options or OSVOptions()

    async def changed_since(self, ecosystem: str, since: str) -> Changes:
        """Return which records changed at `since` or after it, all of them where it is "".

        That moment itself is included, because several records may share it. No more of the list is
        transferred than what is new. Raises InvalidPayloadError where it is cut off in the middle of a
        row or holds none, InvalidKeyError where `since` is no time.
        """
        url = f"{self._folder(ecosystem)}/modified_id.csv"
        sink = FeedSink(since, url)
        await self._http.read_into(url, sink, max_bytes=self._options.feed_bytes)
        return sink.changes()

    async def record(self, ecosystem: str, identity: str) -> dict[str, Any]:
        """Return a record as published.

        Raises PackageNotFoundError where there is none, InvalidKeyError on what can be no id.
        """
        if not is_record_id(identity):
            raise InvalidKeyError(f"not the id of an advisory: {identity[:80]!r}")
        url = f"{self._folder(ecosystem)}/{quote(identity, safe='')}.json"
        answer = await self._http.get(url, max_bytes=self._options.record_bytes)
        try:
            record = json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise InvalidPayloadError(f"not a JSON document: {url}", url=url) from error
        if not isinstance(record, dict) or record.get("id") != identity:
            raise InvalidPayloadError(f"not the record of {identity}: {url}", url=url)
        return record

    def archive(self, ecosystem: str) -> Archive:
        """Return every record of a folder, to be gone through once; see `Archive`.

        The file is asked for when the first record is, and fetched only where it has changed.
        """
        url = f"{self._folder(ecosystem)}/all.zip"
        return Archive(partial(self._archive_file, url), self._options.archive)

    async def _archive_file(self, url: str) -> Path:
        cached = await asyncio.to_thread(self._cache.get, url)
        usable = cached is not None and await asyncio.to_thread(is_whole, cached.path)
        path = await self._fetched(url, cached.etag if cached is not None and usable else "")
        if path is None:
            try:
                return (await asyncio.to_thread(self._cache.revalidated, url)).path
            except KeyError:  # somebody emptied the folder meanwhile
                path = await self._fetched(url, "")
        if path is None:
            raise InvalidPayloadError("a 304 to a request without condition", url=url)
        return path

    async def _fetched(self, url: str, etag: str) -> Path | None:
        """Fetch an archive into the cache, None where it is still the one of `etag`."""
        with tempfile.TemporaryDirectory(prefix="ssc-osv-") as folder:
            path = Path(folder) / "all.zip"
            limits = self._options
            answer = await self._http.download(
                url,
                path,
                etag=etag,
                max_bytes=limits.archive.bytes,
                budget_seconds=limits.archive_seconds,
            )
            if answer.not_modified:
                return None
            if not await asyncio.to_thread(is_whole, path):
                raise InvalidPayloadError(f"no archive, or a damaged one: {url}", url=url)
            store = partial(self._cache.store, url, path, etag=answer.etag)
            return (await asyncio.to_thread(store)).path

    def _folder(self, ecosystem: str) -> str:
        if not is_record_id(ecosystem):
            raise InvalidKeyError(f"not an ecosystem of OSV: {ecosystem[:80]!r}")
        return f"{self._base}/{quote(ecosystem, safe='')}"
