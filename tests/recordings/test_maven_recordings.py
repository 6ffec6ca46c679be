"""All recorded documents of Maven repositories but POMs: index chunks, metadata, and what is neither.

REGISTRY_RECORDINGS names the folder; without it this suite skips. What a document holds is counted
here in the plainest way, by other code than that which is tested. POMs have a suite of their own.
"""

import csv
import gzip
import os
import re
import struct
from pathlib import Path

import pytest

from src.schemas.errors import InvalidPayloadError
from src.schemas.package import PackageRecord
from src.services.apis.maven_index import IndexBuilder, IndexFile
from src.utils.maven.documents import MavenDocuments, PublishedVersion
from src.utils.maven.index import Change, IndexReader
from src.utils.maven.index_properties import Position, read_properties
from src.utils.maven.metadata import check_name, read_metadata
from src.utils.maven.names import is_version
from src.utils.maven.record import build_record, newest_version

_FOLDER = os.environ.get("REGISTRY_RECORDINGS", "")
ROOT = Path(_FOLDER)
pytestmark = pytest.mark.skipif(not _FOLDER, reason="REGISTRY_RECORDINGS names no folder")

NOT_READ = {
    "html": "directory listings: reading many of them is called abuse by the operator",
    "json": "answers of another service",
    "txt": "the same service's answer that it knows no such package",
}
"""Kinds of recorded documents that no client of ours asks for, by the end of their name."""

NO_PACKAGE_METADATA = {
    "maven/org.springframework.boot__spring-boot-starter-parent/1.5.9-SNAPSHOT.maven-metadata.xml": (
        "the metadata of one snapshot version"
    ),
}


def recorded() -> list[str]:
    if not _FOLDER:
        return []
    with (ROOT / "MANIFEST.tsv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    paths = [row["path"] for row in rows if row["ecosystem"] == "maven"]
    return sorted(path for path in paths if "/_advisories/" not in path)


def body(path: str) -> bytes:
    return (ROOT / path).read_bytes()


def root_element(path: str) -> str:
    found = re.search(rb"<(project|metadata)[\s>]", body(path))
    return found[1].decode() if found and path.endswith((".xml", ".pom")) else ""


PATHS = recorded()
INDEXES = [path for path in PATHS if path.endswith(".gz")]
PROPERTIES = [path for path in PATHS if path.endswith(".properties")]
METADATA = [path for path in PATHS if root_element(path) == "metadata"]
POMS = [path for path in PATHS if root_element(path) == "project"]
OTHERS = [path for path in PATHS if path not in {*INDEXES, *PROPERTIES, *METADATA, *POMS}]
OF_PACKAGES = [path for path in METADATA if path not in NO_PACKAGE_METADATA]


def listed(path: str) -> list[str]:
    """Return the versions by a look at the text alone."""
    text = re.sub(r"<!--.*?-->", "", body(path).decode(), flags=re.DOTALL)
    (block,) = re.findall(r"<versions>(.*?)</versions>", text, re.DOTALL)
    return re.findall(r"<version>\s*(.*?)\s*</version>", block)


def main_artifacts(path: str) -> list[tuple[str, str, int]]:
    """Return group:artifact, version and time of main artifacts, by a search for the fields."""
    data = gzip.decompress(body(path))
    found = []
    for match in re.finditer(rb"\x00\x01u\x00\x00(..)", data, re.DOTALL):
        (size,) = struct.unpack(">H", match[1])
        parts = data[match.end() : match.end() + size].decode().split("|")
        info = re.compile(rb"\x00\x01i\x00\x00..([^|]*)\|(\d+)\|", re.DOTALL).search(
            data, match.end()
        )
        if parts[3] == "NA" and info is not None:
            found.append((f"{parts[0]}:{parts[1]}", parts[2], int(info[2])))
    return found


def read(path: str) -> tuple[IndexReader, list[Change]]:
    with (ROOT / path).open("rb") as stream:
        reader = IndexReader(stream, path)
        changes: list[Change] = []
        while (part := reader.read(100)) is not None:
            changes += part
    return reader, changes


def record_of(path: str) -> PackageRecord:
    metadata = read_metadata(body(path), path)
    name = f"{metadata.group or 'g'}:{metadata.artifact or 'a'}"
    check_name(metadata, name, path)
    versions = {version: PublishedVersion() for version in metadata.versions}
    return build_record(MavenDocuments(name, "", versions, newest_version(versions)))


def test_the_recordings_are_there() -> None:
    assert len(INDEXES) >= 4
    assert len(PROPERTIES) >= 1
    assert len(OF_PACKAGES) >= 9
    assert len(POMS) >= 30
    assert sum(map(len, (INDEXES, PROPERTIES, METADATA, POMS, OTHERS))) == len(PATHS)


@pytest.mark.parametrize("path", OTHERS)
def test_what_is_no_document_of_ours_is_told_and_refused(path: str) -> None:
    assert NOT_READ[path.rpartition(".")[2]]
    for reading in (read_metadata, read_properties):
        with pytest.raises(InvalidPayloadError):
            reading(body(path), path)
    with pytest.raises(InvalidPayloadError):
        read(path)


@pytest.mark.parametrize("path", INDEXES)
def test_an_index_keeps_every_main_artifact_and_its_time(path: str) -> None:
    expected = main_artifacts(path)
    reader, changes = read(path)
    assert expected
    usable = [entry for entry in expected if "$" not in "".join(entry[:2]) and is_version(entry[1])]
    assert reader.refused == len(expected) - len(usable)
    assert [(c.name, c.version, c.modified) for c in changes] == usable
    assert reader.records == gzip.decompress(body(path)).count(b"\0\1u\0\0") + sum(
        body_has in gzip.decompress(body(path))
        for body_has in (b"\0\tallGroups", b"\0\nrootGroups")
    )


@pytest.mark.parametrize("path", INDEXES)
def test_a_kept_index_names_the_same_packages_versions_and_times(path: str, tmp_path: Path) -> None:
    _, changes = read(path)
    kept = tmp_path / "index"
    with IndexBuilder(kept, Position("1", 1), 1) as builder:
        builder.add(changes)
        while builder.settle(1, 50):
            pass
        total = builder.finish()
    index = IndexFile(kept)
    names = {change.name for change in changes}
    assert total == index.total == len(names)
    assert {row[0] for row in index.packages("", 10_000)} == names
    for name in names:
        oldest: dict[str, int] = {}
        for change in changes:
            if change.name == name and change.modified:
                oldest[change.version] = min(change.modified, oldest.get(change.version, 2**60))
        assert index.versions(name) == oldest
    index.close()


@pytest.mark.parametrize("path", INDEXES)
@pytest.mark.parametrize("share", [0.2, 0.5, 0.99])
def test_a_part_of_an_index_is_refused(path: str, share: float, tmp_path: Path) -> None:
    whole = body(path)
    cut = tmp_path / "cut"
    cut.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(InvalidPayloadError):
        read(str(cut))


@pytest.mark.parametrize("path", PROPERTIES)
def test_properties_tell_the_chain_and_every_chunk(path: str) -> None:
    text = body(path).decode()
    properties = read_properties(body(path), path)
    assert f"chain-id={properties.position.chain}" in text
    assert f"last-incremental={properties.position.number}" in text
    chunks = re.findall(r"\.incremental-\d+=(\d+)", text)
    assert properties.chunks == frozenset(map(int, chunks))
    assert len(chunks) == len(properties.chunks)
    assert properties.timestamp == 1_540_776_119_470


@pytest.mark.parametrize("path", OF_PACKAGES)
def test_metadata_keeps_every_version(path: str) -> None:
    expected = listed(path)
    record = record_of(path)
    assert expected
    assert sorted(version.name for version in record.versions) == sorted(set(expected))
    serials = [version.serial_number for version in record.versions]
    assert serials == list(range(len(set(expected))))
    assert len({version.purl for version in record.versions}) == len(serials)
    assert all(map(is_version, expected))


@pytest.mark.parametrize("path", NO_PACKAGE_METADATA)
def test_metadata_of_something_else_is_refused(path: str) -> None:
    with pytest.raises(InvalidPayloadError):
        read_metadata(body(path), path)


@pytest.mark.parametrize("path", POMS)
def test_a_pom_is_not_taken_for_metadata(path: str) -> None:
    with pytest.raises(InvalidPayloadError):
        read_metadata(body(path), path)
