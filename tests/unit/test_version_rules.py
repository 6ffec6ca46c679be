"""Every ecosystem answers the same two questions, each by its own rules."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import InvalidConstraintError
from src.utils.serial_numbers import number_versions
from src.utils.version_rules import RULES

PYPI, NPM, MAVEN, CARGO, RUBYGEMS, NUGET = Ecosystem


def test_no_ecosystem_is_without_rules():
    assert set(RULES) == set(Ecosystem)


# The same question, and how differently it is answered.
@pytest.mark.parametrize(
    ("ecosystem", "version", "constraint", "answer"),
    [
        (PYPI, "2.0", "~=1.4", False),
        (PYPI, "1.9", "~=1.4", True),
        (NPM, "1.9.0", "^1.4.0", True),
        (NPM, "2.0.0-rc.1", ">=1.0.0", False),
        (NPM, "0.3.0", "^0.2.0", False),
        (MAVEN, "9.9", "1.0", True),
        (MAVEN, "9.9", "[1.0,2.0)", False),
        (CARGO, "1.9.0", "1.4", True),
        (CARGO, "2.0.0", "1.4", False),
        (RUBYGEMS, "2.9", "~> 2.2", True),
        (RUBYGEMS, "2.3.0", "~> 2.2.0", False),
        (NUGET, "9.9.0", "1.0", True),
        (NUGET, "2.0.0", "[1.0, 2.0)", False),
    ],
)
def test_a_constraint_is_read_by_its_own_ecosystems_rules(ecosystem, version, constraint, answer):
    assert RULES[ecosystem].satisfies(version, constraint) is answer


@pytest.mark.parametrize(
    ("ecosystem", "oldest_first"),
    [
        (PYPI, ["1.0.dev1", "1.0a1", "1.0", "1.0.post1", "1.10"]),
        (NPM, ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0", "1.10.0"]),
        (MAVEN, ["1.0-alpha-1", "1.0-rc1", "1.0-SNAPSHOT", "1.0", "1.0-sp", "1.10"]),
        (CARGO, ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0", "1.10.0"]),
        (RUBYGEMS, ["1.0.a", "1.0.b", "1.0", "1.0.1", "1.10"]),
        (NUGET, ["1.0.0-alpha", "1.0.0-BETA", "1.0.0", "1.0.0.1", "1.10.0"]),
    ],
)
def test_versions_are_numbered_in_their_ecosystems_own_order(ecosystem, oldest_first):
    numbered = number_versions(reversed(oldest_first), RULES[ecosystem].order_key)
    assert numbered == list(enumerate(oldest_first))


@pytest.mark.parametrize("ecosystem", Ecosystem)
def test_any_admits_every_release(ecosystem):
    assert RULES[ecosystem].satisfies("1.0.0", "any")
    assert RULES[ecosystem].satisfies("0.0.1", "any")


@pytest.mark.parametrize("ecosystem", Ecosystem)
@given(version=st.text(max_size=30), constraint=st.text(max_size=30))
def test_nothing_raises_any_other_error(ecosystem, version, constraint):
    RULES[ecosystem].order_key(version)
    with contextlib.suppress(InvalidConstraintError):
        assert RULES[ecosystem].satisfies(version, constraint) in (True, False)


@pytest.mark.parametrize("ecosystem", Ecosystem)
@given(
    names=st.lists(
        st.from_regex(r"[0-9]{1,3}(\.[0-9a-z]{1,4}){0,3}(-[a-z0-9.]{1,5})?", fullmatch=True)
    )
)
def test_numbers_do_not_depend_on_the_order_of_arrival(ecosystem, names):
    key = RULES[ecosystem].order_key
    assert number_versions(names, key) == number_versions(reversed(names), key)
