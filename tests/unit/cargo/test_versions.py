"""The order of SemVer 2.0.0, as far as Cargo follows it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.utils.cargo.versions import order_key, parse_version
from src.utils.serial_numbers import number_versions

ASCENDING = [
    "0.0.0-0",
    "0.0.0",
    "0.0.1-alpha",
    "0.0.1",
    "0.1.0",
    "0.9.0",
    "0.10.0",
    "1.0.0-0",
    "1.0.0-1",
    "1.0.0-10",
    "1.0.0--",
    "1.0.0-0a",
    "1.0.0-Z",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.18446744073709551615",
    "1.0.18446744073709551616",
    "2.0.0",
    "10.0.0",
]


@pytest.mark.parametrize(("older", "newer"), list(pairwise(ASCENDING)))
def test_versions_are_ordered_by_section_11(older: str, newer: str) -> None:
    keys = order_key(older), order_key(newer)
    assert keys[0] is not None
    assert keys[1] is not None
    assert keys[0] < keys[1]


@pytest.mark.parametrize(
    ("one", "other"), [("1.0.0+a", "1.0.0+b"), ("1.0.0-a+001", "1.0.0-a"), ("1.0.0", "1.0.0+x.y-z")]
)
def test_build_metadata_does_not_count(one: str, other: str) -> None:
    assert order_key(one) == order_key(other)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1.0",
        "1.0.0.0",
        "v1.0.0",
        "=1.0.0",
        " 1.0.0",
        "1.0.0 ",
        "1.0.0\n",
        "01.0.0",
        "1.00.0",
        "1.0.0-",
        "1.0.0-01",
        "1.0.0-alpha.00",
        "1.0.0-a..b",
        "1.0.0+",
        "1.0.0+a+b",
        "1.0.0-ä",
        "1.0.x",
        "-1.0.0",
        "1.0.²",
    ],
)
def test_what_semver_does_not_know_has_no_place(text: str) -> None:
    assert order_key(text) is None


def test_equal_places_are_told_apart_by_name_and_unknown_ones_come_first() -> None:
    names = ["1.0.0", "0.0.1-001", "1.0.0+b", "1.0.0+a", "1.0.0-rc.1", "0.9.0"]
    assert number_versions(names, order_key) == [
        (-1, "0.0.1-001"),
        (0, "0.9.0"),
        (1, "1.0.0-rc.1"),
        (2, "1.0.0"),
        (3, "1.0.0+a"),
        (4, "1.0.0+b"),
    ]


def test_a_number_of_any_length_is_read() -> None:
    long = "1" + "0" * 20_000
    assert order_key(f"1.0.{long}") > order_key("1.0.9")  # type: ignore[operator]


@given(st.text(max_size=40) | st.from_regex(r"[0-9.+a-z-]{0,30}"))
def test_no_text_raises(text: str) -> None:
    parsed = parse_version(text)
    assert parsed is None or order_key(text) == parsed.order_key


numbers = st.integers(0, 10**30)
identifiers = st.lists(numbers.map(str) | st.from_regex(r"[a-zA-Z-]{1,4}", fullmatch=True))


@given(
    st.tuples(numbers, numbers, numbers, identifiers),
    st.tuples(numbers, numbers, numbers, identifiers),
)
def test_the_order_is_that_of_the_numbers(
    left: tuple[int, int, int, list[str]], right: tuple[int, int, int, list[str]]
) -> None:
    def text(parts: tuple[int, int, int, list[str]]) -> str:
        tail = "-" + ".".join(parts[3]) if parts[3] else ""
        return ".".join(map(str, parts[:3])) + tail

    def plain(parts: tuple[int, int, int, list[str]]) -> object:
        tail = [(0, int(p), "") if p.isdigit() else (1, 0, p) for p in parts[3]]
        return (parts[:3], not tail, tail)

    expected = plain(left) < plain(right)  # type: ignore[operator]
    assert (order_key(text(left)) < order_key(text(right))) is expected  # type: ignore[operator]
