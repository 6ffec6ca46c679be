"""What becomes of versions and dependencies in the record. Expected values are by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.package import ANY, UNKNOWN, PackageRecord, Requirement, Requirements
from src.utils.cargo.documents import (
    CrateDocuments,
    CrateLinks,
    CrateVersion,
    Dependency,
    crate_revision,
    newest,
    release_date,
)
from src.utils.cargo.library import Library
from src.utils.cargo.record import build_record
from src.utils.cargo.requirements import read_requirement, read_requirements

CHECKSUM = "ab" * 32


def version(num: str = "1.0.0", **more: object) -> CrateVersion:
    told: dict[str, object] = {"checksum": CHECKSUM, "yanked": False, "dependencies": ()}
    return CrateVersion(num, **{**told, **more})  # type: ignore[arg-type]


def record(*versions: CrateVersion, **more: object) -> PackageRecord:
    return build_record(CrateDocuments("foo", versions, **more))  # type: ignore[arg-type]


def requirements(*dependencies: Dependency) -> Requirements:
    return read_requirements(version(dependencies=dependencies))


def need(
    name: str, constraints: str, kind: str, condition: str = "", variant: str = ""
) -> Requirement:
    return Requirement(name, f"pkg:cargo/{name}", constraints, kind, condition, variant)


@pytest.mark.parametrize(
    ("dependency", "place", "expected"),
    [
        (Dependency("bar", "^1"), "required", need("bar", "^1", "runtime")),
        (Dependency("bar", "*"), "required", need("bar", "*", "runtime")),
        (Dependency("bar", ""), "required", need("bar", ANY, "runtime")),
        (Dependency("bar", ">= 1 < 2"), "required", need("bar", ">= 1 < 2", "runtime")),
        (Dependency("cc", "^1", kind="build"), "required", need("cc", "^1", "build")),
        (
            Dependency("winapi", "^0.3", target="cfg(windows)"),
            "required",
            need("winapi", "^0.3", "runtime", "cfg(windows)"),
        ),
        (
            Dependency("rustc-ap-log", "^1", alias="log"),
            "required",
            need("rustc-ap-log", "^1", "runtime", "", "log"),
        ),
        (Dependency("serde", "^1", optional=True), "optional", need("serde", "^1", "runtime")),
        (
            Dependency("cc", "^1", kind="build", optional=True),
            "optional",
            need("cc", "^1", "build"),
        ),
        (Dependency("quick", "^1", kind="dev"), "development", need("quick", "^1", "dev")),
        (
            Dependency("bar", "^1", registry="https://other.test/i"),
            "unresolved",
            Requirement("bar", "", "^1", "runtime"),
        ),
        (
            Dependency("b r", "^1"),
            "unresolved",
            Requirement("", "", '{"kind": "normal", "name": "b r", "req": "^1"}', "invalid"),
        ),
        (
            Dependency("bar", "^1", kind="9"),
            "unresolved",
            Requirement("", "", '{"kind": "9", "name": "bar", "req": "^1"}', "invalid"),
        ),
    ],
)
def test_a_dependency_has_one_place(
    dependency: Dependency, place: str, expected: Requirement
) -> None:
    found = requirements(dependency)
    assert getattr(found, place) == (expected,)
    lists = (found.required, found.optional, found.unresolved, found.development)
    assert sum(len(entries or ()) for entries in lists) == 1


def test_dependencies_that_differ_in_nothing_kept_are_one_and_others_are_not() -> None:
    found = requirements(
        Dependency("bar", "^1"),
        Dependency("bar", "^1"),
        Dependency("bar", "^1", kind="build"),
        Dependency("bar", "^1", target="cfg(unix)"),
        Dependency("bar", "^1", alias="old"),
        Dependency("bar", "^2"),
        Dependency("bar", "^1", optional=True),
        Dependency("bar", "^1", kind="dev"),
    )
    assert len(found.required) == 5
    assert len(found.optional) == 1
    assert found.development == (need("bar", "^1", "dev"),)
    assert found.source == f"sha256:{CHECKSUM}"


def test_versions_are_numbered_dated_and_marked() -> None:
    found = record(
        version("1.10.0", yanked=True, created="2024-01-01T00:00:00Z"),
        version("1.2.0", license="MIT", rust_version="1.60", links="z"),
        version("1.2.0-rc.1", dependencies=None),
        version("0.0.1-001"),
    )
    assert [(v.serial_number, v.name) for v in found.versions] == [
        (-1, "0.0.1-001"),
        (0, "1.2.0-rc.1"),
        (1, "1.2.0"),
        (2, "1.10.0"),
    ]
    assert [v.facts for v in found.versions] == [
        {"yanked": False},
        {"yanked": False, "prerelease": True},
        {
            "yanked": False,
            "prerelease": False,
            "license": "MIT",
            "rust_version": "1.60",
            "links": "z",
        },
        {"yanked": True, "prerelease": False},
    ]
    assert [v.release_date for v in found.versions] == ["", "", "", "2024-01-01T00:00:00Z"]
    assert [v.requirements is None for v in found.versions] == [False, True, False, False]
    assert found.versions[2].purl == "pkg:cargo/foo@1.2.0"
    assert found.counts == {"legacy_versions": 1}


def test_what_is_odd_is_counted_and_the_rest_kept() -> None:
    found = record(
        version("1.0.0", broken=("7",), dependencies=(Dependency("bar", "> 1 < 2"),)),
        version("1\x000"),
    )
    assert [v.name for v in found.versions] == ["1.0.0"]
    assert found.counts == {
        "invalid_requirements": 1,
        "refused_versions": 1,
        "unreadable_constraints": 1,
    }


@pytest.mark.parametrize(
    ("links", "library", "url"),
    [
        (
            CrateLinks("https://github.com/o/r.git", "https://gitlab.com/a/b"),
            None,
            "github.com/o/r",
        ),
        (CrateLinks("", "https://gitlab.com/o/r"), None, "gitlab.com/o/r"),
        (CrateLinks("https://foo.test", ""), None, ""),
        (None, Library((), "https://github.com/o/r"), "github.com/o/r"),
        (None, None, ""),
    ],
)
def test_the_repository_is_the_first_address_of_a_forge(
    links: CrateLinks | None, library: Library | None, url: str
) -> None:
    found = record(version(), links=links, library=library)
    assert found.repository_url == (f"https://{url}" if url else UNKNOWN)
    assert found.vendor == ("o" if url else UNKNOWN)


def test_a_crate_tells_its_licence_and_import_names() -> None:
    library = Library(("foo",), license="BSD-3-Clause")
    found = record(version(license="MIT"), library=library, artifact_source="s")
    assert found.facts == {
        "status": "active",
        "license": "MIT",
        "import_names": ["foo"],
        "import_names_source": "s",
    }
    assert record(version(), library=library).facts["license"] == "BSD-3-Clause"
    assert record(version()).facts == {"status": "active"}


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        (["1.0.0", "2.0.0", "1.9.0"], "2.0.0"),
        (["1.0.0", "2.0.0-rc.1"], "1.0.0"),
        (["1.0.0", "2.0.0!"], "1.0.0"),
        (["1.0.0!", "2.0.0!"], "2.0.0"),
        (["1.0.0!", "2.0.0-rc.1"], "2.0.0-rc.1"),
        (["1.0.0-rc.1", "1.0.0-rc.2"], "1.0.0-rc.2"),
        (["0.0.1-001", "0.0.1-002"], "0.0.1-002"),
        (["0.0.1-001", "0.0.0-a"], "0.0.0-a"),
    ],
)
def test_the_newest_version_is_rather_stable_and_not_yanked(
    versions: list[str], expected: str
) -> None:
    found = newest(version(v.rstrip("!"), yanked=v.endswith("!")) for v in versions)
    assert found is not None
    assert found.num == expected


def test_a_crate_without_versions_has_no_newest() -> None:
    assert newest([]) is None


def test_the_revision_tells_states_apart_whatever_their_order() -> None:
    states = [("1.0.0", "a", False), ("2.0.0", "b", True)]
    assert crate_revision(states) == crate_revision(reversed(states))
    others = [
        [("1.0.0", "a", False), ("2.0.0", "b", False)],
        [("1.0.0", "a", False)],
        [("1.0.0", "a", False), ("2.0.0", "c", True)],
        [],
    ]
    assert len({crate_revision(other) for other in [states, *others]}) == 5


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        ("2024-05-06 07:08:09.123456+00", "2024-05-06T07:08:09Z"),
        ("2015-11-16 14:13:17", "2015-11-16T14:13:17Z"),
        ("2024-05-06T07:08:09Z", "2024-05-06T07:08:09Z"),
        ("2024-05-06T07:08:09+00:00", "2024-05-06T07:08:09Z"),
        ("2024-05-06 07:08:09.9+02", "2024-05-06T05:08:09Z"),
        ("", ""),
        ("yesterday", ""),
        ("0001-01-01T00:00:00+23:00", ""),
    ],
)
def test_a_date_is_in_utc_and_whole_seconds(published: str, expected: str) -> None:
    assert release_date(published) == expected


texts = st.text(max_size=8)


@given(st.builds(Dependency, texts, texts, texts, st.booleans(), texts, texts, texts), texts, texts)
def test_nothing_odd_is_fatal(dependency: Dependency, num: str, date: str) -> None:
    assert read_requirement(dependency).constraints
    release_date(date)
    found = record(version(num, dependencies=(dependency,)))
    assert len(found.versions) + found.counts.get("refused_versions", 0) == 1
