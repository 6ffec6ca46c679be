"""Fetches what the registry publishes of one crate: its file in the index, and its newest artifact."""

import asyncio
import io
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from src.schemas.errors import (
    ArchiveRefusedError,
    ForbiddenAddressError,
    InvalidPayloadError,
    PackageNotFoundError,
    PayloadTooLargeError,
    RequestRefusedError,
)
from src.session import HttpSession
from src.utils.cargo.documents import CrateVersion, newest
from src.utils.cargo.index import IndexFile, read_index_file
from src.utils.cargo.library import Library, read_library
from src.utils.cargo.names import index_path, same_crate

_LEGAL_REASONS = 451
"""With 404 and 410 this says that a crate is not there (Cargo book, "Nonexistent Crates")."""

_SMALL_FILE_BYTES = 256 * 1024
SMALL_ARTIFACT_BYTES = 2 * 1024 * 1024
"""Artifacts up to this size stay in memory; the few larger ones are asked for a second time."""

_LEFT_OUT = (
    PackageNotFoundError,
    PayloadTooLargeError,
    RequestRefusedError,
    ForbiddenAddressError,
)


@dataclass(frozen=True, slots=True)
class CargoOptions:
    """How much is read, and how much at once.

    `artifact_bytes` is the largest artifact read for import names, 0 reads none. `dump_bytes` bounds
    the packed dump, `dump_seconds` the time for it with all tries.
    """

    artifact_bytes: int = 50 * 1024 * 1024
    artifact_concurrency: int = 4
    dump_bytes: int = 8 * 1024**3
    dump_seconds: float = 3600.0


class CrateReader:
    """Fetches the documents of one crate after another."""

    def __init__(
        self, http: HttpSession, index_url: str, static_url: str, options: CargoOptions
    ) -> None:
        """Take the addresses without a trailing slash."""
        self._http = http
        self._index_url = index_url
        self._static_url = static_url
        self._options = options
        self._artifacts = asyncio.Semaphore(options.artifact_concurrency)

    async def index_file(self, name: str) -> IndexFile:
        """Fetch a crate's file in the index.

        Raises PackageNotFoundError also where the registry spells the name in another way: it keeps
        one file for all spellings, and that crate is not this package.
        """
        url = f"{self._index_url}/{index_path(name)}"
        try:
            response = await self._http.get(url)
        except RequestRefusedError as error:
            if error.status != _LEGAL_REASONS:
                raise
            raise PackageNotFoundError(str(error), url=url, status=error.status) from error
        if len(response.body) <= _SMALL_FILE_BYTES:
            file = read_index_file(response.body, url)
        else:
            file = await asyncio.to_thread(read_index_file, response.body, url)
        if file.name == name:
            return file
        told = f"the crate is named {file.name!r}, asked was {name!r}"
        if same_crate(file.name, name):
            raise PackageNotFoundError(told, url=url)
        raise InvalidPayloadError(told, url=url)

    async def library(
        self,
        name: str,
        versions: tuple[CrateVersion, ...],
        known_source: str,
        counts: Counter[str],
    ) -> tuple[Library | None, str]:
        """Read the newest version's artifact and say what it was, unless it is known or refused."""
        version = newest(versions)
        limit = self._options.artifact_bytes
        if version is None or not limit:
            return None, ""
        file = f"{name}-{version.num}.crate"
        source = f"{file}#sha256={version.checksum}"
        if source == known_source:
            return None, ""
        # A `+` left as it is would mean a space to the storage behind the address.
        url = f"{self._static_url}/crates/{quote(name, safe='')}/{quote(file, safe='')}"
        try:
            async with self._artifacts:
                return await self._read_library(url, name, version.checksum), source
        except _LEFT_OUT:
            counts["import_names_skipped"] += 1
        except (ArchiveRefusedError, InvalidPayloadError):
            counts["import_names_refused"] += 1
        return None, ""

    async def _read_library(self, url: str, name: str, checksum: str) -> Library:
        limit = self._options.artifact_bytes
        try:
            response = await self._http.get(url, max_bytes=min(limit, SMALL_ARTIFACT_BYTES))
        except PayloadTooLargeError:
            if limit <= SMALL_ARTIFACT_BYTES:
                raise
        else:
            content = io.BytesIO(response.body)
            return await asyncio.to_thread(read_library, content, name, checksum)
        with tempfile.TemporaryDirectory(prefix="ssc-artifact-") as folder:
            path = Path(folder) / "artifact"
            await self._http.download(url, path, max_bytes=limit)
            return await asyncio.to_thread(_read_library_of, path, name, checksum)


def _read_library_of(path: Path, name: str, checksum: str) -> Library:
    with path.open("rb") as artifact:
        return read_library(artifact, name, checksum)
