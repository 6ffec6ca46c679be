"""Keeps the newest dump at hand: fetched once a day, made into one file, used by every process."""

import asyncio
import logging
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from src.cache import CachedFile, FileCache
from src.schemas.errors import InvalidKeyError, InvalidPayloadError
from src.services.apis.cargo_database import FORMAT, build_database
from src.services.apis.cargo_spool import Spool
from src.services.apis.cargo_store import CrateStore
from src.session import HttpSession

logger = logging.getLogger(__name__)

_POSITION = re.compile(r"dump (?P<dump>[^/\s]+) (?P<etag>.*)")
_DATED = re.compile(r"\d{4}-\d\d-\d\d\S*", re.ASCII)


@dataclass(frozen=True, slots=True)
class DumpPosition:
    """Which dump was read: the name of its folder, and the entity tag that it came with."""

    dump: str
    etag: str

    def __str__(self) -> str:
        """Return the text that `parse` reads."""
        return f"dump {self.dump} {self.etag}"

    @classmethod
    def parse(cls, text: str) -> "DumpPosition":
        """Read a position; raises InvalidKeyError on what is none of ours."""
        match = _POSITION.fullmatch(text)
        if match is None:
            raise InvalidKeyError(f"not a position in the dumps of crates: {text[:80]!r}")
        return cls(match["dump"], match["etag"])

    def is_behind(self, other: "DumpPosition") -> bool:
        """Tell whether this is the older dump of two, which a page cache may still serve."""
        dated = _DATED.fullmatch(self.dump) and _DATED.fullmatch(other.dump)
        return bool(dated) and self.dump < other.dump


@dataclass(frozen=True, slots=True)
class CurrentDump:
    """A dump that is open, and which one it is."""

    store: CrateStore
    position: DumpPosition


class DumpKeeper:
    """Fetches the dump and opens it."""

    def __init__(
        self,
        http: HttpSession,
        url: str,
        cache: FileCache,
        *,
        max_bytes: int,
        budget_seconds: float,
    ) -> None:
        """`url` is that of the dump; nothing is asked yet."""
        self._http = http
        self._url = url
        self._cache = cache
        self._max_bytes = max_bytes
        self._budget = budget_seconds
        self._key = f"{url}#{FORMAT}"

    async def at_hand(self) -> CurrentDump | None:
        """Return the last dump that was fetched, of whatever age, without asking the registry."""
        cached = await asyncio.to_thread(self._cache.get, self._key)
        return None if cached is None else await self._opened(cached)

    async def recent(self) -> CurrentDump:
        """Return the dump fetched or confirmed within the hour, else the current one."""
        cached = await asyncio.to_thread(self._cache.get, self._key)
        if cached is not None and cached.fresh and (current := await self._opened(cached)):
            return current
        return await self._confirmed(cached)

    async def newer_than(self, since: DumpPosition) -> CurrentDump | None:
        """Return the current dump, None where that is still the one of `since`."""
        cached = await asyncio.to_thread(self._cache.get, self._key)
        if cached is None or await self._opened(cached) is None:
            # The registry alone tells whether there is anything to fetch at all.
            current = await self._fetched(since.etag)
        else:
            current = await self._confirmed(cached)
        if current is None or current.position == since or current.position.is_behind(since):
            return None
        return current

    async def current(self) -> CurrentDump:
        """Return the current dump; the registry is asked whether the one at hand still is."""
        return await self._confirmed(await asyncio.to_thread(self._cache.get, self._key))

    async def _confirmed(self, cached: CachedFile | None) -> CurrentDump:
        usable = cached is not None and await self._opened(cached) is not None
        current = await self._fetched(cached.etag if cached is not None and usable else "")
        if current is not None:
            return current
        try:
            entry = await asyncio.to_thread(self._cache.revalidated, self._key)
            current = await self._opened(entry)
        except KeyError:  # somebody emptied the folder meanwhile
            current = None
        current = current or await self._fetched("")
        if current is None:
            raise InvalidPayloadError("a 304 to a request without condition", url=self._url)
        return current

    async def _opened(self, cached: CachedFile) -> CurrentDump | None:
        """Open an entry, None where it is damaged."""
        try:
            store = await asyncio.to_thread(CrateStore, cached.path)
        except InvalidPayloadError as error:
            logger.warning("the cached dump of crates cannot be used: %s", error)
            return None
        return CurrentDump(store, DumpPosition(store.dump, cached.etag))

    async def _fetched(self, etag: str) -> CurrentDump | None:
        """Fetch the dump into the cache, None where it is still the one of `etag`."""
        with tempfile.TemporaryDirectory(prefix="ssc-crates-") as folder:
            path = Path(folder) / "crates.sqlite"
            new_etag = await self._build(Path(folder) / "dump", path, etag)
            if new_etag is None:
                return None
            # Stored once it is known to be whole, so that no run takes a part for everything.
            entry = await asyncio.to_thread(
                lambda: self._cache.store(self._key, path, etag=new_etag)
            )
        current = await self._opened(entry)
        if current is None:
            raise InvalidPayloadError("the dump could not be read back", url=self._url)
        return current

    async def _build(self, spooled: Path, path: Path, etag: str) -> str | None:
        """Make the file at `path` while the dump arrives; return its entity tag, None on a 304."""
        spool = Spool(spooled)
        building = asyncio.create_task(asyncio.to_thread(build_database, spool, path, self._url))
        try:
            response = await self._http.read_into(
                self._url,
                spool,
                etag=etag,
                max_bytes=self._max_bytes,
                budget_seconds=self._budget,
            )
            if response.not_modified:
                return None
            spool.end()
            await asyncio.shield(building)
            return response.etag
        finally:
            # The thread notices within a moment, and must not outlive the folder that it writes to.
            spool.stop()
            await asyncio.wait([building])
            building.exception()  # looked at, so that asyncio does not complain of it
            spool.close()
