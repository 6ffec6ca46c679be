"""How a message ends: done, put away for a later try, or given up. Each is counted once."""

import logging
from collections.abc import Callable, Sequence

from src.processes.queue.options import QueueOptions
from src.processes.queue.requests import REASON_UNSUPPORTED, Rejection, Request
from src.schemas.errors import IngestionError, RegistryUnavailableError
from src.schemas.summary import QueueSummary
from src.services.queue.entries import StreamMessage
from src.services.queue.message_stream import MessageStream

logger = logging.getLogger(__name__)

REASON_EXTRACTION = "extraction_failed"
REASON_DELIVERED = "delivered_too_often"
_OWN_REASONS = frozenset({"package_not_found", "parent_not_found"})
_DETAILS = 2_000
_LONGEST_ASKED = 86_400.0
"""Seconds that a registry may make a message wait: a mistaken date must not bury it for years."""


class Fates:
    """Settles messages on the stream; raises QueueError, and then they come again."""

    def __init__(
        self,
        stream: MessageStream,
        options: QueueOptions,
        summary: QueueSummary,
        now_ms: Callable[[], int],
    ) -> None:
        """Settle on `stream` and count in `summary`."""
        self._stream = stream
        self._options = options
        self._summary = summary
        self._now_ms = now_ms

    async def done(self, requests: Sequence[Request]) -> None:
        """Acknowledge messages whose effect is in the graph."""
        ids = [request.message.id for request in requests]
        self._summary.successful += await self._stream.acknowledge(ids)

    def count_link(self) -> None:
        """Count a requirement that a message told."""
        self._summary.linked += 1

    async def rejected(self, rejection: Rejection) -> None:
        """Give up a message that asks for nothing that could be done."""
        if not await self._give_up(rejection.message, rejection.reason, rejection.details):
            return
        if rejection.reason == REASON_UNSUPPORTED:
            self._summary.unsupported_types += 1
        else:
            self._summary.validation_errors += 1

    async def delivered_too_often(self, message: StreamMessage) -> None:
        """Give up a message that ended every consumer that worked on it."""
        details = f"delivered {message.deliveries - 1} times, and no consumer lived to settle it"
        if await self._give_up(message, REASON_DELIVERED, details):
            self._summary.failed += 1

    async def failed(self, message: StreamMessage, error: IngestionError) -> None:
        """Put a message away for a later try where that may help, else give it up."""
        attempts = message.attempts + 1
        if error.transient and attempts < self._options.max_attempts:
            due = self._now_ms() + round(1000 * self._rest_seconds(attempts, error))
            if await self._stream.postpone(message, attempts=attempts, due_ms=due):
                self._summary.retried += 1
            return
        reason = error.reason if error.reason in _OWN_REASONS else REASON_EXTRACTION
        if await self._give_up(message, reason, f"{error.reason}: {error}"):
            self._summary.failed += 1

    def _rest_seconds(self, attempts: int, error: IngestionError) -> float:
        asked = error.retry_after if isinstance(error, RegistryUnavailableError) else None
        return max(self._options.rest_seconds(attempts), min(asked or 0.0, _LONGEST_ASKED))

    async def _give_up(self, message: StreamMessage, reason: str, details: str) -> bool:
        if not await self._stream.dead_letter(message, reason, details[:_DETAILS]):
            return False
        logger.warning("message %s is given up: %s", message.id, reason)
        self._summary.reasons[reason] += 1
        return True
