"""Fetch → parse → write, with bounded queues between the stages.

The network, the CPU and the database work at the same time, and memory stays flat: at most
`fetch_concurrency` packages are in each queue however long the list of candidates is.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from src.processes.extractors.candidate import Candidate, Outcome
from src.processes.extractors.under_way import UnderWay
from src.processes.extractors.writer import OutcomeWriter
from src.processes.progress import Progress
from src.schemas.errors import ErrorRateError, IngestionError, ListingGuardError, StoreError
from src.schemas.summary import ExtractionCounts, percentage
from src.services.apis.base import RegistryClient
from src.utils.failure_policy import FailurePolicy

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PipelineOptions:
    """Concurrency and batch sizes.

    A batch is written when it holds `batch_packages` packages or `batch_versions` versions, or when
    `flush_seconds` pass without a new one. A run fails once more than `max_error_rate` percent of
    its packages failed, at the earliest after `error_rate_after` of them. An update compares the
    whole registry with the graph when the last comparison is older than `compare_days`. `failures`
    tells when it tries again what failed before. The graph hears of packages that are under way every
    `tell_seconds`.
    """

    fetch_concurrency: int = 20
    batch_packages: int = 50
    batch_versions: int = 2_000
    flush_seconds: float = 1.0
    max_error_rate: float = 10.0
    error_rate_after: int = 20
    compare_days: float = 14.0
    failures: FailurePolicy = field(default_factory=FailurePolicy)
    tell_seconds: float = 1.0


GONE_FLOOR = 5
"""So many packages may always turn out to be gone: of a handful, one is more than the rate."""


class UnexpectedError(IngestionError):
    """A defect of ours met one package; it is recorded so that the other packages go on."""


@dataclass(frozen=True, slots=True)
class _Fetched:
    candidate: Candidate
    documents: object


class Pipeline:
    """Runs candidates through the stages; every one of them ends in exactly one outcome."""

    def __init__(
        self,
        client: RegistryClient[object],
        writer: OutcomeWriter,
        counts: ExtractionCounts,
        progress: Progress,
        options: PipelineOptions,
        *,
        under_way: UnderWay,
    ) -> None:
        """Read with `client`, write with `writer`, tell `progress` and `under_way`."""
        self._client = client
        self._writer = writer
        self._counts = counts
        self._progress = progress
        self._options = options
        self._under_way = under_way
        size = options.fetch_concurrency
        self._candidates: asyncio.Queue[Candidate | None] = asyncio.Queue(size)
        self._fetched: asyncio.Queue[_Fetched | None] = asyncio.Queue(size)
        self._outcomes: asyncio.Queue[Outcome | None] = asyncio.Queue(size)

    async def run(self, candidates: AsyncIterator[Candidate]) -> None:
        """Extract all candidates.

        Raises StoreError when the graph fails, ErrorRateError when too many packages fail,
        ListingGuardError when too many are not found where they should be, and whatever
        `candidates` raises. What was written until then stays and is whole.
        """
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._feed(candidates))
                group.create_task(self._fetch_all())
                group.create_task(self._parse_all())
                telling = group.create_task(self._under_way.keep_telling())
                writing = group.create_task(self._write_all())
                writing.add_done_callback(lambda _: telling.cancel())
        except BaseExceptionGroup as failures:
            error = _first(failures)
            if not isinstance(error, StoreError):
                await self._under_way.abandon()
            raise error from failures
        except asyncio.CancelledError:
            await self._under_way.abandon()
            raise
        self.check_error_rate(final=True)

    def check_error_rate(self, *, final: bool = False) -> None:
        """Raise ErrorRateError if too large a share of the packages tried so far failed."""
        # What failed before and is only tried again says nothing about this run.
        again = self._counts.errors_again
        tried, errors = self._counts.tried - again, self._counts.errors - again
        if not errors or (tried < self._options.error_rate_after and not final):
            return
        rate = percentage(errors, tried)
        if rate > self._options.max_error_rate:
            reasons = ", ".join(
                f"{reason}: {n}" for reason, n in self._counts.reasons.most_common()
            )
            raise ErrorRateError(
                f"{errors} of {tried} packages failed ({rate} %, allowed are"
                f" {self._options.max_error_rate} %): {reasons}. Each is recorded with its reason"
                " and tried again by the next run."
            )

    async def _feed(self, candidates: AsyncIterator[Candidate]) -> None:
        async for candidate in candidates:
            self._under_way.take_up(candidate.package.name)
            await self._candidates.put(candidate)
        await self._candidates.put(None)

    async def _fetch_all(self) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(self._options.fetch_concurrency):
                group.create_task(self._fetch_some())
        await self._fetched.put(None)

    async def _fetch_some(self) -> None:
        while (candidate := await self._candidates.get()) is not None:
            try:
                documents = await self._client.fetch(candidate.package, candidate.known)
            except Exception as error:  # noqa: BLE001 - one package must not end the others
                await self._outcomes.put(_failed(candidate, error))
            else:
                await self._fetched.put(_Fetched(candidate, documents))
        # The end mark goes on to the next worker.
        await self._candidates.put(None)

    async def _parse_all(self) -> None:
        while (fetched := await self._fetched.get()) is not None:
            await self._outcomes.put(self._parse(fetched))
            # A full queue never waits: let the network in between two packages.
            await asyncio.sleep(0)
        await self._outcomes.put(None)

    def _parse(self, fetched: _Fetched) -> Outcome:
        # Here and not in a thread: a busy thread makes each of the loop's socket calls wait for the
        # interpreter's lock, which cost more (a third of the rate) than parsing itself.
        try:
            record = self._client.parse(fetched.documents)
        except Exception as error:  # noqa: BLE001 - one package must not end the others
            return _failed(fetched.candidate, error)
        return Outcome(fetched.candidate, record=fetched.candidate.complete(record))

    async def _write_all(self) -> None:
        ended = False
        while not ended:
            batch, ended = await self._collect()
            if not batch:
                continue
            self._believe(batch)
            await self._writer.write(batch)
            await self._under_way.settle(outcome.candidate.package.name for outcome in batch)
            failed = sum(outcome.failed for outcome in batch)
            self._progress.finished(done=len(batch), errors=failed)
            self.check_error_rate()

    def _believe(self, batch: list[Outcome]) -> None:
        """Raise ListingGuardError before packages are marked as gone that can't all be gone.

        An address that leads nowhere answers 404 to everything.
        """
        gone = self._counts.surprises + sum(outcome.surprising for outcome in batch)
        tried = self._counts.tried + len(batch)
        if gone > max(GONE_FLOOR, self._options.max_error_rate / 100 * tried):
            raise ListingGuardError(
                f"{gone} of {tried} packages that should be there are not found"
                f" ({percentage(gone, tried)} %, allowed are {self._options.max_error_rate} %), and"
                " are left as they are. If the registry really removed them, update them by name."
            )

    async def _collect(self) -> tuple[list[Outcome], bool]:
        """Return the next batch, and whether it is the last."""
        batch: list[Outcome] = []
        versions = 0
        while len(batch) < self._options.batch_packages and versions < self._options.batch_versions:
            wait = self._options.flush_seconds if batch else None
            try:
                async with asyncio.timeout(wait):
                    outcome = await self._outcomes.get()
            except TimeoutError:
                return batch, False
            if outcome is None:
                return batch, True
            batch.append(outcome)
            versions += len(outcome.record.versions) if outcome.record is not None else 0
        return batch, False


def _failed(candidate: Candidate, error: Exception) -> Outcome:
    """Return the outcome of a candidate that could not be read; a failing graph ends the run."""
    if isinstance(error, StoreError):
        raise error
    if isinstance(error, IngestionError):
        return Outcome(candidate, error=error)
    logger.error("unexpected error in package %s", candidate.package.name, exc_info=error)
    unexpected = UnexpectedError(f"{type(error).__name__}: {error}")
    unexpected.__cause__ = error
    return Outcome(candidate, error=unexpected)


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the innermost first error of a group: the one that made the other tasks stop."""
    error: BaseException = failures
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
