"""Files of the sparse index: what each line says, and what is no file of it."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.errors import InvalidPayloadError
from src.utils.cargo.documents import CrateVersion, Dependency
from src.utils.cargo.index import IndexFile, read_index_file

CHECKSUM = "ab" * 32


def line(**more: object) -> dict[str, object]:
    return {"name": "foo", "vers": "1.0.0", "deps": [], "cksum": CHECKSUM, "yanked": False, **more}


def read(*lines: object) -> IndexFile:
    return read_index_file("\n".join(map(json.dumps, lines)).encode(), "u")


def dependency(**fields: object) -> Dependency:
    (version,) = read(line(deps=[{"name": "bar", "req": "^1", **fields}])).versions
    assert version.broken == ()
    assert version.dependencies is not None
    return version.dependencies[0]


def test_a_line_is_a_version() -> None:
    file = read(
        line(yanked=True, links="z", rust_version="1.60", pubtime="2024-05-06T07:08:09Z", v=2),
        line(vers="0.9.0-rc.1+b", cksum=CHECKSUM.upper()),
    )
    assert file.name == "foo"
    assert file.versions == (
        CrateVersion(
            num="1.0.0",
            checksum=CHECKSUM,
            yanked=True,
            created="2024-05-06T07:08:09Z",
            rust_version="1.60",
            links="z",
            dependencies=(),
        ),
        CrateVersion(num="0.9.0-rc.1+b", checksum=CHECKSUM, yanked=False, dependencies=()),
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, Dependency("bar", "^1")),
        ({"kind": None, "target": None, "package": None}, Dependency("bar", "^1")),
        ({"kind": "build"}, Dependency("bar", "^1", kind="build")),
        ({"kind": "dev", "optional": False}, Dependency("bar", "^1", kind="dev")),
        ({"optional": True}, Dependency("bar", "^1", optional=True)),
        ({"target": "cfg(unix)"}, Dependency("bar", "^1", target="cfg(unix)")),
        ({"package": "baz"}, Dependency("baz", "^1", alias="bar")),
        ({"package": "bar"}, Dependency("bar", "^1")),
        (
            {"registry": "https://other.test/i"},
            Dependency("bar", "^1", registry="https://other.test/i"),
        ),
        ({"req": ""}, Dependency("bar", "")),
        ({"req": None}, Dependency("bar", "")),
        ({"features": ["x"], "default_features": False, "public": True}, Dependency("bar", "^1")),
    ],
)
def test_a_dependency_is_read_field_by_field(
    fields: dict[str, object], expected: Dependency
) -> None:
    assert dependency(**fields) == expected


@pytest.mark.parametrize(
    "declared", ["bar", None, 1, [], {}, {"name": ""}, {"name": 7}, {"name": "bar", "req": 1}]
)
def test_what_is_no_dependency_is_kept_as_text(declared: object) -> None:
    (version,) = read(line(deps=[declared, {"name": "bar"}])).versions
    assert version.broken == (json.dumps(declared, sort_keys=True),)
    assert version.dependencies == (Dependency("bar", ""),)


@pytest.mark.parametrize("deps", [None, {}, "x"])
def test_a_version_without_a_list_of_dependencies_has_none(deps: object) -> None:
    assert read(line(deps=deps)).versions[0].dependencies == ()


def test_a_version_told_twice_is_taken_as_told_last_and_counted() -> None:
    file = read(line(), line(vers="2.0.0"), line(yanked=True))
    assert [(v.num, v.yanked) for v in file.versions] == [("1.0.0", True), ("2.0.0", False)]
    assert file.counts["repeated_versions"] == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n\n",
        b"<html></html>",
        b"[]",
        b"{}",
        b'{"errors": [{"detail": "Not Found"}]}',
        b'{"name": "foo"}',
        b'{"name": 1, "vers": "1.0.0"}',
        json.dumps(line()).encode() + b'\n{"name": "foo", "vers": "1.',
        json.dumps(line()).encode() + b"\n" + json.dumps(line(name="bar")).encode(),
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_what_is_not_a_whole_file_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidPayloadError):
        read_index_file(body, "u")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
FIELDS = ["name", "vers", "deps", "cksum", "yanked", "links", "rust_version", "pubtime"]


@given(
    st.binary(max_size=60)
    | st.dictionaries(st.sampled_from(FIELDS), json_values).map(
        lambda entry: json.dumps({"name": "foo", "vers": "1.0.0", **entry}).encode()
    )
)
def test_no_bytes_raise_anything_else(body: bytes) -> None:
    with suppress(InvalidPayloadError):
        assert read_index_file(body, "u").versions
