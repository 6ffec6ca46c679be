"""A Maven repository as the contract suite fills it: an index with its chunks, metadata and POMs."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from src.cache import FileCache
from src.local_stack.replay import Document
from src.local_stack.replay.maven_makers import (
    Fields,
    artifact_record,
    deletion_record,
    index_bytes,
)
from src.schemas.ecosystem import Ecosystem
from src.schemas.http import HttpOptions
from src.services.apis.maven_api import MavenClient
from src.services.apis.maven_package import MavenOptions
from src.session import http_session
from tests.contract.registry import Published

INDEX = "/maven/.index/nexus-maven-repository-index"
CHAIN = "1318453614498"
FIRST_MOMENT = 1_700_000_000_000


class FakeMaven:
    """Each change of a package is a chunk of the index; deployed POMs stay as they are."""

    ecosystem = Ecosystem.MAVEN
    names = tuple(f"org.example.fake:artifact-{number:02}" for number in range(14))
    other_spelling = (names[0], names[0])

    def __init__(self) -> None:
        self.quirks: set[str] = set()
        self.packages: dict[str, dict[str, Published]] = {}
        self.times: dict[tuple[str, str], int] = {}
        self.chunks: dict[int, list[Fields]] = {}
        self.first_chunk = 1
        self.fixed: dict[str, Document] = {}

    def publish(self, name: str, versions: Mapping[str, Published]) -> None:
        """The newest version is deployed anew each time, so that the index tells of every change."""
        before = self.packages.get(name, {})
        self.packages[name] = dict(versions)
        moment = FIRST_MOMENT + 1000 * self.head
        records = [deletion_record(name, gone) for gone in before if gone not in versions]
        for version in versions:
            if (name, version) not in self.times or version == list(versions)[-1]:
                self.times[name, version] = moment
                records.append(artifact_record(name, version, "jar", moment))
        self._chunk(records)

    def delete(self, name: str) -> None:
        versions = self.packages.pop(name)
        self._chunk([deletion_record(name, version) for version in versions])

    def document(self, path: str, _query: str = "") -> Document | None:
        if path in self.fixed:
            return self.fixed[path]
        if path.startswith(INDEX):
            return self._index(path.removeprefix(INDEX))
        for name, versions in self.packages.items():
            folder = self._folder(name)
            if path == f"{folder}/maven-metadata.xml" and versions:
                return self._metadata(name)
            artifact = name.split(":")[1]
            for version, published in versions.items():
                if path == f"{folder}/{version}/{artifact}-{version}.pom":
                    return self._pom(name, version, published)
        return None

    def listing_path(self) -> str:
        return f"{INDEX}.properties"

    def package_path(self, name: str) -> str:
        return f"{self._folder(name)}/maven-metadata.xml"

    @asynccontextmanager
    async def open_client(
        self, server_url: str, options: HttpOptions, cache: FileCache
    ) -> AsyncIterator[MavenClient]:
        base = f"{server_url}/maven"
        async with http_session(options, bases=[base]) as http:
            yield MavenClient(
                http, base_url=base, cache=cache, options=MavenOptions(artifact_bytes=0)
            )

    @property
    def head(self) -> int:
        return max(self.chunks, default=0)

    def _chunk(self, records: list[Fields]) -> None:
        if "empty_page" in self.quirks:
            self.chunks[self.head + 1] = []
        self.chunks[self.head + 1] = records

    def _index(self, rest: str) -> Document | None:
        if rest == ".properties":
            return Document(self._properties().encode(), "text/plain")
        if rest == ".gz":
            return self._packed(self._everything())
        number = rest.removeprefix(".").removesuffix(".gz")
        if number.isdecimal() and self.first_chunk <= int(number) <= self.head:
            return self._packed(self.chunks[int(number)])
        return None

    def _everything(self) -> list[Fields]:
        return [
            artifact_record(name, version, "jar", self.times[name, version])
            for name, versions in self.packages.items()
            for version in versions
        ]

    def _properties(self) -> str:
        lines = [
            "#Sat Jan 01 00:00:00 UTC 2028",
            "nexus.index.id=central",
            f"nexus.index.chain-id={CHAIN}",
            "nexus.index.timestamp=20231114221320.000 +0000",
            f"nexus.index.last-incremental={self.head}",
        ]
        listed = range(self.head, self.first_chunk - 1, -1)
        lines += [
            f"nexus.index.incremental-{place}={number}" for place, number in enumerate(listed)
        ]
        if "unknown_fields" in self.quirks:
            lines.append("nexus.index.unknown=1")
        return "\n".join(lines) + "\n"

    def _packed(self, records: list[Fields]) -> Document:
        if "unknown_fields" in self.quirks:
            records = [{"unknown": "1", **record, "later": "2"} for record in records]
        if "repeated_page" in self.quirks:
            records = [*records, *records[:5]]
        if "empty_page" in self.quirks:
            records = [*records[:3], {}, *records[3:]]
        return Document(index_bytes(FIRST_MOMENT, records), "application/x-gzip")

    def _metadata(self, name: str) -> Document:
        group, artifact = name.split(":")
        versions = "".join(f"<version>{version}</version>" for version in self.packages[name])
        unknown = "<unknown>1</unknown>" if "unknown_fields" in self.quirks else ""
        return _xml(
            f"<metadata>{unknown}<groupId>{group}</groupId><artifactId>{artifact}</artifactId>"
            f"<versioning>{unknown}<versions>{versions}</versions></versioning></metadata>"
        )

    def _pom(self, name: str, version: str, published: Published) -> Document:
        group, artifact = name.split(":")
        unknown = "<unknown>1</unknown>" if "unknown_fields" in self.quirks else ""
        needs = "".join(
            f"<dependency>{unknown}<groupId>{needed.split(':')[0]}</groupId>"
            f"<artifactId>{needed.split(':')[1]}</artifactId><version>{constraint}</version></dependency>"
            for needed, constraint in published.requires
        )
        return _xml(
            f"<project>{unknown}<groupId>{group}</groupId><artifactId>{artifact}</artifactId>"
            f"<version>{version}</version><dependencies>{needs}</dependencies></project>"
        )

    def _folder(self, name: str) -> str:
        group, artifact = name.split(":")
        return f"/maven/{group.replace('.', '/')}/{artifact}"


def _xml(text: str) -> Document:
    return Document(f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode(), "text/xml")
