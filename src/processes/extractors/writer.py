"""The last stage: outcomes into the graph, batch by batch, in an order that may be cut anywhere.

Versions and edges are written and attributed before their package is finished (its revision and
`moment` set), so whatever a kill leaves behind is extracted again by the next run, and every write is idempotent.
"""

import time
from collections.abc import Callable, Mapping, Sequence

from src.processes.extractors.candidate import Outcome
from src.processes.extractors.stores import Stores
from src.processes.watermark import Watermark
from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import IngestionError, InvalidKeyError, StoreError
from src.schemas.package import PackageRecord
from src.schemas.summary import ExtractionCounts
from src.services.graph.state_store import Failure
from src.utils.instants import instant

NOT_ATTRIBUTED = "not_attributed"
"""Packages whose versions could not be attributed; the next sync of the advisories does it."""

Settled = Callable[[str, IngestionError | None], None]
"""Told the name of each package once its outcome is safely stored."""


Refused = Mapping[str, IngestionError]
"""Why the graph does not take a package, by name."""

_REFUSALS = (StoreError, InvalidKeyError)


def now_ms() -> int:
    """Return the time as the graph keeps it: epoch milliseconds."""
    return time.time_ns() // 1_000_000


class OutcomeWriter:
    """Writes batches of outcomes and counts them.

    With `watermark` the feed's cursor moves in the same statement that finishes the packages.
    """

    def __init__(
        self,
        ecosystem: Ecosystem,
        stores: Stores,
        counts: ExtractionCounts,
        *,
        watermark: Watermark | None = None,
        settled: Settled | None = None,
    ) -> None:
        """Write packages of `ecosystem` to `stores`, adding to `counts`."""
        self._ecosystem = ecosystem
        self._stores = stores
        self._counts = counts
        self._watermark = watermark
        self._settled = settled
        self._cursor = ""

    async def write(self, outcomes: Sequence[Outcome]) -> None:
        """Write one batch whole; raises StoreUnavailableError, and then it may be written again.

        A package that the graph refuses is recorded as a failure, and the others are written.
        """
        # A package that came twice in one batch is written once, as it was read last.
        records = {o.record.name: o.record for o in outcomes if o.record is not None}
        await self._write_failures([o for o in outcomes if o.failed])
        await self._write_gone([o for o in outcomes if o.gone])
        refused = await self._write_records(records, self._next_cursor(outcomes))
        for outcome in (_as_refused(each, refused) for each in outcomes):
            self._count(outcome)
            if self._settled is not None:
                self._settled(outcome.candidate.package.name, outcome.error)

    async def _write_failures(self, outcomes: Sequence[Outcome]) -> None:
        failures = [
            Failure(o.candidate.package.name, o.error.reason, str(o.error))
            for o in outcomes
            if o.error is not None
        ]
        if failures:
            await self._stores.state.record_failures(self._ecosystem, failures, now_ms())

    async def _write_gone(self, outcomes: Sequence[Outcome]) -> None:
        names = sorted({o.candidate.package.name for o in outcomes})
        if names:
            await self._stores.packages.mark_removed(self._ecosystem, names, now_ms())
            await self._stores.state.clear_failures(self._ecosystem, names)

    async def _write_records(self, records: Mapping[str, PackageRecord], cursor: str) -> Refused:
        """Write records and move the cursor; return which of them the graph refuses, and why."""
        batch = [records[name] for name in sorted(records)]
        if batch:
            try:
                await self._store(batch, cursor)
            except _REFUSALS as error:
                if error.transient:
                    raise
            else:
                return {}
        refused = await self._store_each(batch)
        if cursor:
            await self._stores.state.set_cursor(self._ecosystem, cursor)
        return refused

    async def _store_each(self, batch: Sequence[PackageRecord]) -> Refused:
        """Write records one by one, and record as failures those that are refused."""
        refused: dict[str, IngestionError] = {}
        for record in batch:
            try:
                await self._store([record], "")
            except _REFUSALS as error:
                if error.transient:
                    raise
                refused[record.name] = error
        failures = [Failure(name, error.reason, str(error)) for name, error in refused.items()]
        if failures:
            await self._stores.state.record_failures(self._ecosystem, failures, now_ms())
        return refused

    async def _store(self, batch: Sequence[PackageRecord], cursor: str) -> None:
        written = await self._stores.versions.write(batch, moment_ms=now_ms())
        self._counts.versions_added += written.versions_added
        self._counts.versions_removed += written.versions_removed
        self._counts.requirements_written += written.requires
        await self._attribute([record.name for record in batch])
        moved = (self._ecosystem, cursor) if cursor else None
        moment = now_ms()
        await self._stores.packages.finish(batch, moment_ms=moment, cursor=moved)
        for published in map(instant, written.published):
            if published is not None:
                self._counts.lag.add(moment / 1000 - published.timestamp())

    async def _attribute(self, names: Sequence[str]) -> None:
        """Attribute what was written, before it is finished: a kill in between loses nothing."""
        attributor = self._stores.attributor
        if attributor is None or await attributor.attribute_written(self._ecosystem, names):
            return
        self._counts.notes[NOT_ATTRIBUTED] += len(names)

    def _next_cursor(self, outcomes: Sequence[Outcome]) -> str:
        """Return where the cursor may move with this batch, "" where it stays."""
        if self._watermark is None:
            return ""
        for outcome in outcomes:
            if outcome.candidate.package.position:
                self._watermark.finish(outcome.candidate.package.position)
        mark = self._watermark.mark
        moved, self._cursor = mark != self._cursor, mark
        return mark if moved else ""

    def _count(self, outcome: Outcome) -> None:
        if outcome.record is not None:
            self._counts.stored += 1
            self._counts.refreshed += outcome.candidate.refreshed
            self._counts.notes.update(outcome.record.counts)
        elif outcome.gone:
            self._counts.gone += 1
            self._counts.surprises += outcome.surprising
        elif outcome.error is not None:
            self._counts.errors += 1
            self._counts.errors_again += outcome.candidate.retried
            self._counts.reasons[outcome.error.reason] += 1


def _as_refused(outcome: Outcome, refused: Refused) -> Outcome:
    error = refused.get(outcome.record.name) if outcome.record is not None else None
    return outcome if error is None else Outcome(outcome.candidate, error=error)
