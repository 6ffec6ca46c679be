"""Import names from the manifest and files of a crate."""

import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.errors import ArchiveRefusedError, InvalidPayloadError
from src.utils.archives import ArchiveContent
from src.utils.cargo.library import Library, library_of, read_library
from tests.contract.cargo_registry import tar_gz

PACKAGE = '[package]\nname = "foo-bar"\n'


def content(manifest: str, *paths: str) -> ArchiveContent:
    names = [f"foo-bar-1.0.0/{path}" for path in ("Cargo.toml", *paths)]
    return ArchiveContent(names, {names[0]: manifest.encode()})


@pytest.mark.parametrize(
    ("manifest", "paths", "names"),
    [
        (PACKAGE, ["src/lib.rs"], ("foo_bar",)),
        (PACKAGE + '[lib]\nname = "other"\npath = "x.rs"\n', ["x.rs"], ("other",)),
        (PACKAGE + "[lib]\nproc-macro = true\n", [], ("foo_bar",)),
        (PACKAGE + '[lib]\nname = "other-name"\n', ["src/lib.rs"], ("other_name",)),
        (PACKAGE, ["src/main.rs"], ()),
        (PACKAGE + '[[bin]]\nname = "foo"\npath = "src/main.rs"\n', ["src/main.rs"], ()),
        (PACKAGE, ["examples/x/src/lib.rs"], ()),
        ('[project]\nname = "old-style"\n', ["src/lib.rs"], ("old_style",)),
        ("", ["src/lib.rs"], ("foo_bar",)),
        (PACKAGE + '[lib]\nname = "not an identifier"\n', [], ()),
        (PACKAGE + "[lib]\nname = 7\n", [], ("foo_bar",)),
        ("lib = 7\n", [], ("foo_bar",)),
    ],
)
def test_a_library_is_called_as_the_manifest_says(
    manifest: str, paths: list[str], names: tuple[str, ...]
) -> None:
    assert library_of(content(manifest, *paths), "foo-bar").names == names


def test_the_manifest_tells_repository_and_licence() -> None:
    told = 'repository = "https://github.com/o/r"\nlicense = "MIT"\n'
    expected = Library((), "https://github.com/o/r", "MIT")
    assert library_of(content(PACKAGE + told), "foo-bar") == expected


@pytest.mark.parametrize("manifest", ["[package", "a = 1\na = 2", "\0", "[" * 5000])
def test_a_manifest_that_is_not_toml_is_refused(manifest: str) -> None:
    with pytest.raises(InvalidPayloadError):
        library_of(content(manifest), "foo-bar")


def test_a_crate_has_one_manifest() -> None:
    with pytest.raises(InvalidPayloadError):
        library_of(ArchiveContent(["foo/src/lib.rs"]), "foo")
    two = {"a/Cargo.toml": b"", "b/Cargo.toml": b""}
    with pytest.raises(InvalidPayloadError):
        library_of(ArchiveContent(list(two), two), "foo")


def test_an_artifact_is_read_where_its_checksum_agrees() -> None:
    data = tar_gz({"foo-1.0.0/Cargo.toml": '[package]\nname = "foo"', "foo-1.0.0/src/lib.rs": ""})
    checksum = hashlib.sha256(data).hexdigest()
    assert read_library(io.BytesIO(data), "foo", checksum).names == ("foo",)
    with pytest.raises(InvalidPayloadError):
        read_library(io.BytesIO(data), "foo", "0" * 64)
    with pytest.raises(ArchiveRefusedError):
        read_library(io.BytesIO(data[:-20]), "foo", "")
    with pytest.raises(ArchiveRefusedError):
        read_library(io.BytesIO(tar_gz({"../Cargo.toml": ""})), "foo", "")


@given(st.text(max_size=60), st.lists(st.sampled_from(["src/lib.rs", "src/main.rs"])))
def test_no_manifest_raises_anything_else(manifest: str, paths: list[str]) -> None:
    try:
        found = library_of(content(manifest.replace("\ud800", ""), *paths), "foo-bar")
    except InvalidPayloadError:
        return
    assert all(name.isidentifier() for name in found.names)
