"""All recorded npm documents: each is read, nothing of it lost, or refused for what it is.

REGISTRY_RECORDINGS names the folder; without it this suite skips. What a document holds is counted
here in the plainest way, by other code than that which is tested.
"""

import csv
import json
import operator
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from src.schemas.errors import InvalidConstraintError, InvalidPayloadError
from src.schemas.package import PackageRecord, Requirements
from src.utils.npm.constraints import satisfies
from src.utils.npm.feed import read_changes_page, read_head, read_names_page
from src.utils.npm.names import canonical_name
from src.utils.npm.packument import load_packument, read_packument
from src.utils.npm.record import NpmDocuments, build_record
from src.utils.npm.versions import order_key
from tests.servers.requirement import missing_server

_FOLDER = os.environ.get("REGISTRY_RECORDINGS", "")
ROOT = Path(_FOLDER)
pytestmark = pytest.mark.skipif(not _FOLDER, reason="REGISTRY_RECORDINGS names no folder")

Json = dict[str, Any]

NO_DOCUMENTS_OF_OURS = {
    "npm/_edge/invalid.200_with_invalid_json.json": "an error page that came with status 200",
    "npm/babel-core/npmjs-web.html": "a page of the website",
    "npm/base62/downloads-last-month.json": "the service that counts downloads",
    "npm/react-dom/version-with-repository-directory.json": "one version: packuments hold them all",
    "npm/_listing/new-rss.xml": "the registry's RSS feed: 50 entries at most",
    "npm/_listing/recent.json": "another service's list of changed names",
    "npm/_listing/names.json": "another project's list of names",
}
"""Documents that the client never asks for, with the reason."""

NAME_LISTS = ("npm/_listing/recent.json", "npm/_listing/names.json")

NOT_SEMVER = {("1.1.3.4.5", "=", "1.1.3.4.5")}
"""Ordering facts about what SemVer 2.0.0, section 2, does not call a version (five numbers)."""


def rows() -> list[dict[str, str]]:
    if not _FOLDER:
        return []
    with (ROOT / "MANIFEST.tsv").open(encoding="utf-8", newline="") as stream:
        found = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [row for row in found if row["ecosystem"] == "npm" and row["kind"] != "advisory"]


def body(path: str) -> bytes:
    return (ROOT / path).read_bytes()


PATHS = sorted(row["path"] for row in rows())
FEEDS = [path for path in PATHS if path.startswith("npm/_changes/")]
OURS = [path for path in PATHS if path not in NO_DOCUMENTS_OF_OURS]
PACKUMENTS = [path for path in OURS if path not in FEEDS]


def documents() -> list[Any]:
    """Return every packument: those by themselves, and those inside recorded changes."""
    found = [pytest.param(json.loads(body(path)), id=path) for path in PACKUMENTS]
    for path in FEEDS:
        changed = json.loads(body(path))["results"]
        found += [pytest.param(row["doc"], id=f"{path} {row['id']}") for row in changed]
    return found


def record_of(raw: Json) -> PackageRecord:
    name = raw["name"]
    loaded = load_packument(json.dumps(raw).encode(), name, "u")
    return build_record(NpmDocuments("", read_packument(loaded, name, {}, "")))


_RANGE_OR_TAG = re.compile(r"[^:/]*")


def declared(manifest: Json) -> Counter[tuple[str, str, str]]:
    """Count what a manifest declares by list, kind and name, by the plainest look at it.

    No recorded value has an alias, so that a colon or a slash always leads elsewhere.
    """
    found: Counter[tuple[str, str, str]] = Counter()
    optional = manifest.get("optionalDependencies") or {}
    meta = manifest.get("peerDependenciesMeta") or {}
    groups = [
        ("required", "runtime", manifest.get("dependencies") or {}),
        ("optional", "optional", optional),
        ("required", "peer", manifest.get("peerDependencies") or {}),
        ("development", "dev", manifest.get("devDependencies") or {}),
    ]
    for place, kind, entries in groups:
        for name, value in entries.items():
            if kind == "runtime" and name in optional:
                continue
            where = place
            if kind == "peer" and (meta.get(name) or {}).get("optional"):
                where = "optional"
            if kind != "dev" and not _RANGE_OR_TAG.fullmatch(value):
                where = "unresolved"
            found[where, kind, name] += 1
    return found


def kept(requirements: Requirements) -> Counter[tuple[str, str, str]]:
    assert requirements.development is not None
    return Counter(
        (place, entry.kind, entry.name)
        for place in ("required", "optional", "unresolved", "development")
        for entry in getattr(requirements, place)
    )


def test_the_recordings_are_there_and_none_is_passed_over() -> None:
    assert len(PACKUMENTS) >= 30
    assert len(FEEDS) == 3
    assert set(NO_DOCUMENTS_OF_OURS) <= set(PATHS)
    assert len(PACKUMENTS) + len(FEEDS) + len(NO_DOCUMENTS_OF_OURS) == len(PATHS)
    assert len(documents()) >= len(PACKUMENTS) + 20


@pytest.mark.parametrize("raw", documents())
def test_a_packument_keeps_every_version_date_and_requirement(raw: Json) -> None:
    record = record_of(raw)
    assert record.name == raw["name"]
    assert record.source_revision == raw.get("_rev", "")
    assert {version.name for version in record.versions} == set(raw["versions"])
    assert len({version.purl for version in record.versions}) == len(raw["versions"])
    serials = sorted(version.serial_number for version in record.versions)
    assert serials == list(range(len(raw["versions"])))
    for version in record.versions:
        assert version.release_date == raw["time"].get(version.name, "")
        assert version.requirements is not None
        assert version.requirements.source
        assert kept(version.requirements) == declared(raw["versions"][version.name])
    assert not record.counts


@pytest.mark.parametrize("raw", documents())
def test_every_constraint_of_a_requirement_is_the_published_one(raw: Json) -> None:
    for version in record_of(raw).versions:
        assert version.requirements is not None
        manifest = raw["versions"][version.name]
        fields = {
            "runtime": "dependencies",
            "peer": "peerDependencies",
            "optional": "optionalDependencies",
            "dev": "devDependencies",
        }
        groups = (getattr(version.requirements, place) for place in ("required", "optional"))
        for entry in (*(need for group in groups for need in group),):
            published = manifest[fields[entry.kind]][entry.name]
            assert entry.constraints == (published.strip() or "any")
            assert entry.purl == "pkg:npm/" + entry.name.replace("@", "%40")


@pytest.mark.parametrize("raw", documents())
def test_facts_are_those_of_the_document(raw: Json) -> None:
    record = record_of(raw)
    for version in record.versions:
        manifest = raw["versions"][version.name]
        assert version.facts["deprecated"] == (manifest.get("deprecated") or "").strip()
        assert version.facts["prerelease"] == ("-" in version.name.partition("+")[0])
        if isinstance(manifest.get("license"), str) and len(manifest["license"]) <= 100:
            assert version.facts["license"] == manifest["license"]
    latest = raw["dist-tags"]["latest"]
    assert record.facts["dist_tag_latest"] == latest
    if latest in raw["versions"]:
        deprecated = bool(raw["versions"][latest].get("deprecated"))
        assert record.facts["status"] == ("deprecated" if deprecated else "active")
    assert record.facts["security_placeholder"] is False
    assert record.name in record.facts["import_names"]
    told = json.dumps(raw.get("repository") or "").lower()
    forge = re.search(r"github\.com[/:]([\w.-]+)/([\w.-]+?)(?:\.git)?[\"#/]", told)
    if forge:
        assert record.repository_url.lower() == f"https://github.com/{forge[1]}/{forge[2]}"
        assert record.vendor.lower() == forge[1]


@pytest.mark.parametrize("path", FEEDS)
def test_a_page_of_changes_keeps_every_row(path: str) -> None:
    raw = json.loads(body(path))
    page = read_changes_page(body(path), path)
    assert [(row.sequence, row.name, row.revision) for row in page.rows] == [
        (row["seq"], row["id"], row["changes"][0]["rev"]) for row in raw["results"]
    ]
    assert (page.size, page.last) == (len(raw["results"]), raw["last_seq"])
    for row in raw["results"]:
        assert record_of(row["doc"]).source_revision == row["changes"][0]["rev"]


@pytest.mark.parametrize("path", NO_DOCUMENTS_OF_OURS)
def test_a_document_that_we_never_ask_for_is_refused_and_not_taken_for_nothing(path: str) -> None:
    package = Path(path).parent.name
    with pytest.raises(InvalidPayloadError):
        load_packument(body(path), package, path)
    for read in (read_head, read_names_page, read_changes_page):
        with pytest.raises(InvalidPayloadError):
            read(body(path), path)


@pytest.mark.parametrize("path", NAME_LISTS)
def test_every_recorded_name_is_a_name(path: str) -> None:
    names = json.loads(body(path))
    assert len(names) > 200
    assert [canonical_name(name) for name in names] == names


def test_every_recorded_range_is_read_and_every_tag_told_apart() -> None:
    values = {
        need.constraints
        for raw in documents()
        for version in record_of(raw.values[0]).versions
        if version.requirements is not None
        for need in (*version.requirements.required, *(version.requirements.development or ()))
        if need.purl
    }
    tags = {value for value in values if re.fullmatch(r"[a-z]+", value)} - {"any", "x"}
    assert len(values) > 200
    assert {"next", "canary", "latest", "alpha"} <= tags
    for value in values - tags:
        assert satisfies("1.0.0", value) in {True, False}
    for value in tags:
        with pytest.raises(InvalidConstraintError):
            satisfies("1.0.0", value)


def test_published_facts_of_order_hold() -> None:
    facts = ROOT.parent / "version_order" / "semver.txt"
    if not facts.exists():
        missing_server("there is no version_order beside the recordings")
    compare = {"<": operator.lt, ">": operator.gt, "=": operator.eq}
    lines = [tuple(line.split()) for line in facts.read_text().splitlines() if line.strip()]
    wrong, unknown = [], set()
    for left, sign, right in lines:
        one, two = order_key(left), order_key(right)
        if one is None or two is None:
            unknown.add((left, sign, right))
        elif not compare[sign](one, two):
            wrong.append((left, sign, right))
    assert wrong == []
    assert unknown == NOT_SEMVER
    assert len(lines) > 50
