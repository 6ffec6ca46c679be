"""Fetches what a Maven repository publishes of one package, and no more than is needed."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from src.schemas.errors import (
    InvalidPayloadError,
    PackageNotFoundError,
)
from src.schemas.package import KnownPackage, ListedPackage
from src.services.apis.artifacts import ArtifactReader
from src.services.apis.maven_feed import IndexKeeper
from src.services.apis.maven_poms import PomFile, PomStore
from src.services.apis.together import run_all
from src.session import HttpSession
from src.utils.maven.documents import (
    SOURCE_MISSING,
    SOURCE_POM,
    MavenDocuments,
    PublishedVersion,
)
from src.utils.maven.effective import EffectivePom, Gav
from src.utils.maven.import_names import JAR_PACKAGINGS, read_import_names
from src.utils.maven.metadata import check_name, read_metadata
from src.utils.maven.names import file_address, is_version, metadata_address
from src.utils.maven.record import newest_version, utc_from_milliseconds


@dataclass(frozen=True, slots=True)
class MavenOptions:
    """How much is asked of the registry at once, and how much is read.

    `version_concurrency` bounds the requests for one package, `artifact_concurrency` the artifacts
    downloaded by one client; `artifact_bytes` is the largest artifact read for import names, 0
    reads none. `pom_memory_bytes` bounds the POMs kept in memory; `index_seconds` is the time that
    one download of the index may take.
    """

    version_concurrency: int = 8
    artifact_concurrency: int = 4
    artifact_bytes: int = 50 * 1024 * 1024
    pom_memory_bytes: int = 128 * 1024 * 1024
    index_seconds: float = 4 * 3600


@dataclass(slots=True)
class _Fetched:
    """What has been fetched of one package so far. `listed` are the versions of the metadata."""

    gav: Gav
    listed: frozenset[str] | None
    indexed: Mapping[str, int]
    newest: str = ""
    versions: dict[str, PublishedVersion] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)


class PackageReader:
    """Fetches the documents of one package after another from one repository."""

    def __init__(
        self, http: HttpSession, base_url: str, index: IndexKeeper, options: MavenOptions
    ) -> None:
        """`base_url` has no trailing slash."""
        self._http = http
        self._base_url = base_url
        self._index = index
        self._options = options
        self._poms = PomStore(http, base_url, options.pom_memory_bytes)
        self._artifacts = ArtifactReader(
            http, max_bytes=options.artifact_bytes, concurrency=options.artifact_concurrency
        )

    async def fetch(self, package: ListedPackage, known: KnownPackage) -> MavenDocuments:
        """Fetch metadata and the POMs that `known` does not cover, with their parents and BOMs.

        Versions are those of the metadata and of the kept index together: metadata of some packages
        was overwritten with a part of itself. What only the index names must have a POM, though.
        Raises PackageNotFoundError where neither knows the package, InvalidPayloadError where it has
        no version at all.
        """
        revision, indexed = await self._from_index(package)
        group, _, artifact = package.name.partition(":")
        fetched = _Fetched(
            Gav(group, artifact, ""), await self._listed(package.name, indexed), indexed
        )
        await self._versions(fetched, known)
        names, source = await self._import_names(fetched, known.artifact_source)
        return MavenDocuments(
            name=package.name,
            revision=package.revision or revision,
            versions=fetched.versions,
            newest=fetched.newest,
            artifact_names=names,
            artifact_source=source,
            counts=fetched.counts,
        )

    async def _from_index(self, package: ListedPackage) -> tuple[str, dict[str, int]]:
        index = await self._index.kept()
        if index is None:
            return "", {}
        revision = "" if package.revision else await asyncio.to_thread(index.revision, package.name)
        return revision, await asyncio.to_thread(index.versions, package.name)

    async def _listed(self, name: str, indexed: Mapping[str, int]) -> frozenset[str] | None:
        """Return the versions of the metadata, None where there is none but the index has some."""
        url = metadata_address(self._base_url, name)
        try:
            response = await self._http.get(url)
        except PackageNotFoundError:
            if indexed:
                return None
            raise
        metadata = read_metadata(response.body, url)
        check_name(metadata, name, url)
        if not metadata.versions and not indexed:
            raise InvalidPayloadError(f"metadata without a version: {url}", url=url)
        return frozenset(metadata.versions)

    async def _versions(self, fetched: _Fetched, known: KnownPackage) -> None:
        gate = asyncio.Semaphore(self._options.version_concurrency)
        told = (fetched.listed or frozenset()) | set(fetched.indexed)
        names = sorted(filter(is_version, told))
        fetched.counts["refused_versions"] += len(told) - len(names)
        fetched.newest = newest_version(names)

        async def read(name: str) -> None:
            async with gate:
                await self._version(fetched, name, known.requirement_sources.get(name, ""))

        await run_all(read(name) for name in names)
        # Where the newest has no POM, the newest that has one speaks for the package.
        telling = [name for name, version in fetched.versions.items() if version.model]
        fetched.newest = newest_version(telling or fetched.versions)
        if not fetched.versions:
            url = metadata_address(self._base_url, f"{fetched.gav.group}:{fetched.gav.artifact}")
            if fetched.listed is None:
                raise PackageNotFoundError(
                    f"neither metadata nor a POM: {url}", url=url, status=404
                )
            raise InvalidPayloadError(f"metadata without a usable version: {url}", url=url)

    async def _version(self, fetched: _Fetched, name: str, known_source: str) -> None:
        """Read one version; of what is known, only the newest, which speaks for the package.

        Without metadata, nothing but the POMs can tell whether the package is still there.
        """
        released = utc_from_milliseconds(fetched.indexed.get(name, 0))
        is_known = known_source == SOURCE_POM
        if is_known and name != fetched.newest and fetched.listed is not None:
            fetched.versions[name] = PublishedVersion(released)
            return
        gav = Gav(fetched.gav.group, fetched.gav.artifact, name)
        file = await self._poms.get(gav, believe_missing=False)
        if file.source == SOURCE_MISSING and name not in (fetched.listed or ()):
            fetched.counts["versions_of_the_index_only_and_gone"] += 1
            return
        model = await self._model(fetched, gav, file)
        fetched.versions[name] = PublishedVersion(
            released or file.modified, "" if is_known else file.source, model
        )

    async def _model(self, fetched: _Fetched, gav: Gav, file: PomFile) -> EffectivePom | None:
        if file.pom is None:
            return None
        model = await self._poms.model(gav, file)
        if (model.group, model.artifact, model.version) != (gav.group, gav.artifact, gav.version):
            fetched.counts["misnamed_poms"] += 1
        return model

    async def _import_names(
        self, fetched: _Fetched, known_source: str
    ) -> tuple[tuple[str, ...] | None, str]:
        """Read the newest release's jar, unless it is known, too large or refused."""
        model = fetched.versions[fetched.newest].model
        source = f"{fetched.gav.artifact}-{fetched.newest}.jar"
        if model is None or source == known_source or not self._artifacts.admits():
            return None, ""
        if model.packaging not in JAR_PACKAGINGS or model.relocation is not None:
            fetched.counts["import_names_skipped"] += 1
            return None, ""
        gav = Gav(fetched.gav.group, fetched.gav.artifact, fetched.newest)
        url = file_address(self._base_url, gav, "jar")
        names = await self._artifacts.read(url, read_import_names, fetched.counts)
        return (None, "") if names is None else (names, source)
