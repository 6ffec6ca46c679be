"""The dependency maps of a manifest, each entry in the list that the graph keeps it in."""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.package import Requirement, Requirements
from src.utils.npm.requirements import read_requirements, requirement_source

Json = dict[str, Any]


def read(manifest: Json) -> tuple[Requirements, dict[str, int]]:
    counts: Counter[str] = Counter()
    found = read_requirements(manifest, "s", counts)
    return found, {name: count for name, count in counts.items() if count}


def need(name: str, constraints: str, kind: str, variant: str = "") -> Requirement:
    purl = f"pkg:npm/{name.replace('@', '%40')}"
    return Requirement(name, purl, constraints, kind, "", variant)


def test_each_map_has_its_kind_and_its_list() -> None:
    found, counts = read(
        {
            "dependencies": {"a": "^1.0.0", "@s/b": "", "c": "*", "both": "^3"},
            "optionalDependencies": {"both": "^4", "only": "1.x"},
            "peerDependencies": {"a": ">=1", "maybe": "^2", "meant": "^5"},
            "peerDependenciesMeta": {
                "maybe": {"optional": True},
                "meant": {"optional": False},
                "nowhere": {"optional": True},
            },
            "devDependencies": {"d": "~1.2", "a": "^1.0.0"},
            "bundleDependencies": ["a"],
        }
    )
    assert found.required == (
        need("@s/b", "any", "runtime"),
        need("a", ">=1", "peer"),
        need("a", "^1.0.0", "runtime"),
        need("c", "*", "runtime"),
        need("meant", "^5", "peer"),
    )
    assert found.optional == (
        need("both", "^4", "optional"),
        need("maybe", "^2", "peer"),
        need("only", "1.x", "optional"),
    )
    assert found.development == (need("a", "^1.0.0", "dev"), need("d", "~1.2", "dev"))
    assert found.unresolved == ()
    assert counts == {}


def test_an_alias_points_to_the_package_really_meant() -> None:
    found, _ = read({"dependencies": {"old": "npm:@s/real@^1", "new": "npm:@s/real@^2"}})
    assert found.required == (
        need("@s/real", "^1", "runtime", "old"),
        need("@s/real", "^2", "runtime", "new"),
    )


def test_what_lies_elsewhere_never_becomes_a_package_of_that_name() -> None:
    found, counts = read(
        {
            "dependencies": {"fork": "git://github.com/o/r", "tagged": "next"},
            "optionalDependencies": {"short": "o/r"},
            "peerDependencies": {"near": "workspace:*"},
            "devDependencies": {"local": "file:../x"},
        }
    )
    assert found.required == (need("tagged", "next", "runtime"),)
    assert found.optional == ()
    assert found.unresolved == (
        Requirement("fork", "", "git://github.com/o/r", "runtime"),
        Requirement("near", "", "workspace:*", "peer"),
        Requirement("short", "", "o/r", "optional"),
    )
    assert found.development == (Requirement("local", "", "file:../x", "dev"),)
    assert counts == {}


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("a", None, "null"),
        ("a", 1, "1"),
        ("a", {"version": "1"}, '{"version": "1"}'),
        ("a", ["1"], '["1"]'),
        ("a", "not a range", "not a range"),
        ("_a", "^1", "^1"),
        ("", "^1", "^1"),
        ("a", "1" * 5000, "1" * 4096),
    ],
)
def test_a_broken_entry_is_kept_as_text_and_counted(name: str, value: object, text: str) -> None:
    found, counts = read({"dependencies": {name: value, "good": "1"}})
    assert found.required == (need("good", "1", "runtime"),)
    assert found.unresolved == (Requirement(name, "", text, "invalid"),)
    assert counts == {"invalid_requirements": 1}


@pytest.mark.parametrize("value", [["a", "b"], "a", 7, True])
def test_a_map_that_is_none_is_left_out_and_counted(value: object) -> None:
    found, counts = read({"dependencies": value, "peerDependenciesMeta": value})
    assert found == Requirements("s", development=())
    assert counts == {"invalid_dependency_maps": 1}


@pytest.mark.parametrize("value", [None, {}, [], "", False])
def test_a_map_without_entries_is_nothing_special(value: object) -> None:
    assert read({"dependencies": value}) == (Requirements("s", development=()), {})


def test_the_source_is_the_integrity_else_the_sha1_else_the_maps_themselves() -> None:
    maps = {"dependencies": {"a": "1"}}
    both = {"integrity": "sha512-x==", "shasum": "ab"}
    assert requirement_source({"dist": both}) == "sha512-x=="
    assert requirement_source({"dist": {"integrity": None, "shasum": "ab"}}) == "sha1-ab"
    own = requirement_source(maps)
    assert own.startswith("manifest-")
    assert own == requirement_source({**maps, "dist": {}, "description": "x"})
    assert own != requirement_source({"dependencies": {"a": "2"}})
    assert requirement_source({"dist": "text"}) == requirement_source({})


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)
_MAPS = st.sampled_from(
    [
        "dependencies",
        "optionalDependencies",
        "peerDependencies",
        "peerDependenciesMeta",
        "devDependencies",
        "dist",
    ]
)


@given(st.dictionaries(_MAPS, _VALUES))
def test_any_manifest_is_read(manifest: Json) -> None:
    found, _ = read(manifest)
    assert requirement_source(manifest)
    everything = (*found.required, *found.optional, *found.unresolved, *(found.development or ()))
    assert all(json.loads(entry.as_json()) for entry in everything)
    assert all(entry.purl for entry in (*found.required, *found.optional))
    assert not any(entry.purl for entry in found.unresolved)
