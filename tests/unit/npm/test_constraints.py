"""Ranges, row by row after the README of node-semver: what each admits and what it does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.errors import InvalidConstraintError
from src.utils.npm.constraints import satisfies

RANGES = """
    # any version: "", "*", "any" (our word for none), x, and their like; never a prerelease
                                | 0.0.0 1.2.3 99.0.0          | 1.2.3-alpha 0.0.0-0
    *                           | 0.0.0 1.2.3                 | 1.2.3-beta
    any                         | 0.0.0 1.2.3                 | 1.2.3-beta
    x                           | 1.2.3                       | 1.2.3-0
    X                           | 1.2.3                       |
    *.*                         | 1.2.3                       |
    x.x.x                       | 1.2.3                       |
    >=*                         | 0.2.4                       | 0.2.4-a
    <=*                         | 0.2.4                       |
    ^*                          | 0.0.9                       |
    ~x                          | 0.0.9                       |
    ||                          | 1.3.4                       | 1.3.4-a
    <*                          |                             | 0.0.0 1.0.0
    >x                          |                             | 0.0.0 99.0.0

    # plain versions and primitive comparators
    1.2.3                       | 1.2.3 1.2.3+build           | 1.2.4 1.2.2 1.2.3-beta
    v1.2.3                      | 1.2.3                       | 1.2.4
    =1.2.3                      | 1.2.3                       | 1.2.3-beta
    = 1.2.3                     | 1.2.3                       | 1.2.4
    =v1.2.3                     | 1.2.3                       |
    1.2.3+build                 | 1.2.3 1.2.3+other           | 1.2.4
    1.2.3-beta.4                | 1.2.3-beta.4                | 1.2.3 1.2.3-beta.5
    >1.2.3                      | 1.2.4 2.0.0                 | 1.2.3 1.2.2 1.2.4-a
    >=1.2.3                     | 1.2.3 9.0.0                 | 1.2.2 1.2.3-a
    >= 1.2.3                    | 1.2.3                       | 1.2.2
    <1.2.3                      | 1.2.2 0.0.0                 | 1.2.3 1.2.3-beta
    <=1.2.3                     | 1.2.3 0.0.0                 | 1.2.4 1.2.3-beta
    >1.2.3-alpha.3              | 1.2.3-alpha.7 1.2.3 3.4.5   | 1.2.3-alpha.3 1.2.3-alpha.1 3.4.5-alpha.9
    >=1.2.3-0                   | 1.2.3-0 1.2.3 1.2.3-a       | 1.2.4-0
    <1.2.3-beta                 | 1.2.2 1.2.3-alpha           | 1.2.3-beta 1.2.3

    # comparators that must all hold
    >=1.2.7 <1.3.0              | 1.2.7 1.2.8 1.2.99          | 1.2.6 1.3.0 1.1.0
    >= 1.2.7  <  1.3.0          | 1.2.7 1.2.99                | 1.2.6 1.3.0
    >1.0.0 <1.0.0               |                             | 1.0.0 0.9.0 1.1.0
    ~1.2.1 >=1.2.3              | 1.2.3 1.2.9                 | 1.2.2 1.3.0
    ~1.2.1 =1.2.3               | 1.2.3                       | 1.2.4
    >=1.2.1 1.2.3               | 1.2.3                       | 1.2.1 1.2.4
    1.2.3 >=1.2.1               | 1.2.3                       | 1.2.1
    ^1.2 ^1                     | 1.4.2                       | 1.1.0
    >=1.0.0 <1.1.0              | 1.0.5                       | 1.1.0 1.1.0-pre
    >=1.0.0 <1.1.0-pre          | 1.0.5                       | 1.1.0 1.1.0-pre
    >=2.0.0-rc.0 <2             |                             | 2.0.0-rc.1 1.9.9 2.0.0
    >=2.0.0-rc.0 <3             | 2.0.0-rc.1 2.5.0            | 3.0.0-rc.1 3.0.0 2.1.0-rc.1

    # sets of which any must hold
    1.2.7 || >=1.2.9 <2.0.0     | 1.2.7 1.2.9 1.4.6           | 1.2.8 2.0.0
    0.1.20 || 1.2.4             | 0.1.20 1.2.4                | 1.2.3
    >=0.2.3||<0.0.1             | 0.0.0 0.2.3 0.2.4           | 0.0.3 0.2.2
    1.2.x || 2.x                | 1.2.3 2.1.3                 | 1.1.3 3.1.3
    1.2.x||2.x                  | 2.1.3                       | 3.0.0
    1 || 2 || 3                 | 1.0.0 2.9.9 3.0.0           | 4.0.0 0.9.9
    ^16.0.0 || 16.3.0-rc.0      | 16.8.0 16.3.0-rc.0          | 16.3.0-rc.1 17.0.0
    * || 1.0.0-beta             | 1.0.0 2.0.0                 | 1.0.0-beta
    <0.0.0-0 || 1.0.0           | 1.0.0                       | 0.0.0

    # hyphen ranges: inclusive; a part missing below is 0, above it is any
    1.2.3 - 2.3.4               | 1.2.3 2.3.4 2.0.0           | 1.2.2 2.3.5
    1.2 - 2.3.4                 | 1.2.0 2.3.4                 | 1.1.9 2.3.5
    1.2.3 - 2.3                 | 1.2.3 2.3.9                 | 2.4.0 2.4.0-0
    1.2.3 - 2                   | 1.2.3 2.99.0                | 3.0.0 1.2.2
    1 - 2                       | 1.0.0 2.9.9                 | 3.0.0 0.9.9
    x - 1.0.0                   | 0.9.7 1.0.0                 | 1.0.1
    x - 1.x                     | 0.9.7 1.9.9                 | 2.0.0
    1.0.0 - x                   | 1.0.0 9.9.9                 | 0.9.9
    1.x - x                     | 1.9.7 3.0.0                 | 0.9.7
    1.2.3-pre - 2.4.3-pre       | 1.2.3 1.2.3-pre.2 2.4.3-alpha 2.4.3-pre 2.0.0 | 2.4.3 1.2.3-a 2.0.0-pre
    1.2.3+asdf - 2.4.3+asdf     | 1.2.3 2.4.3                 | 1.2.3-pre.2 2.4.3-alpha
    v1.0.0 - v2.0.0             | 1.5.0                       | 2.0.1

    # x-ranges: what is missing, x, X or * stands for any
    1.x                         | 1.0.0 1.9.9                 | 2.0.0 0.9.9 1.0.0-a 2.0.0-a
    1.2.x                       | 1.2.0 1.2.9                 | 1.3.0 1.2.0-a
    1                           | 1.0.0 1.9.9                 | 2.0.0 0.9.0
    1.2                         | 1.2.0 1.2.9                 | 1.3.0 1.1.9
    2.*.*                       | 2.1.3                       | 1.1.3 3.1.3
    1.2.*                       | 1.2.3                       | 1.3.3
    =0.7.x                      | 0.7.0 0.7.2                 | 0.8.2 0.7.0-asdf
    >=0.7.x                     | 0.7.2 0.8.0                 | 0.6.2 0.7.0-asdf
    <=0.7.x                     | 0.7.2 0.6.2 0.7.99          | 0.8.0 0.7.0-asdf
    <0.7.x                      | 0.6.9                       | 0.7.0 0.7.2
    >0.7.x                      | 0.8.0                       | 0.7.0 0.7.9
    >1                          | 2.0.0                       | 1.0.0 1.9.9
    >1.2                        | 1.3.0                       | 1.2.8 1.3.0-beta
    >=1                         | 1.0.0 2.0.0                 | 0.9.9
    <1                          | 0.9.9                       | 1.0.0 1.0.0-beta
    <=7.x                       | 7.9.9                       | 8.0.0
    <1.2                        | 1.1.1                       | 1.2.0
    < 1.2                       | 1.1.1                       | 1.2.0
    >= 1                        | 1.0.0                       | 0.1.0
    >=1.2                       | 1.2.8                       | 1.1.1

    # tildes: patches where a minor is told, minors where not
    ~1.2.3                      | 1.2.3 1.2.9                 | 1.3.0 1.2.2 1.2.3-a 1.3.0-a
    ~1.2                        | 1.2.0 1.2.9                 | 1.3.0 1.1.9
    ~1                          | 1.0.0 1.9.9                 | 2.0.0 0.9.9
    ~0.2.3                      | 0.2.3 0.2.9                 | 0.3.0 0.2.2
    ~0.2                        | 0.2.0                       | 0.3.0
    ~0                          | 0.0.0 0.9.9                 | 1.0.0
    ~0.0.1                      | 0.0.1 0.0.2                 | 0.1.0 0.1.0-alpha
    ~1.2.3-beta.2               | 1.2.3-beta.2 1.2.3-beta.4 1.2.3 1.2.4 | 1.2.4-beta.2 1.2.3-beta.1 1.3.0
    ~>3.2.1                     | 3.2.1 3.2.2                 | 3.3.2 3.2.0
    ~> 1                        | 1.2.3                       | 2.0.0
    ~ 1.0.3                     | 1.0.12                      | 1.1.0 1.0.2
    ~v0.5.4-pre                 | 0.5.4 0.5.5 0.5.4-pre       | 0.5.4-alpha 0.6.0
    ~1.2.x                      | 1.2.5                       | 1.3.0

    # carets: the leftmost part that is not 0 stays
    ^1.2.3                      | 1.2.3 1.8.1                 | 2.0.0 1.2.2 1.2.3-pre 2.0.0-alpha
    ^0.2.3                      | 0.2.3 0.2.9                 | 0.3.0 0.2.2
    ^0.0.3                      | 0.0.3                       | 0.0.4 0.0.2 0.0.4-a
    ^1.2.3-beta.2               | 1.2.3-beta.2 1.2.3-beta.4 1.2.3 1.9.0 | 1.2.4-beta.2 2.0.0 1.2.3-beta.1
    ^0.0.3-beta                 | 0.0.3-beta 0.0.3-pr.2 0.0.3 | 0.0.4 0.0.3-alpha
    ^0.1.1-alpha                | 0.1.1-beta 0.1.9            | 0.2.0
    ^1.2.x                      | 1.2.0 1.9.0                 | 2.0.0 1.1.9
    ^0.0.x                      | 0.0.0 0.0.9                 | 0.1.0
    ^0.0                        | 0.0.0 0.0.9                 | 0.1.0
    ^1.x                        | 1.0.0 1.9.0                 | 2.0.0
    ^0.x                        | 0.0.0 0.9.0                 | 1.0.0
    ^0.1                        | 0.1.2                       | 0.2.0
    ^1                          | 1.0.0                       | 2.0.0 0.1.0
    ^0                          | 0.0.0 0.9.9                 | 1.0.0
    ^0.0.0                      | 0.0.0                       | 0.0.1
    ^ 1.2                       | 1.4.2                       | 1.1.9
    ^1.2.3+build                | 1.2.3 1.3.0                 | 2.0.0 1.2.0
    ^v1.2                       | 1.3.0                       | 2.0.0
    ^0.11.1-alpha.48+15174c6    | 0.11.1-alpha.48 0.11.9      | 0.11.1-alpha.47 0.12.0

    # what only npm's loose reading takes
    01.02.03                    | 1.2.3                       | 1.2.4
    1.2.3beta                   | 1.2.3-beta                  | 1.2.3
    ~1.2.3beta                  | 1.2.3-beta 1.2.9            | 1.3.0
    >=1.0.0, <2.0.0             | 0.1.0 1.9.9                 | 2.0.0
    >1 foo                      | 2.0.0                       | 1.5.0
    1.2.3 || latest             | 1.2.3                       | 1.2.4
    1.2.3 -                     | 1.2.3                       | 1.2.4
    ==1.2.3                     | 1.2.3                       | 1.2.4
    ^15.0.0-                    | 15.0.0 15.9.0               | 16.0.0
"""


def rows() -> list[tuple[str, str, bool]]:
    lines = [
        line for line in RANGES.splitlines() if "|" in line and not line.strip().startswith("#")
    ]
    found = []
    for line in lines:
        *constraint, inside, outside = line.rsplit("|", 2)
        text = "|".join(constraint).strip()
        found += [(text, version, True) for version in inside.split()]
        found += [(text, version, False) for version in outside.split()]
    return found


ROWS = rows()


def test_the_table_is_read() -> None:
    assert len(ROWS) > 300
    assert len({constraint for constraint, _, _ in ROWS}) > 115


@pytest.mark.parametrize(("constraint", "version", "admitted"), ROWS)
def test_a_range_admits_what_the_readme_says(constraint: str, version: str, admitted: bool) -> None:
    assert satisfies(version, constraint) is admitted


@pytest.mark.parametrize(
    "constraint",
    [
        "latest",
        "next",
        "foo || bar",
        "git+https://github.com/owner/name.git",
        "file:../x",
        "workspace:*",
        "npm:other@^1",
        ">=1.2.3.4",
        "1.2.3.4",
        "1.x.3",
        ">>1",
        "a - b",
        "9007199254740992.0.0",
        "^9007199254740991",
        "1.2." + "3" * 5000,
        "=" * 500,
        "1 ||" * 2000,
    ],
)
def test_what_is_no_range_is_refused(constraint: str) -> None:
    with pytest.raises(InvalidConstraintError):
        satisfies("1.2.3", constraint)


@pytest.mark.parametrize("version", ["", "latest", "1.2", "1.2.3.4", "x", "1.2.3 4", "9" * 400])
def test_a_version_that_is_none_is_refused(version: str) -> None:
    with pytest.raises(InvalidConstraintError):
        satisfies(version, "*")


_PIECES = st.sampled_from(
    [*"0123^~<>=xX*.-+|v ", "||", " - ", "1.2.3", "-alpha.1", ">=", "<=", "foo", "1.x", "\n", "é"]
)


@given(st.text() | st.lists(_PIECES, max_size=14).map("".join), st.sampled_from(["1.2.3", "0.0.0"]))
def test_any_text_is_a_range_or_refused(constraint: str, version: str) -> None:
    try:
        assert satisfies(version, constraint) in {True, False}
    except InvalidConstraintError:
        return


_TRIPLES = st.tuples(*[st.integers(0, 12)] * 3)


@given(_TRIPLES, _TRIPLES)
def test_a_caret_admits_what_keeps_the_leftmost_part_that_is_not_0(
    low: tuple[int, int, int], other: tuple[int, int, int]
) -> None:
    kept = next((place for place, part in enumerate(low) if part), 2)
    expected = other >= low and other[: kept + 1] == low[: kept + 1]
    constraint, version = (".".join(map(str, parts)) for parts in (low, other))
    assert satisfies(version, f"^{constraint}") is expected
