"""All recorded NuGet documents: each is read, nothing of it lost, or refused for what it is.

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
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from src.schemas.errors import ArchiveRefusedError, InvalidPayloadError
from src.schemas.package import PackageRecord
from src.utils.nuget.addresses import read_services
from src.utils.nuget.catalog import read_catalog_index, read_catalog_page
from src.utils.nuget.import_names import read_import_names
from src.utils.nuget.names import canonical_name
from src.utils.nuget.record import build_record
from src.utils.nuget.registration import (
    NuGetDocuments,
    read_created,
    read_page,
    read_registration,
)
from src.utils.nuget.requirements import make_requirements, read_dependencies
from src.utils.nuget.versions import order_key
from src.utils.serial_numbers import number_versions
from tests.servers.requirement import missing_server

_FOLDER = os.environ.get("REGISTRY_RECORDINGS", "")
ROOT = Path(_FOLDER)
pytestmark = pytest.mark.skipif(not _FOLDER, reason="REGISTRY_RECORDINGS names no folder")

ADVISORIES = "nuget/_advisories/"
EDGE = "nuget/_edge/"
DEPENDABOT = "nuget/_dependabot/"

REGISTRATIONS = {
    "nuget/nunit/nunit-v3_registration.json": "nunit",
    "nuget/castle.core/registration5-semver1/index.json": "castle.core",
    "nuget/ogcapi.net.sqlserver/registration5-gz-semver2/index.json": "ogcapi.net.sqlserver",
    "nuget/proxykit/proxykit-v3_registration.json": "proxykit",
    f"{DEPENDABOT}search_results.json": "microsoft.extensions.dependencymodel",
    f"{EDGE}azure_devops-nunit-v3_registration.json": "nunit",
    f"{EDGE}deprecated_package_registration.json": "oldpackage",
    f"{EDGE}unlisted_package_registration.json": "unlistedpackage",
}
CUT_SHORT = {
    "nuget/proxykit/proxykit-v3_registration.json",
    f"{DEPENDABOT}search_results.json",
    "nuget/_changes/catalog0-index.json",
    "nuget/_changes/catalog0-page10897.json",
}
"""Recorded with fewer items than their own `count` says: refused as they are."""
CATALOG = [
    "nuget/_changes/catalog0-index.json",
    "nuget/_changes/catalog0-page10897.json",
    "nuget/_changes/catalog0-page15386.json",
]
SERVICE_INDEXES = ["nuget/_listing/v3_index.json", f"{DEPENDABOT}index.json"]
FEEDS = ["nuget/nunit/nunit-v2.xml", f"{DEPENDABOT}v2_versions.xml"]
NUSPECS = {
    "nuget/nunit/nunit-v3_nuget_org.xml": ("nuget/nunit/nunit-v3_registration.json", "3.12.0"),
    "nuget/proxykit/proxykit-v3.xml": ("nuget/proxykit/proxykit-v3_registration.json", "2.3.4"),
}
WHY_NOT_ASKED_FOR = {
    "nuget/_dependabot/": "search, OData and nuspecs: capped, closed, or one request a version",
    "nuget/_listing/": "the web page of the gallery and the search, which ends at 3,000 packages",
    "nuget/nunit/": "OData feeds and a nuspec",
    "nuget/proxykit/": "a nuspec",
    "nuget/ogcapi.net.sqlserver/": "the search",
    "nuget/entityframework/": "a leaf of a registration, of which the index holds more",
    "nuget/_edge/": "the body of a 404",
}


def recorded() -> list[str]:
    if not _FOLDER:
        return []
    with (ROOT / "MANIFEST.tsv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    paths = [row["path"] for row in rows if row["ecosystem"] == "nuget"]
    return sorted(path for path in paths if not path.startswith(ADVISORIES))


def body(path: str) -> bytes:
    return (ROOT / path).read_bytes()


def raw(path: str) -> Any:
    return json.loads(body(path).decode("utf-8-sig"))


def whole(path: str) -> bytes:
    """Return a document with its counts set to what it still holds."""
    document = raw(path)
    if path in CUT_SHORT:
        for part in (document, *(p for p in document["items"] if "items" in p)):
            part["count"] = len(part["items"])
    return json.dumps(document).encode()


PATHS = recorded()
LEAVES = [
    path for path in PATHS if path.startswith(f"{EDGE}catalog-leaf/") and path.endswith(".json")
] + [path for path in PATHS if path.endswith("/catalog0-6.1.3.json")]
ARTIFACTS = [path for path in PATHS if path.endswith(".nupkg.testdata")]
READ = {*REGISTRATIONS, *CATALOG, *SERVICE_INDEXES, *LEAVES, *ARTIFACTS}
OTHERS = [path for path in PATHS if path not in READ]
SEARCHES = [path for path in OTHERS if path.endswith(".json") and "data" in raw(path)]


def record_of(path: str) -> PackageRecord:
    name = REGISTRATIONS[path]
    registration = read_registration(whole(path), name, path)
    leaves = [leaf for page in registration.pages for leaf in page.leaves or ()]
    by_version = {leaf.version: leaf for leaf in leaves}
    assert len(by_version) == len(leaves)
    return build_record(NuGetDocuments(name, "", by_version))


def entries(path: str) -> list[dict[str, Any]]:
    return [leaf["catalogEntry"] for page in raw(path)["items"] for leaf in page["items"]]


def plain(version: str) -> str:
    """Normalise by text alone: no metadata, no fourth number that is 0, no leading zeros."""
    version = re.sub(r"\+.*", "", version)
    numbers, hyphen, labels = version.partition("-")
    parts = [str(int(part)) for part in numbers.split(".")]
    parts += ["0"] * (3 - len(parts))
    if parts[3:] == ["0"]:
        parts.pop()
    return ".".join(parts) + hyphen + labels


def needed(entry: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {
        (d["id"].lower(), (d.get("range") or "").strip() or "any", g.get("targetFramework") or "")
        for g in entry.get("dependencyGroups") or []
        for d in g.get("dependencies") or []
    }


def given(record: PackageRecord, version: str) -> set[tuple[str, str, str]]:
    found = next(entry for entry in record.versions if entry.name == version).requirements
    assert found is not None
    assert found.unresolved == found.optional == ()
    triples = [(need.name, need.constraints, need.condition) for need in found.required]
    assert len(set(triples)) == len(triples)
    return set(triples)


def test_the_recordings_are_there() -> None:
    assert set(READ) <= set(PATHS)
    assert (len(REGISTRATIONS), len(CATALOG), len(SERVICE_INDEXES)) == (8, 3, 2)
    assert len(LEAVES) >= 22
    assert len(ARTIFACTS) >= 20
    assert len(SEARCHES) >= 13


@pytest.mark.parametrize("path", REGISTRATIONS)
def test_a_registration_keeps_every_version_with_its_requirements(path: str) -> None:
    record = record_of(path)
    published = entries(path)
    assert {version.name for version in record.versions} == {
        plain(entry["version"]) for entry in published
    }
    for entry in published:
        assert given(record, plain(entry["version"])) == needed(entry)
    assert record.counts == {}
    serials = [version.serial_number for version in record.versions]
    assert serials == list(range(len(published)))


@pytest.mark.parametrize("path", REGISTRATIONS)
def test_a_registration_keeps_dates_and_marks(path: str) -> None:
    versions = {version.name: version for version in record_of(path).versions}
    for entry in entries(path):
        version = versions[plain(entry["version"])]
        year = entry["published"][:4]
        unlisted = entry.get("listed") is False or year == "1900"
        assert version.facts["unlisted"] is unlisted
        assert bool(version.facts["deprecated"]) is ("deprecation" in entry)
        assert version.facts["license"] == entry.get("licenseExpression", "")
        date = re.sub(r"(\.\d*?)0*(\+00:00|Z)$", r"\1Z", entry["published"])
        date = date.replace(".Z", "Z").replace("+00:00", "Z")
        assert version.release_date == ("" if year == "1900" else date)


@pytest.mark.parametrize("path", [path for path in REGISTRATIONS if "azure" not in path])
def test_a_registration_is_published_in_the_order_that_we_find(path: str) -> None:
    published = [plain(entry["version"]) for entry in entries(path)]
    assert [version.name for version in record_of(path).versions] == published


def read_as_what_it_is(path: str) -> object:
    if path in REGISTRATIONS:
        return read_registration(body(path), REGISTRATIONS[path], path)
    read = read_catalog_index if path == CATALOG[0] else read_catalog_page
    return read(body(path), path)


@pytest.mark.parametrize("path", sorted(CUT_SHORT))
def test_a_document_that_was_cut_is_refused(path: str) -> None:
    with pytest.raises(InvalidPayloadError, match="were due"):
        read_as_what_it_is(path)


@pytest.mark.parametrize("path", CATALOG[1:])
def test_a_catalog_page_keeps_every_item(path: str) -> None:
    part = read_catalog_page(whole(path), path)
    published = raw(path)["items"]
    assert [(item.id, item.version, item.deleted) for item in part.items] == [
        (entry["nuget:id"], entry["nuget:version"], entry["@type"] == "nuget:PackageDelete")
        for entry in published
    ]
    for item in part.items:
        assert canonical_name(item.id) == item.id.lower()
        assert order_key(item.version) is not None
    padded = [
        re.sub(r"\.(\d+)Z", lambda m: f".{m[1]:0<7}Z", e["commitTimeStamp"]) for e in published
    ]
    order = sorted(range(len(padded)), key=padded.__getitem__)
    assert order == sorted(range(len(padded)), key=lambda place: part.items[place].ticks)


def test_the_catalog_index_tells_its_pages_and_head() -> None:
    index = read_catalog_index(whole(CATALOG[0]), CATALOG[0])
    (page,) = raw(CATALOG[0])["items"]
    assert [entry.address for entry in index.pages] == [page["@id"]]
    assert index.head == index.pages[0].ticks


@pytest.mark.parametrize("path", SERVICE_INDEXES)
def test_a_service_index_tells_the_resources_that_we_need(path: str) -> None:
    base = "http://127.0.0.1/nuget"
    services = read_services(body(path), base)
    by_type = {entry["@type"]: entry["@id"] for entry in raw(path)["resources"]}
    for found, kind in (
        (services.registrations, "RegistrationsBaseUrl/3.6.0"),
        (services.catalog, "Catalog/3.0.0"),
        (services.packages, "PackageBaseAddress/3.0.0"),
    ):
        path_of = re.sub(r"https?://[^/]+", "", by_type[kind]).rstrip("/")
        assert found == f"{base}{path_of}"


@pytest.mark.parametrize("path", LEAVES)
def test_a_catalog_leaf_tells_dependencies_and_date(path: str) -> None:
    entry = raw(path)
    found = make_requirements(read_dependencies(entry), "s")
    triples = {(need.name, need.constraints, need.condition) for need in found.required}
    assert triples == needed(entry)
    assert found.unresolved == ()
    created = read_created(body(path), entry["id"].lower(), path)
    assert created == entry["created"]
    with pytest.raises(InvalidPayloadError):
        read_created(body(path), "another", path)


@pytest.mark.parametrize("path", ARTIFACTS)
def test_a_package_file_tells_its_assemblies(path: str) -> None:
    with zipfile.ZipFile(ROOT / path) as archive:
        names = [name for name in archive.namelist() if re.match(r"(lib|ref)/.*\.dll$", name)]
    expected = sorted({name.rsplit("/", 1)[1].removesuffix(".dll") for name in names})
    assert list(read_import_names(io.BytesIO(body(path)))) == expected


def feed_entries(path: str) -> Iterator[dict[str, str]]:
    space = "{http://schemas.microsoft.com/ado/2007/08/dataservices%s}"
    for properties in ET.fromstring(body(path)).iter(space % "/metadata" + "properties"):
        yield {child.tag.rpartition("}")[2]: (child.text or "") for child in properties}


def test_the_odata_feed_of_the_same_package_tells_the_same() -> None:
    versions = {version.name: version for version in record_of(next(iter(REGISTRATIONS))).versions}
    compared = 0
    for entry in feed_entries(FEEDS[0]):
        version = versions[entry["NormalizedVersion"]]
        compared += 1
        pieces = [
            piece.split(":") for piece in re.sub(r"\s+", "", entry["Dependencies"]).split("|")
        ]
        told = sorted((piece[0].lower(), piece[1].strip("[,)")) for piece in pieces if piece[0])
        assert version.requirements is not None
        assert told == sorted(
            (need.name, need.constraints.strip("[, )")) for need in version.requirements.required
        )
        if not version.facts["unlisted"]:
            assert version.release_date[:19] == entry["Published"][:19]
    assert compared == len(versions) == 45


@pytest.mark.parametrize("path", NUSPECS)
def test_the_nuspec_of_the_same_version_requires_the_same(path: str) -> None:
    registration, version = NUSPECS[path]
    told = set()
    for group in ET.fromstring(body(path)).iter():
        if group.tag.endswith("}dependencies"):
            groups = [child for child in group if child.tag.endswith("}group")]
            told = {
                (
                    child.get("id", "").lower(),
                    f"[{child.get('version')}, )",
                    g.get("targetFramework"),
                )
                for g in groups
                for child in g
            }
    assert told == given(record_of(registration), version)


@pytest.mark.parametrize("path", SEARCHES)
def test_the_search_lists_versions_in_the_order_that_we_find(path: str) -> None:
    for package in raw(path)["data"]:
        listed = [entry["version"] for entry in package.get("versions", [])]
        assert [name for _, name in number_versions(listed, order_key)] == listed, package["id"]


@pytest.mark.parametrize("path", OTHERS)
def test_a_document_that_we_never_ask_for_is_refused_and_not_taken_for_nothing(path: str) -> None:
    assert any(path.startswith(folder) for folder in WHY_NOT_ASKED_FOR)
    for read in (
        lambda: read_registration(body(path), "x", path),
        lambda: read_page(body(path), "x", path),
        lambda: read_catalog_index(body(path), path),
        lambda: read_catalog_page(body(path), path),
        lambda: read_services(body(path), "http://127.0.0.1"),
    ):
        with pytest.raises(InvalidPayloadError):
            read()
    with pytest.raises(ArchiveRefusedError):
        read_import_names(io.BytesIO(body(path)))


def test_published_facts_of_order_hold() -> None:
    facts = ROOT.parent / "version_order" / "nuget.txt"
    if not facts.exists():
        missing_server("there is no version_order beside the recordings")
    compare = {"<": operator.lt, ">": operator.gt, "=": operator.eq}
    lines = [line.split() for line in facts.read_text().splitlines() if line.strip()]
    assert len(lines) == 24
    for left, sign, right in lines:
        one, other = order_key(left), order_key(right)
        assert one is not None
        assert other is not None
        assert compare[sign](one, other), (left, sign, right)
