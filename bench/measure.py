"""One measurement in a process of its own, so that its peak memory is its own too.

`ingest` is the real thing, `fetch` gets the same documents and throws them away, `write` writes the
same rows prepared in memory. The result is one line of JSON on standard output.
"""

import argparse
import asyncio
import json
import resource
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.generated import GeneratedSource, Shape
from src.cache import FileCache
from src.processes.extractors.candidate import Candidate, Outcome
from src.processes.extractors.ingestion import ingest
from src.processes.extractors.package_extractor import PackageExtractor
from src.processes.extractors.pipeline import PipelineOptions
from src.processes.extractors.stores import Stores
from src.processes.extractors.writer import OutcomeWriter
from src.processes.progress import Progress, Snapshot
from src.processes.selection import Selection
from src.schemas.ecosystem import Ecosystem
from src.schemas.package import KnownPackage, ListedPackage, PackageRecord
from src.schemas.summary import ExtractionCounts
from src.services.apis.pypi_api import PyPIClient
from src.services.dbs.graph_driver import open_graph
from src.services.graph import migrations
from src.services.graph.package_states import PackageStates
from src.services.graph.package_store import PackageStore
from src.services.graph.state_store import StateStore
from src.services.graph.version_store import VersionStore
from src.session import HttpOptions, HttpSession, http_session, user_agent

CONCURRENCY = 64
"""Requests under way at once: 20 ms of waiting hold 64 of them to 3,200 a second at most."""

OPTIONS = PipelineOptions(fetch_concurrency=CONCURRENCY)


async def main() -> None:
    """Measure what the arguments ask for and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["ingest", "fetch", "write"])
    parser.add_argument("--registry", required=True)
    parser.add_argument("--graph", required=True)
    parser.add_argument("--packages", type=int, required=True)
    options = parser.parse_args()
    shape = Shape(packages=options.packages)
    measured = {"ingest": _ingest, "fetch": _fetch, "write": _write}[options.what]
    async with _session(options.registry) as http:
        result = await measured(http, options.registry, options.graph, shape)
    result["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(result))


async def _ingest(http: HttpSession, registry: str, graph: str, shape: Shape) -> dict[str, float]:
    async with open_stores(graph) as stores:
        with tempfile.TemporaryDirectory() as folder:
            client = _client(http, registry, folder)
            extractor = PackageExtractor(client, stores, Progress(_silent), OPTIONS)
            begun = time.perf_counter()
            summary = await ingest(extractor, Selection(), discovery_budget=0)
            seconds = time.perf_counter() - begun
        counts = summary.counts
        expected = shape.packages, shape.packages * shape.versions
        if (counts.stored, counts.versions_added) != expected or counts.errors:
            raise SystemExit(f"the ingestion is not whole: {counts}")
        return {"seconds": seconds, "edges": counts.requirements_written}


async def _fetch(http: HttpSession, registry: str, _graph: str, shape: Shape) -> dict[str, float]:
    paths = iter(GeneratedSource(shape).paths())
    begun = time.perf_counter()

    async def worker() -> None:
        for path in paths:
            await http.get(registry + path, accept="application/vnd.pypi.simple.v1+json, */*")

    async with asyncio.TaskGroup() as group:
        for _ in range(CONCURRENCY):
            group.create_task(worker())
    return {"seconds": time.perf_counter() - begun}


async def _write(http: HttpSession, registry: str, graph: str, shape: Shape) -> dict[str, float]:
    async with open_stores(graph) as stores:
        with tempfile.TemporaryDirectory() as folder:
            records = await _records(_client(http, registry, folder), shape)
        counts = ExtractionCounts()
        writer = OutcomeWriter(Ecosystem.PYPI, stores, counts)
        begun = time.perf_counter()
        for start in range(0, len(records), OPTIONS.batch_packages):
            batch = records[start : start + OPTIONS.batch_packages]
            await writer.write([_outcome(record) for record in batch])
        return {"seconds": time.perf_counter() - begun, "edges": counts.requirements_written}


async def _records(client: PyPIClient, shape: Shape) -> list[PackageRecord]:
    listing = await client.listing()
    names = iter([package async for package in listing.packages])
    records: list[PackageRecord] = []

    async def worker() -> None:
        for package in names:
            documents = await client.fetch(package, KnownPackage())
            records.append(client.parse(documents))

    async with asyncio.TaskGroup() as group:
        for _ in range(CONCURRENCY):
            group.create_task(worker())
    if len(records) != shape.packages:
        raise SystemExit(f"{len(records)} packages were prepared, not {shape.packages}")
    return records


def _outcome(record: PackageRecord) -> Outcome:
    return Outcome(Candidate(ListedPackage(record.name)), record=record)


def _client(http: HttpSession, registry: str, folder: str) -> PyPIClient:
    return PyPIClient(
        http,
        base_url=f"{registry}/pypi",
        files_url=f"{registry}/pypi-files",
        cache=FileCache(Path(folder)),
    )


@asynccontextmanager
async def _session(registry: str) -> AsyncIterator[HttpSession]:
    options = HttpOptions(
        user_agent=user_agent(""), rate_per_second=0, concurrency=CONCURRENCY, budget_seconds=60
    )
    async with http_session(options, bases=(registry,)) as http:
        yield http


@asynccontextmanager
async def open_stores(graph: str) -> AsyncIterator[Stores]:
    """Yield the stores of a graph of its own."""
    async with open_graph(graph, "", "") as driver:
        await migrations.apply(driver)
        packages, versions = PackageStore(driver), VersionStore(driver)
        yield Stores(packages, versions, StateStore(driver), PackageStates(driver))


def _silent(_snapshot: Snapshot) -> None:
    return


if __name__ == "__main__":
    asyncio.run(main())
