"""What the advisories say of each version, in the graph."""

import time
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from dataclasses import dataclass

from src.schemas.advisory import Attribution
from src.schemas.ecosystem import Ecosystem
from src.services.dbs.graph_driver import GraphDriver
from src.services.dbs.graph_values import Row
from src.services.graph import attribution_cypher as cypher
from src.services.graph.rows import admitted, chunks, rows_of
from src.utils.keys import admit_key

ANY_STATE = ""
"""No version has this state, so it asks for all of them."""

Versions = dict[str, dict[str, str]]
"""Package → version name → purl."""


@dataclass(frozen=True, slots=True)
class AttributedVersion:
    """One version's attribution, and the state of the advisories that it was made from."""

    purl: str
    attribution: Attribution
    state: str


@dataclass(frozen=True, slots=True)
class WaitingPackage:
    """A package whose versions wait for their attribution, with the stamp of its mark."""

    name: str
    stamp: int


class AttributionStore:
    """Reads versions, writes their attribution; raises StoreError, InvalidKeyError for no key."""

    def __init__(self, graph: GraphDriver) -> None:
        """Keep attributions in `graph`."""
        self._graph = graph

    async def held(self, ecosystem: Ecosystem, names: Iterable[str]) -> set[str]:
        """Return the packages among these that the graph holds, extracted or not."""
        found: set[str] = set()
        for part in chunks(admitted(names)):
            rows = await self._graph.run(cypher.held(ecosystem), rows_of(part))
            found.update(str(row["name"]) for row in rows)
        return found

    async def versions_of(self, ecosystem: Ecosystem, names: Iterable[str]) -> Versions:
        """Return the versions that each package offers; packages that the graph lacks are left out."""
        found: Versions = {}
        for part in chunks(admitted(names)):
            for row in await self._graph.run(cypher.versions_of(ecosystem), rows_of(part)):
                versions = found.setdefault(str(row["name"]), {})
                if row["purl"] is not None:
                    versions[str(row["version"])] = str(row["purl"])
        return found

    async def stale_versions(self, ecosystem: Ecosystem, states: Mapping[str, str]) -> Versions:
        """Return the versions, withdrawn ones too, whose state is not the one given for their package.

        `ANY_STATE` asks for all versions of a package; packages without such a version are left out.
        Withdrawn versions keep up with the advisories, because lock files still name them, and
        because they would else tell whether the advisory or the withdrawal came first.
        """
        found: Versions = defaultdict(dict)
        rows = [[admit_key(name), states[name]] for name in sorted(states)]
        for statement in cypher.stale_versions(ecosystem):
            for part in chunks(rows):
                for row in await self._graph.run(statement, rows_of(part)):
                    found[str(row["name"])][str(row["version"])] = str(row["purl"])
        return dict(found)

    async def write(self, rows: Iterable[AttributedVersion]) -> int:
        """Set the scores of versions; those that went meanwhile are passed over. Returns the rows."""
        by_purl = {admit_key(row.purl): row for row in rows}
        for part in chunks([_as_row(by_purl[purl]) for purl in sorted(by_purl)]):
            await self._graph.run(cypher.WRITE, rows_of(part))
        return len(by_purl)

    async def mark(self, ecosystem: Ecosystem, names: Iterable[str]) -> None:
        """Note that packages of the graph could not be attributed, for the next sync to find."""
        stamp = time.time_ns() // 1_000  # microseconds: an engine that counts in doubles keeps them
        for part in chunks(admitted(names)):
            await self._graph.run(cypher.mark(ecosystem), {"rows": part, "stamp": stamp})

    async def unattributed(self, ecosystem: Ecosystem, limit: int) -> list[WaitingPackage]:
        """Return up to `limit` packages that are marked, in no order."""
        rows = await self._graph.run(cypher.marked(ecosystem), {"limit": limit})
        return [WaitingPackage(str(row["name"]), int(str(row["stamp"]))) for row in rows]

    async def unmark(self, ecosystem: Ecosystem, packages: Collection[WaitingPackage]) -> int:
        """Take marks away, but those that were set anew meanwhile; returns how many went."""
        rows = sorted([admit_key(package.name), package.stamp] for package in packages)
        unmarked = 0
        for part in chunks(rows):
            answer = await self._graph.run(cypher.unmark(ecosystem), rows_of(part))
            unmarked += _number(answer)
        return unmarked

    async def never_attributed(self, ecosystem: Ecosystem) -> AsyncIterator[str]:
        """Yield packages that hold a version without attribution, marked or not; they may repeat.

        Reads every version of the ecosystem, which is work for the night.
        """
        for statement in (cypher.OFFERED_UNATTRIBUTED, cypher.WITHDRAWN_UNATTRIBUTED):
            last = ""
            async for row in self._graph.scan(ecosystem.label, statement):
                name = str(row["name"])
                if name != last:
                    yield name
                last = name


def _as_row(row: AttributedVersion) -> list[object]:
    said = row.attribution
    return [
        row.purl,
        list(said.vulnerabilities),
        float(said.mean),
        float(said.weighted_mean),
        row.state,
    ]


def _number(rows: list[Row]) -> int:
    return int(str(rows[0]["unmarked"]))
