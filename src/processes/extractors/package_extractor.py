"""One extractor for all ecosystems: candidates through the pipeline, and what they require too."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field

from src.processes.extractors.candidate import Candidate
from src.processes.extractors.pipeline import Pipeline, PipelineOptions
from src.processes.extractors.stores import Stores
from src.processes.extractors.writer import OutcomeWriter, Settled
from src.processes.progress import Progress
from src.processes.watermark import Watermark
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
        writer = OutcomeWriter(
            self.client.ecosystem, self.stores, self.counts, watermark=watermark, settled=settled
        )
        pipeline = Pipeline(self.client, writer, self.counts, self.progress, self.options)
        await pipeline.run(candidates)

    async def discover(self, budget: int) -> int:
        """Extract packages that others require and the graph holds only as bare nodes.

        Goes on breadth first until none is left or `budget` packages were tried; returns how many
        were. What is left over waits for the next run; what failed is not tried twice in one run.
        """
        spent = 0
        while spent < budget:
            names = await self.stores.packages.bare_names(
                self.client.ecosystem, min(_DISCOVERY_ROUND, budget - spent), exclude=self._tried
            )
            if not names:
                break
            self._tried.update(names)
            spent += len(names)
            if self.progress.total is not None:
                self.progress.total += len(names)
            await self.extract(_in_graph(names))
        return spent

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


async def _in_graph(names: Iterable[str]) -> AsyncIterator[Candidate]:
    for name in names:
        yield Candidate(ListedPackage(name), in_graph=True)
