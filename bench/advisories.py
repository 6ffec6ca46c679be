"""One measurement of the advisories in a process of its own, so that its peak memory is its own too.

`match` holds versions against advisories and touches no database. `sync` reconciles a whole generated
OSV database with stores that hold none of it, and a graph of 10,000 versions. `change` follows one
advisory that changed and hits those. `read` is a `sync` whose records are forgotten as soon as they
could be stored, since the local advisory server needs minutes to take as many as that reads. The
result is one line of JSON on standard output.
"""

import argparse
import asyncio
import json
import resource
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.forgetful_store import ForgetfulStore
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
from src.services.vulnerability.advisory_store import AdvisoryStore, open_advisories
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
    parser.add_argument("what", choices=["match", "sync", "change", "read"])
    parser.add_argument("--registry", default="")
    parser.add_argument("--graph", default="")
    parser.add_argument("--advisories", default="", help="address of the advisory server")
    parser.add_argument("--records", type=int, default=0)
    options = parser.parse_args()
    measure: dict[str, Callable[[argparse.Namespace], Awaitable[dict[str, Any]]]] = {
        "match": _match,
        "sync": _sync,
        "change": _change,
        "read": _read,
    }
    result = await measure[options.what](options)
    result["peak_mib"] = _peak_mib()
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
        await VersionStore(world.graph).write(_packages(), moment_ms=0)
        result = await _reconcile(world, options.records)
        if result["versions"] < WIDE_VERSIONS:
            raise SystemExit(f"only {result['versions']} versions were attributed")
        await _check_hits(world.graph, WIDE_FIXED)
    return result


async def _read(options: argparse.Namespace) -> dict[str, Any]:
    async with _world(options, str(options.records)) as world:
        return await _reconcile(world, options.records)


async def _reconcile(world: _World, records: int) -> dict[str, Any]:
    """Reconcile one ecosystem after the other; tell the peak after the first of them too."""
    begun = time.perf_counter()
    first_peak, versions, seen, changed = 0.0, 0, 0, 0
    for ecosystem in Ecosystem:
        told = _believed(await reconcile(world.sources, world.attributor, [ecosystem]))
        first_peak = first_peak or _peak_mib()
        versions += told["versions_reattributed"]
        seen += told["records_seen"]
        changed += told["records_changed"]
    seconds = time.perf_counter() - begun
    if (seen, changed) != (records, records):
        raise SystemExit(f"{seen} records seen and {changed} stored, not {records}")
    return {"seconds": seconds, "versions": versions, "first_peak_mib": first_peak}


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
            _opened(options.advisories) as advisories,
        ):
            await migrations.apply(graph)
            client = OSVClient(http, base_url=base, cache=FileCache(Path(cache)))
            attributor = Attributor(advisories, AttributionStore(graph))
            yield _World(graph, Sources(client, advisories), attributor)


@asynccontextmanager
async def _opened(server: str) -> AsyncIterator[AdvisoryStore]:
    """Yield the store of a server, one that forgets everything where there is none."""
    async with AsyncExitStack() as stack:
        if server:
            yield await stack.enter_async_context(open_advisories(server, "", ""))
        else:
            yield ForgetfulStore()


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    asyncio.run(main())
