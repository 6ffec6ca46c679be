"""How the queue is worked on: limits, and when a failed message comes again."""

from dataclasses import dataclass

BATCH = 100
"""Messages read at once."""


@dataclass(frozen=True, slots=True)
class QueueOptions:
    """`budget_seconds` bounds one run; a batch that was begun is finished.

    A read waits `wait_seconds` for the first message. A message that failed for a passing reason rests `retry_seconds`, twice as long after each
    further try, `retry_cap_seconds` at most, and is given up after `max_attempts` tries. Messages of
    a consumer that was silent for `claim_seconds` are taken over. What was delivered more often than
    `max_deliveries` without ever being settled ends its consumer, and is given up.
    A package that somebody asked for brings in what it requires, `discovery_depth` steps deep and
    `discovery_budget` packages a run.
    """

    budget_seconds: float = 240.0
    wait_seconds: float = 1.0
    retry_seconds: float = 60.0
    retry_cap_seconds: float = 3_600.0
    max_attempts: int = 10
    claim_seconds: float = 60.0
    max_deliveries: int = 10
    discovery_depth: int = 10
    discovery_budget: int = 10_000

    def rest_seconds(self, attempts: int) -> float:
        """Return how long a message rests after so many failed tries, 1 for the first."""
        doubled = min(attempts - 1, 32)  # any more would not fit a float some day
        return float(min(self.retry_cap_seconds, self.retry_seconds * 2**doubled))
