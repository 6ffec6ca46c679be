"""NuGet's versions: what is one, its normal form and its place in the order."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from src.utils.nuget.versions import normalized_name, order_key, parse_version
from src.utils.serial_numbers import number_versions

# From the lowest to the highest, by NuGet's documentation of version ordering and SemVer 2, rule 11.
ASCENDING = [
    "0.0.0-0",
    "0.0.0",
    "0.0.0.1-alpha",
    "0.0.0.1",
    "0.9",
    "0.10",
    "1.0.0--5",
    "1.0.0-0",
    "1.0.0-1",
    "1.0.0-2",
    "1.0.0-10",
    "1.0.0-2147483647",
    "1.0.0-20190101123456",
    "1.0.0-3000000000",
    "1.0.0-alpha",
    "1.0.0-ALPHA.1",
    "1.0.0-alpha.1.0",
    "1.0.0-alpha.2",
    "1.0.0-alpha.10",
    "1.0.0-alpha.beta",
    "1.0.0-alpha1",
    "1.0.0-alpha10",
    "1.0.0-alpha2",
    "1.0.0-Beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc",
    "1.0.0-rc.1",
    "1.0.0-rc-1",
    "1.0.0-rc1",
    "1.0",
    "1.0.0.1-a",
    "1.0.0.1",
    "1.0.0.10",
    "1.0.1-x",
    "1.0.1",
    "1.1",
    "2",
    "10.0.0",
    "2019.10.1",
]


def test_versions_stand_in_nugets_own_order() -> None:
    numbered = number_versions(reversed(ASCENDING), order_key)
    assert numbered == list(enumerate(ASCENDING))


def test_a_label_is_compared_as_a_whole_before_the_next_one() -> None:
    names = ["1.0.0-rc", "1.0.0-rc.1", "1.0.0-rc.2", "1.0.0-rc-1", "1.0.0-rc1", "1.0.0-rc1.1"]
    assert [name for _, name in number_versions(names, order_key)] == names


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", "1.0.0.0"),
        ("1.0", "1.0.0"),
        ("1.0.0", "1.0.0.0"),
        ("01.002.3", "1.2.3"),
        ("1.0.0+abc", "1.0.0"),
        ("1.0.0-beta+a.b", "1.0.0-BETA+c"),
        (" 1.0 ", "1.0.0"),
    ],
)
def test_these_are_one_version(one: str, other: str) -> None:
    assert order_key(one) == order_key(other) is not None


@pytest.mark.parametrize(
    ("published", "normal"),
    [
        ("1", "1.0.0"),
        ("1.2", "1.2.0"),
        ("1.2.3", "1.2.3"),
        ("1.2.3.0", "1.2.3"),
        ("1.2.3.4", "1.2.3.4"),
        ("1.0.0.0-rc", "1.0.0-rc"),
        ("01.02.03.04", "1.2.3.4"),
        ("1.0.0+build.7", "1.0.0"),
        ("1.0.0-Beta.1+sha", "1.0.0-Beta.1"),
        ("3.0.0-beta-00032", "3.0.0-beta-00032"),
        ("no version", "no version"),
        ("1.0.0.0.0", "1.0.0.0.0"),
    ],
)
def test_a_version_has_one_normal_form(published: str, normal: str) -> None:
    assert normalized_name(published) == normal
    assert normalized_name(normal) == normal


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "v1.0",
        "1.",
        ".1",
        "1..2",
        "1.2.3.4.5",
        "-1.0",
        "1.0.0-",
        "1.0.0-a..b",
        "1.0.0-.a",
        "1.0.0-01",
        "1.0.0-a.00",
        "1.0.0-a_b",
        "1.0.0+",
        "1.0.0+a..b",
        "1.0.0-ä",
        "١.0",  # noqa: RUF001 - a digit of another script
        "1,0",
        "1.0 0",
        "1" * 2_000,
    ],
)
def test_this_is_no_version_and_has_no_place(text: str) -> None:
    assert parse_version(text) is None
    assert number_versions([text, "1.0"], order_key) == [(-1, text), (0, "1.0")]


@pytest.mark.parametrize(
    ("text", "prerelease"),
    [("1.0", False), ("1.0-a", True), ("1.0+a-b", False), ("1.0-a+b", True)],
)
def test_labels_and_not_metadata_make_a_prerelease(text: str, prerelease: bool) -> None:
    version = parse_version(text)
    assert version is not None
    assert version.is_prerelease is prerelease


NUMBERS = st.lists(st.integers(0, 3), min_size=1, max_size=4).map(lambda n: ".".join(map(str, n)))
LABEL = st.text("ab1-", min_size=1, max_size=3).filter(
    lambda label: not (label[0] == "0" and label.isdecimal() and len(label) > 1)
)
LABELS = st.lists(LABEL, max_size=3).map(lambda labels: "-" + ".".join(labels) if labels else "")
VERSIONS = st.builds("{}{}".format, NUMBERS, LABELS)


@given(VERSIONS)
def test_every_version_of_the_grammar_is_read(text: str) -> None:
    version = parse_version(text)
    assert version is not None
    assert parse_version(version.normalized) == version


@given(VERSIONS, VERSIONS, VERSIONS)
def test_the_order_is_one(one: str, two: str, three: str) -> None:
    first, second, third = sorted(key for v in (one, two, three) if (key := order_key(v)))
    assert first <= second <= third
    assert first <= third


@given(st.text(max_size=30))
@example("9" * 1000)
@example("1.0.0-" + "9" * 1000)
def test_no_text_is_more_than_no_version(text: str) -> None:
    key = order_key(text)
    assert key is None or key == order_key(normalized_name(text))
