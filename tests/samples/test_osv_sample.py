"""The sample's advisories hang together, change as README says, and hit what was written by hand."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from src.local_stack.replay import Document, SampleSource
from src.schemas.advisory import AdvisoryKind
from src.schemas.ecosystem import Ecosystem
from src.utils.osv.attribution import attribute
from src.utils.osv.record import read_advisory
from src.utils.version_rules import RULES
from tests.e2e.expected_osv import FIRST_DAY, SECOND_DAY, Carried, Span, expand

SAMPLES = Path(__file__).parents[2] / "samples"
BUNDLES = SAMPLES / "osv"
DAYS = (1, 2)
FOLDERS = {"PyPI", "npm", "Maven", "crates.io", "RubyGems", "NuGet"}
PROSE = {"summary", "details", "references", "credits"}
Json = dict[str, Any]


def _index(body: bytes) -> list[str]:
    return [json.loads(line)["vers"] for line in body.splitlines()]


def _registration(body: bytes) -> list[str]:
    pages = json.loads(body)["items"]
    return [leaf["catalogEntry"]["version"] for page in pages for leaf in page["items"]]


def _metadata(body: bytes) -> list[str]:
    return [str(found.text) for found in ET.fromstring(body).iter("version")]


def _maven_path(name: str) -> str:
    return f"/maven/{name.replace('.', '/').replace(':', '/')}/maven-metadata.xml"


def _cargo_path(name: str) -> str:
    return (
        f"/cargo-index/{name[:2]}/{name[2:4]}/{name}"
        if len(name) > 3
        else f"/cargo-index/3/{name[0]}/{name}"
    )


REGISTRIES: dict[Ecosystem, tuple[Callable[[str], str], Callable[[bytes], list[str]]]] = {
    Ecosystem.PYPI: ("/pypi/simple/{}/".format, lambda body: json.loads(body)["versions"]),
    Ecosystem.NPM: ("/npm/{}".format, lambda body: list(json.loads(body)["versions"])),
    Ecosystem.MAVEN: (_maven_path, _metadata),
    Ecosystem.CARGO: (_cargo_path, _index),
    Ecosystem.RUBYGEMS: (
        "/rubygems/info/{}".format,
        lambda body: [line.split()[0] for line in body.decode().splitlines()[1:]],
    ),
    Ecosystem.NUGET: (
        "/nuget/v3/registration5-gz-semver2/{}/index.json".format,
        _registration,
    ),
}
"""Where a registry of the sample tells a package's versions, and how to read them there."""


class Day:
    """The advisories of one day, and the versions that the registries have on it."""

    def __init__(self, number: int) -> None:
        source = SampleSource(SAMPLES, lambda: number)
        self.all = source.documents(number)
        self.osv = {
            path.removeprefix("/osv/"): document
            for path, document in self.all.items()
            if path.startswith("/osv/") and isinstance(document, Document)
        }

    @cached_property
    def records(self) -> dict[str, Json]:
        """Records by folder and id."""
        return {
            path.removesuffix(".json"): json.loads(document.body)
            for path, document in self.osv.items()
            if path.endswith(".json")
        }

    @property
    def by_id(self) -> dict[str, Json]:
        return {record["id"]: record for record in self.records.values()}

    def rows(self, path: str) -> list[list[str]]:
        return [line.split(",") for line in self.osv[path].body.decode().splitlines()]

    def versions(self, ecosystem: Ecosystem, name: str) -> list[str] | None:
        """Versions in the ecosystem's order; None where there is no such package."""
        place, read = REGISTRIES[ecosystem]
        document = self.all.get(place(name))
        if not isinstance(document, Document):
            return None
        keys = {version: RULES[ecosystem].order_key(version) for version in read(document.body)}
        assert None not in keys.values()
        # Equal versions (RubyGems' platforms) stand by name, as serial numbers do.
        return sorted(sorted(keys), key=lambda version: keys[version])


@pytest.fixture(scope="module")
def first() -> Day:
    return Day(1)


@pytest.fixture(scope="module")
def second() -> Day:
    return Day(2)


@pytest.fixture(params=DAYS)
def day(request: pytest.FixtureRequest, first: Day, second: Day) -> Day:
    return first if request.param == 1 else second


def test_it_is_small_enough_for_the_tree() -> None:
    assert sum(file.stat().st_size for file in BUNDLES.rglob("*") if file.is_file()) < 150_000


def test_a_record_lies_in_the_folder_of_each_ecosystem_of_ours_that_it_names(day: Day) -> None:
    for place, record in day.records.items():
        folder, identity = place.split("/")
        named = {entry["package"]["ecosystem"] for entry in record["affected"]} & FOLDERS
        assert (record["id"], folder in named) == (identity, True)
        assert all(day.records[f"{other}/{identity}"] == record for other in named)


def test_feeds_archives_and_records_tell_the_same(day: Day) -> None:
    changes = {place: record["modified"] for place, record in day.records.items()}
    assert {name: moment for moment, name in day.rows("modified_id.csv")} == changes
    assert set(day.osv["ecosystems.txt"].body.decode().split()) == FOLDERS
    for folder in FOLDERS:
        rows = day.rows(f"{folder}/modified_id.csv")
        assert {f"{folder}/{name}": moment for moment, name in rows}.items() <= changes.items()
        moments = [datetime.fromisoformat(moment) for moment, _ in rows]
        assert moments == sorted(moments, reverse=True)
        with zipfile.ZipFile(io.BytesIO(day.osv[f"{folder}/all.zip"].body)) as archive:
            packed = {name: json.loads(archive.read(name)) for name in archive.namelist()}
        assert packed == {f"{n}.json": day.records[f"{folder}/{n}"] for _, n in rows}
        assert len(rows) >= 3


def test_records_hold_facts_and_no_prose(day: Day) -> None:
    for record in day.by_id.values():
        assert not record.keys() & PROSE
        assert {"id", "modified", "published", "affected"} <= record.keys()
        assert read_advisory(record).problems == {}
    text = b"".join(document.body for document in day.osv.values())
    assert set(re.findall(rb"https?://([^/\"]+)", text)) <= {b"github.com"}


def test_records_of_every_kind_are_there(first: Day) -> None:
    told = [read_advisory(record) for record in first.by_id.values()]
    assert {advisory.kind for advisory in told} == set(AdvisoryKind)
    assert {advisory.id for advisory in told if advisory.withdrawn} == {
        "PYSEC-2023-73",
        "RUSTSEC-2019-0031",
    }
    vectors = {s["type"] for record in first.by_id.values() for s in record.get("severity", [])}
    assert vectors == {"CVSS_V3", "CVSS_V4"}
    unnamed = [
        advisory.id
        for advisory in told
        if not any(first.versions(entry.ecosystem, entry.name) for entry in advisory.affected)
    ]
    assert 5 <= len(unnamed) <= len(told) / 4, "most name a package of the sample, some do not"


def test_the_second_day_changes_what_readme_says(first: Day, second: Day) -> None:
    before, after = first.records, second.records
    assert before.keys() <= after.keys()
    assert after.keys() - before.keys() == {
        "RubyGems/GHSA-wx95-c6cv-8532",
        "npm/GHSA-v6h2-p8h4-qcjw",
    }
    changed = {place for place in before if before[place] != after[place]}
    assert changed == {"NuGet/GHSA-5crp-9r3c-p9vr", "Maven/GHSA-6hgm-866r-3cjv"}
    last = max(datetime.fromisoformat(record["modified"]) for record in before.values())
    for place in after.keys() - before.keys() | changed:
        assert datetime.fromisoformat(after[place]["modified"]) > last
    withdrawn = dict(after["Maven/GHSA-6hgm-866r-3cjv"])
    assert withdrawn.pop("withdrawn") == "2026-10-30T10:02:51Z"
    assert withdrawn == {
        **before["Maven/GHSA-6hgm-866r-3cjv"],
        "modified": "2026-10-30T10:02:51.123456Z",
    }


@pytest.mark.parametrize("number", DAYS)
def test_versions_carry_what_was_written_by_hand(number: int, first: Day, second: Day) -> None:
    day, spans = {1: (first, FIRST_DAY), 2: (second, SECOND_DAY)}[number]
    assert len(spans) >= 8
    told = [read_advisory(record) for record in day.by_id.values()]
    for (ecosystem, name), expected in spans.items():
        versions = day.versions(ecosystem, name)
        assert versions, name
        found = {
            version: Carried(said.vulnerabilities, said.mean, said.weighted_mean)
            for version, said in attribute(told, ecosystem, name, versions).items()
        }
        assert found == expand(expected, versions), name


@pytest.mark.parametrize("number", DAYS)
def test_no_other_package_of_the_sample_is_hit(number: int, first: Day, second: Day) -> None:
    day, spans = {1: (first, FIRST_DAY), 2: (second, SECOND_DAY)}[number]
    assert named_and_hit(day) <= spans.keys()
    assert spans.keys() - named_and_hit(day) == {(Ecosystem.NPM, "color-name")}


def named_and_hit(day: Day) -> set[tuple[Ecosystem, str]]:
    told = [read_advisory(record) for record in day.by_id.values()]
    named = {(entry.ecosystem, entry.name) for advisory in told for entry in advisory.affected}
    return {
        (ecosystem, name)
        for ecosystem, name in named
        if any(
            said.vulnerabilities
            for said in attribute(
                told, ecosystem, name, day.versions(ecosystem, name) or []
            ).values()
        )
    }


@pytest.mark.parametrize(
    "spans",
    [
        (Span("2", "1", Carried()),),
        (Span("1", "2", Carried()), Span("2", "3", Carried())),
        (Span("0", "1", Carried()),),
    ],
)
def test_spans_out_of_order_or_of_other_versions_are_refused(spans: tuple[Span, ...]) -> None:
    with pytest.raises(ValueError, match=r"."):
        expand(spans, ["1", "2", "3"])
