"""Typed access to untrusted JSON-LD: nothing else has to ask what a value is.

A set of one may stand there as the object itself (JSON-LD compaction), and old documents begin with
a byte order mark.
"""

import json
import re

from src.schemas.errors import InvalidPayloadError

_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_BOM = b"\xef\xbb\xbf"


def load_object(body: bytes, url: str) -> dict[str, object]:
    """Return the JSON object in `body`; raises InvalidPayloadError on anything else."""
    try:
        document = json.loads(body.removeprefix(_BOM))
    except (ValueError, RecursionError) as error:
        raise InvalidPayloadError(f"not JSON: {error}", url=url) from error
    if not isinstance(document, dict):
        raise InvalidPayloadError("not a JSON object", url=url)
    return document


def text(value: object) -> str:
    """Return a storable text, "" where the value is no text."""
    if not isinstance(value, str):
        return ""
    return value if value.isprintable() else _UNSTORABLE.sub("\ufffd", value)


def texts(value: object) -> tuple[str, ...]:
    """Return the non-empty texts of a set, which may be a single one."""
    values = value if isinstance(value, list) else [value]
    return tuple(entry for entry in map(text, values) if entry)


def mapping(value: object) -> dict[str, object]:
    """Return a JSON object, an empty one where the value is none."""
    return value if isinstance(value, dict) else {}


def objects(value: object) -> tuple[dict[str, object], ...]:
    """Return the objects of a set, which may be a single one; anything else in it is left out."""
    values = value if isinstance(value, list) else [value]
    return tuple(entry for entry in values if isinstance(entry, dict))


def whole_number(value: object) -> int | None:
    """Return a whole number that is not negative, None where the value is none."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        return None
    return value
