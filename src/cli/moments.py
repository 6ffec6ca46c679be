"""Times as people read them: when, and how long ago."""

from src.utils.times import utc_of

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))
_NEVER = "-"


def shown(moment_ms: int | None, now_ms: int) -> str:
    """Return a time with its distance from now, such as `2026-01-31T12:00:00Z (3 h ago)`."""
    if moment_ms is None:
        return _NEVER
    seconds = round((now_ms - moment_ms) / 1000)
    distance = f"{_span(seconds)} ago" if seconds >= 0 else f"in {_span(-seconds)}"
    return f"{utc_of(moment_ms)} ({distance})"


def _span(seconds: int) -> str:
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
