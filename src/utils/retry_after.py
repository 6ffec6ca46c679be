"""How long a server asks us to wait (RFC 9110, section 10.2.3)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def retry_after_seconds(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds that `Retry-After` asks for, None where it is missing or no such value.

    A date is measured against the server's own `Date`, because its clock may differ from ours; only
    without one against `now` (epoch seconds). A date in the past means 0.
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdecimal():
        return float(value)
    until = _epoch(value)
    if until is None:
        return None
    server_now = _epoch(headers.get("date", ""))
    return max(0.0, until - (now if server_now is None else server_now))


def _epoch(text: str) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
        # A date in the obsolete formats names no zone; HTTP dates are always in GMT.
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return (aware - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
