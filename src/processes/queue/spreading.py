"""Discovery: what an asked-for package requires is asked for too, breadth first, within bounds."""

import json
from collections.abc import Collection

from src.processes.queue.options import QueueOptions
from src.schemas.ecosystem import Ecosystem
from src.schemas.summary import QueueSummary
from src.services.graph.package_store import PackageStore
from src.services.queue.message_stream import MessageStream, now_ms


class Spreading:
    """Pushes a message for each bare package that others require, once each.

    The stream is worked on in its order, so what is nearer to the request comes first. What the
    depth or the budget leave out stays bare, and the next ingestion or update extracts it.
    """

    def __init__(
        self,
        stream: MessageStream,
        packages: PackageStore,
        options: QueueOptions,
        summary: QueueSummary,
    ) -> None:
        """Look in `packages`, push onto `stream`."""
        self._stream = stream
        self._packages = packages
        self._options = options
        self._summary = summary

    async def spread(self, ecosystem: Ecosystem, names: Collection[str], depth: int) -> None:
        """Push what these packages require and nobody asked for yet."""
        left = self._options.discovery_budget - self._summary.discovered
        if depth >= self._options.discovery_depth or left <= 0:
            return
        bare = await self._packages.unasked_requirements(ecosystem, names, left)
        if not bare:
            return
        moment = now_ms()
        await self._stream.push(
            (_message(ecosystem, name, moment) for name in bare), depth=depth + 1
        )
        # Noted second: who dies in between asks twice, and the second message finds it there.
        await self._packages.note_asked(ecosystem, bare, moment)
        self._summary.discovered += len(bare)


def _message(ecosystem: Ecosystem, name: str, moment: int) -> str:
    message = {"node_type": ecosystem.label, "package": name, "moment": moment}
    return json.dumps(message, ensure_ascii=False)
