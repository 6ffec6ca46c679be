"""The order of versions: Semantic Versioning 2.0.0, section 11, and nothing that is not of it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.utils.npm.versions import is_prerelease, order_key
from src.utils.serial_numbers import number_versions

CHAIN = """
    0.0.0-0 0.0.0 0.0.1 0.1.0 0.9.9 0.10.0
    1.0.0-0 1.0.0-1 1.0.0-2 1.0.0-10 1.0.0--1 1.0.0-0a 1.0.0-10a 1.0.0-A 1.0.0-a 1.0.0-a.0 1.0.0-a.a 1.0.0-a-b
    1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0
    1.0.1 1.2.0 1.10.0 2.0.0 10.0.0 9007199254740993.0.0
"""
"""The chain of section 11.4.4 with numbers below letters, letters by ASCII and more fields later."""


@pytest.mark.parametrize(("lower", "higher"), list(pairwise(CHAIN.split())))
def test_versions_rise_as_section_11_says(lower: str, higher: str) -> None:
    one, two = order_key(lower), order_key(higher)
    assert one is not None
    assert two is not None
    assert one < two


@pytest.mark.parametrize(
    ("one", "two"),
    [("1.0.0+build", "1.0.0"), ("1.0.0-a+1", "1.0.0-a+2.x-y"), ("v1.2.3", "1.2.3")],
)
def test_build_metadata_and_a_v_make_no_difference(one: str, two: str) -> None:
    assert order_key(one) == order_key(two) is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1.2",
        "1.2.3.4",
        "01.2.3",
        "1.02.3",
        "1.2.3-",
        "1.2.3-01",
        "1.2.3-a..b",
        "1.2.3-a_b",
        "1.2.3+",
        "1.2.3+a..b",
        "=1.2.3",
        " 1.2.3",
        "1.2.3\n",
        "latest",
        "1.2.x",
        "-1.2.3",
        "1.2.3-é",
        "\u0661.2.3",
        "1.2." + "3" * 300,
    ],
)
def test_what_is_not_of_semver_has_no_place(text: str) -> None:
    assert order_key(text) is None


def test_only_a_version_with_a_hyphen_behind_its_numbers_is_a_prerelease() -> None:
    told = {text: order_key(text) for text in ("1.0.0-0", "1.0.0", "1.0.0+a-b", "0.0.1-security")}
    assert [text for text, key in told.items() if key and is_prerelease(key)] == [
        "1.0.0-0",
        "0.0.1-security",
    ]


def test_equal_versions_stand_by_name_and_unknown_ones_first() -> None:
    names = ["1.0.0+b", "1.0.0", "1.0.0+a", "1.0", "0.9.0", "latest"]
    assert number_versions(names, order_key) == [
        (-1, "1.0"),
        (-1, "latest"),
        (0, "0.9.0"),
        (1, "1.0.0"),
        (2, "1.0.0+a"),
        (3, "1.0.0+b"),
    ]


@given(st.text() | st.text("0123456789.-+vxa", max_size=30))
def test_any_text_has_a_place_or_none(text: str) -> None:
    key = order_key(text)
    assert key is None or key == order_key(f"{text}+x" if "+" not in text else text)


_NUMBERS = st.integers(0, 10**20)
_FIELDS = st.from_regex(r"0|[1-9][0-9]{0,4}|[a-zA-Z-]{1,4}", fullmatch=True)


@given(_NUMBERS, _NUMBERS, _NUMBERS, st.lists(_FIELDS, max_size=4))
def test_every_version_of_the_grammar_is_read(
    major: int, minor: int, patch: int, fields: list[str]
) -> None:
    release = order_key(f"{major}.{minor}.{patch}")
    key = order_key(f"{major}.{minor}.{patch}" + ("-" + ".".join(fields) if fields else ""))
    assert key is not None
    assert release is not None
    assert key[:3] == (major, minor, patch)
    assert (key < release) == bool(fields)
