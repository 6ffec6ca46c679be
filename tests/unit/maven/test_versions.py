"""The order of Maven's versions: the tables of the POM reference and of ComparableVersion's tests."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.utils.maven.versions import MavenVersion, is_prerelease, order_key
from src.utils.serial_numbers import number_versions

QUALIFIERS = [
    "1-alpha2snapshot",
    "1-alpha2",
    "1-alpha-123",
    "1-beta-2",
    "1-beta123",
    "1-m2",
    "1-m11",
    "1-rc",
    "1-cr2",
    "1-rc123",
    "1-SNAPSHOT",
    "1",
    "1-sp",
    "1-sp2",
    "1-sp123",
    "1-abc",
    "1-def",
    "1-pom-1",
    "1-1-snapshot",
    "1-1",
    "1-2",
    "1-123",
]
"""Oldest first (ComparableVersionTest.VERSIONS_QUALIFIER)."""

NUMBERS = ["2.0", "2.0.a", "2-1", "2.0.2", "2.0.123", "2.1.0", "2.1-a", "2.1b", "2.1-c", "2.1-1"]
NUMBERS += ["2.1.0.1", "2.2", "2.123", "11.a2", "11.a11", "11.b2", "11.b11", "11.m2", "11.m11"]
NUMBERS += ["11", "11.a", "11b", "11c", "11m"]
"""Oldest first (ComparableVersionTest.VERSIONS_NUMBER)."""

EQUAL = [
    ("1", "1.0.0"),
    ("1", "1."),
    ("1", "1-"),
    ("1.0", "1-0"),
    ("1.0.0-0.0.0", "1"),
    ("1.0.0-foo.0.0", "1-foo"),
    ("1-1.foo-bar1baz-.1", "1-1.foo-bar-1-baz-0.1"),
    ("1.foo", "1-foo"),
    ("1.ga", "1-ga"),
    ("1-FINAL", "1"),
    ("5.2.0.RELEASE", "5.2.0"),
    ("1-a1", "1-alpha-1"),
    ("1b2", "1-beta-2"),
    ("1m3", "1Milestone3"),
    ("1x", "1.0.0-x"),
    ("1.0rc2", "1.0-CR2"),
    ("0.7", "00.07"),
    ("1.٣", "1.3"),
]

LESS = [
    ("1", "1.1"),
    ("1-snapshot", "1"),
    ("1", "1-sp"),
    ("1-foo2", "1-foo10"),
    ("1-foo", "1-1"),
    ("1-1", "1.1"),
    ("1-ga", "1-sp"),
    ("1-ga.1", "1-sp.1"),
    ("1-sp-1", "1-ga-1"),
    ("1-ga-1", "1-1"),  # as the program has it; the reference takes them for equal
    ("v1.0", "0.1"),
    ("r03", "10.0"),
    ("23.3-android", "23.3-jre"),
    ("23.0-rc1-jre", "23.0"),
    ("1.0.0.X1", "1.0.0-X2"),
    ("3.2.2", "20040616"),
    ("1.99999999999999999998", "1.99999999999999999999"),
    ("1.9", "1." + "1" * 5000),
    ("6.1.0rc3", "6.1.0"),
    ("6.1.0rc3", "6.1H.5-beta"),
    ("6.1.0", "6.1H.5-beta"),
]


@pytest.mark.parametrize("chain", [QUALIFIERS, NUMBERS], ids=["qualifiers", "numbers"])
def test_every_version_of_a_chain_is_older_than_all_behind_it(chain):
    for older, newer in itertools.combinations(chain, 2):
        assert order_key(older) < order_key(newer), (older, newer)
        assert order_key(newer) > order_key(older), (older, newer)


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_two_ways_to_write_a_version_are_equal(one, other):
    assert order_key(one) == order_key(other)
    assert not order_key(one) < order_key(other)
    assert not order_key(one) > order_key(other)


@pytest.mark.parametrize(("older", "newer"), LESS)
def test_one_version_is_older_than_the_other(older, newer):
    assert order_key(older) < order_key(newer)
    assert order_key(newer) > order_key(older)
    assert order_key(older) != order_key(newer)


def test_serial_numbers_follow_the_order_and_then_the_name():
    names = ["2.0", "1.0", "1", "1.0-rc1", "1.0-SNAPSHOT", "1.0-jre", ""]
    assert [name for _, name in number_versions(names, order_key)] == [
        "",
        "1.0-rc1",
        "1.0-SNAPSHOT",
        "1",
        "1.0",
        "1.0-jre",
        "2.0",
    ]


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.0", False),
        ("1.0-SNAPSHOT", True),
        ("1.0-alpha", True),
        ("1.0b2", True),
        ("4.13-rc-2", True),
        ("3.0.0.M1", True),
        ("2.0-cr1", True),
        ("1.0.Final", False),
        ("23.0-jre", False),
        ("1.0-sp1", False),
        ("1.0a", False),
        ("5.2.0.RELEASE", False),
    ],
)
def test_a_prerelease_has_a_qualifier_before_the_release(version, expected):
    assert is_prerelease(version) is expected


VERSIONS = st.lists(
    st.sampled_from(["0", "1", "10", ".", "-", "a", "rc", "sp", "ga", "x", "SNAPSHOT", "_"]),
    min_size=1,
    max_size=8,
).map("".join)


@given(st.text(min_size=1), st.text(min_size=1))
def test_any_two_texts_can_be_compared(one, other):
    first, second = MavenVersion(one), MavenVersion(other)
    assert (first < second) + (first == second) + (first > second) == 1


@given(VERSIONS, VERSIONS)
def test_the_order_is_the_same_from_both_sides(one, other):
    assert (order_key(one) < order_key(other)) == (order_key(other) > order_key(one))
    assert (order_key(one) == order_key(other)) == (order_key(other) == order_key(one))


@given(VERSIONS)
def test_case_makes_no_difference(version):
    assert order_key(version) == order_key(version.upper())


def test_a_long_nesting_is_compared_without_recursion():
    assert order_key("1" + "-1" * 5000) < order_key("1" + "-1" * 5000 + "-1")


def test_a_version_is_equal_to_nothing_but_versions():
    assert order_key("1") != "1"
