"""A registry, a graph and the pipeline between them, as one thing for tests to hold."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from src.cache import FileCache
from src.local_stack.replay import ReplayServer, SampleSource, Source
from src.processes.attributor import Attributor
from src.processes.extractors.ingestion import ingest
from src.processes.extractors.package_extractor import PackageExtractor
from src.processes.extractors.pipeline import PipelineOptions
from src.processes.extractors.stores import Stores
from src.processes.progress import Progress
from src.processes.selection import Selection
from src.processes.updaters.package_updater import update
from src.schemas.ecosystem import Ecosystem
from src.schemas.summary import IngestionSummary, UpdateSummary
from src.services.apis.base import RegistryClient
from src.services.dbs.graph_driver import GraphDriver
from src.services.graph import migrations
from src.services.graph.fingerprint import fingerprint
from src.services.graph.package_states import PackageStates
from src.services.graph.package_store import PackageStore
from src.services.graph.state_store import StateStore
from src.services.graph.version_store import VersionStore
from src.session import HttpOptions, http_session, user_agent
from src.utils.failure_policy import FailurePolicy
from tests.e2e.clients import bases, build_client

SAMPLES = Path(__file__).parents[2] / "samples"

AT_ONCE = FailurePolicy(retry_hours=0)
"""What failed is tried again by the very next run."""

SMALL_BATCHES = PipelineOptions(
    fetch_concurrency=8, batch_packages=7, flush_seconds=0.2, failures=AT_ONCE
)


class Day:
    """Which day of the sample registry is served; moved by hand."""

    def __init__(self) -> None:
        self.now = 1

    def __call__(self) -> int:
        return self.now


@dataclass
class World:
    """Everything that a run of the pipeline needs."""

    graph: GraphDriver
    server: ReplayServer
    cache: FileCache
    ecosystem: Ecosystem = Ecosystem.PYPI
    day: Day = field(default_factory=Day)
    options: PipelineOptions = SMALL_BATCHES
    discovery_budget: int = 1_000
    attempts: int = 5
    timeout_seconds: float = 5
    http: dict[str, float] = field(default_factory=dict)
    attributor: Attributor | None = None

    @property
    def stores(self) -> Stores:
        packages, versions = PackageStore(self.graph), VersionStore(self.graph)
        state, states = StateStore(self.graph), PackageStates(self.graph)
        return Stores(packages, versions, state, states, self.attributor)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[RegistryClient[object]]:
        options = HttpOptions(
            user_agent=user_agent("tests"),
            rate_per_second=0,
            budget_seconds=20,
            backoff_seconds=0.01,
            max_attempts=self.attempts,
            **{"timeout_seconds": self.timeout_seconds, **self.http},
        )
        async with http_session(options, bases=bases(self.ecosystem, self.server.url)) as http:
            yield build_client(self.ecosystem, http, self.server.url, self.cache)

    @asynccontextmanager
    async def extractor(self) -> AsyncIterator[PackageExtractor]:
        async with self.client() as client:
            yield PackageExtractor(client, self.stores, Progress(lambda _: None), self.options)

    async def ingest(self, **selection: object) -> IngestionSummary:
        async with self.extractor() as extractor:
            chosen = Selection(**selection)
            return await ingest(extractor, chosen, discovery_budget=self.discovery_budget)

    async def update(self, **selection: object) -> UpdateSummary:
        async with self.extractor() as extractor:
            chosen = Selection(**selection)
            return await update(extractor, chosen, discovery_budget=self.discovery_budget)

    async def fingerprint(self) -> str:
        return (await fingerprint(self.graph)).hash

    async def cursor(self) -> str:
        return await self.stores.state.cursor(self.ecosystem)


@asynccontextmanager
async def open_world(
    graph: GraphDriver,
    folder: Path,
    *,
    source: Source | None = None,
    ecosystem: Ecosystem = Ecosystem.PYPI,
) -> AsyncIterator[World]:
    """Yield a world over the sample registry, or over a source of the test's own."""
    await migrations.apply(graph)
    day = Day()
    with ReplayServer(source or SampleSource(SAMPLES, day)) as server:
        # No time to live: a listing is asked for anew in each run, as after an hour.
        yield World(graph, server, FileCache(folder, ttl_seconds=0), ecosystem, day)
