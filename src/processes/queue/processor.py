"""Drains the stream: batch by batch, each message settled only after its effect is in the graph."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from src.processes.extractors.package_extractor import PackageExtractor
from src.processes.queue.batch import EcosystemBatch
from src.processes.queue.fates import Fates
from src.processes.queue.options import BATCH, QueueOptions
from src.processes.queue.requests import Rejection, Request, admit
from src.processes.queue.spreading import Spreading
from src.processes.queue.waiting import passes
from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import QueueError
from src.schemas.summary import QueueSummary
from src.services.graph.parent_store import ParentStore
from src.services.queue.entries import StreamMessage
from src.services.queue.message_stream import MessageStream, now_ms

logger = logging.getLogger(__name__)

_SUSPECT = 3
"""What was delivered so often without being settled may end its consumer: it is worked on alone."""


class QueueProcessor:
    """Routes requests to the extractors, one for each ecosystem that is supported."""

    def __init__(
        self,
        stream: MessageStream,
        extractors: Mapping[Ecosystem, PackageExtractor],
        parents: ParentStore,
        options: QueueOptions,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read `stream`, route by `node_type` to `extractors`, link with `parents`."""
        self._stream = stream
        self._extractors = extractors
        self._parents = parents
        self._options = options
        self._clock = clock
        self._working: Sequence[str] = ()

    async def drain(self, stop: asyncio.Event | None = None) -> QueueSummary:
        """Work on batches until the stream is empty, the budget is spent, or `stop` is set.

        Raises QueueError where Redis fails, and StoreUnavailableError where the graph does: then
        every message of the batch is put away for a later try, and no other one was read.
        """
        summary = QueueSummary()
        deadline = self._clock() + self._options.budget_seconds
        await self._stream.ensure_group()
        async with self._held():
            while self._clock() < deadline and not (stop and stop.is_set()):
                batch = await self._next()
                if not batch:
                    break
                self._working = [message.id for message in batch]
                try:
                    await self._process(batch, summary)
                finally:
                    self._working = ()
        await self._stream.trim()
        return summary

    async def _next(self) -> list[StreamMessage]:
        """Return what others left behind, else what is new, retries that are due among it."""
        await self._stream.bring_back(BATCH)
        claimed = await self._stream.claim(BATCH, round(self._options.claim_seconds * 1000))
        return claimed or await self._stream.read(BATCH, round(self._options.wait_seconds * 1000))

    async def _process(self, batch: Sequence[StreamMessage], summary: QueueSummary) -> None:
        fates = Fates(self._stream, self._options, summary, now_ms)
        together = [message for message in batch if message.deliveries <= _SUSPECT]
        parts = [together] if together else []
        for message in batch:
            if message.deliveries > self._options.max_deliveries:
                await fates.delivered_too_often(message)
            elif message.deliveries > _SUSPECT:
                parts.append([message])
        for part in parts:
            if claimed := [message.id for message in part if message.deliveries > 1]:
                await self._stream.begin(claimed)
            await self._work(part, fates, summary)

    async def _work(
        self, messages: Sequence[StreamMessage], fates: Fates, summary: QueueSummary
    ) -> None:
        names = {key: each.client.canonical_name for key, each in self._extractors.items()}
        requests: dict[Ecosystem, list[Request]] = {}
        for admitted in [admit(message, names) for message in messages]:
            if isinstance(admitted, Rejection):
                await fates.rejected(admitted)
            else:
                requests.setdefault(admitted.ecosystem, []).append(admitted)
        # All of them come to their end, so that what could be settled is.
        ended = await asyncio.gather(
            *(
                self._batch(ecosystem, fates, summary).work(part)
                for ecosystem, part in requests.items()
            ),
            return_exceptions=True,
        )
        for error in filter(None, ended):
            raise error

    def _batch(self, ecosystem: Ecosystem, fates: Fates, summary: QueueSummary) -> EcosystemBatch:
        extractor = self._extractors[ecosystem]
        spreading = Spreading(self._stream, extractor.stores.packages, self._options, summary)
        return EcosystemBatch(extractor, self._parents, fates, spreading)

    @asynccontextmanager
    async def _held(self) -> AsyncIterator[None]:
        """Tell Redis now and then that we live, so that nobody takes over what we work on."""
        ended = asyncio.Event()
        task = asyncio.create_task(self._hold(ended))
        try:
            yield
        finally:
            # Not cancelled: in the middle of a command that would cost a connection.
            ended.set()
            await task

    async def _hold(self, ended: asyncio.Event) -> None:
        while not await passes(ended, self._options.claim_seconds / 4):
            try:
                await self._stream.hold(self._working)
            except QueueError as error:
                logger.warning("%s", error)
