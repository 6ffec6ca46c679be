"""Builds the two assets and the two schedules of an ecosystem.

Nothing here knows an ecosystem: the work is injected, the registry is a resource with its key.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import dagster as dg
from pydantic import Field

from src.dagster_app.resources.extraction import ExtractionResource
from src.dagster_app.runtime import progress_report, run_with_retries
from src.processes.attributor import Attributor, PostponedAttribution
from src.processes.extractors.ingestion import ingest
from src.processes.extractors.package_extractor import PackageExtractor
from src.processes.extractors.stores import Stores
from src.processes.progress import Progress
from src.processes.selection import Selection
from src.processes.updaters.package_updater import update
from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import StoreUnavailableError
from src.schemas.summary import IngestionSummary, UpdateSummary
from src.services.graph.attribution_store import AttributionStore

Process = Callable[..., Awaitable[IngestionSummary | UpdateSummary]]

STORE_KEYS = frozenset(
    {
        "package_service",
        "version_service",
        "graph_service",
        "vulnerability_service",
        "attributor",
        "extraction",
    }
)


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
                open_stores(context) as stores,
                open_extractor(context, registry_key, stores) as extractor,
            ):
                return await process(extractor, selection, discovery_budget=options.discovery())

        return dg.MaterializeResult(metadata=run_with_retries(context, main()).metadata())

    return _asset


@asynccontextmanager
async def open_stores(context: dg.AssetExecutionContext) -> AsyncIterator[Stores]:
    """Yield the stores that the run's resources lead to.

    Without an advisory database the packages come all the same, marked for the next sync of the
    advisories, which attributes them.
    """
    resources = context.resources
    async with AsyncExitStack() as stack:
        graph = await stack.enter_async_context(resources.graph_service.open())
        attributor: Attributor | PostponedAttribution
        try:
            advisories = await stack.enter_async_context(resources.vulnerability_service.open())
            attributor = resources.attributor.on(advisories, graph)
        except StoreUnavailableError as error:
            context.log.warning("versions are stored without their advisories: %s", error)
            attributor = PostponedAttribution(AttributionStore(graph))
        yield Stores(
            packages=resources.package_service.on(graph),
            versions=resources.version_service.on(graph),
            state=resources.package_service.state_on(graph),
            states=resources.package_service.states_on(graph),
            attributor=attributor,
        )


@asynccontextmanager
async def open_extractor(
    context: dg.AssetExecutionContext, registry_key: str, stores: Stores
) -> AsyncIterator[PackageExtractor]:
    """Yield an extractor from the registry that the run's resource leads to into open stores."""
    async with getattr(context.resources, registry_key).open() as client:
        progress = Progress(progress_report(context))
        yield PackageExtractor(client, stores, progress, context.resources.extraction.pipeline())
