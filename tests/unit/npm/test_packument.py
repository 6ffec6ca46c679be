"""A packument into a record: versions, dates, facts, and what of it may be odd."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.errors import InvalidPayloadError, PackageNotFoundError
from src.schemas.package import PackageRecord
from src.utils.npm.packument import is_older, load_packument, read_packument
from src.utils.npm.record import NpmDocuments, build_record

Json = dict[str, Any]
NOTHING: dict[str, str] = {}


def record(
    document: Json, known: dict[str, str] = NOTHING, known_import: str = ""
) -> PackageRecord:
    document = {"name": "foo", **document}
    loaded = load_packument(json.dumps(document).encode(), "foo", "u")
    return build_record(NpmDocuments("5-x", read_packument(loaded, "foo", known, known_import)))


def only(manifest: Json, **document: Any) -> PackageRecord:
    return record({"versions": {"1.0.0": {"version": "1.0.0", **manifest}}, **document})


def test_versions_stand_in_their_order_with_dates_and_purls() -> None:
    found = record(
        {
            "_rev": "12-abc",
            "dist-tags": {"latest": "1.10.0"},
            "versions": {"1.10.0": {}, "1.9.0": {}, "1.10.0-rc.1": {}, "1.0": {}, "": {}},
            "time": {
                "created": "2012-01-01T00:00:00.000Z",
                "1.9.0": "2013-02-03T04:05:06.789Z",
                "1.10.0": "2014-02-03T04:05:06Z",
                "1.10.0-rc.1": "yesterday",
                "1.8.0": "2011-01-01T00:00:00.000Z",
            },
        }
    )
    assert [(v.serial_number, v.name, v.release_date) for v in found.versions] == [
        (-1, "1.0", ""),
        (0, "1.9.0", "2013-02-03T04:05:06.789Z"),
        (1, "1.10.0-rc.1", ""),
        (2, "1.10.0", "2014-02-03T04:05:06Z"),
    ]
    assert [v.purl for v in found.versions][-1] == "pkg:npm/foo@1.10.0"
    assert found.source_revision == "12-abc"
    assert found.facts["dist_tag_latest"] == "1.10.0"
    assert found.counts == {
        "legacy_versions": 1,
        "refused_versions": 1,
        "versions_without_document": 5,
    }


def test_a_scoped_package_has_its_scope_in_the_purl() -> None:
    document: Json = {"name": "@s/Foo", "versions": {"1.0.0": {}}}
    loaded = load_packument(json.dumps(document).encode(), "@s/Foo", "u")
    found = build_record(NpmDocuments("", read_packument(loaded, "@s/Foo", {}, "")))
    assert (found.purl, found.versions[0].purl) == ("pkg:npm/%40s/Foo", "pkg:npm/%40s/Foo@1.0.0")


@pytest.mark.parametrize(
    ("published", "message"),
    [
        ("use bar instead", "use bar instead"),
        (" spaced ", "spaced"),
        ("", ""),
        (False, ""),
        (None, ""),
        (True, "deprecated"),
        ({"a": 1}, ""),
        (7, ""),
    ],
)
def test_a_deprecation_is_a_message_and_may_be_taken_back(published: object, message: str) -> None:
    found = only({"deprecated": published}, **{"dist-tags": {"latest": "1.0.0"}})
    assert found.versions[0].facts["deprecated"] == message
    assert found.facts["status"] == ("deprecated" if message else "active")


def test_a_package_is_deprecated_where_its_newest_version_is() -> None:
    versions = {"1.0.0": {"deprecated": "old"}, "2.0.0": {}}
    tagged_old = record({"versions": versions, "dist-tags": {"latest": "1.0.0"}})
    untagged = record({"versions": versions, "dist-tags": {"latest": "9.9.9"}})
    assert (tagged_old.facts["status"], untagged.facts["status"]) == ("deprecated", "active")


@pytest.mark.parametrize(
    ("manifest", "name"),
    [
        ({"license": "MIT"}, "MIT"),
        ({"license": "(MIT OR Apache-2.0)"}, "(MIT OR Apache-2.0)"),
        ({"license": {"type": "ISC", "url": "https://licence.test"}}, "ISC"),
        ({"license": ["MIT", "GPL-2.0"]}, "MIT, GPL-2.0"),
        ({"licenses": [{"type": "MIT"}, {"type": "GPL"}]}, "MIT, GPL"),
        ({"licenses": {"type": "BSD"}}, "BSD"),
        ({"license": None, "licenses": "Apache"}, "Apache"),
        ({"license": "x" * 101}, ""),
        ({"license": "line\nline"}, ""),
        ({"license": 7}, ""),
        ({"license": {"url": "https://licence.test"}}, ""),
        ({}, ""),
    ],
)
def test_a_licence_is_read_in_all_its_shapes(manifest: Json, name: str) -> None:
    found = only(manifest)
    assert found.versions[0].facts.get("license", "") == name
    assert found.facts["license"] == name
    assert only({}, **manifest).facts["license"] == name


@pytest.mark.parametrize(
    ("repository", "url", "vendor"),
    [
        ("git+https://github.com/owner/name.git", "https://github.com/owner/name", "owner"),
        ("owner/name", "https://github.com/owner/name", "owner"),
        ("owner/name#main", "https://github.com/owner/name", "owner"),
        ("github:owner/name", "https://github.com/owner/name", "owner"),
        ("gitlab:group/name", "https://gitlab.com/group/name", "group"),
        ("gist:11081aaa281", "n/a", "n/a"),
        ({"type": "git", "url": "owner/name"}, "https://github.com/owner/name", "owner"),
        (
            {"url": "https://github.com/owner/name.git", "directory": "packages/foo"},
            "https://github.com/owner/name",
            "owner",
        ),
        (
            [{"type": "git", "url": "git@github.com:owner/name.git"}],
            "https://github.com/owner/name",
            "owner",
        ),
        ("https://code.test/owner/name", "n/a", "n/a"),
        ("../../etc/passwd", "n/a", "n/a"),
        ({"url": None}, "n/a", "n/a"),
        (7, "n/a", "n/a"),
        (None, "n/a", "n/a"),
    ],
)
def test_a_repository_is_read_in_all_its_shapes(repository: object, url: str, vendor: str) -> None:
    for found in (only({}, repository=repository), only({"repository": repository})):
        assert (found.repository_url, found.vendor) == (url, vendor)


def test_facts_of_a_version() -> None:
    found = only(
        {
            "scripts": {"postinstall": "node x.js", "test": "x"},
            "dependencies": {"b": "1", "a": "1"},
            "bundledDependencies": True,
            "engines": {"node": " >=18 ", "npm": "9"},
        }
    )
    assert found.versions[0].facts == {
        "deprecated": "",
        "prerelease": False,
        "has_install_script": True,
        "bundled": ["a", "b"],
        "engines_node": ">=18",
    }
    assert found.versions[0].requirements is not None
    assert [entry.name for entry in found.versions[0].requirements.required] == ["a", "b"]


@pytest.mark.parametrize(
    ("manifest", "fact", "value"),
    [
        ({"hasInstallScript": True}, "has_install_script", True),
        ({"scripts": {"preinstall": "x"}}, "has_install_script", True),
        ({"scripts": {"install": ""}, "hasInstallScript": False}, "has_install_script", None),
        ({"scripts": {"test": "x"}}, "has_install_script", None),
        ({"bundleDependencies": ["a", 7]}, "bundled", ["a"]),
        ({"bundleDependencies": False}, "bundled", None),
        ({"engines": ["node >= 0.6", "npm"]}, "engines_node", ">= 0.6"),
        ({"engines": ["nodejs 1"]}, "engines_node", None),
        ({"engines": "node 1"}, "engines_node", None),
        ({"engines": {"node": 7}}, "engines_node", None),
    ],
)
def test_odd_shapes_of_facts(manifest: Json, fact: str, value: object) -> None:
    assert only(manifest).versions[0].facts.get(fact) == value


def test_import_names_are_the_name_and_the_explicit_subpaths_of_the_newest_version() -> None:
    exports = {
        ".": "./index.js",
        "./b": {"import": "./b.mjs"},
        "./a/c.js": "./a/c.js",
        "./icons/*": "./icons/*.js",
        "./old/": "./old/",
        "./hidden": None,
        "import": "./x.mjs",
    }
    newest: Json = {"exports": exports, "dist": {"integrity": "sha512-new"}}
    document: Json = {"versions": {"2.0.0": newest, "3.0.0-rc.1": {}, "1.0.0": {}}}
    found = record(document)
    assert found.facts["import_names"] == ["foo", "foo/a/c.js", "foo/b"]
    assert found.facts["import_names_source"] == "sha512-new"
    assert "import_names" not in record(document, known_import="sha512-new").facts


@pytest.mark.parametrize("exports", ["./index.js", None, ["./a"], {"import": "./x"}, 7])
def test_exports_without_subpaths_leave_the_name_alone(exports: object) -> None:
    assert only({"exports": exports}).facts["import_names"] == ["foo"]


def test_requirements_are_given_again_only_where_their_source_changed() -> None:
    document: Json = {
        "versions": {
            "1.0.0": {"dist": {"shasum": "one"}, "dependencies": {"a": "1"}},
            "2.0.0": {"dist": {"shasum": "two"}, "dependencies": {"a": "2"}},
        }
    }
    found = record(document, {"1.0.0": "sha1-one", "2.0.0": "sha1-other"})
    one, two = found.versions
    assert one.requirements is None
    assert two.requirements is not None
    assert two.requirements.required[0].constraints == "2"


def test_a_placeholder_of_the_registrys_security_team_is_told() -> None:
    held = {"version": "0.0.1-security"}
    versions = {"0.0.1-security": held}
    latest = {"latest": "0.0.1-security"}
    told = record(
        {"versions": versions, "dist-tags": latest, "description": "security holding package"}
    )
    by_repository = record({"versions": versions, "repository": "npm/security-holder"})
    honest = record({"versions": versions, "description": "a tool for security"})
    assert told.facts["security_placeholder"] is True
    assert by_repository.facts["security_placeholder"] is True
    assert honest.facts["security_placeholder"] is False


def test_an_unpublished_package_is_gone_and_one_without_versions_is_not() -> None:
    unpublished = {"unpublished": {"time": "2016-03-22T00:00:00.000Z", "versions": ["1.0.0"]}}
    for versions in ({}, {"versions": {}}):
        with pytest.raises(PackageNotFoundError, match="unpublished"):
            record({"time": unpublished, **versions})
    assert record({"time": {}, "versions": {}, "dist-tags": {}}).versions == ()
    assert len(record({"time": unpublished, "versions": {"2.0.0": {}}}).versions) == 1


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"error": "not_found"},
        {"name": "foo"},
        {"name": "foo", "versions": []},
        {"name": "foo", "versions": None},
        {"name": "bar", "versions": {}},
        {"name": "Foo", "versions": {}},
        {"versions": {}},
        {"name": None, "_id": "foo", "versions": {}},
        [],
        "foo",
        None,
    ],
)
def test_what_is_not_the_packument_of_the_package_is_refused(document: object) -> None:
    with pytest.raises(InvalidPayloadError):
        load_packument(json.dumps(document).encode(), "foo", "u")


@pytest.mark.parametrize(
    ("revision", "announced", "older"),
    [
        ("1-a", "2-a", True),
        ("9-a", "10-a", True),
        ("10-a", "9-a", False),
        ("2-b", "2-a", False),
        ("", "2-a", False),
        ("2-a", "", False),
        ("x", "2-a", False),
        ("9" * 30, "1-a", False),
    ],
)
def test_revisions_are_compared_by_their_counter(
    revision: str, announced: str, older: bool
) -> None:
    assert is_older(revision, announced) is older


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=12,
)
_FIELDS = st.sampled_from(
    [
        "dependencies",
        "dist",
        "deprecated",
        "license",
        "licenses",
        "repository",
        "engines",
        "scripts",
        "exports",
        "bundleDependencies",
        "hasInstallScript",
        "version",
    ]
)
_MANIFESTS = st.dictionaries(_FIELDS, _VALUES) | _VALUES
_DOCUMENTS = st.fixed_dictionaries(
    {
        "versions": st.dictionaries(
            st.text(max_size=6) | st.sampled_from(["1.0.0", "2.0.0-a", "1"]), _MANIFESTS, max_size=4
        )
    },
    optional={
        "_rev": _VALUES,
        "time": st.dictionaries(st.sampled_from(["1.0.0", "1"]), _VALUES) | _VALUES,
        "dist-tags": st.dictionaries(st.just("latest"), _VALUES) | _VALUES,
        "repository": _VALUES,
        "license": _VALUES,
        "description": _VALUES,
    },
)


@given(_DOCUMENTS)
def test_any_packument_gives_a_record_or_is_gone(document: Json) -> None:
    try:
        found = record(document)
    except PackageNotFoundError:
        return
    kept = len(found.versions) + found.counts.get("refused_versions", 0)
    assert kept <= len(document["versions"])
    assert len({version.purl for version in found.versions}) == len(found.versions)
    assert all(v.requirements is not None and v.requirements.source for v in found.versions)
    facts = [*found.facts.values(), *(f for v in found.versions for f in v.facts.values())]
    assert all(isinstance(fact, str | bool | list) for fact in facts)
