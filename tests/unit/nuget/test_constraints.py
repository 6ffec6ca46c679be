"""NuGet's ranges: which version each admits, by its documentation and NuGet.Versioning's source."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.errors import InvalidConstraintError
from src.utils.nuget.constraints import parse_range, satisfies

# Constraint, versions that it admits, versions that it does not.
TABLE = [
    ("any", "0.0.0-0 0.1 1.0 1.0-beta 99.0", ""),
    ("", "0.0.0-0 1.0 1.0-beta", ""),
    ("(, )", "0.0.0-0 1.0 1.0-beta 99", ""),
    ("( , )", "0.1 1.0-beta", ""),
    ("[ , ]", "0.1 1.0-beta", ""),
    ("1.0", "1.0 1.0.0.0 1.0.0.1 1.0.1-a 2.0-beta 9.0", "0.9 1.0-beta 1.0.0-zz"),
    ("1.0-beta", "1.0-beta 1.0-BETA 1.0-beta.1 1.0-rc 1.0 2.0", "1.0-alpha 0.9"),
    ("  1.0  ", "1.0 2.0", "0.9"),
    ("[1.0, )", "1.0 1.0+meta 1.5 2.0-a", "0.9 1.0-rc"),
    ("[1.0,)", "1.0 9.9", "0.9"),
    ("(1.0, )", "1.0.0.1 1.0.1-alpha 1.1 2.0", "1.0 1.0.0.0 1.0-rc 0.1"),
    ("[1.0]", "1.0 1.0.0 1.0.0.0 1.0+x", "1.0.0.1 1.0-beta 1.1 0.9"),
    ("[1.0-beta]", "1.0-beta 1.0.0-BETA", "1.0 1.0-beta.1"),
    ("(, 1.0]", "0.0.1 0.9-x 1.0-beta 1.0", "1.0.0.1 1.0.1-a 1.1"),
    ("(, 1.0)", "0.0.1 0.9 1.0-beta", "1.0 1.1"),
    ("[, 1.0]", "0.1 1.0", "1.1"),
    ("[1.0, 2.0]", "1.0 1.5 2.0-beta 2.0", "0.9 1.0-a 2.0.0.1 2.1"),
    ("[1.0, 2.0)", "1.0 1.5 1.9.9 2.0-beta", "1.0-a 2.0 2.0.1"),
    ("(1.0, 2.0)", "1.0.1 2.0-beta", "1.0 2.0"),
    ("(1.0, 2.0]", "1.0.1 2.0", "1.0 2.1"),
    ("[1.0,1.0]", "1.0", "1.0.1 0.9"),
    ("(1.0,1.0)", "", "0.9 1.0 1.1"),
    ("[1.0-a, 1.0-b)", "1.0-a 1.0-a.5 1.0-aa", "1.0-b 1.0"),
    ("[1.0.0.1, 1.0.0.3)", "1.0.0.1 1.0.0.2", "1.0 1.0.0.3"),
    ("*", "0.0 0.1 1.0 99.1.2.3", "1.0-beta 0.0.0-0"),
    ("*-*", "0.0.0-0 0.1 1.0-beta 2.0", ""),
    ("*-beta*", "1.0-beta 1.0-beta2 2.0-Beta.1 1.0", "1.0-alpha 2.0-rc"),
    ("1.*", "1.0 1.0.5 1.99", "0.9 2.0 1.5-beta 2.0-a"),
    ("1.2.*", "1.2 1.2.9 1.2.0.4", "1.1 1.3 1.2.1-a 2.2"),
    ("1.2.3.*", "1.2.3 1.2.3.9", "1.2.4 1.2.3.1-a 1.2.2"),
    ("1.*-*", "1.0-a 1.0.0-0 1.0 1.9-rc 1.9", "2.0 2.0-a 0.9"),
    ("1.1.*-*", "1.1.0-a 1.1 1.1.5", "1.0 1.2 1.2-a"),
    ("1.2.3.*-*", "1.2.3-a 1.2.3 1.2.3.4", "1.2.4 1.2.2"),
    ("1.*-rc*", "1.0-rc 1.0-RC.2 1.5 1.5-rc1", "1.0-beta 2.0 1.5-beta"),
    ("1.0.0-*", "1.0.0-a 1.0.0-0 1.0.0", "1.0.1 1.0.0.1 0.9 1.0.1-a"),
    ("1.0.0-beta*", "1.0.0-beta 1.0.0-beta2 1.0.0-beta.1 1.0.0", "1.0.0-alpha 1.0.0-rc 1.0.1"),
    ("1.0.0-beta.*", "1.0.0-beta.0 1.0.0-beta.7 1.0.0", "1.0.0-beta 1.0.0-beta1 1.1"),
    ("1.0.0-beta-*", "1.0.0-beta-1 1.0.0-beta-x 1.0.0", "1.0.0-beta 1.0.0-beta.1 1.0.1"),
    ("[1.*, 2.0)", "1.0 1.9", "2.0 0.9 1.5-beta 2.0-beta"),
    ("[1.*, )", "1.0 1.9", "2.0 0.9"),
    ("(1.*, 1.5]", "1.0.1 1.5", "1.0 1.6"),
    ("[1.0.0-*, 1.0.0]", "1.0.0-a 1.0.0", "1.0.1"),
]
ROWS = [
    (constraint, version, expected)
    for constraint, inside, outside in TABLE
    for versions, expected in ((inside, True), (outside, False))
    for version in versions.split()
]


@pytest.mark.parametrize(("constraint", "version", "expected"), ROWS)
def test_a_constraint_admits_these_versions(constraint: str, version: str, expected: bool) -> None:
    assert satisfies(version, constraint) is expected


@pytest.mark.parametrize(
    "constraint",
    [
        "(,)",
        "[]",
        "()",
        "[",
        "(",
        "]",
        "[1.0",
        "1.0]",
        "[1.0)",
        "(1.0]",
        "(1.0)",
        "[1.0}",
        "[1.0, 2.0, 3.0]",
        "[2.0, 1.0]",
        "[1.0, 1.0)",
        "(1.0, 1.0]",
        "[1.0, x]",
        "[x, 1.0]",
        "[1.*]",
        "[1.0, 2.*]",
        "1.*.0",
        "**",
        "1.**",
        "*.*",
        "1.0.0*-*x",
        "1.0.0-*-*",
        "1.*-a",
        "1.0.0-a+*",
        "1.2.3.4.*",
        ">=1.0",
        "~> 1.0",
        "^1.0",
        "1.0 || 2.0",
        "latest",
        "1.",
        ",",
        ",1",
        "1.0.0-01",
        "[" + "1" * 3_000 + "]",
    ],
)
def test_what_nuget_reads_as_no_range_is_an_error(constraint: str) -> None:
    with pytest.raises(InvalidConstraintError):
        satisfies("1.0", constraint)


@pytest.mark.parametrize("version", ["", "x", "1.0.0.0.0", "1.0-"])
def test_what_is_no_version_is_an_error_even_where_all_are_admitted(version: str) -> None:
    with pytest.raises(InvalidConstraintError):
        satisfies(version, "any")


NUMBER = st.lists(st.integers(0, 3), min_size=1, max_size=4).map(lambda n: ".".join(map(str, n)))


@given(NUMBER)
def test_a_version_satisfies_every_range_that_it_begins_or_is(version: str) -> None:
    for constraint in (version, f"[{version}]", f"[{version}, )", f"(, {version}]"):
        assert satisfies(version, constraint)
    assert not satisfies(version, f"({version}, )")
    assert not satisfies(version, f"(, {version})")


@given(st.text("[](),.*-+ 01ab", max_size=14))
def test_any_text_is_a_range_or_the_one_error(text: str) -> None:
    try:
        parse_range(text)
    except InvalidConstraintError:
        return
    assert satisfies("1.0", text) in {True, False}


@given(st.text(max_size=30), st.text(max_size=30))
def test_nothing_else_is_ever_raised(version: str, constraint: str) -> None:
    with suppress(InvalidConstraintError):
        assert satisfies(version, constraint) in {True, False}
