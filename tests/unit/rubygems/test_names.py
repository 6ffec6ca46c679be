"""Gem names and version names, and what they become in the graph."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.errors import InvalidKeyError
from src.utils.rubygems.names import (
    canonical_name,
    package_purl,
    split_version,
    version_name,
    version_purl,
)


@pytest.mark.parametrize(
    "name", ["rails", "SexpProcessor", "sexpprocessor", "1pass", "a_b-c.d", "_", "-", "a..b"]
)
def test_a_name_stays_as_it_is(name: str) -> None:
    assert canonical_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        " rails",
        "rails ",
        ".",
        "..",
        "a/b",
        "a b",
        "a\n",
        "a\x00",
        "a%2f",
        "é",
        "a:b",
        "x" * 1025,
    ],
)
def test_what_is_no_gem_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidKeyError):
        canonical_name(name)


@pytest.mark.parametrize(
    ("name", "number", "platform"),
    [
        ("1.0", "1.0", "ruby"),
        ("1.0-java", "1.0", "java"),
        ("1.0.rc1-x86_64-linux-gnu", "1.0.rc1", "x86_64-linux-gnu"),
        ("1.2.1-x86-mswin32-60", "1.2.1", "x86-mswin32-60"),
    ],
)
def test_the_first_hyphen_parts_version_and_platform(name: str, number: str, platform: str) -> None:
    assert split_version(name) == (number, platform)
    assert version_name(number, platform) == name


def test_purls_tell_platforms_as_a_qualifier() -> None:
    assert package_purl("SexpProcessor") == "pkg:gem/SexpProcessor"
    assert version_purl("nokogiri", "1.13.6") == "pkg:gem/nokogiri@1.13.6"
    assert version_purl("nokogiri", "1.13.6-java") == "pkg:gem/nokogiri@1.13.6?platform=java"
    assert (
        version_purl("nokogiri", "1.2.1-x86-mswin32-60")
        == "pkg:gem/nokogiri@1.2.1?platform=x86-mswin32-60"
    )


@pytest.mark.parametrize("version", ["", ".", "..", "1/2", "1 2", "-java", "1.0\x00"])
def test_a_version_that_no_address_could_hold_is_refused(version: str) -> None:
    with pytest.raises(InvalidKeyError):
        version_purl("a", version)


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_text_raises_anything_but_the_documented_error(name: str, version: str) -> None:
    try:
        assert canonical_name(name) == name
        assert version_purl(name, version).startswith("pkg:gem/")
    except InvalidKeyError:
        pass
