"""Versions in the graph, and what each of them requires."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from src.schemas.ecosystem import Ecosystem
from src.schemas.package import (
    KIND_DEV,
    KnownPackage,
    PackageRecord,
    Requirement,
    Requirements,
)
from src.services.dbs.graph_driver import GraphDriver
from src.services.graph import version_cypher as cypher
from src.services.graph.rows import (
    STATEMENT_ROWS,
    admitted,
    chunks,
    ensure_statement,
    name_purl_rows,
    rows_of,
)
from src.utils.json_values import clean_text, texts
from src.utils.keys import admit_key


@dataclass(frozen=True, slots=True)
class WriteCounts:
    """What a write added to HAVE, took from it, and how many required edges it stands for.

    `published` are the release dates of versions that are new to packages extracted before, where
    known. A statement that had to be sent twice may count less than it did, never more.
    """

    versions_added: int
    versions_removed: int
    requires: int
    published: tuple[str, ...] = ()

    def __add__(self, other: "WriteCounts") -> "WriteCounts":
        """Return the sums."""
        return WriteCounts(
            self.versions_added + other.versions_added,
            self.versions_removed + other.versions_removed,
            self.requires + other.requires,
            self.published + other.published,
        )


class VersionStore:
    """Reads and writes versions; raises StoreError, and InvalidKeyError for what is no key."""

    def __init__(self, graph: GraphDriver, *, keep_development: bool = False) -> None:
        """Keep versions in `graph`, and what only their developers need where that is wanted."""
        self._graph = graph
        self._keep_development = keep_development

    async def known(self, ecosystem: Ecosystem, names: Iterable[str]) -> dict[str, KnownPackage]:
        """Return what the graph holds of each package, absent ones left out."""
        artifacts: dict[str, str] = {}
        sources: dict[str, dict[str, str]] = defaultdict(dict)
        for part in chunks(admitted(names)):
            for row in await self._graph.run(cypher.known(ecosystem), rows_of(part)):
                name = str(row["name"])
                artifacts[name] = str(row["artifact"])
                if row["source"]:
                    sources[name][str(row["version"])] = str(row["source"])
        return {name: KnownPackage(sources[name], artifacts[name]) for name in artifacts}

    async def write(self, records: Sequence[PackageRecord], *, moment_ms: int) -> WriteCounts:
        """Write all versions of these packages, in five or six statements an ecosystem (up to 10,000 rows).

        Packages that the graph had not heard of are discovered at `moment_ms` (epoch milliseconds).
        `requirements_source` is set only once the edges stand and the stale ones are gone, so a
        write that was cut short is never taken for complete. No edge is missing in between.
        """
        by_ecosystem: dict[Ecosystem, dict[str, PackageRecord]] = defaultdict(dict)
        for record in records:
            by_ecosystem[record.ecosystem][record.name] = record
        counts = WriteCounts(0, 0, 0)
        for ecosystem, named in sorted(by_ecosystem.items()):
            counts += await self._write(
                ecosystem, [named[name] for name in sorted(named)], moment_ms
            )
        return counts

    async def _write(
        self, ecosystem: Ecosystem, records: list[PackageRecord], moment_ms: int
    ) -> WriteCounts:
        # All keys are admitted before the first statement: a refused batch leaves nothing behind.
        versions = _version_rows(records)
        needs = dict(_needs(records))
        names = {record.name for record in records}
        names.update(need.name for _, asked in needs.values() for need in asked.required)
        for bare in chunks(name_purl_rows(ecosystem, names)):
            await self._graph.run(ensure_statement(ecosystem), {"rows": bare, "moment": moment_ms})
        added, published = 0, list[str]()
        for part in chunks(versions):
            rows = await self._graph.run(cypher.write_versions(ecosystem), rows_of(part))
            added += int(str(rows[0]["added"]))
            published += texts(rows[0]["published"])
        requires = await self._write_requirements(ecosystem, needs)
        removed = await self._remove_absent(ecosystem, records)
        return WriteCounts(added, removed, requires, tuple(published))

    async def _write_requirements(
        self, ecosystem: Ecosystem, needs: dict[str, tuple[str, Requirements]]
    ) -> int:
        stored = await self._stored_development(needs)
        edges: list[list[object]] = []
        settled: list[list[object]] = []
        written = 0
        for purl in sorted(needs):
            parent, asked = needs[purl]
            keep = [_identity(need) for need in sorted(set(asked.required))]
            written += len(keep)
            settled.append([purl, keep, self._requirement_properties(asked, stored.get(purl, []))])
            if keep:
                edges.append([purl, parent, keep])
        for part in _chunks_by_edges(edges):
            await self._graph.run(cypher.write_requires(ecosystem), rows_of(part))
        for rows in chunks(settled):
            await self._graph.run(cypher.SETTLE_REQUIREMENTS, rows_of(rows))
        return written

    async def _stored_development(
        self, needs: dict[str, tuple[str, Requirements]]
    ) -> dict[str, list[Requirement]]:
        """Return what another source told of those whose development nobody tells this time."""
        untold = sorted(purl for purl, (_, asked) in needs.items() if asked.development is None)
        found: dict[str, list[Requirement]] = {}
        for part in chunks(untold) if self._keep_development else ():
            for row in await self._graph.run(cypher.NEVER_EDGES, rows_of(part)):
                needed = [Requirement.from_json(str(text)) for text in texts(row["needs"])]
                found[str(row["purl"])] = [need for need in needed if need.kind == KIND_DEV]
        return found

    def _requirement_properties(
        self, asked: Requirements, stored: list[Requirement]
    ) -> dict[str, object]:
        development = asked.development
        kept = (stored if development is None else development) if self._keep_development else ()
        # A development requirement may name no package of the registry either.
        optional = {_storable(need) for need in (*asked.optional, *kept) if need.purl}
        unresolved = {_storable(need) for need in asked.unresolved}
        unresolved |= {_storable(need) for need in kept if not need.purl}
        counted = {} if development is None else {"development_requirements": len(development)}
        return {
            "requirements_source": asked.source,
            "optional_requirements": sorted(optional),
            "unresolved_requirements": sorted(unresolved),
            **counted,
        }

    async def _remove_absent(self, ecosystem: Ecosystem, records: list[PackageRecord]) -> int:
        offered = {record.name: _purls(record) for record in records}
        surplus: list[str] = []
        for counts in chunks([[name, len(offered[name])] for name in sorted(offered)]):
            rows = await self._graph.run(cypher.holding_more(ecosystem), rows_of(counts))
            surplus += [str(row["name"]) for row in rows]
        removed = 0
        for part in chunks([[name, offered[name]] for name in sorted(surplus)]):
            rows = await self._graph.run(cypher.remove_versions(ecosystem), rows_of(part))
            removed += int(str(rows[0]["removed"]))
        return removed


def _version_rows(records: list[PackageRecord]) -> list[dict[str, object]]:
    rows: dict[str, dict[str, object]] = {
        admit_key(version.purl): {
            "package": record.name,
            "purl": version.purl,
            "properties": {
                **version.facts,
                "name": version.name,
                "serial_number": version.serial_number,
                "status": None,
                **({"release_date": version.release_date} if version.release_date else {}),
            },
        }
        for record in records
        for version in record.versions
    }
    return [rows[purl] for purl in sorted(rows)]


def _needs(records: list[PackageRecord]) -> Iterator[tuple[str, tuple[str, Requirements]]]:
    """Yield purl of version → (purl of its package, requirements), where they were read."""
    for record in records:
        for version in record.versions:
            if version.requirements is not None:
                yield version.purl, (record.purl, version.requirements)


def _purls(record: PackageRecord) -> list[str]:
    return sorted({version.purl for version in record.versions})


def _storable(need: Requirement) -> str:
    """Return a requirement as JSON; what is broken may hold what no engine stores."""
    return clean_text(need.as_json())


def _identity(need: Requirement) -> list[str]:
    return [need.name, need.constraints, need.kind, need.condition, need.variant]


def _chunks_by_edges(rows: list[list[object]]) -> Iterator[list[list[object]]]:
    """Yield slices that hold about as many edges as a statement may write."""
    part: list[list[object]] = []
    edges = 0
    for row in rows:
        part.append(row)
        edges += len(row[2]) if isinstance(row[2], list) else 0
        if edges >= STATEMENT_ROWS:
            yield part
            part, edges = [], 0
    if part:
        yield part
