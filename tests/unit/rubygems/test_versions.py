"""The order of gem versions, by the documentation of Gem::Version and its comparison."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.utils.rubygems.versions import is_prerelease, order_key
from src.utils.serial_numbers import number_versions

# Each line stands in rising order.
ORDERED = """
0.a < 0 < 0.0.1 < 0.1.a < 0.1 < 0.9 < 0.10 < 1.a < 1
1.0.a < 1.0.a.1 < 1.0.a.2 < 1.0.a.10 < 1.0.b1 < 1.0.b2 < 1.0.b10 < 1.0.rc1 < 1.0 < 1.0.1
1.0.0.alpha < 1.0.0.alpha.1 < 1.0.0.beta < 1.0.0.beta.2 < 1.0.0.beta.11 < 1.0.0.rc.1 < 1.0.0
5.2.0.beta1 < 5.2.0.beta2 < 5.2.0.rc1 < 5.2.0.rc2 < 5.2.0 < 5.2.1.rc1 < 5.2.1 < 5.2.1.1
1.8.1 < 1.8.2.a < 1.8.2.b < 1.8.2.c < 1.8.2 < 1.8.2.1
2.0.0.pre.1 < 2.0.0.pre.2 < 2.0.0.pre.10 < 2.0.0.rc.1 < 2.0.0 < 2.0.1
1.A < 1.B < 1.a < 1.b < 1
1.a.0.b < 1.a < 1.a.0.1 < 1.a.1
9 < 10 < 11.9 < 11.10 < 12
1.0.0.0.a < 1 < 1.0.0.1.a < 1.0.0.1
20090101 < 20090102.1 < 20100101
3.0.0.beta.rc < 3.0.0.beta < 3.0.0.beta2 < 3.0.0.beta10 < 3.0.0.rc < 3.0.0.rc2 < 3.0.0
0.0.0.alpha < 0.0.0.alpha.0.1 < 0.0.0.alpha.1 < 0
"""

EQUAL = [
    ("1", "1.0"),
    ("1.0", "1.0.0"),
    ("1.0", "1.0.0.0.0"),
    ("0", "0.0"),
    ("01.2", "1.2"),
    ("1.02", "1.2"),
    ("1.0.a", "1.a"),
    ("1.a.0", "1.a"),
    ("1.0.a1", "1.a.1"),
    ("1.b10", "1.0.b.10"),
    ("1.0-java", "1.0"),
    ("1.0-x86_64-linux", "1.0-x86-mswin32-60"),
    ("1.0.rc1-java", "1.0.rc.1"),
]

STEPS = [pair for line in ORDERED.strip().splitlines() for pair in pairwise(line.split(" < "))]


@pytest.mark.parametrize(("lower", "higher"), STEPS)
def test_a_version_stands_below_the_next(lower: str, higher: str) -> None:
    below, above = order_key(lower), order_key(higher)
    assert below is not None
    assert above is not None
    assert below < above


@pytest.mark.parametrize("line", ORDERED.strip().splitlines())
def test_a_whole_line_is_numbered_in_its_order(line: str) -> None:
    names = line.split(" < ")
    assert [name for _, name in number_versions(reversed(names), order_key)] == names


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_two_spellings_of_one_version_are_equal(one: str, other: str) -> None:
    assert order_key(one) == order_key(other) is not None


@pytest.mark.parametrize("name", ["a", "1.a!", "1..2", ".1", "1.", "v1.0", "1 2", "1.0+5", "٣.1"])
def test_what_gem_version_calls_malformed_has_no_place(name: str) -> None:
    assert order_key(name) is None


def test_ties_are_broken_by_name_so_that_platforms_stand_together() -> None:
    names = ["1.0-x86-mingw32", "1.1", "1.0", "1.0-java", "1.0.rc1-java", "1.0.rc1"]
    assert [name for _, name in number_versions(names, order_key)] == [
        "1.0.rc1",
        "1.0.rc1-java",
        "1.0",
        "1.0-java",
        "1.0-x86-mingw32",
        "1.1",
    ]


@pytest.mark.parametrize(
    ("name", "answer"),
    [("1.0", False), ("1.0.a", True), ("1.0.rc1", True), ("1.0-java", False), ("1.b-java", True)],
)
def test_a_letter_makes_a_prerelease_and_a_platform_does_not(name: str, answer: bool) -> None:
    assert is_prerelease(name) is answer


def compared_as_ruby_does(one: str, other: str) -> int:
    """Gem::Version#<=> segment by segment, as its source has it, apart from the product's key."""

    def segments(version: str) -> list[int | str]:
        parts: list[int | str] = [
            int(part) if part.isdigit() else part for part in re.findall(r"\d+|[a-zA-Z]+", version)
        ]
        word = next((at for at, part in enumerate(parts) if isinstance(part, str)), len(parts))
        halves = [parts[:word], parts[word:]]
        for half in halves:
            while half and half[-1] == 0:
                half.pop()
        return halves[0] + halves[1]

    left, right = segments(one), segments(other)
    for at in range(max(len(left), len(right))):
        a = left[at] if at < len(left) else 0
        b = right[at] if at < len(right) else 0
        if a == b:
            continue
        if isinstance(a, str) != isinstance(b, str):
            return -1 if isinstance(a, str) else 1
        return -1 if a < b else 1  # type: ignore[operator]
    return 0


VERSIONS = st.lists(
    st.sampled_from(["0", "0", "1", "2", "10", "a", "b", "rc", "rc1", "B"]), max_size=6
).map(lambda parts: ".".join(["1", *parts]))


@given(VERSIONS, VERSIONS)
def test_keys_compare_as_the_segments_do_one_by_one(one: str, other: str) -> None:
    left, right = order_key(one), order_key(other)
    assert left is not None
    assert right is not None
    assert (left > right) - (left < right) == compared_as_ruby_does(one, other)


@given(st.text(max_size=30))
def test_no_text_breaks_the_order(text: str) -> None:
    key = order_key(text)
    assert key is None or key == order_key(text)
