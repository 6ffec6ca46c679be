"""How the records of one ecosystem are read: along the list of changes, or all of them."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from src.processes.advisory_intake import BATCH, BY_OSV_NAME, Document, Intake
from src.processes.chunks import chunked, sliced
from src.processes.watermark import Watermark
from src.schemas.advisory_summary import AdvisoryCounts
from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import (
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
    watermark = Watermark()
    for _, modified in changes:
        watermark.begin(modified)
    for part in sliced(changes, BATCH):
        answers = await _fetch(sources.client, ecosystem, [identity for identity, _ in part])
        await intake.take(_documents(answers))
        for (_, modified), answer in zip(part, answers, strict=True):
            if isinstance(answer, RegistryError):
                counts.errors[answer.reason] += 1
                if answer.transient:
                    continue
            watermark.finish(modified)
    await _believe(sources, ecosystem, intake.withdrawing)
    await intake.take_held()
    return watermark.mark


async def compare(
    sources: Sources, ecosystem: Ecosystem, intake: Intake, counts: AdvisoryCounts
) -> str:
    """Take the whole archive, and out of the matching what the source no longer has.

    Returns the newest date of change in it, from where the list of changes may be followed. An
    archive lacks records sometimes, so each one missing is asked for first.
    """
    seen, newest = GrowingNames(), ""
    async for documents in chunked(sources.client.archive(ecosystem.osv_name), BATCH):
        for document in documents:
            seen.add(str(document.get("id")))
            newest = max(newest, str(document.get("modified") or ""), key=_moment)
        await intake.take(documents)
    if not len(seen):
        raise InvalidPayloadError(f"the archive of {ecosystem} holds no record at all")
    missing = [
        record.id
        async for record in sources.advisories.ids(ecosystem)
        if not record.withdrawn and record.id not in seen
    ]
    await _believe(sources, ecosystem, intake.withdrawing + len(missing))
    await intake.take_held()
    for part in sliced(missing, BATCH):
        await _confirm(sources, ecosystem, part, intake, counts)
    return newest


async def _confirm(
    sources: Sources,
    ecosystem: Ecosystem,
    ids: Sequence[str],
    intake: Intake,
    counts: AdvisoryCounts,
) -> None:
    """Ask for each record that the archive lacks: it may be there, elsewhere, or really gone."""
    answers = await _fetch(sources.client, ecosystem, ids)
    for place, answer in enumerate(answers):
        if isinstance(answer, PackageNotFoundError):
            answers[place] = await _elsewhere(sources, ecosystem, ids[place], answer)
    await intake.take(_documents(answers))
    gone = []
    for identity, answer in zip(ids, answers, strict=True):
        if isinstance(answer, PackageNotFoundError):
            gone.append(identity)
        elif isinstance(answer, RegistryError):
            counts.errors[answer.reason] += 1
    await intake.withdraw(gone)


async def _elsewhere(
    sources: Sources, ecosystem: Ecosystem, identity: str, absent: PackageNotFoundError
) -> Document | RegistryError:
    """Look for a record in the folders of the other ecosystems that it named."""
    stored = await sources.advisories.find(identity) or {}
    folders = {key.partition("/")[0] for key in stored.get("package_keys", ())}
    for folder in sorted(folders - {ecosystem.osv_name}):
        [answer] = await _fetch(sources.client, BY_OSV_NAME[folder], [identity])
        if not isinstance(answer, PackageNotFoundError):
            return answer
    return absent


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
) -> list[Document | RegistryError]:
    """Return each record, or why it cannot be had."""
    places = asyncio.Semaphore(FETCHES)

    async def one(identity: str) -> Document | RegistryError:
        async with places:
            try:
                return await client.record(ecosystem.osv_name, identity)
            except RegistryError as error:
                return error

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(identity)) for identity in ids]
    return [task.result() for task in tasks]


def _documents(answers: Sequence[Document | RegistryError]) -> list[Document]:
    return [answer for answer in answers if not isinstance(answer, RegistryError)]


def _moment(modified: str) -> datetime:
    return instant(modified) or EARLIEST
