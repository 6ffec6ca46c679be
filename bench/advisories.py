"""One measurement of the advisories in a process of its own, so that its peak memory is its own too.

`match` holds versions against advisories and touches no database. `sync` reconciles a whole generated
OSV database with stores that may hold some of it. `change` follows one advisory that changed and hits
10,000 versions. The result is one line of JSON on standard output.
"""

import argparse
import asyncio
import json
import resource
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.osv_records import (
    CHANGED,
    PER_PACKAGE,
    VERSIONS,
    WIDE_FIXED,
    WIDE_FIXED_LATER,
    WIDE_PACKAGES,
    hits_of,
    package_name,
    record,
    record_id,
    version_name,
)
from src.cache import FileCache
from src.processes.advisory_steps import Sources
from src.processes.advisory_sync import reconcile, sync
from src.processes.attributor import Attributor
from src.schemas.advisory import Advisory
from src.schemas.advisory_summary import AdvisorySummary
from src.schemas.ecosystem import Ecosystem
from src.schemas.package import PackageRecord, VersionRecord
from src.services.apis.osv_api import OSVClient
from src.services.dbs.graph_driver import GraphDriver, open_graph
from src.services.graph import migrations
from src.services.graph.attribution_store import AttributionStore
from src.services.graph.version_store import VersionStore
from src.services.vulnerability.advisory_store import AdvisoryStore
from src.services.vulnerability.connection import open_database
from src.session import HttpOptions, http_session, user_agent
from src.utils.osv.attribution import attribute
from src.utils.osv.record import read_advisory
from src.utils.purl import make_purl

MATCHED_PACKAGES = 100
"""Packages of each ecosystem that are matched."""

WIDE_VERSIONS = WIDE_PACKAGES * VERSIONS


@dataclass(frozen=True, slots=True)
class _World:
    graph: GraphDriver
    sources: Sources
    attributor: Attributor


async def main() -> None:
    """Measure what the arguments ask for and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["match", "sync", "change"])
    parser.add_argument("--registry", default="")
    parser.add_argument("--graph", default="")
    parser.add_argument("--advisories", default="", help="address of the advisory server")
    parser.add_argument("--database", default="", help="the measurement's own one there")
    parser.add_argument("--records", type=int, default=0)
    parser.add_argument("--stored", type=int, default=0, help="records that are held already")
    parser.add_argument("--versions", action="store_true", help="put versions into the graph first")
    options = parser.parse_args()
    measure: dict[str, Callable[[argparse.Namespace], Awaitable[dict[str, Any]]]] = {
        "match": _match,
        "sync": _sync,
        "change": _change,
    }
    result = await measure[options.what](options)
    result["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(result))


async def _match(_options: argparse.Namespace) -> dict[str, Any]:
    versions = [version_name(number) for number in range(VERSIONS)]
    rates = {}
    for ecosystem in Ecosystem:
        advisories = _advisories(ecosystem)
        hits = 0
        begun = time.perf_counter()
        for number, own in enumerate(advisories):
            said = attribute(own, ecosystem, package_name(ecosystem, number), versions)
            hits += sum(len(each.vulnerabilities) for each in said.values())
        seconds = time.perf_counter() - begun
        numbers = range(MATCHED_PACKAGES * PER_PACKAGE)
        expected = sum(hits_of(ecosystem, number) for number in numbers)
        if hits != expected:
            raise SystemExit(f"{ecosystem}: {hits} hits, not {expected}")
        rates[ecosystem.value] = len(numbers) * VERSIONS / seconds
    return {"checks_per_second": rates}


def _advisories(ecosystem: Ecosystem) -> list[list[Advisory]]:
    """Return those of each package, without the ones that stand with another and name it too."""
    now = datetime.now(UTC)
    numbers = range(MATCHED_PACKAGES * PER_PACKAGE)
    read = [read_advisory(record(ecosystem, number, now)) for number in numbers]
    return [read[start : start + PER_PACKAGE] for start in range(0, len(read), PER_PACKAGE)]


async def _sync(options: argparse.Namespace) -> dict[str, Any]:
    async with _world(options, str(options.records)) as world:
        if options.versions:
            await VersionStore(world.graph).write(_packages())
        begun = time.perf_counter()
        summary = await reconcile(world.sources, world.attributor)
        seconds = time.perf_counter() - begun
        told = _believed(summary)
        expected = options.records, options.records - options.stored
        if (told["records_seen"], told["records_changed"]) != expected:
            raise SystemExit(f"the sync is not whole: {told}")
        if options.versions:
            await _check_hits(world.graph, WIDE_FIXED)
    return {"seconds": seconds, "versions": told["versions_reattributed"]}


async def _change(options: argparse.Namespace) -> dict[str, Any]:
    async with _world(options, CHANGED) as world:
        begun = time.perf_counter()
        summary = await sync(world.sources, world.attributor, [Ecosystem.PYPI])
        seconds = time.perf_counter() - begun
        told = _believed(summary)
        if (told["records_changed"], told["versions_reattributed"]) != (1, WIDE_VERSIONS):
            raise SystemExit(f"the change did not arrive: {told}")
        await _check_hits(world.graph, WIDE_FIXED_LATER)
    return {"seconds": seconds, "versions": WIDE_VERSIONS}


def _believed(summary: AdvisorySummary) -> dict[str, Any]:
    told = summary.metadata()
    if told["errors"] or told["stale_feeds"] or told["problems"]:
        raise SystemExit(f"the sync failed in part: {told}")
    return told


async def _check_hits(graph: GraphDriver, fixed: int) -> None:
    [row] = await graph.run(
        "MATCH (v:Version) WHERE $id IN v.vulnerabilities RETURN count(v) AS hit",
        {"id": record_id(Ecosystem.PYPI, 0)},
    )
    if row["hit"] != WIDE_PACKAGES * fixed:
        raise SystemExit(f"{row['hit']} versions are hit, not {WIDE_PACKAGES * fixed}")


def _packages() -> list[PackageRecord]:
    """Return the packages that the wide record names."""
    names = [package_name(Ecosystem.PYPI, number) for number in range(WIDE_PACKAGES)]
    return [
        PackageRecord(
            Ecosystem.PYPI,
            name,
            make_purl(Ecosystem.PYPI, name),
            source_revision="1",
            versions=tuple(_version(name, number) for number in range(VERSIONS)),
        )
        for name in names
    ]


def _version(package: str, number: int) -> VersionRecord:
    version = version_name(number)
    purl = make_purl(Ecosystem.PYPI, package, version)
    return VersionRecord(version, purl, number, "", requirements=None)


@asynccontextmanager
async def _world(options: argparse.Namespace, folder: str) -> AsyncIterator[_World]:
    """Yield all that a sync needs; the OSV database is the one in a folder of the registry."""
    base = f"{options.registry}/osv/{folder}"
    http_options = HttpOptions(user_agent=user_agent(""), rate_per_second=0, budget_seconds=60)
    with tempfile.TemporaryDirectory() as cache:
        async with (
            http_session(http_options, bases=(base,)) as http,
            open_graph(options.graph, "", "") as graph,
            open_database(options.advisories, "", "") as database,
        ):
            await migrations.apply(graph)
            advisories = AdvisoryStore(database.client[options.database])
            await advisories.ensure_indexes()
            client = OSVClient(http, base_url=base, cache=FileCache(Path(cache)))
            attributor = Attributor(advisories, AttributionStore(graph))
            yield _World(graph, Sources(client, advisories), attributor)


if __name__ == "__main__":
    asyncio.run(main())
