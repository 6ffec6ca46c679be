"""Bookkeeping beside the graph, nodes without relationships: cursors, failures, what is under way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from src.schemas.ecosystem import Ecosystem
from src.services.dbs.graph_driver import GraphDriver, Row
from src.services.graph.failure_key import failure_key, storable
from src.services.graph.rows import chunks, rows_of

_CURSOR = "MATCH (c:FeedCursor {ecosystem: $ecosystem}) RETURN c.position AS position"

_SET_CURSOR = "MERGE (c:FeedCursor {ecosystem: $ecosystem}) SET c.position = $position"

_COMPARED = "MATCH (c:FeedCursor {ecosystem: $ecosystem}) RETURN coalesce(c.compared, 0) AS moment"

_SET_COMPARED = "MERGE (c:FeedCursor {ecosystem: $ecosystem}) SET c.compared = $moment"

# A statement may be sent twice; the same moment is the same attempt.
_RECORD = """
UNWIND $rows AS row
MERGE (f:PackageFailure {key: row.key})
ON CREATE SET f.first_seen = $moment, f.attempts = 0
SET f.attempts = CASE WHEN f.last_seen = $moment THEN f.attempts ELSE f.attempts + 1 END
SET f.last_seen = $moment, f.ecosystem = $ecosystem,
    f.name = row.name, f.reason = row.reason, f.detail = row.detail
"""

_FAILURE = "MATCH (f:PackageFailure {key: $key})"

_FAILURES = "MATCH (f:PackageFailure {ecosystem: $ecosystem})"

_TOLD_FAILURE = """
RETURN f.name AS name, f.reason AS reason, f.detail AS detail, f.attempts AS attempts,
       f.first_seen AS first_seen, f.last_seen AS last_seen
ORDER BY f.name, f.key
"""

_CLEAR = "UNWIND $rows AS key MATCH (f:PackageFailure {key: key}) DELETE f"

_TAKE_UP = """
UNWIND $rows AS row
MERGE (r:PackageRun {key: row[0]})
SET r.ecosystem = $ecosystem, r.name = row[1], r.started = row[2], r.alive = $moment
"""

_LAY_DOWN = "UNWIND $rows AS key MATCH (r:PackageRun {key: key}) DELETE r"

_FORGET_RUNS = "MATCH (r:PackageRun {ecosystem: $ecosystem}) WHERE r.alive < $before DELETE r"

_RUN = "MATCH (r:PackageRun {key: $key})"

_RUNS = "MATCH (r:PackageRun {ecosystem: $ecosystem})"

_TOLD_RUN = " RETURN r.name AS name, r.started AS started, r.alive AS alive ORDER BY r.name"

LEASE_MS = 3_600_000
"""A run that did not say for so long that it works on a package is taken for dead."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One package that failed: a short stable reason, and what was said."""

    name: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class RecordedFailure:
    """A failure as the graph keeps it; first and last seen are epoch milliseconds."""

    name: str
    reason: str
    detail: str
    attempts: int
    first_seen: int
    last_seen: int


@dataclass(frozen=True, slots=True)
class PackageRun:
    """A package that a run took up, and when it last said that it works on it (epoch milliseconds)."""

    name: str
    started: int
    alive: int

    def interrupted(self, now_ms: int) -> bool:
        """Whether the run was cut short, so that somebody else has to begin anew."""
        return self.alive < now_ms - LEASE_MS


class StateStore:
    """Reads and writes cursors, failures and what is under way; raises StoreError."""

    def __init__(self, graph: GraphDriver) -> None:
        """Keep state in `graph`."""
        self._graph = graph

    async def cursor(self, ecosystem: Ecosystem) -> str:
        """Return up to where the feed is stored, "" where nothing was followed yet."""
        rows = await self._graph.run(_CURSOR, {"ecosystem": ecosystem.value})
        return str(rows[0]["position"]) if rows else ""

    async def set_cursor(self, ecosystem: Ecosystem, position: str) -> None:
        """Note up to where the feed is stored."""
        await self._graph.run(
            _SET_CURSOR, {"ecosystem": ecosystem.value, "position": storable(position)}
        )

    async def compared(self, ecosystem: Ecosystem) -> int:
        """Return when the whole registry was last compared, in epoch milliseconds, 0 for never."""
        rows = await self._graph.run(_COMPARED, {"ecosystem": ecosystem.value})
        return int(str(rows[0]["moment"])) if rows else 0

    async def set_compared(self, ecosystem: Ecosystem, moment_ms: int) -> None:
        """Note that the whole registry was compared with the graph."""
        await self._graph.run(_SET_COMPARED, {"ecosystem": ecosystem.value, "moment": moment_ms})

    async def record_failures(
        self, ecosystem: Ecosystem, failures: Sequence[Failure], moment_ms: int
    ) -> None:
        """Note failures, whatever their names; attempts are counted a moment."""
        last = {failure_key(ecosystem, failure.name): failure for failure in failures}
        rows = [
            {
                "key": key,
                "name": storable(last[key].name),
                "reason": storable(last[key].reason),
                "detail": storable(last[key].detail),
            }
            for key in sorted(last)
        ]
        for part in chunks(rows):
            await self._graph.run(
                _RECORD, {"rows": part, "moment": moment_ms, "ecosystem": ecosystem.value}
            )

    async def failures(self, ecosystem: Ecosystem) -> list[RecordedFailure]:
        """Return every failure of an ecosystem, by name."""
        query = _FAILURES + _TOLD_FAILURE
        rows = await self._graph.run(query, {"ecosystem": ecosystem.value})
        return [_failure(row) for row in rows]

    async def failure(self, ecosystem: Ecosystem, name: str) -> RecordedFailure | None:
        """Return the failure of one package, None where it did not fail."""
        key = failure_key(ecosystem, name)
        rows = await self._graph.run(_FAILURE + _TOLD_FAILURE, {"key": key})
        return _failure(rows[0]) if rows else None

    async def clear_failures(self, ecosystem: Ecosystem, names: Sequence[str]) -> None:
        """Forget the failures of packages that went well or are gone."""
        keys = sorted({failure_key(ecosystem, name) for name in names})
        for part in chunks(keys):
            await self._graph.run(_CLEAR, rows_of(part))

    async def take_up(
        self, ecosystem: Ecosystem, started: Mapping[str, int], moment_ms: int
    ) -> None:
        """Note, or note again, that a run works on packages: their names, and since when."""
        rows = [
            [failure_key(ecosystem, name), storable(name), started[name]]
            for name in sorted(started)
        ]
        for part in chunks(rows):
            await self._graph.run(
                _TAKE_UP, {"rows": part, "moment": moment_ms, "ecosystem": ecosystem.value}
            )

    async def lay_down(self, ecosystem: Ecosystem, names: Sequence[str]) -> None:
        """Note that nobody works on packages any more."""
        for part in chunks(sorted({failure_key(ecosystem, name) for name in names})):
            await self._graph.run(_LAY_DOWN, rows_of(part))

    async def forget_interrupted(self, ecosystem: Ecosystem, now_ms: int) -> None:
        """Forget what runs that were cut short had taken up."""
        await self._graph.run(
            _FORGET_RUNS, {"ecosystem": ecosystem.value, "before": now_ms - LEASE_MS}
        )

    async def runs(self, ecosystem: Ecosystem) -> list[PackageRun]:
        """Return what runs work on, or did until they were cut short, by name."""
        rows = await self._graph.run(_RUNS + _TOLD_RUN, {"ecosystem": ecosystem.value})
        return [_run(row) for row in rows]

    async def run(self, ecosystem: Ecosystem, name: str) -> PackageRun | None:
        """Return the same of one package, None where no run took it up."""
        rows = await self._graph.run(_RUN + _TOLD_RUN, {"key": failure_key(ecosystem, name)})
        return _run(rows[0]) if rows else None


def _failure(row: Row) -> RecordedFailure:
    return RecordedFailure(
        name=str(row["name"]),
        reason=str(row["reason"]),
        detail=str(row["detail"]),
        attempts=int(str(row["attempts"])),
        first_seen=int(str(row["first_seen"])),
        last_seen=int(str(row["last_seen"])),
    )


def _run(row: Row) -> PackageRun:
    return PackageRun(str(row["name"]), int(str(row["started"])), int(str(row["alive"])))
