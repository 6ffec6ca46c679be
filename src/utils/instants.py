"""Points in time as others write them (RFC 3339, fractions of any length), made comparable."""

from datetime import UTC, datetime

EARLIEST = datetime.min.replace(tzinfo=UTC)


def instant(text: str) -> datetime | None:
    """Return the moment that a text names, to the microsecond, None where it names none.

    Texts are no measure themselves: "…:05Z" sorts behind "…:05.5Z". A time without a zone is UTC.
    """
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
