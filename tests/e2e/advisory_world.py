"""The OSV database, the advisory database and the graph, as one thing for tests to hold."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from src.cache import FileCache
from src.local_stack.replay import ReplayServer, SampleSource, Source
from src.local_stack.replay.documents import Document
from src.local_stack.replay.makers import archive_bytes
from src.processes.advisory_steps import Sources
from src.processes.advisory_sync import reconcile, sync
from src.processes.attributor import Attributor
from src.processes.extractors.stores import Stores
from src.schemas.advisory import Attribution
from src.schemas.advisory_summary import AdvisorySummary
from src.schemas.ecosystem import Ecosystem
from src.services.apis.osv_api import OSVClient
from src.services.dbs.graph_driver import GraphDriver
from src.services.graph.attribution_store import AttributionStore
from src.services.graph.package_states import PackageStates
from src.services.graph.package_store import PackageStore
from src.services.graph.state_store import StateStore
from src.services.graph.version_store import VersionStore
from src.services.vulnerability.advisory_store import AdvisoryStore
from src.session import HttpOptions, http_session, user_agent
from tests.e2e.world import SAMPLES, Day, World

Record = dict[str, Any]

CRITICAL = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"  # 9.8
MEDIUM = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N"  # 5.3

BEGUN = datetime(2024, 1, 1, tzinfo=UTC)


def affected(ecosystem: Ecosystem, name: str, introduced: str = "0", fixed: str = "") -> Record:
    """An `affected` entry of one range."""
    events = [{"introduced": introduced}, *([{"fixed": fixed}] if fixed else [])]
    kind = "SEMVER" if ecosystem in (Ecosystem.NPM, Ecosystem.CARGO) else "ECOSYSTEM"
    return {
        "package": {"ecosystem": ecosystem.osv_name, "name": name},
        "ranges": [{"type": kind, "events": events}],
    }


def record(identity: str, *entries: Record, vector: str = CRITICAL, **more: Any) -> Record:
    """A record without its date of change, which the shelf gives it."""
    severity = [{"type": "CVSS_V3", "score": vector}] if vector else []
    return {"id": identity, "affected": list(entries), "severity": severity, **more}


@dataclass
class Shelf:
    """An OSV database whose records can be changed; whatever else is asked, `beneath` answers."""

    beneath: Source | None = None
    records: dict[str, Record] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    """Records that stand alone, but are missing from the archives."""
    broken: dict[str, bytes] = field(default_factory=dict)
    """What stands at a path instead of what belongs there."""
    lagging: dict[str, Record] = field(default_factory=dict)
    """Older states of records, which stand alone still although the list of changes is ahead."""
    changes: int = 0

    def publish(self, *records: Record) -> None:
        """Add records or change them, each at a later moment than all before."""
        for each in records:
            self.changes += 1
            modified = BEGUN + timedelta(minutes=self.changes)
            stamp = modified.isoformat().replace("+00:00", "Z")
            self.records[each["id"]] = {"modified": stamp, **each}

    def withdraw(self, identity: str) -> None:
        """Let a record say that it is withdrawn."""
        said = {k: v for k, v in self.records[identity].items() if k != "modified"}
        self.publish({**said, "withdrawn": "2024-06-01T00:00:00Z"})

    def document(self, path: str, query: str = "") -> Document | None:
        if not path.startswith("/osv/"):
            return self.beneath.document(path, query) if self.beneath else None
        if path in self.broken:
            return Document(self.broken[path], "application/octet-stream")
        folder, _, name = path.removeprefix("/osv/").partition("/")
        held = [each for each in self.records.values() if folder in _folders(each)]
        if name == "modified_id.csv":
            rows = sorted(((each["modified"], each["id"]) for each in held), reverse=True)
            text = "".join(f"{modified},{identity}\n" for modified, identity in rows)
            return Document(text.encode(), "text/csv")
        if name == "all.zip":
            entries = {f"{r['id']}.json": json.dumps(r) for r in held if r["id"] not in self.hidden}
            return Document(archive_bytes("zip", entries), "application/zip")
        held = [self.lagging.get(each["id"], each) for each in held]
        found = [each for each in held if name == f"{each['id']}.json"]
        return Document(json.dumps(found[0]).encode(), "application/json") if found else None


def _folders(said: Record) -> set[str]:
    # A record that is broken beyond reading still lies somewhere.
    names = {
        entry.get("package", {}).get("ecosystem", "").partition(":")[0]
        for entry in said.get("affected") or []
    }
    return names | set(said.get("folders", ()))


async def attributions(graph: GraphDriver, ecosystem: Ecosystem, name: str) -> dict[str, Any]:
    """What the versions of a package carry, offered and withdrawn; None where nothing was ever set."""
    found = {}
    for owned in ("(p)-[:HAVE]->(v:Version)", "(p)<-[:WAS_OF]-(v:Version)"):
        rows = await graph.run(
            f"MATCH (p:{ecosystem.label} {{name: $name}}) MATCH {owned} RETURN v{{.*}} AS v",
            {"name": name},
        )
        for row in rows:
            said = row["v"]
            held = (tuple(said["vulnerabilities"]), said["mean"], said["weighted_mean"])
            attributed = Attribution(*held) if "advisory_state" in said else None
            found[said["name"]] = attributed
    return found


async def hits(graph: GraphDriver, ecosystem: Ecosystem, name: str) -> dict[str, list[str]]:
    """The advisories of those versions that have any."""
    found = await attributions(graph, ecosystem, name)
    return {
        version: list(said.vulnerabilities)
        for version, said in found.items()
        if said and said.vulnerabilities
    }


def attributor_of(graph: GraphDriver, advisories: AdvisoryStore) -> Attributor:
    return Attributor(advisories, AttributionStore(graph))


class Meanwhile:
    """An attribution store during whose every write something happens."""

    def __init__(self, graph, *happenings):
        self._store = AttributionStore(graph)
        self._happenings = list(happenings)

    async def write(self, rows):
        if self._happenings:
            await self._happenings.pop(0)()
        return await self._store.write(rows)

    def __getattr__(self, name):
        return getattr(self._store, name)


@dataclass
class AdvisoryWorld(World):
    """A registry, an OSV database, the advisories, the graph, and all that runs between them."""

    advisories: Any = None
    shelf: Shelf = field(default_factory=Shelf)
    ecosystems: tuple[Ecosystem, ...] = (Ecosystem.PYPI,)

    @property
    def attributing(self) -> Attributor:
        return attributor_of(self.graph, self.advisories)

    @property
    def stores(self) -> Stores:
        return Stores(
            PackageStore(self.graph),
            VersionStore(self.graph),
            StateStore(self.graph),
            PackageStates(self.graph),
            self.attributing,
        )

    async def sync(self) -> AdvisorySummary:
        return await self._run(sync)

    async def reconcile(self) -> AdvisorySummary:
        return await self._run(reconcile)

    async def _run(self, process: Any) -> AdvisorySummary:
        options = HttpOptions(
            user_agent=user_agent("tests"),
            rate_per_second=0,
            timeout_seconds=5,
            budget_seconds=20,
            backoff_seconds=0.01,
            max_attempts=self.attempts,
        )
        base = f"{self.server.url}/osv"
        async with http_session(options, bases=(base,)) as http:
            client = OSVClient(http, base_url=base, cache=self.cache)
            return await process(
                Sources(client, self.advisories), self.attributing, self.ecosystems
            )

    async def hits(self, name: str, ecosystem: Ecosystem = Ecosystem.PYPI) -> dict[str, list[str]]:
        return await hits(self.graph, ecosystem, name)


@asynccontextmanager
async def open_advisory_world(
    graph: GraphDriver, advisories: AdvisoryStore, folder: Path
) -> AsyncIterator[AdvisoryWorld]:
    """Yield a world over the sample registry and an OSV database that holds nothing yet."""
    day = Day()
    shelf = Shelf(SampleSource(SAMPLES, day))
    with ReplayServer(shelf) as server:
        cache = FileCache(folder, ttl_seconds=0)
        yield AdvisoryWorld(graph, server, cache, day=day, advisories=advisories, shelf=shelf)
