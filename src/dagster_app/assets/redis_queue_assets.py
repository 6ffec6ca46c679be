"""The queue in Dagster: requests of other programs, drained every few minutes."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from src.dagster_app.assembly import QUEUE_KEYS, open_processor
from src.dagster_app.runtime import progress_report, run_async
from src.schemas.summary import QueueSummary
from src.services.queue.message_queue import MessageQueue
from src.services.queue.queue_stats import QueueStats

CHECK = "dead_letters_do_not_grow"
_TOTAL = "dead_letters"

_IN_PROGRESS = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


@dg.asset(
    group_name="redis_queue",
    kinds={"python", "redis"},
    required_resource_keys=set(QUEUE_KEYS),
    check_specs=[dg.AssetCheckSpec(CHECK, asset="redis_queue_processor")],
)
def redis_queue_processor(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """Extract the packages that other programs asked for on the Redis stream."""

    async def main() -> tuple[QueueSummary, QueueStats]:
        resources, warn = context.resources, context.log.warning
        async with open_processor(resources, warn, progress_report(context)) as opened:
            summary = await opened.processor.drain()
            await opened.queue.stream.leave()
            return summary, await opened.queue.inspector.stats()

    before = _dead_letters_before(context)
    summary, stats = run_async(main())
    return dg.MaterializeResult(
        metadata={**summary.metadata(), **stats_metadata(stats)},
        check_results=[growth_check(before, stats)],
    )


def stats_metadata(stats: QueueStats) -> Mapping[str, Any]:
    """Return how the queue is doing after a run."""
    oldest = stats.oldest_seconds
    return {
        "lag": stats.waiting,
        "pending": stats.pending,
        "waiting_for_retry": stats.retrying,
        **({} if oldest is None else {"oldest_message_seconds": round(oldest, 1)}),
        _TOTAL: sum(stats.dead_letters.values()),
        "dead_letters_by_reason": dict(stats.dead_letters),
    }


def growth_check(before: int, stats: QueueStats) -> dg.AssetCheckResult:
    """Warn where there are more dead letters than after the last run."""
    now = sum(stats.dead_letters.values())
    more = now - before
    return dg.AssetCheckResult(
        check_name=CHECK,
        passed=more <= 0,
        severity=dg.AssetCheckSeverity.WARN,
        description=(
            f"{more} dead letters more than before: look at them with `ssc dlq list`"
            if more > 0
            else "no dead letters more than before"
        ),
        metadata={"before": before, "now": now, **_counted(stats.dead_letters)},
    )


def _counted(reasons: Mapping[str, int]) -> dict[str, int]:
    return {f"reason {reason or 'unknown'}": number for reason, number in sorted(reasons.items())}


def _dead_letters_before(context: dg.AssetExecutionContext) -> int:
    event = context.instance.get_latest_materialization_event(context.asset_key)
    if event is None or event.asset_materialization is None:
        return 0
    told = event.asset_materialization.metadata.get(_TOTAL)
    return told.value if told is not None and isinstance(told.value, int) else 0


@dg.schedule(
    name="redis_queue_processor",
    target=redis_queue_processor,
    cron_schedule="*/5 * * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    required_resource_keys={"message_queue"},
)
def queue_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Run where there is something to do and no other run is at it."""
    runs = context.instance.get_runs(
        dg.RunsFilter(
            statuses=_IN_PROGRESS, tags={"dagster/schedule_name": "redis_queue_processor"}
        ),
        limit=1,
    )
    if runs:
        return dg.SkipReason(f"run {runs[0].run_id} still drains the queue")

    async def look() -> QueueStats:
        queue: MessageQueue
        async with context.resources.message_queue.open() as queue:
            return await queue.inspector.stats()

    if run_async(look()).empty:
        return dg.SkipReason("the queue is empty")
    return dg.RunRequest()
