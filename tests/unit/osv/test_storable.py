"""What a document database refuses, and what becomes of it."""

from typing import Any

import bson
import pytest

from src.schemas.errors import InvalidPayloadError
from src.utils.osv.storable import MAX_DEPTH, storable


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain", "plain"),
        ("größer", "größer"),
        ("\ud800", "?"),
        ({"a\x00b": 1}, {"a\ufffdb": 1}),
        ({"\ud800": [None, True, 1.5]}, {"?": [None, True, 1.5]}),
        (2**63 - 1, 2**63 - 1),
        (2**63, "0x8000000000000000"),
        (-(10**400), hex(-(10**400))),
        ({"events": [{"introduced": "0"}]}, {"events": [{"introduced": "0"}]}),
    ],
)
def test_every_json_value_can_be_stored(value: Any, expected: Any) -> None:
    assert storable(value) == expected
    assert bson.decode(bson.encode({"value": storable(value)})) == {"value": expected}


def test_a_copy_shares_nothing_with_the_document() -> None:
    document = {"affected": [{"ranges": []}]}
    storable(document)["affected"][0]["ranges"].append("more")
    assert document == {"affected": [{"ranges": []}]}


def test_what_is_nested_too_deeply_is_refused_without_recursing_further() -> None:
    nested: Any = 0
    for _ in range(MAX_DEPTH):
        nested = {"in": nested}
    assert storable(nested) == nested
    for _ in range(100_000):
        nested = [nested]
    with pytest.raises(InvalidPayloadError):
        storable(nested)
