"""A run that is cancelled in the UI ends soon and cleanly, and the next one goes on."""

import asyncio
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from src.local_stack.replay import Fault, ReplayServer, no_faults, table
from src.local_stack.replay.addresses import replayed_addresses
from src.processes.attributor import Attributor
from src.services.dbs.graph_driver import open_graph
from src.services.graph.attribution_store import AttributionStore
from src.services.graph.fingerprint import Fingerprint, fingerprint
from src.services.vulnerability.advisory_store import open_advisories
from tests.dagster.ui import ROOT, WebServer, home_without_daemon, web_server
from tests.e2e.shelf import Shelf
from tests.e2e.world import open_world
from tests.servers.secantusdb import SecantusDBServer

# Starting Dagster takes seconds, and so do runs.
pytestmark = [pytest.mark.xdist_group("stack"), pytest.mark.timeout(180), pytest.mark.long]

ASSET = "pypi_package_ingestion"
INDEX = "/pypi/simple/"
PACKAGES = 40
CANCEL_SECONDS = 10.0


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    made = Shelf()
    for number in range(PACKAGES):
        required = [f"package-{other} >= 1.0" for other in range(number)]
        made.put(f"package-{number}", v1_0=[], v1_1=required[:3], v2_0=required[-3:])
    return made


@pytest.fixture(scope="module")
def registry(shelf: Shelf) -> Iterator[ReplayServer]:
    with ReplayServer(shelf) as server:
        yield server


@pytest.fixture(scope="module")
def graph_uri(falkordb_server) -> str:
    return falkordb_server.uri(f"cancel-{os.urandom(6).hex()}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("dagster")


@pytest.fixture(autouse=True)
def no_cached_listing(folder: Path) -> None:
    shutil.rmtree(folder / "cache", ignore_errors=True)


@pytest.fixture
def undisturbed(falkordb_server, secantusdb_server, tmp_path, shelf: Shelf) -> Fingerprint:
    """The graph of the same registry, ingested in one go."""

    async def ingest() -> Fingerprint:
        uri = falkordb_server.uri(f"whole-{os.urandom(6).hex()}")
        async with (
            open_graph(uri, "", "") as graph,
            open_world(graph, tmp_path, source=shelf) as world,
            open_advisories(secantusdb_server.uri, "", "") as advisories,
        ):
            world.attributor = Attributor(advisories, AttributionStore(graph))
            await world.ingest()
            return await fingerprint(graph)

    return asyncio.run(ingest())


@pytest.fixture(scope="module")
def ui(
    folder: Path, registry: ReplayServer, graph_uri: str, secantusdb_server: SecantusDBServer
) -> Iterator[WebServer]:
    environment = {
        "HOME": str(folder),
        "DAGSTER_HOME": str(home_without_daemon(folder)),
        "PYTHONPATH": str(ROOT),
        "GRAPH_DB_URI": graph_uri,
        "VULN_DB_URI": secantusdb_server.uri,
        **replayed_addresses(registry.url),
        "HTTP_RATE_PER_SECOND": "0",
        "HTTP_BUDGET_SECONDS": "3",
        "FETCH_CONCURRENCY": "4",
        "WRITE_BATCH_PACKAGES": "2",
        "CACHE_DIR": str(folder / "cache"),
    }
    with web_server(folder, environment) as server:
        yield server


def workers_of(graph_uri: str) -> list[psutil.Process]:
    """Return the processes that execute a run on this graph."""
    found = []
    for process in psutil.process_iter():
        try:
            ours = process.environ().get("GRAPH_DB_URI") == graph_uri
            if ours and "spawn_main" in " ".join(process.cmdline()):
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def wait_until(condition: Callable[[], object], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def assert_cancelled_soon(ui: WebServer, run: str, graph_uri: str) -> None:
    assert workers_of(graph_uri)
    begun = time.monotonic()
    ui.terminate(run)
    ui.wait_for(run, "CANCELED", CANCEL_SECONDS)
    wait_until(lambda: not workers_of(graph_uri), CANCEL_SECONDS - (time.monotonic() - begun))


async def extracted(uri: str) -> int:
    """Count the packages that are whole in the graph."""
    async with open_graph(uri, "", "") as graph:
        query = "MATCH (p:PyPIPackage) WHERE p.moment IS NOT NULL RETURN count(p) AS packages"
        (row,) = await graph.run(query)
        return int(row["packages"])


async def fingerprint_of(uri: str) -> Fingerprint:
    async with open_graph(uri, "", "") as graph:
        return await fingerprint(graph)


def test_a_run_cancelled_while_it_reads_and_writes_ends_soon_and_the_next_one_goes_on(
    ui, registry, graph_uri, undisturbed
):
    registry.delay_seconds = 0.2
    registry.faults = no_faults
    run = ui.launch(ASSET)
    wait_until(lambda: asyncio.run(extracted(graph_uri)) > 3, 60)
    assert ui.status(run) == "STARTED"
    assert_cancelled_soon(ui, run, graph_uri)
    kept = asyncio.run(extracted(graph_uri))
    assert 3 < kept < PACKAGES

    registry.delay_seconds = 0.0
    again = ui.launch(ASSET)
    ui.wait_for(again, "SUCCESS", 60)
    metrics = ui.metrics(again)
    assert (metrics["skipped_existing"], metrics["errors"]) == (kept, 0)
    found = asyncio.run(fingerprint_of(graph_uri))
    assert (found.counts["PyPIPackage"], found.counts["Version"]) == (PACKAGES, 3 * PACKAGES)
    assert found == undisturbed


def test_a_run_cancelled_while_the_registry_leaves_it_hanging_ends_soon(ui, registry, graph_uri):
    registry.faults = table({INDEX: Fault(hang=True)})
    registry.forget_requests()
    run = ui.launch(ASSET)
    wait_until(lambda: registry.requests[INDEX], 60)
    assert_cancelled_soon(ui, run, graph_uri)


def test_a_run_cancelled_while_it_waits_for_its_next_try_ends_soon(ui, registry, graph_uri):
    registry.faults = table({INDEX: Fault(status=503)})
    run = ui.launch(ASSET)
    wait_until(lambda: any("trying again in" in text for text in ui.messages(run)), 60)
    assert_cancelled_soon(ui, run, graph_uri)
