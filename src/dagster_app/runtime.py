"""The bridge between Dagster, which is synchronous here, and the processes, which are not."""

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine
from datetime import timedelta
from time import monotonic, sleep
from types import FrameType
from typing import Any, TypeVar

import dagster as dg

from src.processes.progress import Report, Snapshot
from src.schemas.errors import IngestionError

Result = TypeVar("Result")

_OBSERVE_EVERY = timedelta(seconds=30).total_seconds()
_STOPPING = (signal.SIGINT, signal.SIGTERM)

RETRIES = 2
RETRY_SECONDS = 60.0


def run_async(main: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine to its end and return its result.

    A cancelled run cancels the coroutine and every task of it, waits for their clean-up, and then
    raises what Dagster takes for a cancel. An IngestionError becomes a Failure that allows another
    try only where that may succeed.
    """
    try:
        return asyncio.run(_cancelled_by_signals(main))  # noqa: TID251 - this is Dagster's one bridge
    except IngestionError as error:
        raise dg.Failure(
            description=str(error),
            metadata={"reason": error.reason},
            allow_retries=error.transient,
        ) from error


def run_with_retries(
    context: dg.AssetExecutionContext, main: Coroutine[Any, Any, Result]
) -> Result:
    """Run a coroutine as run_async does; after a passing failure wait and ask for another try.

    Not a RetryPolicy: Dagster applies that to cancelled steps too and sleeps deaf to signals, so a
    cancelled run would start anew a minute later.
    """
    try:
        return run_async(main)
    except dg.Failure as failure:
        if not failure.allow_retries or context.retry_number >= RETRIES:
            raise
        seconds = RETRY_SECONDS * 2**context.retry_number
        context.log.warning("%s; trying again in %.0f s", failure.description, seconds)
        sleep(seconds)  # a cancel raises from here
        raise dg.RetryRequested(max_retries=RETRIES) from failure


async def _cancelled_by_signals(main: Coroutine[Any, Any, Result]) -> Result:
    """Let the signals that end a run cancel this task.

    Dagster's own handler raises wherever the event loop happens to be; in a callback, or in a task
    that nobody waits for, asyncio only logs that and goes on.
    """
    if threading.current_thread() is not threading.main_thread():
        return await main  # signals never come here
    task, loop, stopped = asyncio.current_task(), asyncio.get_running_loop(), asyncio.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()
        if task is not None:
            loop.call_soon_threadsafe(task.cancel)

    before = {number: signal.signal(number, stop) for number in _STOPPING}
    try:
        return await main
    except BaseException as error:
        if stopped.is_set():
            # Whatever else failed on the way out, it failed because of the cancel.
            raise dg.DagsterExecutionInterruptedError from error
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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
