"""Fetches what the registry publishes of one crate: its file in the index, and its newest artifact."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from src.schemas.errors import InvalidPayloadError, PackageNotFoundError, RequestRefusedError
from src.services.apis.artifacts import ArtifactReader
from src.session import HttpSession
from src.utils.cargo.documents import CrateVersion, newest
from src.utils.cargo.index import IndexFile, read_index_file
from src.utils.cargo.library import Library, read_library
from src.utils.cargo.names import index_path, same_crate

_LEGAL_REASONS = 451
"""With 404 and 410 this says that a crate is not there (Cargo book, "Nonexistent Crates")."""

_SMALL_FILE_BYTES = 256 * 1024


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
        self._artifacts = ArtifactReader(
            http, max_bytes=options.artifact_bytes, concurrency=options.artifact_concurrency
        )

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
        if version is None or not self._artifacts.admits():
            return None, ""
        file = f"{name}-{version.num}.crate"
        source = f"{file}#sha256={version.checksum}"
        if source == known_source:
            return None, ""
        # A `+` left as it is would mean a space to the storage behind the address.
        url = f"{self._static_url}/crates/{quote(name, safe='')}/{quote(file, safe='')}"
        look = partial(read_library, name=name, checksum=version.checksum)
        found = await self._artifacts.read(url, look, counts)
        return (None, "") if found is None else (found, source)
