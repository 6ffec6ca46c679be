"""Requests from the stream: validate, extract, acknowledge; never lose one.

A message is acknowledged only after its effect is in the graph. What fails for a passing reason stays
pending and comes again; what can never succeed goes to the dead letters with its reason.
"""

import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from src.processes.extractors.candidate import Candidate
from src.processes.extractors.package_extractor import PackageExtractor
from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import IngestionError, InvalidKeyError
from src.schemas.package import ListedPackage
from src.schemas.package_message_schema import PackageMessageSchema
from src.schemas.summary import QueueSummary
from src.services.dbs.message_stream import MessageStream, StreamMessage

logger = logging.getLogger(__name__)

BATCH = 100
BLOCK_MS = 1_000

REASON_NO_DATA = "no_data_field"
REASON_SCHEMA = "validation_error"
REASON_UNSUPPORTED = "unsupported_type"
REASON_EXTRACTION = "extraction_failed"
REASON_LINK = "link_not_supported"


@dataclass(frozen=True, slots=True)
class QueueOptions:
    """`budget_seconds` bounds one run; a failed message rests `retry_seconds` between its tries."""

    budget_seconds: float = 240.0
    retry_seconds: float = 60.0
    max_attempts: int = 5
    discovery_budget: int = 10_000


@dataclass(frozen=True, slots=True)
class _Request:
    message: StreamMessage
    wanted: PackageMessageSchema
    ecosystem: Ecosystem
    name: str


class QueueProcessor:
    """Drains the stream into the extractors, one for each ecosystem that is supported."""

    def __init__(
        self,
        stream: MessageStream,
        extractors: Mapping[Ecosystem, PackageExtractor],
        options: QueueOptions,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read `stream`, route by `node_type` to `extractors`."""
        self._stream = stream
        self._extractors = extractors
        self._options = options
        self._clock = clock
        self.summary = QueueSummary()

    async def drain(self) -> QueueSummary:
        """Work on batches until the stream is empty or the budget is spent.

        Raises QueueError or StoreError when Redis or the graph fail; unacknowledged messages then
        come again.
        """
        deadline = self._clock() + self._options.budget_seconds
        await self._stream.ensure_group()
        while self._clock() < deadline:
            idle_ms = int(self._options.retry_seconds * 1000)
            batch = await self._stream.claim(BATCH, idle_ms)
            if not batch:
                batch = await self._stream.read(BATCH, BLOCK_MS)
            if not batch:
                break
            await self._process(batch)
        for extractor in self._extractors.values():
            await extractor.discover(self._options.discovery_budget)
        return self.summary

    async def _process(self, batch: Sequence[StreamMessage]) -> None:
        requests = [r for r in [await self._admit(message) for message in batch] if r is not None]
        for ecosystem, extractor in self._extractors.items():
            routed = [request for request in requests if request.ecosystem is ecosystem]
            if routed:
                await self._extract(extractor, routed)

    async def _admit(self, message: StreamMessage) -> _Request | None:
        """Return what a message asks for, None where it was dead-lettered instead."""
        if message.data is None:
            await self._reject(message, REASON_NO_DATA, "the entry has no field `data`")
            return None
        try:
            wanted = PackageMessageSchema.model_validate_json(message.data)
        except ValidationError as error:
            details = "; ".join(
                f"{'.'.join(map(str, item['loc'])) or 'message'}: {item['msg']}"
                for item in error.errors(include_url=False, include_input=False)
            )
            await self._reject(message, REASON_SCHEMA, details)
            return None
        ecosystem = Ecosystem.from_label(wanted.node_type)
        if ecosystem is None or ecosystem not in self._extractors:
            self.summary.unsupported_types += 1
            supported = ", ".join(sorted(known.label for known in self._extractors))
            details = f"node_type {wanted.node_type!r} is not one of {supported}"
            await self._stream.dead_letter(message, REASON_UNSUPPORTED, details)
            return None
        try:
            name = self._extractors[ecosystem].client.canonical_name(wanted.package)
        except InvalidKeyError as error:
            await self._reject(message, REASON_SCHEMA, f"package: {error}")
            return None
        return _Request(message, wanted, ecosystem, name)

    async def _reject(self, message: StreamMessage, reason: str, details: str) -> None:
        self.summary.validation_errors += 1
        await self._stream.dead_letter(message, reason, details)

    async def _extract(self, extractor: PackageExtractor, requests: Sequence[_Request]) -> None:
        outcomes: dict[str, IngestionError | None] = {}
        states = await extractor.stores.packages.states(
            extractor.client.ecosystem, sorted({request.name for request in requests})
        )
        wanted: dict[str, Candidate] = {}
        for request in requests:
            if request.name in states and not request.wanted.refresh:
                outcomes.setdefault(request.name, None)
            else:
                wanted[request.name] = Candidate(
                    ListedPackage(request.name),
                    in_graph=request.name in states,
                    requested=True,
                    vendor=request.wanted.vendor,
                    repository_url=request.wanted.repository_url,
                )
        await extractor.extract(_each(list(wanted.values())), settled=outcomes.__setitem__)
        for request in requests:
            await self._settle(request, outcomes[request.name])

    async def _settle(self, request: _Request, error: IngestionError | None) -> None:
        message = request.message
        if error is None and request.wanted.parent_id:
            # The package is in the graph; only the edge to its parent is not made yet.
            self.summary.failed += 1
            details = "the package was extracted, the edge from parent_id was not made"
            await self._stream.dead_letter(message, REASON_LINK, details)
        elif error is None:
            self.summary.successful += 1
            await self._stream.acknowledge([message.id])
        elif error.transient and message.deliveries < self._options.max_attempts:
            self.summary.retried += 1
            logger.warning("message %s comes again later: %s", message.id, error)
        else:
            self.summary.failed += 1
            await self._stream.dead_letter(message, REASON_EXTRACTION, f"{error.reason}: {error}")


async def _each(candidates: Sequence[Candidate]) -> AsyncIterator[Candidate]:
    for candidate in candidates:
        yield candidate
