"""Builds the two assets and the two schedules of an ecosystem.

Nothing here knows an ecosystem: the work is injected, the registry is a resource with its key.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import dagster as dg
from pydantic import Field

from src.dagster_app.resources.extraction import ExtractionResource
from src.dagster_app.runtime import progress_report, run_with_retries
from src.processes.extractors.ingestion import ingest
from src.processes.extractors.package_extractor import PackageExtractor
from src.processes.extractors.stores import Stores
from src.processes.progress import Progress
from src.processes.selection import Selection
from src.processes.updaters.package_updater import update
from src.schemas.ecosystem import Ecosystem
from src.schemas.summary import IngestionSummary, UpdateSummary
from src.services.dbs.graph_driver import GraphDriver

Process = Callable[..., Awaitable[IngestionSummary | UpdateSummary]]

STORE_KEYS = frozenset({"package_service", "version_service", "graph_service", "extraction"})


class SelectionConfig(dg.Config):
    """Which packages this run is about; left empty, it is about the whole registry."""

    names: list[str] = Field(default_factory=list)
    limit: int | None = None
    prefix: str = ""
    refresh: bool = False

    def selection(self) -> Selection:
        """Return the selection; raises Failure on a limit that makes no sense."""
        if self.limit is not None and self.limit < 1:
            raise dg.Failure(f"limit must be at least 1, not {self.limit}", allow_retries=False)
        return Selection(tuple(self.names), self.limit, self.prefix, self.refresh)


@dataclass(frozen=True, slots=True)
class PackageAssets:
    """What one ecosystem adds to the definitions."""

    ingestion: dg.AssetsDefinition
    updates: dg.AssetsDefinition
    schedules: tuple[dg.ScheduleDefinition, ...]


def build_package_assets(
    ecosystem: Ecosystem, *, title: str, ingest_cron: str, update_cron: str
) -> PackageAssets:
    """Return the assets `<eco>_package_ingestion` and `<eco>_packages_updates` with schedules.

    The weekly ingestion is stopped until somebody wants it, the daily update runs. Times are UTC.
    """
    ingestion = _package_asset(
        f"{ecosystem}_package_ingestion",
        ecosystem,
        ingest,
        description=f"Every {title} package that the graph lacks, with versions and requirements.",
    )
    updates = _package_asset(
        f"{ecosystem}_packages_updates",
        ecosystem,
        update,
        description=f"New and changed versions of the {title} packages that the graph holds.",
    )
    schedules = (
        dg.ScheduleDefinition(
            name=f"{ecosystem}_weekly_ingestion",
            target=ingestion,
            cron_schedule=ingest_cron,
            execution_timezone="UTC",
            default_status=dg.DefaultScheduleStatus.STOPPED,
        ),
        dg.ScheduleDefinition(
            name=f"{ecosystem}_daily_update",
            target=updates,
            cron_schedule=update_cron,
            execution_timezone="UTC",
            default_status=dg.DefaultScheduleStatus.RUNNING,
        ),
    )
    return PackageAssets(ingestion, updates, schedules)


def _package_asset(
    name: str, ecosystem: Ecosystem, process: Process, *, description: str
) -> dg.AssetsDefinition:
    registry_key = f"{ecosystem}_service"

    @dg.asset(
        name=name,
        description=description,
        group_name=str(ecosystem),
        kinds={"python", "neo4j"},
        tags={"ecosystem": str(ecosystem)},
        pool=registry_key,
        required_resource_keys={registry_key, *STORE_KEYS},
    )
    def _asset(context: dg.AssetExecutionContext, config: SelectionConfig) -> dg.MaterializeResult:
        selection = config.selection()
        options: ExtractionResource = context.resources.extraction

        async def main() -> IngestionSummary | UpdateSummary:
            async with (
                context.resources.graph_service.open() as graph,
                open_extractor(context, registry_key, graph) as extractor,
            ):
                return await process(extractor, selection, discovery_budget=options.discovery())

        return dg.MaterializeResult(metadata=run_with_retries(context, main()).metadata())

    return _asset


@asynccontextmanager
async def open_extractor(
    context: dg.AssetExecutionContext, registry_key: str, graph: GraphDriver
) -> AsyncIterator[PackageExtractor]:
    """Yield an extractor over the registry that the run's resource leads to, and an open graph."""
    resources = context.resources
    async with getattr(resources, registry_key).open() as client:
        stores = Stores(
            packages=resources.package_service.on(graph),
            versions=resources.version_service.on(graph),
            state=resources.package_service.state_on(graph),
        )
        yield PackageExtractor(
            client,
            stores,
            Progress(progress_report(context)),
            resources.extraction.pipeline(),
        )
