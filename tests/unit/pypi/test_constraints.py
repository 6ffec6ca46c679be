"""Does a version satisfy a constraint? By the tables and examples of PEP 440."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.errors import InvalidConstraintError
from src.utils.pypi.constraints import satisfies
from src.utils.pypi.versions import order_key

# constraint | versions that satisfy it | versions that do not
TABLE = """
any                | 0 1.0 2.0a1 1!1.0      |
~=2.2              | 2.2 2.9 2.2.post3      | 2.1 3.0 3.0a1
~=1.4.5            | 1.4.5 1.4.9            | 1.4.4 1.5
~=1.4.5a4          | 1.4.5a4 1.4.5 1.4.9    | 1.4.5a3 1.5
~=2.2.post3        | 2.2.post3 2.3          | 2.2 3.0
==1.1              | 1.1 1.1.0 1.1+local    | 1.1.post1 1.1a1 1.1.1
==1.1.*            | 1.1 1.1.post1 1.1a1 1.1.9 | 1.2 1.10 1
==1.1+a            | 1.1+a                  | 1.1 1.1+b
!=1.1              | 1.1.post1 1.1a1 1.2    | 1.1 1.1.0
!=1.1.*            | 1.2                    | 1.1 1.1.post1 1.1a1
>1.7               | 1.7.1 1.8              | 1.7 1.7.0.post1 1.7.post2 1.6
>1.7.post2         | 1.7.post3 1.7.1        | 1.7.post2 1.7.0
<2.0               | 1.9 1.9.post1          | 2.0 2.0a1 2.0.post1
<=2.0              | 2.0 2.0a1 1.0          | 2.0.post1 2.1
>=1.0,<2.0         | 1.0 1.9.9              | 0.9 2.0
>=1.0,!=1.3.4.*,<2 | 1.3.3 1.3.5            | 1.3.4 1.3.4.1
>=1!1.0            | 1!1.0 2!0              | 5.0 1.0
===foobar          | foobar                 | 1.0
<2,>=1.5           | 1.5 1.9                | 2 1.4
"""

ROWS = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]
ASKED = [
    (version, constraint, answer)
    for constraint, *sides in ROWS
    for answer, side in zip((True, False), sides, strict=True)
    for version in side.split()
]


@pytest.mark.parametrize(("version", "constraint", "answer"), ASKED)
def test_a_version_is_held_against_a_constraint_by_pep_440(version, constraint, answer):
    assert satisfies(version, constraint) is answer


@pytest.mark.parametrize("constraint", ["1.0", ">", "~=1", ">=1.0 <2", "^1.0", "==1.*.*", "latest"])
def test_what_is_no_specifier_is_an_error(constraint):
    with pytest.raises(InvalidConstraintError):
        satisfies("1.0", constraint)


def test_a_legacy_version_is_an_error_and_has_no_place_in_the_order():
    with pytest.raises(InvalidConstraintError):
        satisfies("1.0-final-b7", ">=1.0")
    assert order_key("1.0-final-b7") is None


@given(st.text(max_size=20), st.text(max_size=20))
def test_nothing_raises_any_other_error(version, constraint):
    with contextlib.suppress(InvalidConstraintError):
        assert satisfies(version, constraint) in (True, False)
