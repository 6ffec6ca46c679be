"""Makes a JSON document one that a document database can hold.

Sources: BSON specification (keys without NUL, UTF-8, integers of 64 bits), MongoDB manual ("Limits":
100 levels of nesting).
"""

from collections.abc import Mapping
from typing import Any

from src.schemas.errors import InvalidPayloadError

MAX_DEPTH = 90

_MIN_INTEGER, _MAX_INTEGER = -(2**63), 2**63 - 1


def storable(value: Any, depth: int = 0) -> Any:  # noqa: ANN401 - any JSON value in, the same out
    """Return a deep copy in which broken text is mended and huge integers are text.

    Raises InvalidPayloadError where it is nested too deeply.
    """
    if depth > MAX_DEPTH:
        raise InvalidPayloadError(f"document is nested more than {MAX_DEPTH} levels deep")
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {
            storable(str(key)).replace("\0", "�"): storable(element, depth + 1)
            for key, element in value.items()
        }
    if isinstance(value, list):
        return [storable(element, depth + 1) for element in value]
    if isinstance(value, int) and not _MIN_INTEGER <= value <= _MAX_INTEGER:
        return hex(value)
    return value
