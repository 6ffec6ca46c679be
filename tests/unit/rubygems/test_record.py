"""Documents into a record: every rule by a small gem made for it."""

from dataclasses import replace

import pytest

from src.schemas.package import UNKNOWN, PackageRecord, VersionRecord
from src.utils.rubygems.documents import ApiGem, ApiVersion, GemDocuments
from src.utils.rubygems.info import read_info
from src.utils.rubygems.record import build_record, newest_version

PLAIN = ApiGem("a", "1.0", "", (), (), None)


def documents(*lines: str) -> GemDocuments:
    body = "---\n" + "".join(f"{line}\n" for line in lines)
    return GemDocuments("a", "m" * 32, read_info(body.encode(), "u"), {})


def by_name(record: PackageRecord) -> dict[str, VersionRecord]:
    return {version.name: version for version in record.versions}


def test_versions_are_numbered_in_the_order_of_gem_version_with_their_platforms() -> None:
    record = build_record(documents("1.0 |", "0.9.rc1 |", "1.0-java |", "0.10 |", "0.9 |"))
    assert [(version.serial_number, version.name, version.purl) for version in record.versions] == [
        (0, "0.9.rc1", "pkg:gem/a@0.9.rc1"),
        (1, "0.9", "pkg:gem/a@0.9"),
        (2, "0.10", "pkg:gem/a@0.10"),
        (3, "1.0", "pkg:gem/a@1.0"),
        (4, "1.0-java", "pkg:gem/a@1.0?platform=java"),
    ]
    assert record.purl == "pkg:gem/a"
    assert record.source_revision == "m" * 32


def test_each_version_owns_its_requirements() -> None:
    found = by_name(build_record(documents("1.0 b:>= 1&< 2|", "2.0 c:>= 0|", "3.0 |")))
    told = {
        name: [(entry.name, entry.constraints) for entry in version.requirements.required]
        for name, version in found.items()
        if version.requirements is not None
    }
    assert told == {"1.0": [("b", ">= 1, < 2")], "2.0": [("c", ">= 0")], "3.0": []}


def test_what_is_known_from_the_same_file_is_not_told_again() -> None:
    known = replace(
        documents("1.0 b:>= 0|checksum:x", "2.0 b:>= 0|checksum:y"),
        known_sources={"1.0": "sha256:x", "2.0": "sha256:z"},
    )
    found = by_name(build_record(known))
    assert found["1.0"].requirements is None
    assert found["2.0"].requirements is not None
    assert found["2.0"].requirements.source == "sha256:y"


def test_dates_come_from_the_index_else_from_the_api() -> None:
    given = replace(
        documents(
            "1.0 |created_at:2026-01-01T00:00:00Z", "2.0 |", "3.0 |", "4.0 |created_at:never"
        ),
        versions={
            "1.0": ApiVersion("2000-01-01T00:00:00.000Z", ()),
            "2.0": ApiVersion("2026-02-02T03:04:05.678Z", ()),
            "4.0": ApiVersion("2026-04-04T01:00:00.000+01:00", ()),
        },
    )
    found = by_name(build_record(given))
    assert [found[name].release_date for name in ("1.0", "2.0", "3.0", "4.0")] == [
        "2026-01-01T00:00:00Z",
        "2026-02-02T03:04:05.678Z",
        "",
        "2026-04-04T00:00:00Z",
    ]


def test_facts_of_a_version() -> None:
    given = replace(
        documents("1.0.rc1-java |ruby:>= 2.4&< 3,rubygems:> 1.3.1", "1.0 |", "b-1 |"),
        versions={"1.0.rc1-java": ApiVersion("", ("MIT", "Ruby")), "1.0": ApiVersion("", ())},
    )
    found = by_name(build_record(given))
    assert found["1.0.rc1-java"].facts == {
        "platform": "java",
        "ruby_version": ">= 2.4, < 3",
        "rubygems_version": "> 1.3.1",
        "prerelease": True,
        "license": "MIT, Ruby",
    }
    assert found["1.0"].facts == {
        "platform": "ruby",
        "ruby_version": "",
        "rubygems_version": "",
        "prerelease": False,
    }
    assert "prerelease" not in found["b-1"].facts


def test_odd_versions_and_requirements_are_kept_and_counted() -> None:
    record = build_record(documents("x.y |", "../1 |", "1.0 b:latest,c:>= 0|", "2.0 a b:>= 1|"))
    found = by_name(record)
    assert found["x.y"].serial_number == -1
    assert [found[name].serial_number for name in ("1.0", "2.0")] == [0, 1]
    assert record.counts == {
        "invalid_requirements": 2,
        "legacy_versions": 1,
        "refused_versions": 1,
    }


def test_development_dependencies_are_told_of_the_version_that_the_api_speaks_of() -> None:
    gem = replace(PLAIN, version="2.0-java", development=(("rake", ">= 0"),))
    found = by_name(build_record(replace(documents("2.0 |", "2.0-java |"), gem=gem)))
    java, ruby = found["2.0-java"].requirements, found["2.0"].requirements
    assert java is not None
    assert java.development is not None
    assert [(entry.name, entry.kind) for entry in java.development] == [("rake", "dev")]
    assert ruby is not None
    assert ruby.development is None


@pytest.mark.parametrize(("sha", "told"), [("x", True), ("", True), ("y", False)])
def test_a_document_of_another_file_tells_nothing_of_this_one(sha: str, told: bool) -> None:
    gem = replace(PLAIN, sha=sha, development=(("rake", ">= 0"),))
    (version,) = build_record(replace(documents("1.0 |checksum:x"), gem=gem)).versions
    assert version.requirements is not None
    assert (version.requirements.development is not None) is told


def test_the_document_of_a_version_speaks_before_that_of_the_gem() -> None:
    own = replace(PLAIN, development=(("rspec", ">= 0"),))
    gem = replace(PLAIN, development=(("rake", ">= 0"),))
    given = replace(documents("1.0 |"), gem=gem, development={"1.0": own})
    (version,) = build_record(given).versions
    assert version.requirements is not None
    assert [entry.name for entry in version.requirements.development or ()] == ["rspec"]


@pytest.mark.parametrize(
    ("links", "vendor", "repository"),
    [
        ((), UNKNOWN, UNKNOWN),
        (("https://a.test", "https://github.com/o/a/issues"), "o", "https://github.com/o/a"),
        (("https://gitlab.com/g/s/a", "https://github.com/o/a"), "g", "https://gitlab.com/g/s/a"),
        (
            ("https://github.com/rails/rails/tree/v7/activemodel",),
            "rails",
            "https://github.com/rails/rails",
        ),
    ],
)
def test_the_repository_is_the_first_link_to_a_forge(
    links: tuple[str, ...], vendor: str, repository: str
) -> None:
    record = build_record(replace(documents("1.0 |"), gem=replace(PLAIN, links=links)))
    assert (record.vendor, record.repository_url) == (vendor, repository)


def test_a_fact_that_nobody_tells_is_left_out() -> None:
    assert build_record(documents("1.0 |")).facts == {}
    told = replace(
        documents("1.0 |"),
        gem=replace(PLAIN, licenses=("MIT",)),
        artifact_names=("a",),
        artifact_source="a-1.0.gem#sha256:x",
    )
    assert build_record(told).facts == {
        "license": "MIT",
        "import_names": ["a"],
        "import_names_source": "a-1.0.gem#sha256:x",
    }


@pytest.mark.parametrize(
    ("names", "newest"),
    [
        ("", ""),
        ("1.0 2.0 1.9", "2.0"),
        ("1.0 2.0.rc1", "1.0"),
        ("1.0.a 1.0.b", "1.0.b"),
        ("1.0 1.0-java", "1.0"),
        ("1.0 1.0-java 1.1-java", "1.1-java"),
        ("x.y 1.0.a", "1.0.a"),
        ("1.0-java 1.0-x86-linux", "1.0-x86-linux"),
    ],
)
def test_the_newest_version_is_what_a_plain_install_takes(names: str, newest: str) -> None:
    assert newest_version(names.split()) == newest
