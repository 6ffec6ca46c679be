"""The requests of one ecosystem out of a batch: extracted together, linked, settled one by one."""

import logging
from collections.abc import AsyncIterator, Container, Sequence
from dataclasses import dataclass, field

from src.processes.extractors.candidate import Candidate
from src.processes.extractors.package_extractor import PackageExtractor
from src.processes.extractors.pipeline import UnexpectedError
from src.processes.queue.fates import Fates
from src.processes.queue.requests import Request
from src.processes.queue.spreading import Spreading
from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import IngestionError, PackageNotFoundError, StoreUnavailableError
from src.schemas.package import UNKNOWN, ListedPackage
from src.services.graph.parent_store import ParentLink, ParentStore
from src.utils.json_values import clean_text
from src.utils.repo_normalizer import normalize_repository_url

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Outcomes:
    """What became of each package, by name: None where the graph has it now.

    `present` were there already; `unavailable` is why the graph could not be reached, and the
    outcome of whatever is missing.
    """

    of: dict[str, IngestionError | None] = field(default_factory=dict)
    present: set[str] = field(default_factory=set)
    unavailable: StoreUnavailableError | None = None

    def error(self, name: str) -> IngestionError | None:
        """Return why the graph does not have a package; None where it has."""
        if name in self.of:
            return self.of[name]
        return self.unavailable or UnexpectedError(f"{name} came to no end")


class EcosystemBatch:
    """Works on requests of one ecosystem. Each of them is settled, whatever goes wrong."""

    def __init__(
        self, extractor: PackageExtractor, parents: ParentStore, fates: Fates, spreading: Spreading
    ) -> None:
        """Extract with `extractor`, link with `parents`, settle with `fates`."""
        self._extractor = extractor
        self._parents = parents
        self._fates = fates
        self._spreading = spreading

    @property
    def _ecosystem(self) -> Ecosystem:
        return self._extractor.client.ecosystem

    async def work(self, requests: Sequence[Request]) -> StoreUnavailableError | None:
        """Extract, link and settle; return why the graph could not be reached, where that was so.

        Raises QueueError; what was not settled by then comes again.
        """
        outcomes = await self._extract(requests)
        done = []
        for request in requests:
            error = _missed(request, outcomes.error(request.name))
            if error is None:
                error = await self._linked(request)
            if error is None:
                done.append(request)
            else:
                await self._fates.failed(request.message, error)
        # Before they are acknowledged: who dies in between leaves messages that do it again.
        lost = await self._spread(done, outcomes.present)
        if lost is None:
            await self._fates.done(done)
        return outcomes.unavailable or lost

    async def _extract(self, requests: Sequence[Request]) -> _Outcomes:
        outcomes = _Outcomes()
        try:
            candidates = await self._candidates(requests, outcomes)
            await self._extract_together(candidates, outcomes)
        except StoreUnavailableError as error:
            outcomes.unavailable = error
        return outcomes

    async def _candidates(
        self, requests: Sequence[Request], outcomes: _Outcomes
    ) -> list[Candidate]:
        """Return one candidate a package; several requests for one are merged."""
        names = sorted({request.name for request in requests})
        states = await self._extractor.stores.packages.states(self._ecosystem, names)
        refreshed = {request.name for request in requests if request.wanted.refresh}
        wanted: dict[str, Candidate] = {}
        for request in requests:
            name = request.name
            if name in states and name not in refreshed:
                outcomes.of[name] = None
                outcomes.present.add(name)
            else:
                # What others require has a node, which is marked where there is no such package.
                known = name in states or request.message.depth > 0
                wanted[name] = _candidate(request, wanted.get(name), in_graph=known)
        return list(wanted.values())

    async def _extract_together(self, candidates: Sequence[Candidate], outcomes: _Outcomes) -> None:
        """Extract all at once; where one of them spoils the batch, each alone."""
        try:
            await self._extractor.extract(_each(candidates), settled=outcomes.of.__setitem__)
        except StoreUnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - one package must not end the others
            left = [each for each in candidates if each.package.name not in outcomes.of]
            if len(left) == 1:
                outcomes.of[left[0].package.name] = _told(left[0], error)
                return
            for candidate in left:
                await self._extract_together([candidate], outcomes)

    async def _linked(self, request: Request) -> IngestionError | None:
        """Make the edge from the parent that a request names; return why there is none."""
        wanted = request.wanted
        if not wanted.parent_id:
            return None
        link = ParentLink(
            wanted.parent_id,
            wanted.parent_version,
            request.ecosystem,
            request.name,
            clean_text(wanted.constraints),
        )
        try:
            await self._parents.link(link)
        except IngestionError as error:
            return error
        self._fates.count_link()
        return None

    async def _spread(
        self, done: Sequence[Request], present: Container[str]
    ) -> StoreUnavailableError | None:
        """Let what was extracted bring in what it requires; return why the graph was away."""
        depths: dict[int, set[str]] = {}
        for request in done:
            # Who extracted a package may have died before this step; then its message comes again.
            if request.name in present and not request.message.again:
                continue
            depths.setdefault(request.message.depth, set()).add(request.name)
        try:
            for depth, names in sorted(depths.items()):
                await self._spreading.spread(self._ecosystem, names, depth)
        except StoreUnavailableError as error:
            for request in done:
                await self._fates.failed(request.message, error)
            return error
        return None


def _missed(request: Request, error: IngestionError | None) -> IngestionError | None:
    """Return the error of a request; nobody asked for what others require and does not exist."""
    found_missing = isinstance(error, PackageNotFoundError) and request.message.depth > 0
    return None if found_missing else error


def _candidate(request: Request, merged: Candidate | None, *, in_graph: bool) -> Candidate:
    """Return the candidate of a request; what an earlier one of the batch told comes first."""
    vendor = clean_text(request.wanted.vendor)
    repository_url = _address(request.wanted.repository_url)
    if merged is not None:
        vendor = vendor if merged.vendor == UNKNOWN else merged.vendor
        known = merged.repository_url
        repository_url = repository_url if known == UNKNOWN else known
    return Candidate(
        ListedPackage(request.name),
        in_graph=in_graph,
        requested=True,
        vendor=vendor or UNKNOWN,
        repository_url=repository_url,
    )


def _address(told: str) -> str:
    """Return a repository's address, which is stored and never asked for anything."""
    known = normalize_repository_url(told)
    if known:
        return known
    return clean_text(told) if told.startswith(("https://", "http://")) else UNKNOWN


def _told(candidate: Candidate, error: Exception) -> IngestionError:
    if isinstance(error, IngestionError):
        return error
    logger.error("unexpected error in package %s", candidate.package.name, exc_info=error)
    return UnexpectedError(f"{type(error).__name__}: {error}")


async def _each(candidates: Sequence[Candidate]) -> AsyncIterator[Candidate]:
    for candidate in candidates:
        yield candidate
