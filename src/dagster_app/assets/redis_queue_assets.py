"""The queue in Dagster: requests of other programs, drained every few minutes."""

from contextlib import AsyncExitStack
from dataclasses import replace

import dagster as dg

from src.dagster_app.factory import STORE_KEYS, open_extractor, open_stores
from src.dagster_app.resources.extraction import ExtractionResource
from src.dagster_app.runtime import run_async
from src.processes.queue_processor import QueueProcessor
from src.schemas.ecosystem import Ecosystem
from src.schemas.summary import QueueSummary

ROUTES = {ecosystem: f"{ecosystem}_service" for ecosystem in Ecosystem}
"""The registry resource that serves each ecosystem's messages."""


@dg.asset(
    group_name="redis_queue",
    kinds={"python", "redis"},
    required_resource_keys={*ROUTES.values(), *STORE_KEYS, "message_stream"},
)
def redis_queue_processor(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """Extract the packages that other programs asked for on the Redis stream."""

    async def main() -> QueueSummary:
        options: ExtractionResource = context.resources.extraction
        async with AsyncExitStack() as stack:
            stores = await stack.enter_async_context(open_stores(context))
            stream = await stack.enter_async_context(context.resources.message_stream.open())
            extractors = {}
            for ecosystem, key in ROUTES.items():
                extractor = await stack.enter_async_context(open_extractor(context, key, stores))
                # Each message has a fate of its own: no share of failures ends the run.
                extractor.options = replace(extractor.options, max_error_rate=100.0)
                extractors[ecosystem] = extractor
            return await QueueProcessor(stream, extractors, options.queue()).drain()

    return dg.MaterializeResult(metadata=run_async(main()).metadata())
