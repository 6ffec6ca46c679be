"""Does a version satisfy a gem requirement? By the documentation of Gem::Requirement and its `~>`."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.errors import InvalidConstraintError
from src.utils.rubygems.constraints import is_constraint, satisfies

# constraint | versions that satisfy it | versions that do not
TABLE = """
any                | 0 0.0.1 1.0 2.0.pre 99999     | 0.a 0.0.0.alpha
>= 0               | 0 0.0.1 1.0 2.0.pre           | 0.a
>= 0.a             | 0.a 0.b 0 1                   | 0.A
1.0                | 1 1.0 1.0.0 1.0-java          | 1.0.a 1.0.1 0.9
= 1.0              | 1 1.0 1.0.0                   | 1.0.a 1.0.1
=1.0               | 1.0                           | 1.1
= 1.0.a            | 1.0.a 1.a                     | 1.0 1.0.b
!= 1.0             | 0.9 1.0.a 1.0.1               | 1 1.0 1.0.0
> 1.0              | 1.0.1 1.1.a 1.1               | 1.0 1.0.a 0.9
> 1.0.a            | 1.0.b 1.0 1.1                 | 1.0.a 0.9
< 1.0              | 0.9 1.0.a 1.0.rc1             | 1.0 1.0.0 1.0.1
< 1.0.b            | 1.0.a 0.9                     | 1.0.b 1.0
>= 1.0             | 1.0 1.0.1.a 2                 | 1.0.rc1 0.9
<= 1.0             | 1.0 1.0.0 1.0.rc1 0.1         | 1.0.1 1.0.1.a
~> 2               | 2 2.0.1 2.9 2.99.a 2.1-java   | 1.9 3 3.0.a 2.a
~> 2.0             | 2.0 2.1 2.9.9                 | 1.9 2.0.a 3.0 3.0.rc1
~> 2.2             | 2.2 2.2.0 2.9                 | 2.1.9 3.0 2.2.rc1
~> 2.2.0           | 2.2 2.2.0 2.2.9               | 2.3 2.1 2.2.0.a
~> 2.2.3.4         | 2.2.3.4 2.2.3.99              | 2.2.4 2.2.3.3
~> 1.0.pre         | 1.0.pre 1.0.rc 1.0 1.9        | 1.0.b 2.0 2.0.a 0.9
~> 1.0.0.rc1       | 1.0.0.rc1 1.0.0.rc2 1.0.0 1.0.5 | 1.0.0.beta 1.1 1.1.a
~> 2.0.0.rc.1      | 2.0.0.rc.2 2.0.0 2.0.9        | 2.1.0 2.0.0.beta
~> 0.0.1           | 0.0.1 0.0.9                   | 0.1 0.0.0
~> 0               | 0 0.9                         | 1 1.a
~> 1.b             | 1.b 1.c 1.0 1.5               | 1.a 2.0 2.a
>= 1.0, < 2        | 1.0 1.9.9 2.0.a 2.a           | 0.9 2 2.0.0
< 2, >= 1.0        | 1.5                           | 2.0
>= 1, < 2.a        | 1 1.9                         | 2.a 2.b 2
~> 1.4, >= 1.4.2   | 1.4.2 1.9                     | 1.4.1 2.0
>= 1.12.2          | 1.12.2 1.12.10                | 1.12.1 1.9
> 1.3.1            | 1.3.2 1.4                     | 1.3.1 1.3.1.rc
>= 2.4, < 2.8.dev  | 2.4 2.7.9                     | 2.8.dev 2.8 2.3
!= 3.0.0, ~> 3.0   | 3.0.1 3.9                     | 3.0 3.0.0 4.0
~>1.0,!=1.5        | 1.4 1.6                       | 1.5 2
  >=   1.0         | 1.0                           | 0.9
>= 1.0-a           | 1.0.pre.a 1.0                 | 1.0.b 0.9
< 1.0-rc           | 1.0.pre.a 1.0.b               | 1.0 1.0.pre.rd
"""

ROWS = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]
ASKED = [
    (version, constraint, answer)
    for constraint, *sides in ROWS
    for answer, side in zip((True, False), sides, strict=True)
    for version in side.split()
]


def test_the_table_is_a_long_one() -> None:
    assert len(ASKED) >= 150


@pytest.mark.parametrize(("version", "constraint", "answer"), ASKED)
def test_a_version_is_held_against_a_requirement(
    version: str, constraint: str, answer: bool
) -> None:
    assert satisfies(version, constraint) is answer


@pytest.mark.parametrize(
    "constraint",
    [
        "",
        ",",
        ">= 1,",
        ">=",
        "~> ",
        "=> 1.0",
        "== 1.0",
        "^1.0",
        "~1.0",
        "1.x!",
        "1.0 2.0",
        "latest",
    ],
)
def test_what_gem_requirement_calls_ill_formed_is_an_error(constraint: str) -> None:
    assert not is_constraint(constraint)
    with pytest.raises(InvalidConstraintError):
        satisfies("1.0", constraint)


@pytest.mark.parametrize("version", ["a", "1..0", "v1", "1.0+b"])
def test_a_malformed_version_is_an_error(version: str) -> None:
    with pytest.raises(InvalidConstraintError):
        satisfies(version, "any")


def test_no_requirement_has_parts_without_end() -> None:
    assert not is_constraint(",".join(["> 1"] * 1001))
    assert not is_constraint(f"> {'9' * 5000}")


@given(st.text(max_size=20), st.text(alphabet="0123456789.,<>=!~ abcrcpre-", max_size=20))
def test_no_text_raises_anything_but_the_documented_error(version: str, constraint: str) -> None:
    with contextlib.suppress(InvalidConstraintError):
        assert satisfies(version, constraint) in {True, False}


VERSIONS = st.lists(st.integers(0, 12), min_size=1, max_size=4).map(
    lambda parts: ".".join(map(str, parts))
)


@given(VERSIONS, VERSIONS)
def test_the_operators_agree_with_each_other(version: str, bound: str) -> None:
    below, equal, above = (satisfies(version, f"{sign} {bound}") for sign in ("<", "=", ">"))
    assert [below, equal, above].count(True) == 1
    assert satisfies(version, f"<= {bound}") is (below or equal)
    assert satisfies(version, f">= {bound}") is (above or equal)
    assert satisfies(version, f"!= {bound}") is not equal
    if satisfies(version, f"~> {bound}"):
        assert equal or above
