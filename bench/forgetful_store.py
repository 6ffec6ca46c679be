"""An advisory store that prepares records as the real one does, and then forgets them."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any

from src.schemas.advisory import Advisory
from src.schemas.ecosystem import Ecosystem
from src.services.vulnerability.advisory_store import AdvisoryStore, StoredRecord, Upserted, Waiting
from src.services.vulnerability.stored_records import prepare, step_for

Document = dict[str, Any]

_NOTHING_WAITS: tuple[Waiting, ...] = ()
_NOTHING_HELD: tuple[StoredRecord, ...] = ()


class ForgetfulStore(AdvisoryStore):
    """Answers a reconciliation like a store that never held anything."""

    def __init__(self) -> None:
        """Without a database."""

    async def upsert(self, documents: Sequence[Document]) -> Upserted:
        """Take every record for new."""
        prepared, refused = await asyncio.to_thread(prepare, documents)
        steps = [step for each in prepared.values() if (step := step_for(each, None))]
        return Upserted(
            new=tuple(step.waiting.id for step in steps),
            changed=(),
            unchanged=0,
            refused=refused,
            waiting=tuple(step.waiting for step in steps if step.waiting.keys),
        )

    async def settle(self, settled: Collection[Waiting]) -> None:
        """Nothing waits."""

    async def waiting(self) -> AsyncIterator[Waiting]:
        """Yield nothing."""
        for each in _NOTHING_WAITS:
            yield each

    async def by_packages(self, keys: Collection[str]) -> dict[str, list[Advisory]]:
        """Know no advisory."""
        return {key: [] for key in keys}

    async def find(self, advisory_id: str) -> Document | None:  # noqa: ARG002
        """Know no record."""
        return None

    async def ids(self, ecosystem: Ecosystem) -> AsyncIterator[StoredRecord]:  # noqa: ARG002
        """Yield nothing."""
        for each in _NOTHING_HELD:
            yield each

    async def generations(self, keys: Collection[str]) -> dict[str, int]:
        """Nothing was ever raised."""
        return dict.fromkeys(keys, 0)

    async def raise_generations(self, keys: Collection[str]) -> None:
        """No attribution is under way."""

    async def cursor(self, ecosystem: Ecosystem) -> str:  # noqa: ARG002
        """Never synced."""
        return ""

    async def set_cursor(self, ecosystem: Ecosystem, cursor: str) -> None:
        """Forget it."""
