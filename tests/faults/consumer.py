"""A consumer as a process of its own, which knows nothing but addresses, and works until SIGTERM."""

import asyncio
import signal
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from src.cache import FileCache
from src.processes.attributor import Attributor
from src.processes.extractors.package_extractor import PackageExtractor
from src.processes.extractors.stores import Stores
from src.processes.progress import Progress
from src.processes.queue.options import QueueOptions
from src.processes.queue.processor import QueueProcessor
from src.processes.queue.worker import work_until
from src.schemas.ecosystem import Ecosystem
from src.schemas.summary import QueueSummary
from src.services.dbs.graph_driver import open_graph
from src.services.graph.attribution_store import AttributionStore
from src.services.graph.package_store import PackageStore
from src.services.graph.parent_store import ParentStore
from src.services.graph.state_store import StateStore
from src.services.graph.version_store import VersionStore
from src.services.queue.message_queue import open_queue
from src.services.queue.redis_keys import QueueKeys
from src.services.vulnerability.advisory_store import open_advisories
from src.session import HttpOptions, http_session, user_agent
from tests.e2e.clients import bases, build_client
from tests.e2e.queue.queue_world import ANY_FAILURES
from tests.servers.process import die_with_parent

HTTP = HttpOptions(user_agent=user_agent("tests"), rate_per_second=0, backoff_seconds=0.01)


@dataclass(frozen=True, slots=True)
class Address:
    """Where everything is that a consumer needs; `advisories` may be ""."""

    graph: tuple[str, str, str]
    redis: tuple[str, int]
    keys: tuple[str, str]
    registry: str
    consumer: str
    options: dict[str, float]
    advisories: str = ""


async def consume(address: Address, stop: asyncio.Event, ready: Callable[[], None]) -> Counter[str]:
    """Open everything, say so, and work until told to stop; return what became of the messages."""
    counted: Counter[str] = Counter()

    def report(summary: QueueSummary) -> None:
        told = summary.metadata()
        names = ("total_processed", "successful", "retried", "failed", "validation_errors")
        counted.update({name: told[name] for name in (*names, "unsupported_types")})
        counted.update(summary.reasons)

    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        graph = await enter(open_graph(*address.graph))
        attributor = None
        if address.advisories:
            advisories = await enter(open_advisories(address.advisories, "", ""))
            attributor = Attributor(advisories, AttributionStore(graph))
        host, port = address.redis
        keys = QueueKeys(*address.keys)
        queue = await enter(
            open_queue(host=host, port=port, db=0, keys=keys, consumer=address.consumer)
        )
        http = await enter(http_session(HTTP, bases=bases(Ecosystem.PYPI, address.registry)))
        cache = FileCache(Path(stack.enter_context(tempfile.TemporaryDirectory())), ttl_seconds=0)
        client = build_client(Ecosystem.PYPI, http, address.registry, cache)
        stores = Stores(PackageStore(graph), VersionStore(graph), StateStore(graph), attributor)
        extractor = PackageExtractor(client, stores, Progress(lambda _: None), ANY_FAILURES)
        options = QueueOptions(**address.options)
        routes = {Ecosystem.PYPI: extractor}
        processor = QueueProcessor(queue.stream, routes, ParentStore(graph), options)
        ready()
        await work_until(stop, processor, report)
    return counted


async def _told(address: Address, line: Connection) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    line.send(await consume(address, stop, lambda: line.send("ready")))


def main(address: Address, line: Connection) -> None:
    """Say "ready" on the line, consume until SIGTERM, and tell what was counted."""
    die_with_parent(signal.SIGKILL)
    asyncio.run(_told(address, line))
