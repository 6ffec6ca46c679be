"""How hard a run works: concurrency, batch sizes and limits."""

import dagster as dg

from src.processes.extractors.pipeline import PipelineOptions
from src.processes.queue.options import QueueOptions
from src.settings import get_settings
from src.utils.failure_policy import FailurePolicy


class ExtractionResource(dg.ConfigurableResource):
    """Options of every extraction; None takes the value from the settings."""

    fetch_concurrency: int | None = None
    write_batch_packages: int | None = None
    write_batch_versions: int | None = None
    max_error_rate: float | None = None
    discovery_budget: int | None = None
    queue_budget_seconds: float | None = None

    def pipeline(self) -> PipelineOptions:
        """Return the options of the extraction pipeline."""
        settings = get_settings()
        rate = settings.max_error_rate if self.max_error_rate is None else self.max_error_rate
        return PipelineOptions(
            fetch_concurrency=self.fetch_concurrency or settings.fetch_concurrency,
            batch_packages=self.write_batch_packages or settings.write_batch_packages,
            batch_versions=self.write_batch_versions or settings.write_batch_versions,
            max_error_rate=rate,
            compare_days=settings.compare_days,
            failures=FailurePolicy(settings.failure_retry_hours, settings.failure_max_attempts),
        )

    def discovery(self) -> int:
        """Return how many required packages one run may extract on top of its own."""
        own = self.discovery_budget
        return get_settings().discovery_budget if own is None else own

    def queue(self) -> QueueOptions:
        """Return the options of a queue run."""
        settings = get_settings()
        return QueueOptions(
            budget_seconds=self.queue_budget_seconds or settings.queue_budget_seconds,
            retry_seconds=settings.queue_retry_seconds,
            max_attempts=settings.queue_max_attempts,
            claim_seconds=settings.queue_claim_seconds,
            discovery_depth=settings.queue_discovery_depth,
            discovery_budget=self.discovery(),
        )
