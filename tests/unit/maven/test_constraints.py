"""Does a version satisfy a Maven requirement? By the tables of the POM reference and VersionRange."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.errors import InvalidConstraintError
from src.utils.maven.constraints import recommended, satisfies

TABLE = {
    "[1.0]": (["1.0", "1", "1.0.0", "1-ga"], ["1.0.1", "0.9", "1.0-SNAPSHOT"]),
    "(,1.0]": (["0", "1.0", "1.0-rc1"], ["1.0.1", "1.0-sp"]),
    "(,1.0)": (["0.9", "1.0-SNAPSHOT"], ["1.0", "2"]),
    "[1.2,1.3]": (["1.2", "1.2.5", "1.3", "1.3.0"], ["1.3.1", "1.2-rc1"]),
    "[1.0,2.0)": (["1.0", "1.9", "2.0-alpha-1", "2.0-SNAPSHOT"], ["2.0", "0.9"]),
    "(1.0,2.0)": (["1.0.1"], ["1.0", "1", "2.0"]),
    "[1.5,)": (["1.5", "99"], ["1.4.9"]),
    "(1.5,)": (["1.5.1"], ["1.5"]),
    "[ 1.0 , 2.0 ]": (["1.0", "2.0"], ["2.0.1"]),
    "[1.0,1.0]": (["1.0", "1"], ["1.0.1"]),
    "(,)": (["0", "1.0", "x"], []),
    "[,]": (["0"], []),
    "(,1.0],[1.2,)": (["1.0", "1.2", "0.1", "5"], ["1.1", "1.0.1"]),
    "(,1.0], [1.2,)": (["1.0", "1.2"], ["1.1"]),
    "(,1.0][1.2,)": (["1.0", "1.2"], ["1.1"]),
    "(,1.1),(1.1,)": (["1.0", "1.2"], ["1.1", "1.1.0"]),
    "[1.0],[2.0],[3.0]": (["1.0", "2", "3.0.0"], ["1.5", "4"]),
    "[1,2],[2,3]": (["1", "2", "3"], ["0", "4"]),
    "1.0": (["1.0", "0.5", "7-SNAPSHOT"], []),
    "any": (["1.0", "0"], []),
    "LATEST": (["1.0", "1.0-SNAPSHOT"], []),
    "RELEASE": (["1.0", "1.0-rc1"], ["1.0-SNAPSHOT"]),
}


@pytest.mark.parametrize("constraint", TABLE)
def test_a_constraint_admits_what_it_shall_and_nothing_else(constraint):
    admitted, refused = TABLE[constraint]
    assert [version for version in admitted if not satisfies(version, constraint)] == []
    assert [version for version in refused if satisfies(version, constraint)] == []


@pytest.mark.parametrize(
    "constraint",
    [
        "",
        " ",
        " 1.0",
        "1.0 ",
        "[]",
        "[ ]",
        "[1.0",
        "(1.0",
        "(1.0)",
        "[1.0)",
        "1.0]",
        "1.0,2.0",
        "[1.0,1.0)",
        "(1.0,1.0]",
        "(1.0,1.0)",
        "[2.0,1.0]",
        "[1.0,2.0,3.0]",
        "[1.0,2.0],[1.5,3.0]",
        "[1.0,2.0],(,3.0]",
        "[3.0],[1.0]",
        "[1.0],2.0",
        "[1.0]2.0",
        "${project.version}",
        "[${from},2.0)",
        "[1.0,[2.0]",
    ],
)
def test_a_malformed_constraint_is_refused(constraint):
    with pytest.raises(InvalidConstraintError):
        satisfies("1.0", constraint)
    with pytest.raises(InvalidConstraintError):
        recommended(constraint)


@pytest.mark.parametrize("version", ["", " 1", "1 ", "${revision}"])
@pytest.mark.parametrize("constraint", ["any", "1.0", "[1.0]", "RELEASE"])
def test_what_is_no_version_satisfies_nothing_and_fails(version, constraint):
    with pytest.raises(InvalidConstraintError):
        satisfies(version, constraint)


@pytest.mark.parametrize(
    ("constraint", "version"),
    [
        ("1.0", "1.0"),
        ("3.0.0.M1", "3.0.0.M1"),
        ("[1.0]", None),
        ("(,)", None),
        ("any", None),
        ("LATEST", None),
        ("RELEASE", None),
    ],
)
def test_a_soft_requirement_recommends_a_version(constraint, version):
    assert recommended(constraint) == version


@given(st.text(max_size=40), st.text(alphabet="[](),.-01a $", max_size=20))
def test_no_text_raises_anything_but_the_documented_error(version, constraint):
    with contextlib.suppress(InvalidConstraintError):
        satisfies(version, constraint)


BOUNDS = st.sampled_from(["0.9", "1.0-rc1", "1.0", "1.0.1", "1.5", "2.0-SNAPSHOT", "2.0", "3"])


@given(BOUNDS, BOUNDS, BOUNDS)
def test_a_closed_range_holds_its_bounds_and_an_open_one_does_not(low, high, version):
    with contextlib.suppress(InvalidConstraintError):
        closed = satisfies(version, f"[{low},{high}]")
        assert satisfies(low, f"[{low},{high}]")
        assert satisfies(high, f"[{low},{high}]")
        inner = satisfies(version, f"({low},{high})")
        assert not satisfies(low, f"({low},{high})")
        assert closed == (inner or version in {low, high})
