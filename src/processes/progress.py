"""Progress of long work: counts, rate and time left, told often enough to be seen and no oftener."""

import time
from collections.abc import Callable
from dataclasses import dataclass

Report = Callable[["Snapshot"], None]
"""Whoever shows progress: the Dagster log, a terminal, nobody."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How far a run is. `total` is None while nobody can know it; times are in seconds."""

    done: int
    errors: int
    skipped: int
    total: int | None
    seconds: float

    @property
    def rate(self) -> float:
        """Packages finished a second, since the run began."""
        return self.done / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Time left at this rate, None while it cannot be told."""
        if self.total is None or not self.done:
            return None
        return max(0, self.total - self.done - self.skipped) / self.rate

    def __str__(self) -> str:
        """One line for a log."""
        left = self.seconds_left
        of = f" of {self.total - self.skipped:,}" if self.total is not None else ""
        tail = f", about {left:,.0f} s left" if left is not None else ""
        return (
            f"{self.done:,}{of} packages, {self.errors:,} errors, {self.skipped:,} skipped,"
            f" {self.rate:,.1f}/s{tail}"
        )


class Progress:
    """Counts what happens and reports each 100 finished or 1,000 skipped packages."""

    EVERY_DONE = 100
    EVERY_SKIPPED = 1_000

    def __init__(self, report: Report, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Report through `report`, counting time from now on."""
        self._report = report
        self._clock = clock
        self._started = clock()
        self._told_done = 0
        self._told_skipped = 0
        self.done = 0
        self.errors = 0
        self.skipped = 0
        self.total: int | None = None

    def snapshot(self) -> Snapshot:
        """Return how far the run is now."""
        seconds = self._clock() - self._started
        return Snapshot(self.done, self.errors, self.skipped, self.total, seconds)

    def finished(self, *, done: int, errors: int) -> None:
        """Count packages that have an outcome, failed ones included in `done`."""
        self.done += done
        self.errors += errors
        self._tell_if_due()

    def skip(self, count: int) -> None:
        """Count packages that need no work."""
        self.skipped += count
        self._tell_if_due()

    def _tell_if_due(self) -> None:
        due = (
            self.done - self._told_done >= self.EVERY_DONE
            or self.skipped - self._told_skipped >= self.EVERY_SKIPPED
        )
        if due:
            self._told_done, self._told_skipped = self.done, self.skipped
            self._report(self.snapshot())
