"""The consumer as a long-lived process: drains, waits, and goes on, whatever fails for a while."""

import asyncio
import logging
from collections.abc import Callable

from src.processes.queue.processor import QueueProcessor
from src.processes.queue.waiting import passes
from src.schemas.errors import IngestionError
from src.schemas.summary import QueueSummary

logger = logging.getLogger(__name__)

_FIRST_REST = 1.0
_LONGEST_REST = 60.0


async def work_until(
    stop: asyncio.Event, processor: QueueProcessor, report: Callable[[QueueSummary], None]
) -> None:
    """Drain the stream again and again until `stop` is set; the batch that was begun is finished.

    `report` is told of every drain that had something to do. Redis or the graph being away is
    waited for, longer each time up to a minute; any error that waiting cannot cure is raised.
    """
    rest = _FIRST_REST
    while not stop.is_set():
        try:
            summary = await processor.drain(stop)
        except IngestionError as error:
            if not error.transient:
                raise
            logger.warning("%s; trying again in %.0f s", error, rest)
            await passes(stop, rest)
            rest = min(_LONGEST_REST, rest * 2)
            continue
        rest = _FIRST_REST
        if summary.total_processed:
            report(summary)
