"""All recorded RubyGems documents: each is read, nothing of it lost, or refused for what it is.

REGISTRY_RECORDINGS names the folder; without it this suite skips. What a document holds is counted
here in the plainest way, by other code than that which is tested.
"""

import csv
import hashlib
import io
import json
import operator
import os
import re
import tarfile
from pathlib import Path
from typing import Any

import pytest

from src.schemas.errors import ArchiveRefusedError, InvalidPayloadError
from src.schemas.package import PackageRecord, Requirement
from src.utils.rubygems.constraints import satisfies
from src.utils.rubygems.documents import GemDocuments, read_gem, read_versions
from src.utils.rubygems.gem_files import read_import_names, require_paths
from src.utils.rubygems.index import VersionsReader
from src.utils.rubygems.info import read_info
from src.utils.rubygems.record import build_record
from src.utils.rubygems.versions import order_key
from tests.servers.requirement import missing_server

_FOLDER = os.environ.get("REGISTRY_RECORDINGS", "")
ROOT = Path(_FOLDER)
pytestmark = pytest.mark.skipif(not _FOLDER, reason="REGISTRY_RECORDINGS names no folder")

ADVISORIES = "rubygems/_advisories/"

NOT_ASKED_FOR = {
    "rubygems/_changes/just_updated.json": "the activity feed holds the last 50 changes only",
    "rubygems/_changes/latest.json": "the activity feed holds the last 50 gems only",
    "rubygems/_dependencies/dependencies-bundler.marshal": "the legacy dependency API is closed",
    "rubygems/_dependencies/dependencies-public_suffix.marshal": "the legacy dependency API is closed",
    "rubygems/_edge/doesnotexist.versions-404.txt": "the body of an answer of 404",
    "rubygems/statesman/quick-statesman-1.2.1.gemspec.rz": "a Marshal index, which has no dates",
    "rubygems/statesman/quick-statesman-1.2.5.gemspec.rz": "a Marshal index, which has no dates",
}
GEMSPEC = "rubygems/a_okay/a_okay-0.1.0.gem.metadata.yaml"
IMPORT_NAMES = {
    "a_okay": ("a_okay",),
    "action_tracker": ("action_tracker",),
    "archive-tar-minitar": ("archive/tar/minitar",),
    "blankslate": ("blankslate",),
    "mysmallidea-mad_mimi_mailer": ("mad_mimi_mailer",),
    "ng-rails-csrf": ("ng-rails-csrf",),
    "small_wonder": ("small_wonder",),
}
"""By hand from the file lists: each lies below `lib`."""


def recorded() -> list[str]:
    if not _FOLDER:
        return []
    with (ROOT / "MANIFEST.tsv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    paths = [row["path"] for row in rows if row["ecosystem"] == "rubygems"]
    return sorted(path for path in paths if not path.startswith(ADVISORIES))


def body(path: str) -> bytes:
    return (ROOT / path).read_bytes()


PATHS = recorded()
INFOS = [path for path in PATHS if path.endswith("compact-index-info.txt")]
VERSIONS = [path for path in PATHS if path.endswith("api-v1-versions.json")]
GEMS = [
    path
    for path in PATHS
    if re.search(r"api-v1-(gem|info)\.json$|api-v2-.*\.json$|api_changelog_uri\.json$", path)
]
ARTIFACTS = [path for path in PATHS if path.endswith(".gem")]

Needs = set[tuple[str, str]]


def told_by_lines(text: str) -> dict[str, Needs]:
    """Read an info document by regular expressions: version, then `name:constraints` pairs."""
    told = {}
    for version, needs in re.findall(r"^(\S+) ([^|\n]*)\|", text, re.MULTILINE):
        pairs = re.findall(r"(?:^|,)([\w.-]+):([^,]+)", needs)
        told[version] = {(name, constraints.replace("&", ", ")) for name, constraints in pairs}
    return told


def record_of(path: str, info: bytes, **more: Any) -> PackageRecord:
    name = path.split("/")[1]
    return build_record(GemDocuments(name, "r", read_info(info, path), {}, **more))


def pairs(requirements: tuple[Requirement, ...]) -> Needs:
    return {(entry.name, entry.constraints) for entry in requirements}


def placed(record: PackageRecord) -> dict[str, Needs]:
    found = {}
    for version in record.versions:
        assert version.requirements is not None
        assert version.requirements.source
        assert version.requirements.optional == version.requirements.unresolved == ()
        found[version.name] = pairs(version.requirements.required)
        assert len(found[version.name]) == len(version.requirements.required)
    return found


def test_every_recording_is_accounted_for() -> None:
    assert len(INFOS) >= 61
    assert len(VERSIONS) >= 18
    assert len(GEMS) >= 11
    assert len(ARTIFACTS) == len(IMPORT_NAMES)
    known = [*INFOS, *VERSIONS, *GEMS, *ARTIFACTS, *NOT_ASKED_FOR, GEMSPEC]
    assert sorted(known) == PATHS


@pytest.mark.parametrize("path", INFOS)
def test_an_info_document_keeps_every_version_with_its_own_requirements(path: str) -> None:
    text = body(path).decode()
    told = told_by_lines(text)
    assert len(told) == len([line for line in text.split("\n") if line.strip()]) - 1
    record = record_of(path, body(path))
    assert placed(record) == told
    assert len({version.purl for version in record.versions}) == len(told)
    assert [version.serial_number for version in record.versions] == list(range(len(told)))
    assert record.counts == {}


@pytest.mark.parametrize("path", INFOS)
def test_an_info_document_keeps_what_else_a_line_tells(path: str) -> None:
    told = {
        version: (checksum, ruby.replace("&", ", "))
        for version, checksum, ruby in re.findall(
            r"^(\S+) [^|\n]*\|checksum:(\w+)(?:,ruby:([^,\n]*))?", body(path).decode(), re.MULTILINE
        )
    }
    found = {}
    for version in record_of(path, body(path)).versions:
        assert version.requirements is not None
        source = version.requirements.source.removeprefix("sha256:")
        found[version.name] = (source, version.facts["ruby_version"])
        number, _, platform = version.name.partition("-")
        assert version.facts["platform"] == (platform or "ruby")
        assert version.facts["prerelease"] == (re.search("[a-zA-Z]", number) is not None)
    assert found == told


@pytest.mark.parametrize("path", INFOS)
def test_every_recorded_requirement_can_be_held_against_every_version(path: str) -> None:
    told = told_by_lines(body(path).decode())
    constraints = {constraint for needs in told.values() for _, constraint in needs}
    for version in told:
        assert satisfies(version, f"= {version.partition('-')[0]}")
        assert satisfies(version, "any") in {True, False}
        for constraint in constraints:
            assert satisfies(version, constraint) in {True, False}


@pytest.mark.parametrize("path", VERSIONS)
def test_the_api_list_dates_and_licences_each_version(path: str) -> None:
    raw: list[dict[str, Any]] = json.loads(body(path))
    names = [
        entry["number"] if entry["platform"] == "ruby" else f"{entry['number']}-{entry['platform']}"
        for entry in raw
    ]
    info = "---\n" + "".join(f"{name} |checksum:x\n" for name in names)
    record = record_of(path, info.encode(), versions=read_versions(body(path), path))
    found = {version.name: version for version in record.versions}
    assert sorted(found) == sorted(names)
    for name, entry in zip(names, raw, strict=True):
        assert found[name].release_date == entry["created_at"]
        assert found[name].facts["prerelease"] == entry["prerelease"]
        assert found[name].facts.get("license", "") == ", ".join(entry["licenses"] or [])
        assert found[name].serial_number >= 0


@pytest.mark.parametrize("path", GEMS)
def test_the_document_of_a_gem_or_version_tells_its_development_dependencies(path: str) -> None:
    raw: dict[str, Any] = json.loads(body(path))
    gem = read_gem(body(path), raw["name"], path)
    runtime = [
        f"{entry['name']}:{entry['requirements'].replace(', ', '&')}"
        for entry in raw["dependencies"]["runtime"]
    ]
    info = f"---\n{raw['version']} {','.join(runtime)}|checksum:{raw['sha']}\n".encode()
    record = record_of(path, info, gem=gem)
    (version,) = record.versions
    assert version.requirements is not None
    for place in ("runtime", "development"):
        found = version.requirements.required
        if place == "development":
            assert version.requirements.development is not None
            found = version.requirements.development
        expected = {(entry["name"], entry["requirements"]) for entry in raw["dependencies"][place]}
        assert pairs(found) == expected
    assert record.facts["license"] == ", ".join(raw["licenses"] or [])
    links = json.dumps([raw["metadata"], raw["homepage_uri"], raw["source_code_uri"]])
    assert record.repository_url.removeprefix("https") in f"{links} n/a"
    assert (record.repository_url == "n/a") == ("github.com" not in json.dumps(raw))


def test_both_documents_of_a_gem_agree_about_its_versions() -> None:
    both = {path.split("/")[1] for path in INFOS} & {path.split("/")[1] for path in VERSIONS}
    assert both >= {"bundler", "i18n", "ibandit", "nokogiri", "public_suffix", "statesman"}
    for name in both:
        info = body(f"rubygems/{name}/compact-index-info.txt")
        versions = read_versions(body(f"rubygems/{name}/api-v1-versions.json"), name)
        record = record_of(f"rubygems/{name}", info, versions=versions)
        dated = [version for version in record.versions if version.release_date]
        assert {version.name for version in dated} == set(versions) & set(
            told_by_lines(info.decode())
        )
        assert len(dated) >= 0.6 * min(len(versions), len(record.versions))


@pytest.mark.parametrize("path", ARTIFACTS)
def test_a_gem_file_tells_its_import_names(path: str) -> None:
    names = read_import_names(io.BytesIO(body(path)), hashlib.sha256(body(path)).hexdigest())
    assert names == IMPORT_NAMES[path.split("/")[1]]
    with tarfile.open(ROOT / path) as outer:
        packed = outer.extractfile("data.tar.gz")
        assert packed is not None
        with tarfile.open(fileobj=packed, mode="r:gz") as inner:
            assert {f"lib/{name}.rb" for name in names} <= set(inner.getnames())


def test_a_recorded_gemspec_tells_its_require_paths() -> None:
    text = body(GEMSPEC).decode()
    assert re.search(r"^require_paths: *\n *- lib\n", text, re.MULTILINE)
    assert require_paths(text.encode()) == ("lib",)


@pytest.mark.parametrize("path", NOT_ASKED_FOR)
def test_a_document_that_we_never_ask_for_is_refused_and_not_taken_for_nothing(path: str) -> None:
    data = body(path)
    for read in (
        lambda: read_info(data, path),
        lambda: read_versions(data, path),
        lambda: read_gem(data, path.split("/")[1], path),
        lambda: VersionsReader(io.BytesIO(data), path),
    ):
        with pytest.raises(InvalidPayloadError):
            read()
    with pytest.raises(ArchiveRefusedError):
        read_import_names(io.BytesIO(data), "")


def test_published_facts_of_order_hold() -> None:
    facts = ROOT.parent / "version_order" / "rubygems.txt"
    if not facts.exists():
        missing_server("there is no version_order beside the recordings")
    compare = {"<": operator.lt, ">": operator.gt, "=": operator.eq}
    lines = [line.split() for line in facts.read_text().splitlines() if line.strip()]
    assert len(lines) >= 2_749
    wrong = []
    for left, sign, right in lines:
        keys = order_key(left), order_key(right)
        if None in keys or not compare[sign](*keys):
            wrong.append((left, sign, right))
    assert wrong == []


def test_published_facts_of_order_hold_for_requirements_too() -> None:
    facts = ROOT.parent / "version_order" / "rubygems.txt"
    if not facts.exists():
        missing_server("there is no version_order beside the recordings")
    for left, sign, right in map(str.split, filter(str.strip, facts.read_text().splitlines())):
        assert satisfies(left, f"{sign} {right}"), (left, sign, right)
