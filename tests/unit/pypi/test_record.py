"""The record of a project: versions in order, facts where they are known, oddities counted."""

import json

import pytest

from src.schemas.package import PackageRecord, VersionRecord
from src.utils.pypi.documents import PyPIDocuments, read_info, read_page
from src.utils.pypi.metadata import VersionMetadata
from src.utils.pypi.record import build_record
from src.utils.pypi.releases import collect_releases
from src.utils.pypi.versions import order_key
from src.utils.serial_numbers import number_versions


def build(
    page: dict[str, object],
    info: dict[str, object] | None = None,
    metadata: dict[str, VersionMetadata] | None = None,
) -> PackageRecord:
    whole = {"name": "foo", "files": [], "meta": {"_last-serial": 7}, **page}
    read = read_page(json.dumps(whole).encode(), "u")
    document = None if info is None else read_info(json.dumps({"info": info}).encode(), "u")
    releases, _ = collect_releases(read, document, "foo")
    return build_record(PyPIDocuments("foo", "5", read, document, releases, metadata or {}))


def version(*files: dict[str, object]) -> VersionRecord:
    named = [
        {"filename": f"foo-1.0-{number}-py3-none-any.whl", **file}
        for number, file in enumerate(files)
    ]
    return build({"files": named}).versions[0]


def test_versions_are_ordered_by_pep_440_and_ties_by_name() -> None:
    names = ["2.0", "1.0", "1.0.0", "1.0rc1", "1.0.dev1", "1!0.1", "1.0+local", "2004b-x", "dev"]
    assert number_versions(names, order_key) == [
        (-1, "2004b-x"),
        (-1, "dev"),
        (0, "1.0.dev1"),
        (1, "1.0rc1"),
        (2, "1.0"),
        (3, "1.0.0"),
        (4, "1.0+local"),
        (5, "2.0"),
        (6, "1!0.1"),
    ]
    assert number_versions(reversed(names), order_key) == number_versions(names, order_key)


def test_legacy_and_unstorable_versions_are_counted() -> None:
    record = build({"versions": ["1.0", "dev", "9" * 1100, " x", "\0", "\ud800"]})
    assert record.counts == {"legacy_versions": 3, "refused_versions": 1}
    assert [entry.name for entry in record.versions if entry.serial_number == 0] == ["1.0"]
    assert len({entry.purl for entry in record.versions}) == len(record.versions)


@pytest.mark.parametrize(
    ("yanked", "expected"),
    [
        ([False, False], (False, "")),
        ([True, False], (False, "")),
        ([True, True], (True, "")),
        (["broken", True], (True, "broken")),
        (["", ""], (True, "")),
        ([None, None], (False, "")),
    ],
)
def test_a_version_is_yanked_when_all_its_files_are(
    yanked: list[object], expected: tuple[bool, str]
) -> None:
    facts = version(*({"yanked": value} for value in yanked)).facts
    assert (facts["yanked"], facts["yanked_reason"]) == expected


def test_the_release_date_is_that_of_the_first_file() -> None:
    dates = ["2020-01-02T00:00:00Z", "2020-01-01T00:00:00.5Z", "2020-01-01T00:00:00Z", None]
    assert version(*({"upload-time": date} for date in dates)).release_date == dates[2]
    assert version({}).release_date == ""


def test_facts_that_no_document_tells_are_left_out() -> None:
    record = build({"versions": ["1.0", "dev"]})
    assert record.facts == {}
    assert (record.vendor, record.repository_url) == ("n/a", "n/a")
    assert (record.purl, record.source_revision) == ("pkg:pypi/foo", "7")
    assert "prerelease" not in record.versions[0].facts
    assert record.versions[1].facts["prerelease"] is False
    assert build({"meta": {}}).source_revision == "5"


def test_a_version_not_read_this_time_says_nothing_of_its_requirements() -> None:
    record = build(
        {"versions": ["1.0", "2.0"]},
        metadata={"2.0": VersionMetadata("f#1", ("a", "(", "b; extra == 'x'"), "MIT")},
    )
    assert record.versions[0].requirements is None
    found = record.versions[1].requirements
    assert found is not None
    assert [len(part) for part in (found.required, found.optional, found.unresolved)] == [1, 1, 1]
    assert (found.source, record.versions[1].facts["license"]) == ("f#1", "MIT")
    assert record.counts == {"invalid_requirements": 1}


@pytest.mark.parametrize(
    ("urls", "home_page", "expected"),
    [
        (
            {"Homepage": "https://github.com/a/home", "Source": "https://github.com/a/src"},
            "",
            "src",
        ),
        ({"Repository": "https://github.com/a/repo"}, "https://github.com/a/home", "repo"),
        ({"Documentation": "https://docs.test/a"}, "https://github.com/a/home", "home"),
        ({"Source": "https://docs.test/a"}, "https://github.com/a/home", "home"),
        ({"Tracker": "https://github.com/a/tracker/issues"}, "", "tracker"),
        ({"Source": None}, "UNKNOWN", None),
        (None, None, None),
    ],
)
def test_the_repository_is_the_most_telling_address(
    urls: dict[str, str] | None, home_page: str | None, expected: str | None
) -> None:
    record = build({}, {"project_urls": urls, "home_page": home_page, "version": "1"})
    assert record.repository_url == (f"https://github.com/a/{expected}" if expected else "n/a")
    assert record.vendor == ("a" if expected else "n/a")


@pytest.mark.parametrize("status", [None, {}, "active", {"status": None}, []])
def test_a_page_without_a_status_says_nothing_of_it(status: object) -> None:
    assert "status" not in build({"project-status": status}).facts
