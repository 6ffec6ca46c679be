"""One extractor for all ecosystems: candidates through the pipeline, and what they require too."""

from collections.abc import AsyncIterator, Container, Iterable
from dataclasses import dataclass, field
from functools import partial

from src.processes.extractors.candidate import Candidate
from src.processes.extractors.pipeline import Pipeline, PipelineOptions
from src.processes.extractors.stores import Stores
from src.processes.extractors.under_way import UnderWay
from src.processes.extractors.writer import OutcomeWriter, Settled, now_ms
from src.processes.progress import Progress
from src.processes.watermark import Watermark
from src.schemas.errors import IngestionError
from src.schemas.package import KnownPackage, ListedPackage
from src.schemas.summary import ExtractionCounts
from src.services.apis.base import RegistryClient

_DISCOVERY_ROUND = 500
CHUNK = 1_000
"""How many names the graph is asked about at once."""


@dataclass(slots=True)
class PackageExtractor:
    """Extracts packages of one registry and counts what became of them, over one run."""

    client: RegistryClient[object]
    stores: Stores
    progress: Progress
    options: PipelineOptions = field(default_factory=PipelineOptions)
    counts: ExtractionCounts = field(default_factory=ExtractionCounts)
    _tried: set[str] = field(default_factory=set)

    async def extract(
        self,
        candidates: AsyncIterator[Candidate],
        *,
        watermark: Watermark | None = None,
        settled: Settled | None = None,
    ) -> None:
        """Extract all candidates; see Pipeline.run for what is raised."""
        ecosystem, options = self.client.ecosystem, self.options
        writer = OutcomeWriter(
            ecosystem,
            self.stores,
            self.counts,
            watermark=watermark,
            settled=partial(self._settled, settled),
        )
        pipeline = Pipeline(
            self.client,
            writer,
            self.counts,
            self.progress,
            options,
            under_way=UnderWay(ecosystem, self.stores.state, options.tell_seconds),
        )
        await pipeline.run(candidates)

    def _settled(self, told: Settled | None, name: str, error: IngestionError | None) -> None:
        if error is not None:
            self._tried.add(name)
        if told is not None:
            told(name, error)

    async def discover(self, budget: int) -> int:
        """Extract packages that others require and the graph holds only as bare nodes.

        Goes on breadth first until none is left or `budget` packages were tried; returns how many
        were. What is left over waits for the next run. What failed in this run is not tried again by
        it, and what failed before only when its time has come.
        """
        spent = 0
        failed, waiting = await self.failed()
        while spent < budget:
            names = await self.stores.packages.bare_names(
                self.client.ecosystem,
                min(_DISCOVERY_ROUND, budget - spent),
                exclude=self._tried | waiting,
            )
            if not names:
                break
            self._tried.update(names)
            spent += len(names)
            if self.progress.total is not None:
                self.progress.total += len(names)
            await self.extract(_in_graph(names, failed))
        return spent

    async def failed(self) -> tuple[set[str], set[str]]:
        """Return the names of what failed before, and those among them whose time has not come."""
        now, policy = now_ms(), self.options.failures
        failures = await self.stores.state.failures(self.client.ecosystem)
        waiting = {f.name for f in failures if not policy.due(f.attempts, f.last_seen, now)}
        return {failure.name for failure in failures}, waiting

    async def states(self) -> dict[str, int]:
        """Return how many packages of the ecosystem are in each state now."""
        return await self.stores.states.summary(self.client.ecosystem, now_ms=now_ms())

    async def with_known(
        self,
        packages: Iterable[ListedPackage],
        *,
        refresh: bool = False,
        requested: bool = False,
        retried: bool = False,
    ) -> AsyncIterator[Candidate]:
        """Yield candidates that know what the graph holds of them, so that it is not read again."""
        chunk = list(packages)
        known = await self.stores.versions.known(
            self.client.ecosystem, [package.name for package in chunk]
        )
        for package in chunk:
            yield Candidate(
                package,
                KnownPackage() if refresh else known.get(package.name, KnownPackage()),
                in_graph=package.name in known,
                requested=requested,
                retried=retried,
            )

    def canonical(self, names: Iterable[str]) -> list[str]:
        """Return the distinct canonical names in the order given; raises InvalidKeyError."""
        return list(dict.fromkeys(self.client.canonical_name(name) for name in names))


async def _in_graph(names: Iterable[str], failed: Container[str]) -> AsyncIterator[Candidate]:
    for name in names:
        yield Candidate(ListedPackage(name), in_graph=True, retried=name in failed)
