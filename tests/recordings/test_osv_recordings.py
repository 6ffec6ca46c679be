"""All recorded advisories: each is read, nothing of it lost, and ranges agree with lists.

REGISTRY_RECORDINGS names the folder; without it this suite skips. What a record holds is counted here
in the plainest way, by other code than that which is tested.
"""

import csv
import json
import os
import re
import zipfile
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from src.schemas.advisory import Advisory, AdvisoryKind
from src.schemas.errors import InvalidPayloadError
from src.utils.osv.matching import match
from src.utils.osv.record import from_stored, read_advisory, stored_form

_FOLDER = os.environ.get("REGISTRY_RECORDINGS", "")
ROOT = Path(_FOLDER)
pytestmark = pytest.mark.skipif(not _FOLDER, reason="REGISTRY_RECORDINGS names no folder")

OTHER_KINDS = {
    "_ghsa-graphql/": "an answer of GitHub's own interface, which is no OSV record",
    "_toml/": "RustSec's own form, which its export turns into OSV records",
}
"""Folders of documents that are of no kind we read, and what they are."""

OURS = ("PyPI", "npm", "Maven", "crates.io", "RubyGems", "NuGet")

LIST_ONLY = {
    # OSV's own order takes 9.0.0.M1 for newer than 9.0.0-M11; to Maven both are milestones.
    ("GHSA-f4qf-m5gf-8jm8", "org.apache.tomcat:tomcat-coyote"): 7,
    ("GHSA-wmwf-9ccg-fff5", "org.apache.tomcat:tomcat"): 7,
    ("GHSA-wmwf-9ccg-fff5", "org.apache.tomcat:tomcat-catalina"): 7,
    ("GHSA-wmwf-9ccg-fff5", "org.apache.tomcat.embed:tomcat-embed-core"): 7,
    # A gem of that number cannot be: "-rc.1" would be its platform.
    ("GHSA-mhpp-875w-9cpv", "jquery-rails"): 1,
    # Names of releases ("0.1-bulbasaur"), which PEP 440 does not order.
    ("PYSEC-2008-8", "paramiko"): 8,
    ("PYSEC-2018-19", "paramiko"): 8,
}
"""Listed versions that no range of their record covers, for each record and package."""


def recorded() -> list[str]:
    if not _FOLDER:
        return []
    with (ROOT / "MANIFEST.tsv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    return sorted({row["path"] for row in rows if "/_advisories/" in row["path"]})


PATHS = recorded()
OTHERS = [path for path in PATHS if any(kind in path for kind in OTHER_KINDS)]
ARCHIVES = [path for path in PATHS if path.endswith(".zip")]
RECORDS = [path for path in PATHS if path not in OTHERS and path not in ARCHIVES]


@cache
def document(path: str) -> dict[str, Any]:
    body = (ROOT / path).read_bytes()
    # The base loader leaves dates the text that they are.
    return yaml.load(body, yaml.BaseLoader) if path.endswith(".yaml") else json.loads(body)


@cache
def advisory(path: str) -> Advisory:
    return read_advisory(document(path))


def ours(record: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        entry for entry in record["affected"] if entry.get("package", {}).get("ecosystem") in OURS
    ]


def listed(entry: dict[str, Any]) -> list[str]:
    # Of some answers, numbers and lists were replaced by their length.
    return entry["versions"] if isinstance(entry.get("versions"), list) else []


def test_every_advisory_of_the_manifest_is_of_a_kind_known_here() -> None:
    assert len(RECORDS) >= 730
    assert {Path(path).suffix for path in RECORDS} == {".json", ".yaml"}
    assert len(RECORDS) + len(OTHERS) + len(ARCHIVES) == len(PATHS)


@pytest.mark.parametrize("path", [path for path in OTHERS if path.endswith(".json")])
def test_what_is_no_record_is_refused(path: str) -> None:
    with pytest.raises(InvalidPayloadError):
        read_advisory(document(path))


@pytest.mark.parametrize("path", RECORDS)
def test_a_record_loses_nothing(path: str) -> None:
    record, read = document(path), advisory(path)
    entries = ours(record)
    assert read.id == Path(path).name.split("@")[0].rsplit(".", 1)[0]
    text = (ROOT / path).read_text(encoding="utf-8")
    assert read.withdrawn is bool(re.search(r"""withdrawn"?: *["']?\d{4}-""", text))
    assert len(read.affected) == len(entries)
    assert read.aliases == set(record.get("aliases") or [])
    for entry, affected in zip(entries, read.affected, strict=True):
        versioned = [r for r in entry.get("ranges") or [] if r["type"] != "GIT"]
        assert len(affected.ranges) == len(versioned)
        events = [[next(iter(event.items())) for event in r["events"]] for r in versioned]
        assert [[(e.kind, e.version) for e in one] for one in affected.ranges] == events
        assert len(affected.versions) <= len(listed(entry))
        assert bool(affected.versions) is bool(listed(entry))


@pytest.mark.parametrize("path", RECORDS)
def test_a_record_is_stored_as_published_and_read_back(path: str) -> None:
    record = document(path)
    stored = stored_form(record)
    keys = {f"{e['package']['ecosystem']}/{e['package']['name']}" for e in ours(record)}
    assert len(stored["package_keys"]) == len({key.lower() for key in keys})
    vectors = [entry["score"] for entry in record.get("severity") or []]
    scored = [entry["base_score"] for entry in stored.get("severity") or []]
    assert len(scored) == len(vectors)
    assert all(0 <= score <= 10 for score in scored)
    assert from_stored({"_id": stored["_id"], "matching": stored["matching"]}) == advisory(path)
    for name in set(record) - {"severity", "affected"}:
        assert stored[name] == record[name]


@pytest.mark.parametrize("path", RECORDS)
def test_a_listed_version_is_hit_and_a_withdrawn_record_hits_none(path: str) -> None:
    read = advisory(path)
    for entry, affected in zip(ours(document(path)), read.affected, strict=True):
        for version in listed(entry):
            hit = match(read, affected.ecosystem, affected.name, version)
            assert (hit is None) is read.withdrawn, version


def test_ranges_agree_with_lists_but_for_known_reasons() -> None:
    covered, uncovered = 0, Counter[tuple[str, str]]()
    for path in RECORDS:
        read = advisory(path)
        for affected in read.affected:
            if read.withdrawn or not affected.ranges:
                continue
            for version in affected.versions:
                hit = match(read, affected.ecosystem, affected.name, version)
                if hit is not None and hit.reason == "range":
                    covered += 1
                else:
                    uncovered[read.id, affected.name] += 1
    assert uncovered == LIST_ONLY
    assert covered >= 36_000
    assert covered / (covered + uncovered.total()) > 0.998


def test_problems_are_counted_where_they_are() -> None:
    problems = Counter[str]()
    for path in RECORDS:
        problems.update(advisory(path).problems)
    elsewhere = sum(len(document(path)["affected"]) - len(ours(document(path))) for path in RECORDS)
    replaced = sum(
        isinstance(entry.get("versions"), int) for path in RECORDS for entry in ours(document(path))
    )
    assert problems == {
        "other_ecosystem": elsewhere,
        "unreadable_versions": replaced,
        "events_out_of_order": 2,
    }


def test_kinds_are_told_apart() -> None:
    kinds = Counter(advisory(path).kind for path in RECORDS)
    texts = [(ROOT / path).read_text() for path in RECORDS]
    malware = sum('"MAL-' in text for text in texts)
    informational = sum(bool(re.search(r'"informational": "\w', text)) for text in texts)
    assert kinds[AdvisoryKind.MALWARE] == malware
    assert kinds[AdvisoryKind.INFORMATIONAL] == informational
    assert kinds.total() == len(RECORDS)


def test_vectors_and_words_give_scores() -> None:
    for path in RECORDS:
        record, read = document(path), advisory(path)
        word = record.get("database_specific")
        word = word.get("severity") if isinstance(word, dict) else None
        assert (read.score is None) is not bool(record.get("severity") or word), path


@pytest.mark.parametrize("path", ARCHIVES)
def test_the_records_of_an_archive_are_read(path: str) -> None:
    with zipfile.ZipFile(ROOT / path) as archive:
        names = [name for name in archive.namelist() if name.endswith(".json")]
        bodies = [json.loads(archive.read(name)) for name in names]
    assert len(bodies) >= 3
    for name, body in zip(names, bodies, strict=True):
        assert read_advisory(body).id == Path(name).stem
        assert stored_form(body)["_id"] == Path(name).stem
