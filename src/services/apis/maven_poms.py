"""POMs by their coordinates, kept in memory: a few parents and BOMs are those of thousands of packages."""

import asyncio
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from weakref import WeakValueDictionary

from cachetools import LRUCache

from src.schemas.errors import InvalidPayloadError, PackageNotFoundError
from src.session import HttpSession
from src.utils.maven.documents import SOURCE_MISSING, SOURCE_POM, SOURCE_UNREADABLE
from src.utils.maven.effective import (
    EffectivePom,
    Gav,
    effective_requirements,
    needed_poms,
)
from src.utils.maven.names import file_address
from src.utils.maven.pom import Pom, parse_pom

_ENTRY_BYTES = 512
_PARSED = 4
"""A parsed POM takes about so many times the bytes of its file."""


@dataclass(frozen=True, slots=True)
class PomFile:
    """A POM as fetched. `source` tells whether it is there; `modified` is when it was put there."""

    pom: Pom | None
    source: str
    modified: str = ""
    weight: int = _ENTRY_BYTES


class PomStore:
    """Fetches POMs, each at most once at a time, and remembers them within a bound of bytes."""

    def __init__(self, http: HttpSession, base_url: str, memory_bytes: int) -> None:
        """`base_url` has no trailing slash."""
        self._http = http
        self._base_url = base_url
        self._files: LRUCache[Gav, PomFile] = LRUCache(memory_bytes, getsizeof=_weight)
        self._locks: WeakValueDictionary[Gav, asyncio.Lock] = WeakValueDictionary()

    async def get(self, gav: Gav, *, believe_missing: bool = True) -> PomFile:
        """Return a POM, from memory where it was read before.

        That it is not there is remembered as well, and asked again unless `believe_missing`. Raises
        what the session raises but for 404 and 410, and InvalidPayloadError for a page of HTML.
        """
        lock = self._locks.setdefault(gav, asyncio.Lock())
        async with lock:
            file = self._files.get(gav)
            if file is None or (file.pom is None and not believe_missing):
                file = await self._fetch(gav)
                if file.weight <= self._files.maxsize:
                    self._files[gav] = file
        return file

    async def model(self, gav: Gav, own: PomFile) -> EffectivePom:
        """Return the effective model of a POM that is there, with parents and BOMs fetched."""
        loaded: dict[Gav, Pom | None] = {gav: own.pom}
        while needed := needed_poms(gav, loaded):
            for each in sorted(needed):
                loaded[each] = (await self.get(each)).pom
        return effective_requirements(gav, loaded, SOURCE_POM)

    async def _fetch(self, gav: Gav) -> PomFile:
        url = file_address(self._base_url, gav, "pom")
        try:
            response = await self._http.get(url)
        except PackageNotFoundError:
            return PomFile(None, SOURCE_MISSING)
        modified = http_date(response.headers.get("last-modified", ""))
        try:
            pom = parse_pom(response.body, url)
        except InvalidPayloadError:
            if response.content_type == "text/html" or _is_page(response.body):
                raise
            # Some POMs were published broken, and nobody will ever mend them.
            return PomFile(None, SOURCE_UNREADABLE, modified)
        weight = _ENTRY_BYTES + _PARSED * len(response.body)
        return PomFile(pom, SOURCE_POM, modified, weight)


def http_date(text: str) -> str:
    """Return the time of an HTTP header as ISO 8601 in UTC, "" where it is none."""
    try:
        moment = parsedate_to_datetime(text)
        zoned = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return ""
    return zoned.isoformat().replace("+00:00", "Z")


def _weight(file: PomFile) -> int:
    return file.weight


def _is_page(body: bytes) -> bool:
    head = body[:1024].lower()
    return b"<html" in head or b"<!doctype html" in head
