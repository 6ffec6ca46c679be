"""Numbered changes of the graph's schema, each applied once and noted in the graph.

Every step may be repeated: two processes may apply the same migration at once, and one that dies in
the middle is finished by the next.
"""

import time
from dataclasses import dataclass

from src.schemas.ecosystem import Ecosystem
from src.services.dbs.graph_driver import GraphDriver, Index, SchemaItem, UniqueConstraint

_LEDGER = UniqueConstraint("SchemaMigration", "number")

_APPLIED = "MATCH (m:SchemaMigration) RETURN m.number AS number"

_NOTE = """
MERGE (m:SchemaMigration {number: $number})
ON CREATE SET m.name = $name, m.applied_at = $moment
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered change; numbers are never used again, and an applied one is never edited."""

    number: int
    name: str
    items: tuple[SchemaItem, ...]

    def __str__(self) -> str:
        """Return number and name, such as `001 keys of packages and versions`."""
        return f"{self.number:03} {self.name}"


MIGRATIONS: tuple[Migration, ...] = (
    Migration(
        1,
        "keys of packages and versions",
        (
            *(UniqueConstraint(ecosystem.label, "name") for ecosystem in Ecosystem),
            UniqueConstraint("Version", "purl"),
        ),
    ),
    Migration(
        2,
        "packages by purl, and the bare ones among them",
        (
            *(Index(ecosystem.label, "purl") for ecosystem in Ecosystem),
            *(Index(ecosystem.label, "pending") for ecosystem in Ecosystem),
        ),
    ),
    Migration(
        3,
        "feed cursors and failures",
        (
            UniqueConstraint("FeedCursor", "ecosystem"),
            UniqueConstraint("PackageFailure", "key"),
            Index("PackageFailure", "ecosystem"),
        ),
    ),
    Migration(
        4,
        "packages that wait for their attribution",
        tuple(Index(ecosystem.label, "unattributed") for ecosystem in Ecosystem),
    ),
    Migration(
        5,
        "packages under way, and the removed ones",
        (
            UniqueConstraint("PackageRun", "key"),
            Index("PackageRun", "ecosystem"),
            *(Index(ecosystem.label, "status") for ecosystem in Ecosystem),
        ),
    ),
)


async def pending(graph: GraphDriver) -> list[Migration]:
    """Return the migrations that the graph lacks, in order."""
    applied = {row["number"] for row in await graph.run(_APPLIED)}
    return [migration for migration in MIGRATIONS if migration.number not in applied]


async def apply(graph: GraphDriver) -> list[Migration]:
    """Apply what the graph lacks and return it; raises StoreError where the data forbid it."""
    todo = await pending(graph)
    if todo:
        await graph.apply_schema(_LEDGER)
    for migration in todo:
        for item in migration.items:
            await graph.apply_schema(item)
        moment = time.time_ns() // 1_000_000
        await graph.run(
            _NOTE, {"number": migration.number, "name": migration.name, "moment": moment}
        )
    return todo
