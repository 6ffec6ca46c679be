"""`ssc worker`: the consumer of the queue as a long-lived process; any number may run side by side."""

import asyncio
import logging
import signal
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import typer

from src.cli.bridge import run
from src.cli.context import console, errors, plain_errors, stack_environment, use_environment
from src.cli.visible import moment
from src.processes.progress import Snapshot
from src.processes.queue.waiting import passes
from src.processes.queue.worker import work_until
from src.schemas.errors import IngestionError, QueueError
from src.schemas.summary import QueueSummary
from src.services.queue.message_queue import MessageQueue
from src.services.queue.message_stream import now_ms
from src.settings import get_settings

if TYPE_CHECKING:
    from src.dagster_app.assembly import Resources

logger = logging.getLogger(__name__)

_STOPPING = (signal.SIGTERM, signal.SIGINT)
_FIRST_REST = 1.0
_LONGEST_REST = 60.0
_OPEN_AGAIN_SECONDS = 300.0
"""How long a worker without an advisory database goes on before it looks for it again."""


def worker() -> None:
    """Work on the queue until stopped: once finishes what was begun, twice ends at once."""
    with plain_errors():
        use_environment(stack_environment())
        settings = get_settings()
    # Dagster takes seconds to import: only the commands that need it do.
    from src.dagster_app.resources import default_resources  # noqa: PLC0415

    resources = cast("Resources", SimpleNamespace(**default_resources()))
    _say(f"reading {settings.redis_stream} as one of the group {settings.redis_group}")
    try:
        run(Worker(resources).work())
    except asyncio.CancelledError:
        errors.print("stopped at once; what was being worked on comes again")
        raise typer.Exit(1) from None
    _say("stopped")


class Worker:
    """Opens what the consumer needs, works, and opens it again where that could not be whole."""

    def __init__(self, resources: "Resources") -> None:
        """Work with `resources`, by their keys as Dagster has them."""
        self._resources = resources
        self._stopping = False
        self._pause = asyncio.Event()
        self._again: asyncio.TimerHandle | None = None

    async def work(self) -> None:
        """Work until a signal says so; a second one cancels. Raises what waiting cannot cure."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()

        def stop() -> None:
            if self._stopping and task is not None:
                task.cancel()
            self._stopping = True
            self._pause.set()

        for number in _STOPPING:
            loop.add_signal_handler(number, stop)
        try:
            await self._work()
        finally:
            for number in _STOPPING:
                loop.remove_signal_handler(number)

    async def _work(self) -> None:
        rest = _FIRST_REST
        while not self._stopping:
            self._pause = asyncio.Event()
            try:
                await self._session()
            except IngestionError as error:
                if not error.transient:
                    raise
                logger.warning("cannot begin: %s; trying again in %.0f s", error, rest)
                await passes(self._pause, rest)
                rest = min(_LONGEST_REST, rest * 2)
            else:
                rest = _FIRST_REST

    async def _session(self) -> None:
        """Open the graph and the registries and work; raises IngestionError from the opening."""
        from src.dagster_app.assembly import open_processor  # noqa: PLC0415

        try:
            async with open_processor(self._resources, self._warn, _tell_progress) as opened:
                await work_until(self._pause, opened.processor, _tell_drain)
                await _leave(opened.queue)
        finally:
            if self._again is not None:
                self._again.cancel()

    def _warn(self, message: str) -> None:
        """Tell that something is missing without which one can work, and look again for it soon."""
        logger.warning("%s", message)
        loop = asyncio.get_running_loop()
        self._again = loop.call_later(_OPEN_AGAIN_SECONDS, self._pause.set)


async def _leave(queue: MessageQueue) -> None:
    try:
        await queue.stream.leave()
    except QueueError as error:
        logger.warning("%s", error)


def _tell_progress(snapshot: Snapshot) -> None:
    logger.info("progress: %s", snapshot)


def _tell_drain(summary: QueueSummary) -> None:
    counts = {
        "done": summary.successful,
        "put away for a retry": summary.retried,
        "given up": summary.failed + summary.validation_errors + summary.unsupported_types,
        "linked": summary.linked,
        "packages discovered": summary.discovered,
    }
    told = ", ".join(f"{number:,} {what}" for what, number in counts.items() if number)
    _say(f"{summary.total_processed:,} messages: {told}")


def _say(line: str) -> None:
    console.print(f"{moment(now_ms())} {line}", markup=False, emoji=False)
