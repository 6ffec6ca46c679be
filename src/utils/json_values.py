"""Typed access to untrusted JSON.

Registry documents hold null, numbers or lone surrogates where text is promised. Every reader goes
through these functions, so that nothing else has to ask what a value is.
"""

import json
import re

from src.schemas.errors import InvalidPayloadError

_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def load_object(body: bytes, url: str) -> dict[str, object]:
    """Return the JSON object in `body`; raises InvalidPayloadError on anything else."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidPayloadError(f"not JSON: {error}", url=url) from error
    if not isinstance(document, dict):
        raise InvalidPayloadError("not a JSON object", url=url)
    return document


def clean_text(value: str) -> str:
    """Replace what a graph cannot store (control characters, lone surrogates) by U+FFFD."""
    if value.isprintable():
        return value
    return _UNSTORABLE.sub("\ufffd", value)


def text(value: object) -> str:
    """Return a storable text, "" where the value is no text."""
    return clean_text(value) if isinstance(value, str) else ""


def texts(value: object) -> tuple[str, ...]:
    """Return the non-empty texts of a list, in their order; () where the value is no list."""
    if not isinstance(value, list):
        return ()
    return tuple(entry for entry in map(text, value) if entry)


def mapping(value: object) -> dict[str, object]:
    """Return a JSON object, an empty one where the value is none."""
    return value if isinstance(value, dict) else {}


def whole_number(value: object) -> int | None:
    """Return a whole number that is not negative, None where the value is none."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        return None
    return value
