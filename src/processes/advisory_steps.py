"""How the records of one ecosystem are read: along the list of changes, or all of them."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from src.processes.advisory_intake import BATCH, BY_OSV_NAME, Document, Intake
from src.processes.chunks import chunked, sliced
from src.processes.watermark import Watermark
from src.schemas.advisory_summary import AdvisoryCounts
from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import (
    IngestionError,
    InvalidKeyError,
    InvalidPayloadError,
    ListingGuardError,
    PackageNotFoundError,
    RegistryError,
)
from src.services.apis.osv_api import OSVClient
from src.services.vulnerability.advisory_store import AdvisoryStore
from src.utils.growing_names import GrowingNames
from src.utils.instants import EARLIEST, instant

logger = logging.getLogger(__name__)

GUARD_SHARE = 0.1
"""A sync that would take a larger share of an ecosystem's advisories out of the matching stops."""

GUARD_FLOOR = 5
"""So many may always go: of a handful of records, one is more than the share."""

STALE = timedelta(days=1)
"""A list of changes that stands still for longer is told."""

FETCHES = 10
"""Records asked for at once."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where records come from, and where they are stored."""

    client: OSVClient
    advisories: AdvisoryStore


async def follow(
    sources: Sources, ecosystem: Ecosystem, since: str, intake: Intake, counts: AdvisoryCounts
) -> str:
    """Take what the list of changes names; return the new cursor, "" where it stays.

    A record that cannot be had for good is counted and left to the reconciliation; the cursor stays
    before one that may be had later.
    """
    changes = await sources.client.changed_since(ecosystem.osv_name, since)
    _tell_stale(ecosystem, changes.newest, counts)
    if changes.broken_rows:
        counts.errors["broken_row"] += changes.broken_rows
    watermark = Watermark()
    for _, modified in changes:
        watermark.begin(modified)
    for part in sliced(changes, BATCH):
        held = await sources.advisories.modified([identity for identity, _ in part])
        wanted = [row for row in part if _moment(held.get(row[0], "")) != _moment(row[1])]
        answers = await _fetch(sources.client, ecosystem, [identity for identity, _ in wanted])
        await intake.take(_count_failures(answers, counts))
        late = _late(wanted, answers, counts)
        for row in part:
            if row not in late:
                watermark.finish(row[1])
    await _believe(sources, ecosystem, intake.withdrawing)
    await intake.take_held()
    return _not_ahead(watermark.mark)


def _late(
    rows: Sequence[tuple[str, str]],
    answers: Sequence[Document | IngestionError],
    counts: AdvisoryCounts,
) -> set[tuple[str, str]]:
    """Return the rows whose record a later sync may have; count those that lag behind their list."""
    late = set()
    for row, answer in zip(rows, answers, strict=True):
        if isinstance(answer, IngestionError):
            late |= {row} if answer.transient else set()
        elif _moment(str(answer.get("modified") or "")) < _moment(row[1]):
            counts.errors["older_than_listed"] += 1
            late.add(row)
    return late


async def compare(
    sources: Sources, ecosystem: Ecosystem, intake: Intake, counts: AdvisoryCounts
) -> str:
    """Take the whole archive, and out of the matching what the source no longer has.

    Returns the newest date of change in it, from where the list of changes may be followed. An
    archive lacks records sometimes, so each one missing is asked for first, and so is what is broken.
    """
    seen, newest = GrowingNames(), ""
    archive = sources.client.archive(ecosystem.osv_name)
    async for documents in chunked(aiter(archive), BATCH):
        for document in documents:
            seen.add(str(document.get("id")))
            newest = max(newest, str(document.get("modified") or ""), key=_moment)
        await intake.take(documents)
    if not len(seen):
        raise InvalidPayloadError(f"the archive of {ecosystem} holds no record that can be read")
    _tell_stale(ecosystem, newest, counts)
    broken = [name.rpartition("/")[2].removesuffix(".json") for name in archive.broken]
    counts.errors.update(["broken_entry"] * len(broken))
    for identity in broken:
        seen.add(identity)
    missing = [
        record.id
        async for record in sources.advisories.ids(ecosystem)
        if not record.withdrawn and record.id not in seen
    ]
    for part in sliced(broken, BATCH):
        answers = await _fetch(sources.client, ecosystem, part)
        await intake.take(_count_failures(answers, counts))
    await _believe(sources, ecosystem, intake.withdrawing + len(missing))
    await intake.take_held()
    for part in sliced(missing, BATCH):
        await _confirm(sources, ecosystem, part, intake, counts)
    return _not_ahead(newest)


async def _confirm(
    sources: Sources,
    ecosystem: Ecosystem,
    ids: Sequence[str],
    intake: Intake,
    counts: AdvisoryCounts,
) -> None:
    """Ask for each record that the archive lacks: it may be there, elsewhere, or really gone."""
    answers = await _fetch(sources.client, ecosystem, ids)
    gone = []
    for place, answer in enumerate(answers):
        if isinstance(answer, PackageNotFoundError):
            found = await _elsewhere(sources, ecosystem, ids[place])
            answers[place] = {} if found is None else found
            gone += [ids[place]] if found is None else []
    await intake.take(_count_failures([answer for answer in answers if answer], counts))
    await intake.withdraw(gone)


async def _elsewhere(
    sources: Sources, ecosystem: Ecosystem, identity: str
) -> Document | IngestionError | None:
    """Look for a record in the folders of the other ecosystems that it named; None if in none."""
    stored = await sources.advisories.find(identity) or {}
    folders = {key.partition("/")[0] for key in stored.get("package_keys", ())}
    for folder in sorted(folders & BY_OSV_NAME.keys() - {ecosystem.osv_name}):
        [answer] = await _fetch(sources.client, BY_OSV_NAME[folder], [identity])
        if not isinstance(answer, PackageNotFoundError):
            return answer
    return None


async def _believe(sources: Sources, ecosystem: Ecosystem, leaving: int) -> None:
    """Raise ListingGuardError if more advisories would leave the matching than can be believed."""
    if leaving <= GUARD_FLOOR:
        return
    live = 0
    async for record in sources.advisories.ids(ecosystem):
        live += not record.withdrawn
    if leaving > GUARD_SHARE * live:
        raise ListingGuardError(
            f"{leaving} of {live} advisories of {ecosystem} would be withdrawn, more than"
            f" {GUARD_SHARE:.0%}: they are kept as they are"
        )


async def _fetch(
    client: OSVClient, ecosystem: Ecosystem, ids: Sequence[str]
) -> list[Document | IngestionError]:
    """Return each record, or why it cannot be had."""
    places = asyncio.Semaphore(FETCHES)

    async def one(identity: str) -> Document | IngestionError:
        async with places:
            try:
                return await client.record(ecosystem.osv_name, identity)
            except (RegistryError, InvalidKeyError) as error:
                return error

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(identity)) for identity in ids]
    return [task.result() for task in tasks]


def _count_failures(
    answers: Sequence[Document | IngestionError], counts: AdvisoryCounts
) -> list[Document]:
    """Return the records among the answers, and count why others could not be had."""
    documents: list[Document] = []
    for answer in answers:
        if isinstance(answer, IngestionError):
            counts.errors[answer.reason] += 1
        else:
            documents.append(answer)
    return documents


def _tell_stale(ecosystem: Ecosystem, newest: str, counts: AdvisoryCounts) -> None:
    if datetime.now(UTC) - _moment(newest) > STALE:
        counts.stale = True
        logger.warning("the advisories of %s have not moved since %s", ecosystem, newest or "ever")


def _not_ahead(position: str) -> str:
    """A record from the future must not hide from the next sync what changes until then."""
    now = datetime.now(UTC)
    return now.isoformat() if _moment(position) > now else position


def _moment(modified: str) -> datetime:
    return instant(modified) or EARLIEST
