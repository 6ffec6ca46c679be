"""3.5 million npm names through listing and "which are new?": time, requests, and flat memory."""

import argparse
import asyncio
import json
import resource
import tempfile
import time
from pathlib import Path

from bench.measure import open_stores
from src.cache import FileCache
from src.processes.chunks import chunked
from src.processes.extractors.package_extractor import CHUNK
from src.schemas.ecosystem import Ecosystem
from src.services.apis.npm_api import NpmClient
from src.session import HttpOptions, http_session, user_agent


async def main() -> None:
    """List twice (from the registry, then from the cache), ask the graph about every name, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--registry", required=True)
    parser.add_argument("--graph", required=True)
    parser.add_argument("--names", type=int, required=True)
    options = parser.parse_args()
    http_options = HttpOptions(user_agent=user_agent(""), rate_per_second=0, budget_seconds=60)
    base, replicate = f"{options.registry}/npm", f"{options.registry}/npm-replicate"
    with tempfile.TemporaryDirectory() as folder:
        async with (
            http_session(http_options, bases=(base, replicate)) as http,
            open_stores(options.graph) as stores,
        ):
            client = NpmClient(
                http, base_url=base, replicate_url=replicate, cache=FileCache(Path(folder))
            )
            begun = time.perf_counter()
            listing = await client.listing()
            listed = time.perf_counter() - begun
            total = new = 0
            async for chunk in chunked(listing.packages, CHUNK):
                names = [package.name for package in chunk]
                known = await stores.packages.states(Ecosystem.NPM, names)
                total += len(names)
                new += sum(name not in known for name in names)
            seconds = time.perf_counter() - begun
    if (total, new) != (options.names, options.names):
        raise SystemExit(f"{total} names listed and {new} new, not {options.names}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"listed": listed, "seconds": seconds, "peak_mib": peak}))


if __name__ == "__main__":
    asyncio.run(main())
