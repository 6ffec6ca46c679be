"""How long after its publication a version became visible in the graph."""

import random
from dataclasses import dataclass, field
from math import ceil


@dataclass(slots=True)
class LagSample:
    """A uniform sample of lags in seconds, `size` at most however many there are.

    Seeded, so that the same lags in the same order give the same figures.
    """

    size: int = 10_000
    seen: int = 0
    _kept: list[float] = field(default_factory=list)
    _random: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 - no secret

    def add(self, seconds: float) -> None:
        """Take one lag into account; a publication ahead of our clock counts as none."""
        self.seen += 1
        kept = max(seconds, 0.0)
        if len(self._kept) < self.size:
            self._kept.append(kept)
        elif (place := self._random.randrange(self.seen)) < self.size:
            self._kept[place] = kept

    def quantile(self, share: float) -> float:
        """Return the smallest lag that `share` (above 0, up to 1) of the sample do not exceed.

        Raises ValueError where there is no lag at all.
        """
        if not self._kept:
            raise ValueError("no lag was seen")
        ordered = sorted(self._kept)
        return ordered[ceil(share * len(ordered)) - 1]

    def metadata(self) -> dict[str, float]:
        """Return median and 95th percentile in seconds, nothing where no lag was seen."""
        if not self._kept:
            return {}
        return {
            "lag_p50_seconds": round(self.quantile(0.5), 3),
            "lag_p95_seconds": round(self.quantile(0.95), 3),
        }
