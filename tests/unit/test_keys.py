"""The gate for keys: what would kill a database never gets past it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.errors import InvalidKeyError
from src.utils.keys import MAX_KEY_BYTES, admit_key


@pytest.mark.parametrize(
    "key", ["a", "zope.interface", "日本語", "a b", "x" * 1024, "é" * 512, "\u200b"]
)
def test_a_usable_key_comes_back_unchanged(key: str) -> None:
    assert admit_key(key) == key


@pytest.mark.parametrize(
    "key",
    [
        "",
        " ",
        " a",
        "a ",
        "\u3000a",
        "a\n",
        "a\0b",
        "a\x7fb",
        "a\x85b",
        "x" * 1025,
        "é" * 513,
        "\ud800",
    ],
)
def test_anything_else_is_refused(key: str) -> None:
    with pytest.raises(InvalidKeyError):
        admit_key(key)


@given(st.text(st.characters(codec=None), max_size=1100))
def test_what_is_admitted_keeps_every_promise(key: str) -> None:
    try:
        admitted = admit_key(key)
    except InvalidKeyError:
        return
    assert admitted == key
    assert 1 <= len(admitted.encode()) <= MAX_KEY_BYTES
    assert admitted.strip() == admitted
    assert not any(unicodedata.category(character) == "Cc" for character in admitted)
