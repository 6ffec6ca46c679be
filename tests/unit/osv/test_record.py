"""Records: what is read of them, what is counted, and the form in which they are stored."""

import json
from typing import Any

import bson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.schemas.advisory import AdvisoryKind, Affected, Event
from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import InvalidPayloadError
from src.utils.osv.attribution import attribute
from src.utils.osv.matching import match
from src.utils.osv.record import from_stored, read_advisory, stored_form
from tests.unit.osv.cases import RECORDS

V31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
V40 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"


def record(**fields: Any) -> dict[str, Any]:
    return {"id": "GHSA-1", "modified": "2026-01-01T00:00:00Z", **fields}


def affecting(ecosystem: str = "PyPI", name: str = "demo", **fields: Any) -> dict[str, Any]:
    return {"package": {"ecosystem": ecosystem, "name": name}, **fields}


def ranges(*events: dict[str, str], kind: str = "ECOSYSTEM") -> list[dict[str, Any]]:
    return [{"type": kind, "events": list(events)}]


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"id": "GHSA-1"},
        {"modified": "2026-01-01T00:00:00Z"},
        {"id": "", "modified": "2026-01-01T00:00:00Z"},
        {"id": 7, "modified": "2026-01-01T00:00:00Z"},
        {"id": "GHSA-1", "modified": None},
        {"id": "GHSA-1\n", "modified": "2026-01-01T00:00:00Z"},
    ],
)
def test_what_has_no_id_or_date_of_change_is_no_record(document: dict[str, Any]) -> None:
    with pytest.raises(InvalidPayloadError):
        read_advisory(document)
    with pytest.raises(InvalidPayloadError):
        stored_form(document)


@pytest.mark.parametrize(
    ("ecosystem", "published", "expected"),
    [
        ("PyPI", "Zope.Interface", (Ecosystem.PYPI, "zope-interface")),
        ("npm", "JSONStream", (Ecosystem.NPM, "JSONStream")),
        ("npm", "@babel/traverse", (Ecosystem.NPM, "@babel/traverse")),
        ("Maven", "org.example:Demo", (Ecosystem.MAVEN, "org.example:Demo")),
        ("crates.io", "Inflector", (Ecosystem.CARGO, "Inflector")),
        ("RubyGems", "RedCloth", (Ecosystem.RUBYGEMS, "RedCloth")),
        ("NuGet", "Newtonsoft.Json", (Ecosystem.NUGET, "newtonsoft.json")),
    ],
)
def test_a_package_has_its_canonical_name(
    ecosystem: str, published: str, expected: tuple[Ecosystem, str]
) -> None:
    document = record(affected=[affecting(ecosystem, published)])
    (affected,) = read_advisory(document).affected
    assert (affected.ecosystem, affected.name) == expected
    assert stored_form(document)["package_keys"] == [f"{expected[0].osv_name}/{expected[1]}"]


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (affecting("Maven:https://repository.test/maven", "a:b"), "other_repository"),
        (affecting("PyPI:elsewhere", "demo"), "other_repository"),
        (affecting("pypi", "demo"), "other_ecosystem"),
        (affecting("Debian:12", "demo"), "other_ecosystem"),
        (affecting("Maven", "no-colon"), "unreadable_name"),
        (affecting("npm", "../demo"), "unreadable_name"),
        ({"ranges": []}, "no_package"),
        ({"package": {"ecosystem": "npm"}}, "no_package"),
        ("demo", "unreadable_affected"),
    ],
)
def test_an_entry_that_names_no_package_of_ours_is_counted(entry: Any, problem: str) -> None:
    document = record(affected=[entry])
    advisory = read_advisory(document)
    assert advisory.affected == ()
    assert advisory.problems == {problem: 1}
    assert stored_form(document)["package_keys"] == []


def test_a_record_that_affects_nothing_is_kept() -> None:
    stored = stored_form(record(summary="nothing"))
    assert stored["package_keys"] == []
    assert stored["summary"] == "nothing"
    assert from_stored(stored).affected == ()


@pytest.mark.parametrize(
    ("fields", "expected", "problems"),
    [
        (
            {"ranges": ranges({"introduced": "1.0"}, {"fixed": "2.0"})},
            [[("introduced", "1.0"), ("fixed", "2.0")]],
            {},
        ),
        (
            {"ranges": ranges({"introduced": "1.0", "fixed": "2.0"})},
            [[("introduced", "1.0"), ("fixed", "2.0")]],
            {},
        ),
        (
            {"ranges": ranges({"introduced": "0"}, {"limit": "3.0"})},
            [[("introduced", "0")]],
            {},
        ),
        ({"ranges": ranges({"introduced": "0"}, kind="GIT")}, [], {}),
        ({"ranges": ranges({"introduced": "0"}, kind="OTHER")}, [], {"unreadable_range": 1}),
        ({"ranges": ranges({"fixed": "2.0"})}, [], {"unreadable_range": 1}),
        ({"ranges": ranges()}, [], {"unreadable_range": 1}),
        ({"ranges": [7]}, [], {"unreadable_range": 1}),
        ({"ranges": "all"}, [], {"unreadable_range": 1}),
        (
            {"ranges": ranges({"introduced": "0"}, {"until": "3.0"})},
            [[("introduced", "0")]],
            {"unreadable_event": 1},
        ),
        ({"ranges": ranges({"introduced": "0"}, {"fixed": "two"})}, [], {"unreadable_event": 1}),
        ({"ranges": ranges({"introduced": "0"}, {"fixed": 2})}, [], {"unreadable_event": 1}),
        (
            {"ranges": ranges({"fixed": "two"}, {"introduced": "1.0"}, {"fixed": "3.0"})},
            [],
            {"unreadable_event": 1},
        ),
        (
            {"ranges": ranges({"introduced": "two"}, {"introduced": "3.0"}, {"fixed": "4.0"})},
            [[("introduced", "3.0"), ("fixed", "4.0")]],
            {"unreadable_event": 1},
        ),
        (
            {"ranges": ranges({"fixed": "2.0"}, {"introduced": "1.0"})},
            [[("fixed", "2.0"), ("introduced", "1.0")]],
            {"events_out_of_order": 1},
        ),
    ],
)
def test_a_range_keeps_what_can_be_placed(
    fields: dict[str, Any], expected: list[list[tuple[str, str]]], problems: dict[str, int]
) -> None:
    advisory = read_advisory(record(affected=[affecting(**fields)]))
    (affected,) = advisory.affected
    assert affected.ranges == tuple(tuple(Event(*event) for event in one) for one in expected)
    assert advisory.problems == problems


@pytest.mark.parametrize("versions", [3, "1.0", [1.0], [None], [""]])
def test_a_broken_list_of_versions_is_counted(versions: Any) -> None:
    advisory = read_advisory(record(affected=[affecting(versions=versions)]))
    assert advisory.affected == (Affected(Ecosystem.PYPI, "demo"),)
    assert advisory.problems == {"unreadable_versions": 1}


@pytest.mark.parametrize(
    ("ecosystem", "name", "listed", "version", "hit"),
    [
        ("PyPI", "demo", "1.0", "1.0.0", True),
        ("PyPI", "demo", "v1.0-RC.1", "1.0rc1", True),
        ("PyPI", "demo", "1.0", "1.0+local", False),
        ("PyPI", "demo", "2004d", "2004d", True),
        ("NuGet", "Demo", "1.0.0.0-Beta", "1.0-beta", True),
        ("NuGet", "Demo", "1.0.0", "1.0.0.1", False),
        ("npm", "demo", "v1.0.0", "1.0.0", True),
        ("npm", "demo", "1.0.0+build", "1.0.0", True),
        ("crates.io", "demo", "1.0.0", "1.0.0+abc", True),
        ("Maven", "a:b", "1.0", "1.0.0", False),
        ("RubyGems", "demo", "1.0", "1.0-java", True),
        ("RubyGems", "demo", "1.0-java", "1.0-java", True),
        ("RubyGems", "demo", "1.0-java", "1.0", False),
        ("RubyGems", "demo", "1.0", "1.0.0", False),
    ],
)
def test_lists_compare_by_the_equality_of_the_ecosystem(
    ecosystem: str, name: str, listed: str, version: str, hit: bool
) -> None:
    advisory = read_advisory(record(affected=[affecting(ecosystem, name, versions=[listed])]))
    (affected,) = advisory.affected
    found = match(advisory, affected.ecosystem, affected.name, version)
    assert (found is not None) is hit


@pytest.mark.parametrize(
    ("published", "expected", "problems"),
    [
        (["CVE-2024-1,", " GHSA-2 "], {"CVE-2024-1", "GHSA-2"}, {}),
        (["CVE-2024-1, CVE-2024-2"], {"CVE-2024-1", "CVE-2024-2"}, {}),
        (["GHSA-1", "CVE-1"], {"CVE-1"}, {}),
        (["", None, "CVE-1"], {"CVE-1"}, {"unreadable_alias": 2}),
        ("CVE-1", set(), {"unreadable_alias": 1}),
        (["CVE\x001"], set(), {"unreadable_alias": 1}),
        (None, set(), {}),
    ],
)
def test_aliases_are_cleaned(published: Any, expected: set[str], problems: dict[str, int]) -> None:
    advisory = read_advisory(record(aliases=published))
    assert advisory.aliases == expected
    assert advisory.problems == problems


def rusty(mark: str) -> dict[str, Any]:
    return affecting("crates.io", database_specific={"informational": mark} if mark else None)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({}, AdvisoryKind.VULNERABILITY),
        ({"id": "MAL-2025-1"}, AdvisoryKind.MALWARE),
        ({"aliases": ["MAL-2025-1"]}, AdvisoryKind.MALWARE),
        ({"related": ["MAL-2025-1"]}, AdvisoryKind.VULNERABILITY),
        ({"affected": [rusty("unmaintained")]}, AdvisoryKind.INFORMATIONAL),
        ({"affected": [rusty("unsound")]}, AdvisoryKind.INFORMATIONAL),
        ({"affected": [rusty("unsound"), rusty("")]}, AdvisoryKind.VULNERABILITY),
        ({"database_specific": {"informational": "notice"}}, AdvisoryKind.INFORMATIONAL),
        ({"database_specific": "<text>"}, AdvisoryKind.VULNERABILITY),
    ],
)
def test_a_record_is_of_a_kind(fields: dict[str, Any], kind: AdvisoryKind) -> None:
    assert read_advisory(record(**fields)).kind is kind


@pytest.mark.parametrize(
    ("fields", "score", "severity", "problems"),
    [
        ({}, None, "", {}),
        ({"severity": [{"type": "CVSS_V3", "score": V31}]}, 9.8, "", {}),
        (
            {
                "severity": [
                    {"type": "CVSS_V3", "score": V31},
                    {"type": "CVSS_V4", "score": V40},
                ]
            },
            9.3,
            "",
            {},
        ),
        (
            {
                "severity": [{"type": "CVSS_V4", "score": "CVSS:4.0/AV:N"}],
                "database_specific": {"severity": "moderate"},
            },
            5.5,
            "MODERATE",
            {"unreadable_vector": 1},
        ),
        (
            {
                "severity": [{"type": "CVSS_V4", "score": "CVSS:4.0/AV:N"}, {"type": "CVSS_V3", "score": V31}],
                "database_specific": {"severity": "LOW"},
            },
            9.8,
            "LOW",
            {"unreadable_vector": 1},
        ),
        ({"database_specific": {"severity": "AWFUL"}}, None, "", {}),
        ({"severity": [{"type": "Ubuntu", "score": "low"}]}, None, "", {}),
        ({"severity": V31}, None, "", {"unreadable_severity": 1}),
        (
            {"affected": [affecting(severity=[{"type": "CVSS_V3", "score": V31}])]},
            9.8,
            "",
            {},
        ),
        (
            {"affected": [affecting("Debian:12", severity=[{"type": "CVSS_V3", "score": V31}])]},
            None,
            "",
            {"other_ecosystem": 1},
        ),
    ],
)  # fmt: skip
def test_a_record_has_one_score(
    fields: dict[str, Any], score: float | None, severity: str, problems: dict[str, int]
) -> None:
    advisory = read_advisory(record(**fields))
    assert (advisory.score, advisory.severity) == (score, severity)
    assert advisory.problems == problems


def test_malware_with_a_list_forgets_its_open_range_and_says_so() -> None:
    entry = affecting("npm", ranges=ranges({"introduced": "0"}, kind="SEMVER"))
    listing = affecting("npm", versions=["1.0.1"])
    advisory = read_advisory(record(id="MAL-2025-1", affected=[entry, listing]))
    assert advisory.problems == {"malware_open_range": 1}
    assert all(affected.ranges == () for affected in advisory.affected)
    alone = read_advisory(record(id="MAL-2025-1", affected=[entry]))
    assert match(alone, Ecosystem.NPM, "demo", "7.0.0") is not None


def test_a_stored_record_is_the_published_one_and_what_others_read() -> None:
    document = record(
        summary="published",
        severity=[{"type": "CVSS_V3", "score": V31}, {"type": "CVSS_V2", "score": "broken"}],
        affected=[
            affecting(
                severity=[{"type": "CVSS_V4", "score": V40}],
                database_specific={"cwes": [{"cweId": "CWE-506"}]},
            )
        ],
        database_specific={"cwe_ids": ["CWE-79", "CWE-20", "none"]},
    )
    before = json.dumps(document)
    stored = stored_form(document)
    assert json.dumps(document) == before
    assert stored["_id"] == "GHSA-1"
    assert stored["cwes"] == ["CWE-20", "CWE-506", "CWE-79"]
    assert stored["severity"] == [
        {"type": "CVSS_V3", "score": V31, "base_score": 9.8},
        {"type": "CVSS_V2", "score": "broken"},
    ]
    assert stored["affected"][0]["severity"][0]["base_score"] == 9.3
    for name in ("id", "modified", "summary", "database_specific"):
        assert stored[name] == document[name]


@pytest.mark.parametrize("document", RECORDS.values(), ids=lambda document: document["id"])
def test_id_and_matching_of_a_stored_record_are_enough(document: dict[str, Any]) -> None:
    stored = bson.decode(bson.encode(stored_form(document)))
    projected = {"_id": stored["_id"], "matching": stored["matching"]}
    assert from_stored(projected) == from_stored(stored) == read_advisory(document)


def test_a_record_that_other_software_stored_is_read_as_published() -> None:
    document = RECORDS["GHSA-2gwj-7jmv-h26r"]
    assert from_stored({"_id": "1", **document}) == read_advisory(document)


@pytest.mark.parametrize(
    "matching", [{}, [], 7, {"modified": "x", "withdrawn": False, "kind": "unheard of"}]
)
def test_a_broken_stored_record_is_refused(matching: Any) -> None:
    with pytest.raises(InvalidPayloadError):
        from_stored({"_id": "GHSA-1", "matching": matching})


def test_a_record_nested_beyond_what_a_database_holds_is_refused() -> None:
    nested: Any = "end"
    for _ in range(200):
        nested = [nested]
    with pytest.raises(InvalidPayloadError):
        stored_form(record(database_specific=nested))


KEYS = st.sampled_from(
    ["id", "modified", "withdrawn", "aliases", "affected", "package", "ecosystem", "name", "ranges",
     "type", "events", "introduced", "fixed", "last_affected", "limit", "versions", "severity",
     "score", "database_specific", "informational", "cwe_ids", "cwes", "cweId", "matching"]
)  # fmt: skip
TEXTS = st.text(max_size=8) | st.sampled_from(
    ["PyPI", "npm", "Maven", "crates.io", "RubyGems", "NuGet", "demo", "a:b", "0", "1.0", "1.0.0",
     "ECOSYSTEM", "SEMVER", "GIT", "MAL-1", "GHSA-1", V31, V40, "HIGH", "\ud800"]
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | TEXTS, inner, max_size=6),
    max_leaves=20,
)
EVENTS = st.lists(
    st.dictionaries(
        st.sampled_from(["introduced", "fixed", "last_affected", "limit"]), TEXTS, max_size=2
    ),
    max_size=6,
)
ENTRIES = st.fixed_dictionaries(
    {
        "package": st.sampled_from(
            [{"ecosystem": e.osv_name, "name": "a:b" if e is Ecosystem.MAVEN else "demo"} for e in Ecosystem]
        ),
        "ranges": st.lists(
            st.fixed_dictionaries(
                {"type": st.sampled_from(["ECOSYSTEM", "SEMVER", "GIT"]), "events": EVENTS}
            ),
            max_size=3,
        )
        | VALUES,
        "versions": st.lists(TEXTS, max_size=4) | VALUES,
    }
)  # fmt: skip
NEARLY = st.fixed_dictionaries(
    {"id": TEXTS, "modified": TEXTS},
    optional={
        "affected": st.lists(ENTRIES | VALUES, max_size=4),
        "aliases": VALUES,
        "severity": VALUES,
        "database_specific": VALUES,
    },
)


@settings(deadline=None)
@given(st.dictionaries(KEYS | TEXTS, VALUES) | NEARLY, TEXTS)
def test_no_document_raises_anything_but_that_it_is_no_record(
    document: dict[str, Any], version: str
) -> None:
    try:
        advisory = read_advisory(document)
        stored = stored_form(document)
    except InvalidPayloadError:
        return
    assert from_stored(bson.decode(bson.encode(stored))) == advisory
    for affected in advisory.affected:
        match(advisory, affected.ecosystem, affected.name, version)
        attribute([advisory], affected.ecosystem, affected.name, [version, *affected.versions])
        if advisory.withdrawn:
            continue
        for listed in affected.versions:
            assert match(advisory, affected.ecosystem, affected.name, listed) is not None
