"""All recorded PyPI documents: each is read, nothing of it lost, or refused for what it is.

REGISTRY_RECORDINGS names the folder; without it this suite skips. What a document holds is counted
here in the plainest way, by other code than that which is tested.
"""

import csv
import io
import json
import operator
import os
import re
import zipfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from packaging.version import InvalidVersion, Version

from src.schemas.errors import ArchiveRefusedError, InvalidPayloadError
from src.schemas.package import PackageRecord
from src.utils.archives import read_archive
from src.utils.pypi.documents import ProjectPage, PyPIDocuments, read_info, read_page
from src.utils.pypi.import_names import import_names, is_wanted
from src.utils.pypi.index import IndexReader
from src.utils.pypi.metadata import VersionMetadata, read_metadata
from src.utils.pypi.names import canonical_name
from src.utils.pypi.record import build_record
from src.utils.pypi.releases import collect_releases
from src.utils.pypi.versions import order_key
from src.utils.serial_numbers import number_versions
from tests.servers.requirement import missing_server

_FOLDER = os.environ.get("REGISTRY_RECORDINGS", "")
ROOT = Path(_FOLDER)
pytestmark = pytest.mark.skipif(not _FOLDER, reason="REGISTRY_RECORDINGS names no folder")

ADVISORIES = "pypi/_advisories/"
LEGACY_ORDER_LINES = 54
"""Lines of the ordering facts with a version that PEP 440 does not know."""


def recorded() -> list[str]:
    if not _FOLDER:
        return []
    with (ROOT / "MANIFEST.tsv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    paths = [row["path"] for row in rows if row["ecosystem"] == "pypi"]
    return sorted(path for path in paths if not path.startswith(ADVISORIES))


def body(path: str) -> bytes:
    return (ROOT / path).read_bytes()


def keys(path: str) -> set[str]:
    return set(json.loads(body(path))) if path.endswith(".json") else set()


PATHS = recorded()
PAGES = [path for path in PATHS if "files" in keys(path)]
DOCUMENTS = [path for path in PATHS if keys(path) & {"info", "releases"}]
ARTIFACTS = [path for path in PATHS if path.endswith((".whl", ".tar.gz"))]
OTHERS = [path for path in PATHS if path not in {*PAGES, *DOCUMENTS, *ARTIFACTS}]


def record_of_page(path: str, *, listed: bool = True) -> PackageRecord:
    page = read_page(body(path), path)
    if not listed:
        page = ProjectPage(page.name, page.serial, page.files, None)
    name = canonical_name(page.name)
    releases, unassigned = collect_releases(page, None, name)
    assert unassigned == 0
    assert sum(map(len, releases.values())) == len(page.files)
    return build_record(PyPIDocuments(name, "", page, None, releases, {}))


def record_of_document(path: str) -> PackageRecord:
    info = read_info(body(path), path)
    name = canonical_name(info.name) if info.name else "nameless"
    page = ProjectPage(name, None, (), None)
    releases, _ = collect_releases(page, info, name)
    releases = {info.version: (), **releases} if info.version else releases
    metadata = {info.version: VersionMetadata("s", info.requires_dist, info.license)}
    return build_record(PyPIDocuments(name, "", page, info, releases, metadata))


def counted(published: Iterable[str]) -> Counter[str]:
    """Tell requirements apart by the plainest look at their text; repeated ones count once."""
    places: Counter[str] = Counter()
    for text in {re.sub(r"\s", "", entry) for entry in published}:
        if re.search(r"[<>=!~]=?[A-Za-z]", text.split(";")[0]):
            places["unresolved"] += 1
        else:
            places["optional" if re.search(r"extra==", text) else "required"] += 1
    return places


def placed(record: PackageRecord, version: str) -> Counter[str]:
    found = next(entry for entry in record.versions if entry.name == version).requirements
    assert found is not None
    return Counter(
        {
            place: len(getattr(found, place))
            for place in ("required", "optional", "unresolved")
            if getattr(found, place)
        }
    )


def test_the_recordings_are_there() -> None:
    assert len(PAGES) >= 11
    assert len(DOCUMENTS) >= 19
    assert len(ARTIFACTS) >= 2
    assert sum(map(len, (PAGES, DOCUMENTS, ARTIFACTS, OTHERS))) == len(PATHS)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_keeps_every_version_file_and_date(path: str) -> None:
    raw: dict[str, Any] = json.loads(body(path))
    record = record_of_page(path)
    assert sorted(version.name for version in record.versions) == sorted(raw["versions"])
    assert len({version.purl for version in record.versions}) == len(raw["versions"])
    first = min(file["upload-time"] for file in raw["files"])
    assert min(version.release_date for version in record.versions) == first
    serials = [version.serial_number for version in record.versions if version.serial_number >= 0]
    assert serials == list(range(len(serials)))
    assert record.source_revision == str(raw["meta"]["_last-serial"])


@pytest.mark.parametrize("path", PAGES)
def test_a_page_without_its_list_of_versions_loses_none(path: str) -> None:
    told = {version.name for version in record_of_page(path).versions}
    found = {version.name for version in record_of_page(path, listed=False).versions}
    # The one file of urllib3 0.2 is called 0.3; nothing but the list can tell.
    assert found == ({*told, "0.3"} - {"0.2"} if "/urllib3/" in path else told)


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_document_keeps_every_release_and_requirement(path: str) -> None:
    raw: dict[str, Any] = json.loads(body(path))
    info = raw.get("info") or {}
    record = record_of_document(path)
    expected = set(raw.get("releases") or {}) | (
        {info["version"]} if info.get("version") else set()
    )
    assert {version.name for version in record.versions} == expected
    if info.get("version"):
        published = info.get("requires_dist") or []
        assert placed(record, info["version"]) == counted(published)
        assert record.counts.get("invalid_requirements", 0) == counted(published)["unresolved"]


@pytest.mark.parametrize("path", ARTIFACTS)
def test_an_artifact_tells_its_import_names_and_requirements(path: str) -> None:
    content = read_archive(ROOT / path, wanted=is_wanted)
    head = next(
        text for name, text in content.files.items() if name.endswith(("/METADATA", "/PKG-INFO"))
    )
    lines = head.partition(b"\n\n")[0].decode().splitlines()
    metadata = read_metadata(head, "s", path)
    assert list(metadata.requires_dist) == [
        line.partition(": ")[2] for line in lines if line.startswith("Requires-Dist: ")
    ]
    expected = {"beautifulsoup4": ("bs4",), "sampleproject": ("sample",)}
    assert import_names(content, Path(path).name) == expected[Path(path).parent.name]
    if path.endswith(".whl"):
        with zipfile.ZipFile(ROOT / path) as archive:
            assert content.paths == [name for name in archive.namelist() if name[-1] != "/"]


@pytest.mark.parametrize("path", OTHERS)
def test_a_document_that_we_never_ask_for_is_refused_and_not_taken_for_nothing(path: str) -> None:
    for read in (read_page, read_info):
        with pytest.raises(InvalidPayloadError):
            read(body(path), path)
    with pytest.raises(InvalidPayloadError):
        read_metadata(body(path), "s", path)
    with pytest.raises(InvalidPayloadError):
        IndexReader(io.BytesIO(body(path)), path)
    with pytest.raises(ArchiveRefusedError):
        read_archive(ROOT / path, wanted=is_wanted)


def test_published_facts_of_order_hold() -> None:
    facts = ROOT.parent / "version_order" / "pypi.txt"
    if not facts.exists():
        missing_server("there is no version_order beside the recordings")
    legacy, wrong = [], []
    compare = {"<": operator.lt, ">": operator.gt, "=": operator.eq}
    lines = [line.split() for line in facts.read_text().splitlines() if line.strip()]
    for left, sign, right in lines:
        places = {name: serial for serial, name in number_versions([left, right], order_key)}
        if min(places.values()) < 0:
            legacy.append((left, right))
            continue
        equal = sign == "=" and Version(left) == Version(right)
        if not equal and not compare[sign](places[left], places[right]):
            wrong.append((left, sign, right))
    assert wrong == []
    assert len(legacy) == LEGACY_ORDER_LINES
    assert all(any(map(_is_legacy, pair)) for pair in legacy)


def _is_legacy(name: str) -> bool:
    try:
        Version(name)
    except InvalidVersion:
        return True
    return False
