"""Fetches the packument of one package, as new as it was announced."""

import asyncio
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO
from urllib.parse import quote

from src.schemas.errors import PackageNotFoundError, RegistryUnavailableError
from src.schemas.package import KnownPackage, ListedPackage
from src.session import HttpSession
from src.utils.npm.names import packument_address
from src.utils.npm.packument import (
    Packument,
    PackumentParser,
    is_older,
    load_packument,
    read_packument,
)
from src.utils.npm.record import NpmDocuments

JSON_TYPE = "application/json"

SMALL_BYTES = 1024 * 1024
"""Packuments up to this size stay in memory and are read at once; larger ones go through a file and
a thread, two at a time: read whole, one of 40 MB takes several times that."""

_LARGE_AT_ONCE = 2
_SLICE = 200
"""Versions read in one go."""


@dataclass(frozen=True, slots=True)
class NpmOptions:
    """How much is asked for at once.

    `page_size` is that of the replication service's pages, `packument_bytes` the largest packument
    that is read. `lag_seconds` is waited once for a document older than its announced revision.
    """

    page_size: int = 10_000
    packument_bytes: int = 100 * 1024 * 1024
    lag_seconds: float = 2.0


class PackumentReader:
    """Fetches one packument after another from one registry."""

    def __init__(self, http: HttpSession, base_url: str, options: NpmOptions) -> None:
        """Take the address without a trailing slash."""
        self._http = http
        self._base_url = base_url
        self._options = options
        self._large = asyncio.Semaphore(_LARGE_AT_ONCE)

    async def fetch(self, package: ListedPackage, known: KnownPackage) -> NpmDocuments:
        """Fetch the packument and keep of it what `known` does not cover.

        Raises PackageNotFoundError where there is no such package any more, RegistryUnavailableError
        where its document is older than `package.revision`: taken as it is, it would pass for the
        announced state, and the change would be lost.
        """
        packument = await self._announced(package, known)
        return NpmDocuments(package.revision, packument)

    async def _announced(self, package: ListedPackage, known: KnownPackage) -> Packument:
        url = packument_address(self._base_url, package.name)
        # A query of its own gets past what caches in between hold under the plain address.
        again = f"{url}?fresh={quote(package.revision, safe='')}"
        no_cache = {"cache-control": "no-cache"}
        try:
            packument = await self._packument(url, package.name, known, {})
        except PackageNotFoundError:
            # They keep a 404 for minutes, also that of a package which has just been published.
            if not package.revision:
                raise
            packument = await self._packument(again, package.name, known, no_cache)
        if is_older(packument.revision, package.revision):
            await asyncio.sleep(self._options.lag_seconds)
            packument = await self._packument(again, package.name, known, no_cache)
        if is_older(packument.revision, package.revision):
            raise RegistryUnavailableError(
                f"the document of {package.name!r} is of revision {packument.revision[:80]},"
                f" announced was {package.revision[:80]}",
                url=url,
            )
        return packument

    async def _packument(
        self, url: str, name: str, known: KnownPackage, headers: Mapping[str, str]
    ) -> Packument:
        with tempfile.SpooledTemporaryFile(SMALL_BYTES, prefix="ssc-packument-") as sink:
            await self._http.read_into(
                url,
                sink,
                accept=JSON_TYPE,
                content_types=(JSON_TYPE,),
                max_bytes=self._options.packument_bytes,
                headers=headers,
            )
            if sink.tell() <= SMALL_BYTES:
                document = _load(sink, name, url)
                return read_packument(
                    document, name, known.requirement_sources, known.artifact_source
                )
            async with self._large:
                document = await asyncio.to_thread(_load, sink, name, url)
                return await _read_in_slices(document, name, known)


def _load(stream: IO[bytes], name: str, url: str) -> dict[str, object]:
    stream.seek(0)
    return load_packument(stream.read(), name, url)


async def _read_in_slices(
    document: Mapping[str, object], name: str, known: KnownPackage
) -> Packument:
    """Read a large packument in a thread, slice by slice, so that a run can be stopped."""
    parser = PackumentParser(document, name, known.requirement_sources, known.artifact_source)
    while await asyncio.to_thread(parser.read, _SLICE):
        pass
    return await asyncio.to_thread(parser.packument)
