"""Packages in the graph."""

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from dataclasses import dataclass

from src.schemas.ecosystem import Ecosystem
from src.schemas.package import STATUS_REMOVED, PackageRecord
from src.services.dbs.graph_driver import GraphDriver
from src.services.graph import package_cypher as cypher
from src.services.graph.contract import NODE_LABELS, RELATIONSHIPS
from src.services.graph.failure_key import failure_key, storable
from src.services.graph.rows import admitted, chunks, rows_of
from src.utils.keys import admit_key


@dataclass(frozen=True, slots=True)
class Dependent:
    """A package that requires another: its newest version that does, and how."""

    package: str
    version: str
    constraints: str
    kind: str
    condition: str


class PackageStore:
    """Reads and writes packages; raises StoreError, and InvalidKeyError for what is no key."""

    def __init__(self, graph: GraphDriver) -> None:
        """Keep packages in `graph`."""
        self._graph = graph

    async def states(self, ecosystem: Ecosystem, names: Iterable[str]) -> dict[str, str]:
        """Return name → source revision of those packages that are extracted and not removed."""
        known = await self.known_revisions(ecosystem, names)
        return {name: revision for name, revision in known.items() if revision is not None}

    async def known_revisions(
        self, ecosystem: Ecosystem, names: Iterable[str]
    ) -> dict[str, str | None]:
        """Return the same, and None for those that were removed: they may come back."""
        found: dict[str, str | None] = {}
        for part in chunks(admitted(names)):
            for row in await self._graph.run(cypher.states(ecosystem), rows_of(part)):
                found[str(row["name"])] = None if row["gone"] else str(row["revision"])
        return found

    async def extracted_names(self, ecosystem: Ecosystem) -> AsyncIterator[str]:
        """Yield the name of every package that is extracted and not removed, in no order."""
        async for row in self._graph.scan(ecosystem.label, cypher.EXTRACTED_NAMES):
            yield str(row["name"])

    async def listed_names(self, ecosystem: Ecosystem) -> AsyncIterator[str]:
        """Yield those of them that a listing should have: quarantined ones are in none."""
        async for row in self._graph.scan(ecosystem.label, cypher.LISTED_NAMES):
            yield str(row["name"])

    async def bare_names(
        self, ecosystem: Ecosystem, limit: int, exclude: Collection[str] = ()
    ) -> list[str]:
        """Return up to `limit` names, sorted, of packages that wait, but those of `exclude`."""
        # Of so many names that many are left over whatever is excluded, which costs the engine nothing:
        # it would hold every name against the whole list.
        rows = await self._graph.run(cypher.bare_names(ecosystem), {"limit": limit + len(exclude)})
        names = (str(row["name"]) for row in rows)
        return [name for name in names if name not in exclude][:limit]

    async def unasked_requirements(
        self, ecosystem: Ecosystem, names: Iterable[str], limit: int
    ) -> list[str]:
        """Return up to `limit` bare packages that these require and the queue was not told of."""
        found: set[str] = set()
        for part in chunks(admitted(names)):
            parameters = {"rows": part, "limit": limit}
            rows = await self._graph.run(cypher.unasked_requirements(ecosystem), parameters)
            found.update(str(row["name"]) for row in rows)
        return sorted(found)[:limit]

    async def note_asked(self, ecosystem: Ecosystem, names: Iterable[str], moment_ms: int) -> None:
        """Note that bare packages stand in the queue, so that none stands there twice."""
        for part in chunks(admitted(names)):
            parameters = {"rows": part, "moment": moment_ms}
            await self._graph.run(cypher.note_asked(ecosystem), parameters)

    async def finish(
        self,
        records: Sequence[PackageRecord],
        *,
        moment_ms: int,
        cursor: tuple[Ecosystem, str] | None,
    ) -> None:
        """Mark packages extracted, their versions being written.

        What the record does not know keeps its value. Failures noted for them go, and the feed's
        cursor moves in the same statement as the last of the packages.
        """
        by_ecosystem: dict[Ecosystem, dict[str, PackageRecord]] = defaultdict(dict)
        for record in records:
            by_ecosystem[record.ecosystem][record.name] = record
        moved = cursor
        # The cursor's own ecosystem comes last, so that whatever is cut short leaves it behind.
        for ecosystem in sorted(
            by_ecosystem, key=lambda e: (cursor is not None and e == cursor[0], e)
        ):
            rows = [_finish_row(r) for _, r in sorted(by_ecosystem[ecosystem].items())]
            parts = list(chunks(rows))
            for number, part in enumerate(parts, 1):
                here = moved if moved and moved[0] == ecosystem and number == len(parts) else None
                await self._finish(ecosystem, part, moment_ms, here)
                moved = None if here else moved
        if moved is not None:
            await self._graph.run(
                cypher.SET_CURSOR, {"ecosystem": moved[0].value, "position": storable(moved[1])}
            )

    async def _finish(
        self,
        ecosystem: Ecosystem,
        rows: Sequence[object],
        moment_ms: int,
        cursor: tuple[Ecosystem, str] | None,
    ) -> None:
        parameters: dict[str, object] = {"rows": rows, "moment": moment_ms}
        if cursor is not None:
            parameters |= {"ecosystem": cursor[0].value, "position": storable(cursor[1])}
        await self._graph.run(cypher.finish(ecosystem, with_cursor=cursor is not None), parameters)

    async def mark_removed(
        self, ecosystem: Ecosystem, names: Iterable[str], moment_ms: int
    ) -> None:
        """Keep packages that the registry dropped as removed, and their versions with them."""
        for part in chunks([[n, failure_key(ecosystem, n)] for n in admitted(names)]):
            await self._graph.run(
                cypher.mark_removed(ecosystem),
                {"rows": part, "moment": moment_ms, "removed": STATUS_REMOVED},
            )

    async def dependents(self, ecosystem: Ecosystem, name: str, limit: int) -> list[Dependent]:
        """Return who requires a package, by name: the newest version of each that does."""
        rows = await self._graph.run(
            cypher.dependents(ecosystem), {"name": admit_key(name), "limit": limit}
        )
        return [
            Dependent(
                package=str(row["package"]),
                version=str(row["version"]),
                constraints=str(row["constraints"]),
                kind=str(row["kind"]),
                condition=str(row["condition"]),
            )
            for row in rows
        ]

    async def counts(self) -> dict[str, int]:
        """Return how many nodes of each label and relationships of each type there are."""
        counted = {}
        for label in NODE_LABELS:
            counted[label] = await self._count(f"MATCH (n:{label}) RETURN count(n) AS number")
        for kind in RELATIONSHIPS:
            counted[kind] = await self._count(f"MATCH ()-[r:{kind}]->() RETURN count(r) AS number")
        return counted

    async def _count(self, query: str) -> int:
        return int(str((await self._graph.run(query))[0]["number"]))


def _finish_row(record: PackageRecord) -> dict[str, object]:
    return {
        "name": admit_key(record.name),
        "failure": failure_key(record.ecosystem, record.name),
        "vendor": record.vendor,
        "repository_url": record.repository_url,
        "properties": {
            **record.facts,
            "purl": admit_key(record.purl),
            **({"source_revision": record.source_revision} if record.source_revision else {}),
        },
    }
