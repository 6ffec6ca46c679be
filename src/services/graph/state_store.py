"""Bookkeeping beside the graph: feed cursors and failed packages, nodes without relationships."""

from collections.abc import Sequence
from dataclasses import dataclass

from src.schemas.ecosystem import Ecosystem
from src.services.dbs.graph_driver import GraphDriver
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

_FAILURES = """
MATCH (f:PackageFailure {ecosystem: $ecosystem})
RETURN f.name AS name, f.reason AS reason, f.detail AS detail, f.attempts AS attempts,
       f.first_seen AS first_seen, f.last_seen AS last_seen
ORDER BY f.name, f.key
"""

_CLEAR = "UNWIND $rows AS key MATCH (f:PackageFailure {key: key}) DELETE f"


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


class StateStore:
    """Reads and writes cursors and failures; raises StoreError."""

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
        rows = await self._graph.run(_FAILURES, {"ecosystem": ecosystem.value})
        return [
            RecordedFailure(
                name=str(row["name"]),
                reason=str(row["reason"]),
                detail=str(row["detail"]),
                attempts=int(str(row["attempts"])),
                first_seen=int(str(row["first_seen"])),
                last_seen=int(str(row["last_seen"])),
            )
            for row in rows
        ]

    async def clear_failures(self, ecosystem: Ecosystem, names: Sequence[str]) -> None:
        """Forget the failures of packages that went well or are gone."""
        keys = sorted({failure_key(ecosystem, name) for name in names})
        for part in chunks(keys):
            await self._graph.run(_CLEAR, rows_of(part))
