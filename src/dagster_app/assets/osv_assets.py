"""The advisories in Dagster: followed every quarter of an hour, compared as a whole every night."""

import dagster as dg

from src.dagster_app.runtime import run_with_retries
from src.processes.advisory_steps import Sources
from src.processes.advisory_sync import reconcile, sync
from src.schemas.advisory_summary import AdvisorySummary


class AdvisoriesConfig(dg.Config):
    """How the advisories are read; `reconcile` compares with the whole archives."""

    reconcile: bool = False


@dg.asset(
    group_name="advisories",
    kinds={"python", "mongodb", "neo4j"},
    pool="osv_service",
    required_resource_keys={"osv_service", "vulnerability_service", "attributor", "graph_service"},
)
def osv_advisories(
    context: dg.AssetExecutionContext, config: AdvisoriesConfig
) -> dg.MaterializeResult:
    """The OSV database's advisories, and every version of the graph with those that hit it."""
    resources = context.resources
    process = reconcile if config.reconcile else sync

    async def main() -> AdvisorySummary:
        async with (
            resources.osv_service.open() as client,
            resources.vulnerability_service.open() as advisories,
            resources.graph_service.open() as graph,
        ):
            attributor = resources.attributor.on(advisories, graph)
            return await process(Sources(client, advisories), attributor)

    summary = run_with_retries(context, main())
    for ecosystem in summary.stale_feeds:
        context.log.warning("the advisory feed of %s has not moved for a day", ecosystem)
    if summary.failures:
        told = "; ".join(f"{name}: {why}" for name, why in summary.failures.items())
        raise dg.Failure(f"not synced: {told}", metadata=summary.metadata(), allow_retries=False)
    return dg.MaterializeResult(metadata=summary.metadata())


sync_schedule = dg.ScheduleDefinition(
    name="osv_advisories_sync",
    target=osv_advisories,
    cron_schedule="*/15 * * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
reconcile_schedule = dg.ScheduleDefinition(
    name="osv_advisories_reconcile",
    target=osv_advisories,
    cron_schedule="30 0 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    run_config={"ops": {"osv_advisories": {"config": {"reconcile": True}}}},
)
