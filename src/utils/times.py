"""Times as registries write them, and as we show our own."""

import re
from datetime import UTC, datetime

_UTC_TEXT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")


def utc_text(published: str) -> str:
    """Return a time as ISO 8601 in UTC, as published where it is so, "" where it is no time.

    A time without a zone is UTC: so registries mean their oldest fields.
    """
    if _UTC_TEXT.fullmatch(published):
        return published
    try:
        moment = datetime.fromisoformat(published)
        zoned = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return ""
    return zoned.isoformat().replace("+00:00", "Z")


def utc_of(moment_ms: int) -> str:
    """Return epoch milliseconds as ISO 8601 in UTC, to the second."""
    return datetime.fromtimestamp(moment_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
