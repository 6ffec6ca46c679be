"""What a run counted: the metadata of every materialization, one shape for all ecosystems.

All rates are percentages, 0 to 100, rounded to two places; a run that had nothing to do is at 100.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from src.schemas.lag import LagSample


def percentage(part: int, whole: int) -> float:
    """Return part/whole in percent; nothing out of nothing is 100."""
    return round(100 * part / whole, 2) if whole else 100.0


@dataclass(slots=True)
class ExtractionCounts:
    """What became of the packages that a run tried.

    `stored` were written (`refreshed` of them had been there before), `gone` are no longer in the registry and marked so (`surprises` of them
    although a listing, a feed or the graph had led to them), `errors` failed and
    were recorded with their reason (`errors_again` of them had failed in an earlier run too). `notes` counts what was kept but not understood.
    `lag` is how long versions that were published since we looked last took into the graph.
    """

    stored: int = 0
    refreshed: int = 0
    gone: int = 0
    surprises: int = 0
    errors: int = 0
    errors_again: int = 0
    versions_added: int = 0
    versions_removed: int = 0
    requirements_written: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    lag: LagSample = field(default_factory=LagSample)

    @property
    def tried(self) -> int:
        """How many packages have an outcome."""
        return self.stored + self.gone + self.errors

    def details(self) -> Mapping[str, Any]:
        """Return the counts that every asset reports beside its own metrics."""
        return {
            "versions_added": self.versions_added,
            "versions_removed": self.versions_removed,
            "requirements_written": self.requirements_written,
            "packages_gone": self.gone,
            "error_reasons": dict(self.reasons),
            "notes": dict(self.notes),
        }


@dataclass(frozen=True, slots=True)
class IngestionSummary:
    """Metrics of an ingestion.

    `total_in_registry` counts distinct packages of the listing (of the names asked for, where the
    run was given names); `ingestion_rate` is the stored share of the packages that were tried.
    `states` counts the packages of the ecosystem by their state after the run.
    """

    total_in_registry: int
    skipped_existing: int
    discovered: int
    counts: ExtractionCounts
    states: Mapping[str, int]

    def metadata(self) -> dict[str, Any]:
        """Return the metadata of the materialization."""
        return {
            "total_in_registry": self.total_in_registry,
            "new_packages_ingested": self.counts.stored - self.counts.refreshed,
            "packages_refreshed": self.counts.refreshed,
            "skipped_existing": self.skipped_existing,
            "errors": self.counts.errors,
            "ingestion_rate": percentage(
                self.counts.stored, self.counts.stored + self.counts.errors
            ),
            "discovered_packages": self.discovered,
            "package_states": dict(self.states),
            **self.counts.details(),
        }


@dataclass(frozen=True, slots=True)
class UpdateSummary:
    """Metrics of an update; `total_versions` counts the versions that this run added.

    `states` counts the packages of the ecosystem by their state after the run.
    """

    discovered: int
    counts: ExtractionCounts
    states: Mapping[str, int]

    def metadata(self) -> dict[str, Any]:
        """Return the metadata of the materialization."""
        counts = self.counts
        return {
            "packages_processed": counts.tried,
            "total_versions": counts.versions_added,
            "errors": counts.errors,
            "success_rate": percentage(counts.stored + counts.gone, counts.tried),
            "discovered_packages": self.discovered,
            "package_states": dict(self.states),
            **counts.details(),
            **counts.lag.metadata(),
        }


@dataclass(slots=True)
class QueueSummary:
    """Metrics of a queue run: every message that it settled ends in exactly one of these counts.

    `failed` were dead-lettered because their extraction or their link failed for good,
    `validation_errors` because of broken JSON or a schema violation, `unsupported_types` because
    nothing here reads that ecosystem; `retried` wait for a later try. `reasons` counts the dead
    letters; `linked` requirements were told by messages, `discovered` packages were asked for
    because others require them.
    """

    successful: int = 0
    failed: int = 0
    validation_errors: int = 0
    unsupported_types: int = 0
    retried: int = 0
    linked: int = 0
    discovered: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def total_processed(self) -> int:
        """All messages that were settled, each once."""
        return (
            self.successful
            + self.failed
            + self.validation_errors
            + self.unsupported_types
            + self.retried
        )

    def metadata(self) -> dict[str, Any]:
        """Return the metadata of the materialization."""
        return {
            "total_processed": self.total_processed,
            "successful": self.successful,
            "failed": self.failed,
            "validation_errors": self.validation_errors,
            "unsupported_types": self.unsupported_types,
            "retried": self.retried,
            "success_rate": percentage(self.successful, self.total_processed),
            "linked": self.linked,
            "discovered_packages": self.discovered,
            "dead_letter_reasons": dict(self.reasons),
        }
