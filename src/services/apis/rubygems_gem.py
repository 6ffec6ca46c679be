"""Fetches what RubyGems publishes of one gem, and no more than is needed."""

import asyncio
import hashlib
import io
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from src.schemas.errors import (
    PackageNotFoundError,
    RegistryError,
    RegistryUnavailableError,
)
from src.schemas.package import KnownPackage, ListedPackage
from src.services.apis.artifacts import ArtifactReader
from src.services.apis.rubygems_versions import TEXT_TYPES, VersionsFile
from src.services.apis.together import run_all, run_both
from src.session import HttpSession
from src.utils.rubygems.digests import announced_sha256, has_sha256
from src.utils.rubygems.documents import (
    ApiGem,
    ApiVersion,
    GemDocuments,
    read_gem,
    read_versions,
)
from src.utils.rubygems.gem_files import read_import_names
from src.utils.rubygems.info import InfoLine, read_info
from src.utils.rubygems.names import RUBY, split_version
from src.utils.rubygems.record import newest_version

JSON_TYPES = ("application/json",)

_MD5 = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class RubyGemsOptions:
    """How much is asked of the registry at once, and how much is read.

    `read_api` asks the API for licences, links, the newest version's development dependencies, and
    dates that the compact index lacks: two more requests a gem. `development` asks it for those of
    every version that the graph lacks: one more each, `version_concurrency` at once.
    `artifact_bytes` is the largest gem read for import names, 0 reads none. `lag_seconds` is waited
    once for an info document that is not the announced one.
    """

    read_api: bool = True
    development: bool = False
    version_concurrency: int = 4
    artifact_concurrency: int = 4
    artifact_bytes: int = 50 * 1024 * 1024
    lag_seconds: float = 2.0


class GemReader:
    """Fetches the documents of one gem after another from one registry."""

    def __init__(
        self, http: HttpSession, base_url: str, versions: VersionsFile, options: RubyGemsOptions
    ) -> None:
        """Take the address without a trailing slash."""
        self._http = http
        self._base_url = base_url
        self._versions = versions
        self._options = options
        self._artifacts = ArtifactReader(
            http, max_bytes=options.artifact_bytes, concurrency=options.artifact_concurrency
        )

    async def fetch(self, package: ListedPackage, known: KnownPackage) -> GemDocuments:
        """Fetch the info document, then what `known` does not cover.

        Raises PackageNotFoundError where there is no such gem, or none of its versions is left;
        RegistryUnavailableError where its document is not the announced one: taken as it is, it
        would pass for the announced state, and the change would be lost.
        """
        counts: Counter[str] = Counter()
        revision, lines = await self._info(package)
        gem = versions = None
        if self._options.read_api:
            gem, versions = await run_both(
                self._gem(package.name, counts), self._api_versions(package.name, counts)
            )
        development = await self._development(package.name, lines, known)
        names, source = await self._import_names(package.name, lines, known, counts)
        return GemDocuments(
            name=package.name,
            revision=revision,
            lines=lines,
            known_sources=known.requirement_sources,
            gem=gem,
            versions=versions,
            development=development,
            artifact_names=names,
            artifact_source=source,
            counts=counts,
        )

    async def _info(self, package: ListedPackage) -> tuple[str, Mapping[str, InfoLine]]:
        """Return MD5 and lines of the announced document, or of one announced since."""
        url = f"{self._base_url}/info/{_quoted(package.name)}"
        announced = package.revision if _MD5.fullmatch(package.revision) else ""
        for headers in ({}, {"cache-control": "no-cache"}):
            if headers:
                await asyncio.sleep(self._options.lag_seconds)
            answer = await self._http.get(url, content_types=TEXT_TYPES, headers=headers)
            md5 = hashlib.md5(answer.body, usedforsecurity=False).hexdigest()
            lines = read_info(answer.body, url)
            whole = has_sha256(io.BytesIO(answer.body), announced_sha256(answer.headers))
            again = bool(headers)
            if whole and await self._is_current(package.name, md5, announced, again=again):
                if not lines:
                    raise PackageNotFoundError(f"every version was yanked: {url}", url=url)
                return md5, lines
        raise RegistryUnavailableError(
            f"the info document of {package.name!r} is not the announced one", url=url
        )

    async def _is_current(self, name: str, md5: str, announced: str, *, again: bool) -> bool:
        # Hours may pass from a listing to a gem's turn: the document may be newer than announced.
        if announced in {"", md5}:
            return True
        if not again:
            return False
        try:
            return await self._versions.announces(name, md5)
        except RegistryError:  # what is missing then is the versions file, and not the gem
            return False

    async def _gem(self, name: str, counts: Counter[str]) -> ApiGem | None:
        url = f"{self._base_url}/api/v1/gems/{_quoted(name)}.json"
        try:
            answer = await self._http.get(url, content_types=JSON_TYPES)
        except PackageNotFoundError:
            counts["missing_api_documents"] += 1
            return None
        return read_gem(answer.body, name, url)

    async def _api_versions(
        self, name: str, counts: Counter[str]
    ) -> Mapping[str, ApiVersion] | None:
        url = f"{self._base_url}/api/v1/versions/{_quoted(name)}.json"
        try:
            answer = await self._http.get(url, content_types=JSON_TYPES)
        except PackageNotFoundError:
            counts["missing_api_documents"] += 1
            return None
        return read_versions(answer.body, url)

    async def _development(
        self, name: str, lines: Mapping[str, InfoLine], known: KnownPackage
    ) -> Mapping[str, ApiGem]:
        """Ask for the document of every version that is not known yet, where that is wished."""
        found: dict[str, ApiGem] = {}
        gate = asyncio.Semaphore(self._options.version_concurrency)

        async def read(version: str) -> None:
            number, platform = split_version(version)
            url = (
                f"{self._base_url}/api/v2/rubygems/{_quoted(name)}/versions/{_quoted(number)}.json"
            )
            if platform != RUBY:
                url += f"?platform={_quoted(platform)}"
            try:
                async with gate:
                    answer = await self._http.get(url, content_types=JSON_TYPES)
            except PackageNotFoundError:
                return
            document = read_gem(answer.body, name, url)
            if document.version == version:
                found[version] = document

        if self._options.development:
            sources = known.requirement_sources
            unknown = [line for line in lines.values() if sources.get(line.name) != line.source]
            await run_all(read(line.name) for line in unknown)
        return found

    async def _import_names(
        self, name: str, lines: Mapping[str, InfoLine], known: KnownPackage, counts: Counter[str]
    ) -> tuple[tuple[str, ...] | None, str]:
        """Read the newest version's file, unless it is known, too large or refused."""
        version = newest_version(lines)
        line = lines[version]
        source = f"{name}-{version}.gem#{line.source}"
        if not self._artifacts.admits() or source == known.artifact_source:
            return None, ""
        url = f"{self._base_url}/gems/{_quoted(f'{name}-{version}.gem')}"
        look = partial(read_import_names, checksum=line.checksum)
        names = await self._artifacts.read(url, look, counts)
        return (None, "") if names is None else (names, source)


def _quoted(text: str) -> str:
    return quote(text, safe="")
