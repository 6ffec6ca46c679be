"""When a package that failed is tried again, and when no more."""

from dataclasses import dataclass

LONGEST_DELAY_HOURS = 7 * 24.0

_HOUR_MS = 3_600_000
_DOUBLINGS = 60
"""More than the longest delay can need, whatever the first one is, and no float overflows."""


@dataclass(frozen=True, slots=True)
class FailurePolicy:
    """The first retry comes after `retry_hours`, each further one after twice as long.

    No delay is longer than 7 days. After `max_attempts` attempts nobody retries by himself.
    """

    retry_hours: float = 1.0
    max_attempts: int = 10

    def next_try(self, attempts: int, last_seen_ms: int) -> int | None:
        """Return from when on to try again, in epoch milliseconds; None where it is given up.

        `attempts` is how often the package failed, `last_seen_ms` when it did so last.
        """
        if attempts >= self.max_attempts:
            return None
        doublings = min(max(attempts - 1, 0), _DOUBLINGS)
        hours = min(self.retry_hours * 2.0**doublings, LONGEST_DELAY_HOURS)
        return last_seen_ms + round(hours * _HOUR_MS)

    def due(self, attempts: int, last_seen_ms: int, now_ms: int) -> bool:
        """Whether it may be tried again now."""
        next_try = self.next_try(attempts, last_seen_ms)
        return next_try is not None and next_try <= now_ms
