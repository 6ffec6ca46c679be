"""Crate names and the paths of their index files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.errors import InvalidKeyError
from src.utils.cargo.names import canonical_name, index_path, same_crate


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a", "1/a"),
        ("ab", "2/ab"),
        ("log", "3/l/log"),
        ("cargo", "ca/rg/cargo"),
        ("serde_json", "se/rd/serde_json"),
        ("Inflector", "in/fl/inflector"),
        ("X11", "3/x/x11"),
    ],
)
def test_an_index_file_stands_where_the_cargo_book_says(name: str, path: str) -> None:
    assert index_path(name) == path


@pytest.mark.parametrize("name", ["a", "Inflector", "serde_json", "x-1_", "a" * 64])
def test_a_name_keeps_its_spelling(name: str) -> None:
    assert canonical_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", " a", "a ", "1a", "_a", "-a", "a.b", "a/b", "../a", "ä", "aä", "a\n", "a\0", "a" * 65],
)
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidKeyError):
        canonical_name(name)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("foo-bar", "Foo_Bar", True),
        ("foo", "foo", True),
        ("foo-bar", "foobar", False),
        ("foo", "fo0", False),
    ],
)
def test_case_and_dashes_do_not_tell_crates_apart(left: str, right: str, same: bool) -> None:
    assert same_crate(left, right) is same


@given(st.text(max_size=80))
def test_no_text_leads_out_of_the_index(name: str) -> None:
    try:
        path = index_path(name)
    except InvalidKeyError:
        return
    assert all(part.strip(".") for part in path.split("/"))
