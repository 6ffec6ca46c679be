"""Names of packages and versions, and the addresses made of them."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.errors import InvalidKeyError
from src.utils.maven.coordinates import Gav
from src.utils.maven.names import canonical_name, file_address, is_version, metadata_address

BASE = "http://maven.test/maven2"


@pytest.mark.parametrize("name", ["junit:junit", "com.google.guava:guava", "Org.X_y:a-b.C_2.13"])
def test_a_name_is_group_and_artifact_in_their_own_case(name):
    assert canonical_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        ":",
        "junit",
        "junit:",
        ":junit",
        "a:b:c",
        "a b:c",
        "a/b:c",
        "../a:b",
        "a..b:c",
        ".a:b",
        "a.:b",
        "a:..",
        "a:b\n",
        " a:b",
        "${g}:a",
        "é:b",
        "a:" + "b" * 1100,
        "a:b/../c",
        "a\\b:c",
    ],
)
def test_what_is_no_name_is_refused(name):
    with pytest.raises(InvalidKeyError):
        canonical_name(name)


@given(st.text(max_size=40))
def test_a_name_that_is_admitted_stays_inside_its_folder(text):
    with contextlib.suppress(InvalidKeyError):
        address = metadata_address(BASE, canonical_name(text))
        assert address.startswith(f"{BASE}/")
        assert not {"", ".", ".."} & set(address.removeprefix(f"{BASE}/").split("/"))


@pytest.mark.parametrize(
    "version",
    ["1", "1.0-SNAPSHOT", "r03", "20040616", "1.0+build", "1_0~a", "2.0.0.Final", "1.0.0-é"],
)
def test_a_version_may_be_almost_anything(version):
    assert is_version(version)


@pytest.mark.parametrize(
    "version",
    ["", ".", "..", "...", "1/2", "1\\2", "a b", "1\n", "${v}", "[1,2)", "a:b", "1" * 257, "\x7f"],
)
def test_but_no_path_expression_or_range(version):
    assert not is_version(version)


@given(st.text(max_size=30))
def test_no_text_is_too_much_for_the_question(text):
    assert is_version(text) in {True, False}


def test_addresses_follow_the_default_layout():
    assert metadata_address(BASE, "com.google.guava:guava") == (
        f"{BASE}/com/google/guava/guava/maven-metadata.xml"
    )
    assert file_address(BASE, Gav("com.x", "y", "1.0"), "pom") == f"{BASE}/com/x/y/1.0/y-1.0.pom"
    assert (
        file_address(BASE, Gav("x", "y", "1+é"), "jar") == f"{BASE}/x/y/1%2B%C3%A9/y-1%2B%C3%A9.jar"
    )
