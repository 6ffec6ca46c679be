"""All recorded documents of the crates registry: each is read, nothing of it lost, or refused for what it is.

REGISTRY_RECORDINGS names the folder; without it this suite skips. What a document holds is counted
here in the plainest way, by other code than that which is tested.
"""

import csv
import io
import json
import operator
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from src.schemas.errors import ArchiveRefusedError, InvalidPayloadError
from src.schemas.package import PackageRecord, Requirement, VersionRecord
from src.utils.archives import read_archive
from src.utils.cargo.constraints import satisfies
from src.utils.cargo.documents import CrateDocuments
from src.utils.cargo.dump import read_dump
from src.utils.cargo.index import read_index_file
from src.utils.cargo.library import is_manifest
from src.utils.cargo.names import canonical_name, index_path
from src.utils.cargo.record import build_record
from src.utils.cargo.versions import order_key
from tests.servers.requirement import missing_server

_FOLDER = os.environ.get("REGISTRY_RECORDINGS", "")
ROOT = Path(_FOLDER)
pytestmark = pytest.mark.skipif(not _FOLDER, reason="REGISTRY_RECORDINGS names no folder")

ADVISORIES = "cargo/_advisories/"

OTHER_KINDS = {
    "api-v1-crate": "the API, which is too slow and too short for a whole registry",
    "api-v1-dependencies": "the API",
    "crates-page1": "a page of the API's listing, which ends after 20,000 crates",
    "crates-empty-page": "a page of the API's listing",
    "summary": "the API's front page",
    "not_found": "the body of an error, which comes with status 404",
    "index-git-log": "a log that was derived from the git form of the index",
    "index-names": "a list that was derived from the git form of the index",
}
"""Documents that are of no kind we ask for, by how their names begin, and what they are."""

V_PREFIX = 20
"""Ordering facts with a `v` before a version: SemVer 2.0.0 (FAQ, "Is v1.2.3 a semantic version?") says
no, and neither Cargo nor the registry takes one."""

NO_SEMVER = {"1.1.3.4.5"}
"""Four dots: not of the grammar of SemVer 2.0.0, section 2."""


def recorded() -> list[str]:
    if not _FOLDER:
        return []
    with (ROOT / "MANIFEST.tsv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    paths = [row["path"] for row in rows if row["ecosystem"] == "cargo"]
    return sorted(path for path in paths if not path.startswith(ADVISORIES))


def body(path: str) -> bytes:
    return (ROOT / path).read_bytes()


def lines(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in body(path).decode().split("\n") if line.strip()]


PATHS = recorded()
INDEX_FILES = [path for path in PATHS if path.endswith(".jsonl")]
OTHERS = [path for path in PATHS if path not in INDEX_FILES]


def record_of(path: str) -> PackageRecord:
    file = read_index_file(body(path), path)
    return build_record(CrateDocuments(file.name, file.versions, counts=file.counts))


def as_told(declared: dict[str, Any]) -> tuple[str, str, str, str, str]:
    """Name, constraint, kind, condition and alias of one entry of `deps`."""
    kinds = {None: "runtime", "normal": "runtime", "build": "build", "dev": "dev"}
    real = declared.get("package")
    return (
        real or declared["name"],
        declared["req"],
        kinds[declared.get("kind")],
        declared.get("target") or "",
        declared["name"] if real else "",
    )


def as_kept(need: Requirement) -> tuple[str, str, str, str, str]:
    assert need.purl == f"pkg:cargo/{need.name}"
    return (need.name, need.constraints, need.kind, need.condition, need.variant)


def check_places(line: dict[str, Any], version: VersionRecord) -> Counter[str]:
    """Compare the lists of a version with its line; return how many entries each holds."""
    found = version.requirements
    assert found is not None
    assert found.development is not None
    assert found.unresolved == ()
    told: dict[str, set[tuple[str, ...]]] = {"required": set(), "optional": set(), "dev": set()}
    for declared in line["deps"]:
        is_dev = declared.get("kind") == "dev"
        place = "dev" if is_dev else "optional" if declared.get("optional") else "required"
        told[place].add(as_told(declared))
    assert sorted(map(as_kept, found.required)) == sorted(told["required"])
    assert sorted(map(as_kept, found.optional)) == sorted(told["optional"])
    assert sorted(map(as_kept, found.development)) == sorted(told["dev"])
    return Counter({place: len(entries) for place, entries in told.items()})


def test_the_recordings_are_there() -> None:
    assert len(INDEX_FILES) >= 50
    assert len(INDEX_FILES) + len(OTHERS) == len(PATHS)


@pytest.mark.parametrize("path", INDEX_FILES)
def test_an_index_file_keeps_every_version_and_requirement(path: str) -> None:
    raw = lines(path)
    record = record_of(path)
    by_number = {line["vers"]: line for line in raw}
    assert {version.name for version in record.versions} == set(by_number)
    assert len({version.purl for version in record.versions}) == len(by_number)
    assert record.counts.get("repeated_versions", 0) == len(raw) - len(by_number)
    assert record.name == raw[0]["name"] == canonical_name(record.name)
    for version in record.versions:
        line = by_number[version.name]
        check_places(line, version)
        assert version.facts["yanked"] is line["yanked"]
        assert version.facts.get("links") == (line.get("links") or None)
        assert version.release_date == line.get("pubtime", "")
        assert version.requirements is not None
        assert version.requirements.source == f"sha256:{line['cksum']}"


@pytest.mark.parametrize("path", INDEX_FILES)
def test_the_versions_of_an_index_file_are_in_order(path: str) -> None:
    record = record_of(path)
    numbers = [v.serial_number for v in record.versions if v.serial_number >= 0]
    assert numbers == list(range(len(numbers)))
    names = [v.name for v in record.versions if v.serial_number >= 0]
    releases = [tuple(map(int, re.split(r"[-+]", name)[0].split("."))) for name in names]
    assert releases == sorted(releases)
    assert record.counts.get("legacy_versions", 0) == len(record.versions) - len(numbers)


def test_all_index_files_together_hold_what_they_hold() -> None:
    total: Counter[str] = Counter()
    declared = 0
    for path in INDEX_FILES:
        by_number = {line["vers"]: line for line in lines(path)}
        for version in record_of(path).versions:
            total += check_places(by_number[version.name], version)
            total["versions"] += 1
        declared += sum(len(line["deps"]) for line in by_number.values())
    assert total["versions"] > 1500
    assert 0.98 * declared < total["required"] + total["optional"] + total["dev"] <= declared


@pytest.mark.parametrize("path", INDEX_FILES)
def test_every_recorded_constraint_can_be_asked(path: str) -> None:
    constraints = {declared["req"] for line in lines(path) for declared in line["deps"]}
    for constraint in constraints:
        assert satisfies("1.0.0", constraint) in {True, False}
    assert "unreadable_constraints" not in record_of(path).counts


def test_a_crate_admits_its_own_recorded_versions() -> None:
    record = record_of("cargo/rand/sparse-index.jsonl")
    admitted = [v.name for v in record.versions if satisfies(v.name, "^0.7")]
    assert admitted == ["0.7.0", "0.7.1", "0.7.2", "0.7.3"]


def test_every_recorded_name_is_a_name_with_a_place_in_the_index() -> None:
    listed = next(path for path in PATHS if "index-names" in path)
    names = body(listed).decode().split()
    assert len(names) == 43_451
    paths = {index_path(canonical_name(name)) for name in names}
    assert len(paths) == len(names)


@pytest.mark.parametrize("path", OTHERS)
def test_a_document_that_we_never_ask_for_is_refused_and_not_taken_for_nothing(path: str) -> None:
    assert any(Path(path).name.startswith(kind) for kind in OTHER_KINDS), path
    with pytest.raises(InvalidPayloadError):
        read_index_file(body(path), path)
    with pytest.raises(InvalidPayloadError):
        list(read_dump(io.BufferedReader(io.BytesIO(body(path))), path))  # type: ignore[arg-type]
    with pytest.raises(ArchiveRefusedError):
        read_archive(ROOT / path, wanted=is_manifest)


def test_published_facts_of_order_hold() -> None:
    facts = ROOT.parent / "version_order" / "semver.txt"
    if not facts.exists():
        missing_server("there is no version_order beside the recordings")
    compare: dict[str, Any] = {"<": operator.lt, ">": operator.gt, "=": operator.eq}
    checked, excepted, wrong = 0, [], []
    for line in filter(str.strip, facts.read_text().splitlines()):
        left, sign, right = line.split()
        keys = order_key(left), order_key(right)
        if None in keys:
            excepted.append(line)
            continue
        checked += 1
        if not compare[sign](*keys):
            wrong.append(line)
    assert wrong == []
    with_v = [line for line in excepted if "v" in line]
    assert len(with_v) == V_PREFIX
    assert {line.split()[0] for line in excepted if line not in with_v} == NO_SEMVER
    assert checked + len(excepted) == 58
