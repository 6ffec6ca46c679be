"""The bridge between Dagster, which is synchronous here, and the processes, which are not."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from time import monotonic
from typing import Any, TypeVar

import dagster as dg

from src.processes.progress import Report, Snapshot
from src.schemas.errors import IngestionError

Result = TypeVar("Result")

_OBSERVE_EVERY = timedelta(seconds=30).total_seconds()


def run_async(main: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine to its end and return its result.

    A cancelled run raises inside the event loop; asyncio.run then cancels every task and waits for
    their clean-up, which an `async def` asset would not get. An IngestionError becomes a Failure
    that is retried only where a later try may succeed.
    """
    try:
        return asyncio.run(main)  # noqa: TID251 - this is Dagster's one bridge
    except IngestionError as error:
        raise dg.Failure(
            description=str(error),
            metadata={"reason": error.reason},
            allow_retries=error.transient,
        ) from error


def progress_report(context: dg.AssetExecutionContext) -> Report:
    """Return a report that shows progress in the run's log and, now and then, on the asset's page."""
    return _Reporter(context, monotonic)


class _Reporter:
    def __init__(self, context: dg.AssetExecutionContext, clock: Callable[[], float]) -> None:
        self._context = context
        self._clock = clock
        self._observed = clock()

    def __call__(self, snapshot: Snapshot) -> None:
        self._context.log.info("progress: %s", snapshot)
        if self._clock() - self._observed < _OBSERVE_EVERY:
            return
        self._observed = self._clock()
        metadata: dict[str, int | float] = {
            "done": snapshot.done,
            "errors": snapshot.errors,
            "skipped": snapshot.skipped,
            "packages_per_second": round(snapshot.rate, 2),
        }
        if snapshot.seconds_left is not None:
            metadata["seconds_left"] = round(snapshot.seconds_left)
        self._context.log_event(
            dg.AssetObservation(asset_key=self._context.asset_key, metadata=metadata)
        )
