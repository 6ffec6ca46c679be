"""How many requests an update asks when nothing changed: with five packages in the graph, and with all.

Both must be the same for each ecosystem. Reads the settings, which `bench` points at its own servers.
"""

import argparse
import asyncio
import json
from pathlib import Path

from bench.measure import open_stores
from src.dagster_app.resources import default_resources
from src.local_stack.replay import ReplayServer, SampleSource
from src.processes.extractors.ingestion import ingest
from src.processes.extractors.package_extractor import PackageExtractor
from src.processes.extractors.stores import Stores
from src.processes.progress import Progress, Snapshot
from src.processes.selection import Selection
from src.processes.updaters.package_updater import update
from src.schemas.ecosystem import Ecosystem
from src.services.apis.base import RegistryClient

FEW = 5


async def main() -> None:
    """Print, for each ecosystem, requests and packages of both graphs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--graph", required=True)
    options = parser.parse_args()
    asked: dict[str, list[list[int]]] = {}
    with ReplayServer(SampleSource(Path("samples"), lambda: 1), port=options.port) as server:
        for ecosystem in Ecosystem:
            asked[ecosystem] = [
                await _quiet_update(
                    server, ecosystem, f"{options.graph}-{ecosystem}-{limit}", limit
                )
                for limit in (FEW, None)
            ]
    print(json.dumps(asked))


async def _quiet_update(
    server: ReplayServer, ecosystem: Ecosystem, graph: str, limit: int | None
) -> list[int]:
    """Return how many requests the update asked, and how many packages the graph then held."""
    async with open_stores(graph) as stores:
        resource = default_resources()[f"{ecosystem}_service"]
        async with resource.open() as client:  # type: ignore[attr-defined]
            await ingest(_extractor(client, stores), Selection(limit=limit), discovery_budget=0)
            # The first update after a part only compares everything, and sets the cursor.
            await update(_extractor(client, stores), Selection(), discovery_budget=0)
        async with resource.open() as client:  # type: ignore[attr-defined]
            server.forget_requests()
            summary = await update(_extractor(client, stores), Selection(), discovery_budget=0)
            requests = server.requests
            if summary.counts.tried:
                raise SystemExit(f"{ecosystem}: the update found {summary.counts}")
        return [sum(requests.values()), (await stores.packages.counts())[ecosystem.label]]


def _extractor(client: RegistryClient[object], stores: Stores) -> PackageExtractor:
    return PackageExtractor(client, stores, Progress(_silent))


def _silent(_snapshot: Snapshot) -> None:
    return


if __name__ == "__main__":
    asyncio.run(main())
