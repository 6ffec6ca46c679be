"""What a sync of the advisories counted: the metadata of its materialization."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from src.schemas.ecosystem import Ecosystem


@dataclass(slots=True)
class AdvisoryCounts:
    """What became of the advisories of one ecosystem.

    `seen` records were read, of which `changed` were new or other than stored (withdrawn ones
    included); `withdrawn` left the matching, `vanished` of them because the source no longer has
    them. `unmatched` distinct names in changed records are packages that the graph lacks. `errors`
    counts, by reason, records that could not be read; `problems` what was kept but not understood.
    `stale` tells that the feed has not moved for a day; `failure` why the ecosystem was left as it
    was, "" where it was not.
    """

    seen: int = 0
    changed: int = 0
    withdrawn: int = 0
    vanished: int = 0
    packages: int = 0
    versions: int = 0
    unmatched: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    stale: bool = False
    failure: str = ""


@dataclass(slots=True)
class AdvisorySummary:
    """Metrics of a sync or a reconciliation, over all ecosystems that it went through.

    One ecosystem that fails does not keep the others from their sync; `failures` tells why.
    `unfinished` is what an earlier run had begun and this one finished.
    """

    ecosystems: dict[Ecosystem, AdvisoryCounts] = field(default_factory=dict)
    unfinished: AdvisoryCounts = field(default_factory=AdvisoryCounts)

    @property
    def failures(self) -> dict[Ecosystem, str]:
        """Why ecosystems were left as they were."""
        return {name: each.failure for name, each in self.ecosystems.items() if each.failure}

    @property
    def stale_feeds(self) -> list[Ecosystem]:
        """The ecosystems whose feed has not moved for a day."""
        return [name for name, each in self.ecosystems.items() if each.stale]

    def metadata(self) -> dict[str, Any]:
        """Return the metadata of the materialization."""
        counts = [self.unfinished, *self.ecosystems.values()]
        errors = sum((each.errors for each in counts), Counter[str]())
        return {
            "records_seen": sum(each.seen for each in counts),
            "records_changed": sum(each.changed for each in counts),
            "records_withdrawn": sum(each.withdrawn for each in counts),
            "records_vanished": sum(each.vanished for each in counts),
            "packages_reattributed": sum(each.packages for each in counts),
            "versions_reattributed": sum(each.versions for each in counts),
            "unmatched_names": sum(each.unmatched for each in counts),
            "errors": errors.total() + len(self.failures),
            "error_reasons": dict(errors),
            "problems": dict(sum((each.problems for each in counts), Counter[str]())),
            "stale_feeds": [name.value for name in self.stale_feeds],
            "failed_ecosystems": {name.value: why for name, why in self.failures.items()},
        }
