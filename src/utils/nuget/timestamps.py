"""Points in time of seven fractional digits, as .NET writes them.

The catalog's order and cursor rest on them: text of differing length does not compare, and a
`datetime` has but six digits. So they are kept as ticks: units of 100 ns since the year 1.
"""

import re
from datetime import datetime, timedelta

_STAMP = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,7})\d*)?(?:Z|([+-])(\d\d):(\d\d))?", re.ASCII
)
_POSITION = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z", re.ASCII)
_EPOCH = datetime(1, 1, 1)  # noqa: DTZ001 - all in UTC, which the class need not know
_PER_SECOND = 10_000_000
_UNLISTED_YEAR = 1900


def read_ticks(text: str) -> int | None:
    """Return the ticks of an ISO 8601 time (UTC where it has no offset), None for anything else."""
    match = _STAMP.fullmatch(text)
    if match is None:
        return None
    whole, fraction, sign, hours, minutes = match.groups()
    try:
        since = datetime.fromisoformat(whole) - _EPOCH
    except ValueError:
        return None
    offset = int(hours or 0) * 3600 + int(minutes or 0) * 60
    seconds = since.days * 86_400 + since.seconds - (-offset if sign == "-" else offset)
    return max(0, seconds * _PER_SECOND + int((fraction or "").ljust(7, "0")))


def show_ticks(ticks: int) -> str:
    """Return the time with all of its seven digits, so that texts compare as times do."""
    seconds, fraction = divmod(ticks, _PER_SECOND)
    whole = _EPOCH + timedelta(seconds=seconds)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{fraction:07}Z".rjust(28, "0")


def read_position(text: str) -> int | None:
    """Return the ticks of a text that `show_ticks` made, None for any other."""
    return read_ticks(text) if _POSITION.fullmatch(text) else None


def release_date(text: str) -> str:
    """Return a publication time as ISO 8601 in UTC, "" where it tells no date.

    The year 1900 is no date: it marks an unlisted version (registration resource, catalog resource).
    """
    ticks = read_ticks(text)
    if ticks is None:
        return ""
    shown = show_ticks(ticks)
    if int(shown[:4]) <= _UNLISTED_YEAR:
        return ""
    return f"{shown.rstrip('Z').rstrip('0').rstrip('.')}Z"


def means_unlisted(text: str) -> bool:
    """Whether a publication time is the one that stands for "unlisted"."""
    ticks = read_ticks(text)
    return ticks is not None and int(show_ticks(ticks)[:4]) == _UNLISTED_YEAR
