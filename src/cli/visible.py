"""Text of other programs on a terminal: shown, and never obeyed."""

import json
from datetime import UTC, datetime

from rich.text import Text

_BYTES = range(0xDC80, 0xDD00)
"""The surrogates that stand for bytes which are no UTF-8."""


def visible(text: str) -> str:
    """Return a text on one line in which whatever steers a terminal is spelled out.

    That is control characters (line breaks too), text directions, invisible characters, and bytes
    that are no UTF-8.
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else _spelled(ord(each)) for each in text)


def plain(text: str) -> Text:
    """Return a text for a table or a console that reads no markup and no emoji names in it."""
    return Text(visible(text))


def shortened(text: str, limit: int) -> str:
    """Return a text made visible, of `limit` characters at most, that tells what it left out."""
    told = visible(text[:limit])
    if len(told) <= limit and len(text) <= limit:
        return told
    return f"{told[:limit]}… ({len(text):,} characters)"


def about(data: str | None, limit: int = 100) -> str:
    """Return what a message asks for in a few words: its package, else how it begins."""
    if data is None:
        return "(no field data)"
    told = read_json(data)
    if isinstance(told, dict) and isinstance(told.get("package"), str):
        return shortened(f"{told.get('node_type')} {told['package']}", limit)
    return shortened(data, limit) or "(empty)"


def read_json(text: str) -> object:
    """Return what a JSON text holds, None where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def moment(epoch_ms: int) -> str:
    """Return a time in UTC to the second; what is no time of our calendar stays a number."""
    try:
        return datetime.fromtimestamp(epoch_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return str(epoch_ms)


def span(seconds: float) -> str:
    """Return a length of time in its two largest units."""
    left = max(0, round(seconds))
    parts = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"


def _spelled(code: int) -> str:
    if code in _BYTES:
        return f"\\x{code - 0xDC00:02x}"
    return chr(code).encode("unicode_escape").decode("ascii")
