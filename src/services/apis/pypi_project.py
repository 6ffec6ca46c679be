"""Fetches what PyPI publishes of one project, and no more than is needed."""

import asyncio
import io
from collections import Counter
from dataclasses import dataclass, field
from functools import partial

from src.schemas.errors import (
    ForbiddenAddressError,
    InvalidPayloadError,
    PackageNotFoundError,
    RegistryUnavailableError,
)
from src.schemas.package import KnownPackage, ListedPackage
from src.services.apis.artifacts import ArtifactReader
from src.services.apis.together import run_all, run_both
from src.session import HttpSession
from src.utils.pypi import addresses
from src.utils.pypi.documents import (
    ProjectInfo,
    ProjectPage,
    PyPIDocuments,
    check_name,
    read_info,
    read_page,
)
from src.utils.pypi.files import (
    SOURCE_MISSING,
    SOURCE_NONE,
    ReleaseFile,
    matches_digest,
    speaking_file,
)
from src.utils.pypi.import_names import read_import_names
from src.utils.pypi.metadata import VersionMetadata, read_metadata
from src.utils.pypi.releases import Releases, collect_releases, newest_version

SIMPLE_TYPE = "application/vnd.pypi.simple.v1+json"
JSON_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class PyPIOptions:
    """How much is asked of the registry at once, and how much is read.

    `version_concurrency` bounds the requests for one package, `artifact_concurrency` the artifacts
    downloaded by one client; `artifact_bytes` is the largest artifact read for import names, 0
    reads none. `lag_seconds` is waited once for a document older than its announced serial.
    """

    version_concurrency: int = 16
    artifact_concurrency: int = 4
    artifact_bytes: int = 50 * 1024 * 1024
    lag_seconds: float = 2.0


@dataclass(slots=True)
class _Fetched:
    """What has been fetched of one package so far."""

    name: str
    page: ProjectPage
    info: ProjectInfo | None
    counts: Counter[str] = field(default_factory=Counter)
    metadata: dict[str, VersionMetadata] = field(default_factory=dict)


class ProjectReader:
    """Fetches the documents of one project after another from one registry."""

    def __init__(
        self, http: HttpSession, base_url: str, files_url: str, options: PyPIOptions
    ) -> None:
        """Take the addresses without a trailing slash."""
        self._http = http
        self._base_url = base_url
        self._files_url = files_url
        self._options = options
        self._artifacts = ArtifactReader(
            http, max_bytes=options.artifact_bytes, concurrency=options.artifact_concurrency
        )

    async def fetch(self, package: ListedPackage, known: KnownPackage) -> PyPIDocuments:
        """Fetch page and document, then what `known` does not cover.

        Raises PackageNotFoundError where there is no such project, RegistryUnavailableError where
        its documents are older than `package.revision`: taken as they are, they would pass for the
        announced state, and the change would be lost.
        """
        fetched = await self._project(package)
        releases, unassigned = collect_releases(fetched.page, fetched.info, package.name)
        fetched.counts["unassigned_files"] += unassigned
        await self._versions(fetched, releases, known)
        names, source = await self._import_names(fetched, releases, known.artifact_source)
        return PyPIDocuments(
            name=package.name,
            revision=package.revision,
            page=fetched.page,
            info=fetched.info,
            releases=releases,
            metadata=fetched.metadata,
            artifact_names=names,
            artifact_source=source,
            counts=fetched.counts,
        )

    async def _project(self, package: ListedPackage) -> _Fetched:
        announced = int(package.revision) if package.revision.isdecimal() else 0
        for headers in ({}, {"cache-control": "no-cache"}):
            if headers:
                await asyncio.sleep(self._options.lag_seconds)
            page, info = await run_both(
                self._page(package.name, headers), self._info(package.name, headers)
            )
            serials = [document.serial for document in (page, info) if document is not None]
            if all(serial is None or serial >= announced for serial in serials):
                return _Fetched(package.name, page, info)
        raise RegistryUnavailableError(
            f"the documents of {package.name!r} are older than serial {announced}",
            url=addresses.page_address(self._base_url, package.name),
        )

    async def _page(self, name: str, headers: dict[str, str]) -> ProjectPage:
        url = addresses.page_address(self._base_url, name)
        response = await self._http.get(
            url, accept=SIMPLE_TYPE, content_types=(SIMPLE_TYPE, JSON_TYPE), headers=headers
        )
        page = read_page(response.body, url)
        check_name(page.name, name, url)
        return page

    async def _info(self, name: str, headers: dict[str, str]) -> ProjectInfo | None:
        # A project without a release, or in quarantine, has a page only.
        url = addresses.project_address(self._base_url, name)
        try:
            return await self._document(url, name, headers)
        except PackageNotFoundError:
            return None

    async def _document(
        self, url: str, name: str, headers: dict[str, str] | None = None
    ) -> ProjectInfo:
        response = await self._http.get(
            url, accept=JSON_TYPE, content_types=(JSON_TYPE,), headers=headers
        )
        info = read_info(response.body, url)
        if info.name:
            check_name(info.name, name, url)
        return info

    async def _versions(self, fetched: _Fetched, releases: Releases, known: KnownPackage) -> None:
        gate = asyncio.Semaphore(self._options.version_concurrency)

        async def read(version: str, file: ReleaseFile, known_source: str) -> None:
            async with gate:
                metadata = await self._version(fetched, version, file)
            if metadata is not None:
                fetched.metadata[version] = metadata
            elif known_source in {"", SOURCE_MISSING}:
                fetched.metadata[version] = VersionMetadata(SOURCE_MISSING)
            else:
                # What the graph holds was read once, and nothing refutes it now.
                fetched.counts["versions_without_document"] += 1

        jobs = []
        for version, files in releases.items():
            known_source = known.requirement_sources.get(version, "")
            file = speaking_file(files)
            if file is None:
                fetched.metadata[version] = VersionMetadata(SOURCE_NONE)
            elif known_source != file.source:
                jobs.append(read(version, file, known_source))
        await run_all(jobs)

    async def _version(
        self, fetched: _Fetched, version: str, file: ReleaseFile
    ) -> VersionMetadata | None:
        """Read the wheel's metadata file, else the version's document, None without either."""
        if file.kind == "wheel" and file.has_metadata:
            metadata = await self._metadata_file(fetched, file)
            if metadata is not None:
                return metadata
            fetched.counts["missing_metadata_files"] += 1
        info = fetched.info
        if info is None or info.version != version:
            try:
                url = addresses.version_address(self._base_url, fetched.name, version)
                info = await self._document(url, fetched.name)
            except (PackageNotFoundError, ForbiddenAddressError):
                return None
        return VersionMetadata(file.source, info.requires_dist, info.license)

    async def _metadata_file(self, fetched: _Fetched, file: ReleaseFile) -> VersionMetadata | None:
        try:
            url = f"{self._file_url(fetched.name, file)}.metadata"
            response = await self._http.get(url)
        except (PackageNotFoundError, ForbiddenAddressError):
            return None
        if not matches_digest(io.BytesIO(response.body), file.metadata_digest):
            raise InvalidPayloadError("a metadata file with another digest", url=url)
        return read_metadata(response.body, file.source, url)

    def _file_url(self, name: str, file: ReleaseFile) -> str:
        page = addresses.page_address(self._base_url, name)
        return addresses.file_address(file.url, page, self._base_url, self._files_url)

    async def _import_names(
        self, fetched: _Fetched, releases: Releases, known_source: str
    ) -> tuple[tuple[str, ...] | None, str]:
        """Read the newest release's artifact, unless it is known, too large or refused."""
        file = speaking_file(releases.get(newest_version(releases), ()))
        if file is None or file.source == known_source or not self._artifacts.admits():
            return None, ""
        if file.kind == "other" or not self._artifacts.admits(file.size):
            fetched.counts["import_names_skipped"] += 1
            return None, ""
        try:
            url = self._file_url(fetched.name, file)
        except ForbiddenAddressError:
            fetched.counts["import_names_skipped"] += 1
            return None, ""
        look = partial(read_import_names, file=file)
        names = await self._artifacts.read(url, look, fetched.counts)
        return (None, "") if names is None else (names, file.source)
