"""What stands behind a dependency's name, told apart as npm-package-arg does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.utils.npm.names import canonical_name
from src.utils.npm.specs import Spec, SpecKind, read_spec

OF_THE_REGISTRY = [
    ("^1.0.0", "^1.0.0"),
    ("1.2.3", "1.2.3"),
    ("*", "*"),
    ("", "any"),
    ("  ", "any"),
    (" ~1.2 ", "~1.2"),
    (">=1 <2 || 3", ">=1 <2 || 3"),
    ("1.2.3beta", "1.2.3beta"),
    (">=1.0.0, <2.0.0", ">=1.0.0, <2.0.0"),
    ("latest", "latest"),
    ("next", "next"),
    ("release-1.x", "release-1.x"),
    ("1.x.5", "1.x.5"),
]

ELSEWHERE = [
    "file:../x",
    "FILE:x",
    "./x",
    "../x",
    "/x",
    "~/x",
    "C:\\x",
    "\\x",
    "owner/name",
    "owner/name#semver:^1.0",
    "github:owner/name",
    "gitlab:owner/name",
    "bitbucket:owner/name",
    "gist:11081aaa281",
    "git://github.com/owner/name",
    "git+ssh://git@github.com/owner/name.git#v1.0",
    "git+https://git.test/name.git",
    "git@github.com:owner/name.git",
    "git@git.test:name",
    "https://files.test/a.tgz",
    "http://files.test/a",
    "workspace:*",
    "workspace:^1.0.0",
    "link:../x",
    "portal:../x",
    "catalog:",
    "patch:foo@1.0.0#x.patch",
    "jsr:@scope/name@1",
    "name.tgz",
    "name.tar.gz",
    "javascript:alert(1)",
]

INVALID = [
    "hello world",
    "a b",
    "é",
    "$x",
    "%",
    "a%20b",
    "beta@1",
    "a,b",
    "a;b",
    "#b",
    "npm:",
    "npm:@scope",
    "npm:../x",
    "npm:other@file:../x",
    "npm:other@npm:third@1",
    "npm:other@a b",
    "npm:npm:other@1",
]


@pytest.mark.parametrize(("value", "constraints"), OF_THE_REGISTRY)
def test_ranges_and_tags_are_of_the_package_of_that_name(value: str, constraints: str) -> None:
    assert read_spec("foo", value) == Spec(SpecKind.REGISTRY, "foo", constraints)


@pytest.mark.parametrize("value", ELSEWHERE)
def test_paths_and_addresses_name_no_package_of_the_registry(value: str) -> None:
    assert read_spec("@scope/foo", value) == Spec(SpecKind.ELSEWHERE, "@scope/foo", value)


@pytest.mark.parametrize("value", INVALID)
def test_what_npm_cannot_read_is_kept_as_text(value: str) -> None:
    assert read_spec("foo", value) == Spec(SpecKind.INVALID, "foo", value)


@pytest.mark.parametrize(
    ("value", "name", "constraints"),
    [
        ("npm:bar@^1.2.3", "bar", "^1.2.3"),
        ("npm:@scope/bar@~1", "@scope/bar", "~1"),
        ("npm:bar", "bar", "any"),
        ("npm:@scope/bar", "@scope/bar", "any"),
        ("npm:bar@", "bar", "any"),
        ("npm:bar@latest", "bar", "latest"),
        ("NPM:Bar@1", "Bar", "1"),
    ],
)
def test_an_alias_is_of_the_package_that_it_really_means(
    value: str, name: str, constraints: str
) -> None:
    assert read_spec("foo", value) == Spec(SpecKind.REGISTRY, name, constraints, "foo")


@pytest.mark.parametrize("name", ["", ".x", "_x", "a/b", "../a", "a b", "@scope", "a" * 2000])
def test_what_is_no_name_makes_an_entry_invalid(name: str) -> None:
    assert read_spec(name, "^1.0.0").kind is SpecKind.INVALID


def test_endless_aliases_end() -> None:
    assert read_spec("foo", "npm:a@" * 20_000).kind is SpecKind.INVALID


@given(
    st.text() | st.sampled_from(["a", "@s/b"]),
    st.text() | st.text("npm:@/.^~1x-ab \\", max_size=20),
)
def test_whatever_stands_there_is_told_apart_and_only_names_become_packages(
    name: str, value: str
) -> None:
    spec = read_spec(name, value)
    assert spec.constraints
    if spec.kind is SpecKind.REGISTRY:
        assert canonical_name(spec.name) == spec.name
        assert "/" not in spec.constraints
        assert ":" not in spec.constraints
