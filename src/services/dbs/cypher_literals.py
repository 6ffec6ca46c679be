r"""Python values as Cypher literals, for FalkorDB's `CYPHER name=value` header.

FalkorDB takes parameters as text only. The client's own encoder lets integers above 64 bits, NaN
and NUL through, to be stored as something else or to end in a syntax error. Here whatever the engine
could not hold is refused, and the C code of the json module does the work wherever JSON and Cypher
agree. Measured on FalkorDB 4.16: raw Unicode and the escapes
\" \\ \n \r \t \b \f are read, \uXXXX is not; integers beyond 64 bits saturate silently;
a NUL ends the statement; map keys want backticks.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from json.encoder import encode_basestring

from src.schemas.errors import StoreError
from src.services.dbs.graph_values import Parameters, identifier

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_HUGE_INTEGER = re.compile("[0-9]{19}")
_ESCAPES = str.maketrans(
    {
        "\\": "\\\\",
        '"': '\\"',
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
        "\b": "\\b",
        "\f": "\\f",
    }
)
_SMALLEST, _LARGEST = -(2**63), 2**63 - 1


def parameter_header(parameters: Parameters | None) -> str:
    """Return the text that precedes a query, "" without parameters.

    Raises StoreError for a value that the graph cannot hold.
    """
    if not parameters:
        return ""
    pairs = (f"{identifier(name)}={encode(value)}" for name, value in parameters.items())
    header = f"CYPHER {' '.join(pairs)} "
    try:
        header.encode()
    except UnicodeEncodeError as error:
        raise StoreError("a text that is not valid Unicode cannot be stored") from error
    return header


def encode(value: object) -> str:
    """Return one value as a Cypher literal; raises StoreError for what the graph cannot hold."""
    if isinstance(value, str):
        text = encode_basestring(value)
        return text if "\\u" not in text else _odd_text(value)
    if isinstance(value, dict | Mapping):
        return "{" + ",".join([_key(key) + encode(item) for key, item in value.items()]) + "}"
    if isinstance(value, list | tuple | Sequence) and not isinstance(value, bytes | bytearray):
        return _list(value)
    return _scalar(value)


def _list(values: Sequence[object]) -> str:
    if not values:
        return "[]"
    if not isinstance(values[0], str | dict):
        try:
            text = _ENCODER.encode(values)
        except (TypeError, ValueError):
            pass  # the careful way below tells which value it was
        else:
            if "{" not in text and "\\u" not in text and not _HUGE_INTEGER.search(text):
                return text
    return f"[{','.join([encode(item) for item in values])}]"


def _odd_text(value: str) -> str:
    # JSON writes control characters as \uXXXX, Cypher wants them as they are.
    if "\0" in value:
        raise StoreError("a text with a NUL character cannot be stored")
    text = value.translate(_ESCAPES)
    return f'"{text}"'


def _scalar(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if not _SMALLEST <= value <= _LARGEST:
            raise StoreError(f"an integer of {value.bit_length()} bits cannot be stored")
        return int.__repr__(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise StoreError(f"the number {value} cannot be stored")
        return float.__repr__(value)
    raise StoreError(f"a value of type {type(value).__name__} cannot be stored")


@lru_cache(maxsize=1024)
def _key(name: object) -> str:
    return f"`{identifier(str(name))}`:"
