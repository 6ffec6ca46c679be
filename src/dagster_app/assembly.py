"""What the resources lead to, opened and put together: for the run of an asset, and for the worker."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

from src.processes.attributor import Attributor, PostponedAttribution
from src.processes.extractors.package_extractor import PackageExtractor
from src.processes.extractors.stores import Stores
from src.processes.progress import Progress, Report
from src.processes.queue.processor import QueueProcessor
from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import StoreUnavailableError
from src.services.dbs.graph_driver import GraphDriver
from src.services.graph.attribution_store import AttributionStore
from src.services.graph.parent_store import ParentStore
from src.services.queue.message_queue import MessageQueue

STORE_KEYS = frozenset(
    {
        "package_service",
        "version_service",
        "graph_service",
        "vulnerability_service",
        "attributor",
        "extraction",
    }
)

ROUTES = {ecosystem: f"{ecosystem}_service" for ecosystem in Ecosystem}
"""The registry resource that serves each ecosystem's messages."""

QUEUE_KEYS = frozenset({*ROUTES.values(), *STORE_KEYS, "message_queue"})

Warn = Callable[[str], None]


class Resources(Protocol):
    """Resources by their key, as Dagster hands them to an asset."""

    def __getattr__(self, key: str) -> Any:  # noqa: ANN401 - each is a resource of its own kind
        """Return the resource of a key."""


@dataclass(frozen=True, slots=True)
class OpenQueue:
    """A processor that is ready to drain, and the queue that it drains."""

    processor: QueueProcessor
    queue: MessageQueue


@asynccontextmanager
async def open_stores(resources: Resources, warn: Warn) -> AsyncIterator[Stores]:
    """Yield the stores that the resources lead to.

    Without an advisory database the packages come all the same, marked for the next sync of the
    advisories, which attributes them.
    """
    async with resources.graph_service.open() as graph, _stores_on(graph, resources, warn) as on:
        yield on


@asynccontextmanager
async def _stores_on(graph: GraphDriver, resources: Resources, warn: Warn) -> AsyncIterator[Stores]:
    async with AsyncExitStack() as stack:
        attributor: Attributor | PostponedAttribution
        try:
            advisories = await stack.enter_async_context(resources.vulnerability_service.open())
            attributor = resources.attributor.on(advisories, graph)
        except StoreUnavailableError as error:
            warn(f"versions are stored without their advisories: {error}")
            attributor = PostponedAttribution(AttributionStore(graph))
        yield Stores(
            packages=resources.package_service.on(graph),
            versions=resources.version_service.on(graph),
            state=resources.package_service.state_on(graph),
            states=resources.package_service.states_on(graph),
            attributor=attributor,
        )


@asynccontextmanager
async def open_extractor(
    resources: Resources, registry_key: str, stores: Stores, report: Report
) -> AsyncIterator[PackageExtractor]:
    """Yield an extractor from the registry of that key into open stores."""
    async with getattr(resources, registry_key).open() as client:
        yield PackageExtractor(client, stores, Progress(report), resources.extraction.pipeline())


@asynccontextmanager
async def open_processor(
    resources: Resources, warn: Warn, report: Report
) -> AsyncIterator[OpenQueue]:
    """Yield the consumer of the queue; nothing of the queue is read yet."""
    async with AsyncExitStack() as stack:
        queue: MessageQueue = await stack.enter_async_context(resources.message_queue.open())
        graph: GraphDriver = await stack.enter_async_context(resources.graph_service.open())
        stores = await stack.enter_async_context(_stores_on(graph, resources, warn))
        extractors = {}
        for ecosystem, key in ROUTES.items():
            extractor = await stack.enter_async_context(
                open_extractor(resources, key, stores, report)
            )
            # Each message has a fate of its own: no share of failures ends the run.
            extractor.options = replace(extractor.options, max_error_rate=100.0)
            extractors[ecosystem] = extractor
        options = resources.extraction.queue()
        yield OpenQueue(
            QueueProcessor(queue.stream, extractors, ParentStore(graph), options), queue
        )
