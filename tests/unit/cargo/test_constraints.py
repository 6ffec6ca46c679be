"""Requirements as the Cargo book and Rust's `semver` crate read them. All tables are by hand."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.errors import InvalidConstraintError
from src.utils.cargo.constraints import satisfies

BOOK = [
    # "Caret requirements": 1.2.3 := >=1.2.3, <2.0.0, and so on down the book's table.
    ("1.2.3", "1.2.3 1.2.4 1.3.0 1.99.0", "1.2.2 1.1.9 0.9.9 2.0.0"),
    ("^1.2.3", "1.2.3 1.9.0", "1.2.2 2.0.0"),
    ("1.2", "1.2.0 1.2.9 1.3.0", "1.1.9 2.0.0"),
    ("1", "1.0.0 1.99.99", "0.9.9 2.0.0"),
    ("0.2.3", "0.2.3 0.2.9", "0.2.2 0.3.0 1.2.3"),
    ("0.2", "0.2.0 0.2.9", "0.1.9 0.3.0"),
    ("0.0.3", "0.0.3", "0.0.2 0.0.4 0.1.0"),
    ("0.0", "0.0.0 0.0.9", "0.1.0 1.0.0"),
    ("0", "0.0.0 0.9.9", "1.0.0"),
    # "Tilde requirements"
    ("~1.2.3", "1.2.3 1.2.9", "1.2.2 1.3.0 2.0.0"),
    ("~1.2", "1.2.0 1.2.9", "1.1.9 1.3.0"),
    ("~1", "1.0.0 1.9.9", "0.9.9 2.0.0"),
    # "Wildcard requirements"
    ("*", "0.0.0 0.9.1 1.0.0 99.0.0", "1.0.0-alpha"),
    ("1.*", "1.0.0 1.9.9", "0.9.9 2.0.0"),
    ("1.2.*", "1.2.0 1.2.9", "1.1.9 1.3.0"),
    # "Comparison requirements" and "Multiple version requirements"
    (">= 1.2.0", "1.2.0 1.2.1 2.0.0", "1.1.9"),
    ("> 1", "2.0.0 2.1.0", "1.0.0 1.9.9 0.1.0"),
    ("< 2", "1.9.9 0.0.1", "2.0.0 2.0.1"),
    ("= 1.2.3", "1.2.3 1.2.3+build", "1.2.2 1.2.4"),
    (">= 1.2, < 1.5", "1.2.0 1.4.9", "1.1.9 1.5.0"),
    # "Pre-releases"
    ("1.0.0-alpha", "1.0.0-alpha 1.0.0-beta 1.0.0 1.2.0", "0.9.0 1.1.0-beta 2.0.0"),
    # "Version metadata"
    ("1.2.3+anything", "1.2.3 1.2.4+other", "1.2.2"),
]

SEMVER_CRATE = [
    ("any", "0.0.1 2.0.0", "2.0.0-rc.1"),
    (" 1.0.0 ", "1.0.0 1.5.0", "2.0.0"),
    ("x", "1.0.0", "1.0.0-a"),
    (" X ", "0.0.0", "0.0.0-a"),
    ("1.x", "1.4.0", "2.0.0"),
    ("1.*.*", "1.4.0", "2.0.0 0.9.0"),
    ("0.*.*", "0.5.0", "1.0.0"),
    ("1.2.X", "1.2.7", "1.3.0"),
    ("=1", "1.0.0 1.9.9", "0.9.9 2.0.0 1.0.0-a"),
    ("=1.2", "1.2.0 1.2.9", "1.3.0 1.2.0-a"),
    ("=1.2.*", "1.2.0 1.2.9", "1.3.0"),
    ("^1.2.*", "1.2.0 1.9.0", "1.1.0 2.0.0"),
    ("~1.*", "1.0.0 1.9.0", "2.0.0"),
    (">=1.*", "1.0.0 2.0.0", "0.9.0"),
    (">1.2", "1.3.0 2.0.0", "1.2.0 1.2.9 1.1.0"),
    (">=1.2", "1.2.0 1.3.0", "1.1.9"),
    (">=1", "1.0.0 2.0.0", "0.9.9"),
    ("<1.2", "1.1.9 0.9.0", "1.2.0 1.2.9"),
    ("<=1.2", "1.2.0 1.2.9 1.1.0", "1.3.0 1.2.0-a"),
    ("<=1", "1.9.9 0.1.0", "2.0.0"),
    ("<=1.2.3", "1.2.3 0.1.0", "1.2.4"),
    (">1.2.3", "1.2.4 2.0.0", "1.2.3 1.2.3-a"),
    ("=1.0.0", "1.0.0 1.0.0+meta", "1.0.0-pre 1.0.1"),
    ("=0.1.0-beta2.a", "0.1.0-beta2.a", "0.1.0 0.1.0-beta2 0.1.1-beta2.a"),
    ("=0.1.0+meta", "0.1.0 0.1.0+any", "0.1.1"),
    ("=2.1.1-really.0", "2.1.1-really.0", "2.1.1"),
    (">= 2.1.0-alpha2", "2.1.0-alpha2 2.1.0-alpha3 2.1.0 3.0.0", "2.1.0-alpha1 2.0.0 3.0.0-alpha2"),
    ("<= 2.1.0-alpha2", "2.1.0-alpha2 2.1.0-alpha1 1.0.0", "2.1.0 2.2.0-alpha1 1.0.0-alpha2"),
    (">1.0.0-alpha, <1.0.0", "1.0.0-beta", "1.0.0-alpha 1.0.0 0.9.0"),
    (">1.0.0-alpha, <1.0", "", "1.0.0-beta"),
    (">1.0.0-alpha, <1", "", "1.0.0-beta"),
    (">=0.5.1-alpha3, <0.6", "0.5.1-alpha3 0.5.1 0.5.5", "0.5.1-alpha1 0.5.2-alpha3 0.6.0-pre"),
    (">=1.0.0-a,<2.0.0-a", "1.0.0-b 1.5.0 2.0.0-0", "2.0.0-a 2.0.0-b 1.5.0-a 2.0.0"),
    ("~1.2.3-beta.2", "1.2.3 1.2.4 1.2.3-beta.2 1.2.3-beta.4", "1.2.3-beta.1 1.2.4-beta.2 1.3.0"),
    ("^0.0.2-alpha", "0.0.2-alpha 0.0.2-beta 0.0.2", "0.0.3 0.0.2-0 0.0.1 0.0.3-alpha"),
    ("^0.5.1-alpha3", "0.5.1-alpha4 0.5.1 0.5.5", "0.5.1-alpha1 0.5.5-pre 0.6.0"),
    ("^1.4.2-beta.5", "1.4.2-beta.5 1.4.2-c 1.4.3", "1.4.2-beta.4 1.4.3-beta.5 2.0.0"),
    ("0.3.0, 0.4.0", "", "0.3.0 0.4.0"),
    ("0.1.0, 0.1.4, 0.1.6", "0.1.6 0.1.9", "0.1.4 0.2.0"),
    # A tilde without a patch takes no pre-release that another comparator lets in; a caret does.
    ("~1.2, >=1.2.3-alpha", "1.2.3 1.2.4", "1.2.3-beta"),
    ("~1, >=1.2.3-alpha", "1.2.3 1.4.0", "1.2.3-beta"),
    ("^1.2, >=1.2.3-alpha", "1.2.3-beta 1.2.3", "1.2.3-0"),
    ("^1, >=1.2.3-alpha", "1.2.3-beta", "1.2.4-beta"),
    ("~1.2.2, >=1.2.3-alpha", "1.2.3-beta", "1.2.4-beta"),
    ("=1.2, >=1.2.3-alpha", "1.2.3", "1.2.3-beta"),
    (">=1.2, >=1.2.3-alpha", "1.2.3 2.0.0", "1.2.3-beta"),
    ("<1.3, >=1.2.3-alpha", "1.2.3-beta", "1.3.0-beta"),
    ("=18446744073709551615.0.0", "18446744073709551615.0.0", "0.0.0"),
]

ROWS = [
    (constraint, version, admitted)
    for constraint, inside, outside in BOOK + SEMVER_CRATE
    for versions, admitted in ((inside, True), (outside, False))
    for version in versions.split()
]

UNREADABLE = [
    "",
    " ",
    ",",
    "1.0,",
    "> 0.1.0,",
    "> 0.3.0, ,",
    ">",
    ">=",
    "1.",
    "1.*.",
    "*.1",
    "1.*.1",
    ">=1.*.1",
    ">=*",
    "^*",
    "1.2.*-a",
    "1.2-a",
    "1.0.0-",
    "1.0.0+",
    "1.2.3-01",
    "1.2.3+4.",
    "01.0.0",
    "a.0.0",
    "\0",
    ">= >= 0.0.2",
    ">== 0.0.2",
    "==1.0.0",
    "=>1.0.0",
    "~>1.0",
    "!=1.0.0",
    "1.2.3 - 2.3.4",
    ">= 1.0 < 2",
    "> 0.0.9 <= 2.5.3",
    "=1.2.3 || =2.3.4",
    "*, 0.20.0-any",
    "0.20.0-any, *",
    "\t1.0",
    "1.0\n",
    "v1.0.0",
    "18446744073709551616.0.0",
    "1.2.3.4",
    "ANY",
    ", ".join([">1"] * 33),
]


@pytest.mark.parametrize(("constraint", "version", "admitted"), ROWS)
def test_a_requirement_admits_what_cargo_admits(
    constraint: str, version: str, admitted: bool
) -> None:
    assert satisfies(version, constraint) is admitted


def test_32_comparators_are_read() -> None:
    assert satisfies("2.0.0", ", ".join([">1"] * 32))


@pytest.mark.parametrize("constraint", UNREADABLE)
def test_what_cargo_cannot_read_is_refused(constraint: str) -> None:
    with pytest.raises(InvalidConstraintError):
        satisfies("1.0.0", constraint)


@pytest.mark.parametrize(
    "version", ["", "1", "1.0", "v1.0.0", "1.0.0-01", "18446744073709551616.0.0"]
)
def test_a_version_that_cargo_cannot_read_is_refused(version: str) -> None:
    with pytest.raises(InvalidConstraintError):
        satisfies(version, "*")


@given(
    st.text(max_size=30) | st.from_regex(r"[0-9]{1,2}(\.[0-9a-z+-]{1,4}){0,3}", fullmatch=True),
    st.text(max_size=30) | st.from_regex(r"([<>=~^*x0-9., a-z+-]{1,5}){1,8}", fullmatch=True),
)
def test_no_text_raises_anything_else(version: str, constraint: str) -> None:
    with suppress(InvalidConstraintError):
        assert satisfies(version, constraint) in {True, False}


@given(st.tuples(*[st.integers(0, 3)] * 3), st.tuples(*[st.integers(0, 3)] * 3))
def test_a_caret_admits_just_the_versions_up_to_the_next_incompatible_one(
    wanted: tuple[int, int, int], found: tuple[int, int, int]
) -> None:
    major, minor, patch = wanted
    limit = (major + 1, 0, 0) if major else (0, minor + 1, 0) if minor else (0, 0, patch + 1)
    spelled = ".".join(map(str, wanted))
    assert satisfies(".".join(map(str, found)), spelled) is (wanted <= found < limit)
    assert satisfies(".".join(map(str, found)), f">={spelled}") is (found >= wanted)
    assert satisfies(".".join(map(str, found)), f"<{spelled}") is (found < wanted)
