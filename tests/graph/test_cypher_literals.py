"""Literals for FalkorDB: whatever goes in comes back from the real engine, or is refused."""

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from src.schemas.errors import StoreError
from src.services.dbs.cypher_literals import encode, parameter_header
from src.services.dbs.falkordb_rows import decode_rows

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXT
KEYS = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4)
)


@pytest.fixture(scope="module")
def echo(falkordb_server):
    """Sends a value through the engine and back."""
    with redis.Redis(falkordb_server.host, falkordb_server.port, decode_responses=True) as client:

        def through(value):
            statement = parameter_header({"value": value}) + "RETURN $value AS value"
            [row] = decode_rows(
                client.execute_command("GRAPH.QUERY", "echo", statement, "--compact")
            )
            return row["value"]

        yield through
        client.delete("echo")


@given(value=ANYTHING)
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
def test_every_value_comes_back_from_the_engine(echo, value):
    assert echo(value) == value


@given(number=st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12))
@settings(deadline=None, max_examples=100)
def test_every_number_comes_back_to_14_digits(echo, number):
    assert echo(number) == pytest.approx(number, rel=1e-14, abs=1e-300)


def test_tuples_are_lists(echo):
    assert echo(("a", (1, 2))) == ["a", [1, 2]]


def test_large_rows_of_every_shape_agree_with_the_careful_way():
    rows = [["purl", ["a", 'b"', "c\\", "d\n"]]] * 3
    assert encode(rows) == "[" + ",".join(encode(row) for row in rows) + "]"


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        float("-inf"),
        2**63,
        -(2**63) - 1,
        "a\0",
        "\udfff",
        b"x",
        {1},
        object(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_the_engine_cannot_hold_is_refused_at_every_depth(value):
    for carrier in (value, [value], [[value]], {"a": value}, [{"a": [value]}]):
        with pytest.raises(StoreError):
            parameter_header({"value": carrier})


@pytest.mark.parametrize("key", ["", "a b", "a`b", "a:1} //", "1a", "é"])
def test_keys_of_maps_and_names_of_parameters_are_identifiers(key):
    for parameters in ({key: 1}, {"value": {key: 1}}, {"value": [{key: 1}]}):
        with pytest.raises(StoreError):
            parameter_header(parameters)


def test_no_parameters_need_no_header():
    assert parameter_header({}) == parameter_header(None) == ""
