"""Keeps the advisory database like the OSV database, and the graph's attributions like both.

A sync follows the list of what changed, from where the last one ended; a reconciliation compares with
the whole archive, because not every change is in the list. Either may end anywhere: the next one first
finishes what waits, in the advisory database because its packages were not attributed, in the graph
because the advisory database was away when they were written; and the cursor moves last.
"""

import logging
from collections.abc import Awaitable, Callable, Collection

from src.processes.advisory_intake import BATCH, Intake
from src.processes.advisory_steps import Sources, compare, follow
from src.processes.attributor import Attributor
from src.processes.chunks import chunked
from src.schemas.advisory_summary import AdvisoryCounts, AdvisorySummary
from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import ListingGuardError, RegistryError

logger = logging.getLogger(__name__)

_EVERY = tuple(Ecosystem)

_Step = Callable[[Sources, Ecosystem, Intake, AdvisoryCounts], Awaitable[str]]


async def sync(
    sources: Sources, attributor: Attributor, ecosystems: Collection[Ecosystem] = _EVERY
) -> AdvisorySummary:
    """Follow what changed since the last sync; an ecosystem that was never synced is reconciled.

    An ecosystem whose source fails, or whose change cannot be believed, keeps what it has, and the
    others go on; see `AdvisorySummary.failures`. Raises StoreError when a database fails.
    """

    async def step(
        sources: Sources, ecosystem: Ecosystem, intake: Intake, counts: AdvisoryCounts
    ) -> str:
        since = await sources.advisories.cursor(ecosystem)
        if since:
            return await follow(sources, ecosystem, since, intake, counts)
        return await _compare_and_repair(sources, attributor, ecosystem, intake, counts)

    return await _each(sources, attributor, ecosystems, step)


async def reconcile(
    sources: Sources, attributor: Attributor, ecosystems: Collection[Ecosystem] = _EVERY
) -> AdvisorySummary:
    """Compare with the whole archives, and attribute every version that has no attribution.

    Fails as `sync` does.
    """

    async def step(
        sources: Sources, ecosystem: Ecosystem, intake: Intake, counts: AdvisoryCounts
    ) -> str:
        position = await _compare_and_repair(sources, attributor, ecosystem, intake, counts)
        return "" if await sources.advisories.cursor(ecosystem) else position

    return await _each(sources, attributor, ecosystems, step)


async def attribute_waiting(
    attributor: Attributor, ecosystem: Ecosystem, counts: AdvisoryCounts
) -> None:
    """Attribute the packages that are marked in the graph: the extraction could not."""
    while waiting := await attributor.store.unattributed(ecosystem, BATCH):
        await _attribute(attributor, ecosystem, [package.name for package in waiting], counts)
        if not await attributor.store.unmark(ecosystem, waiting):
            return  # others mark them all the time; they or the next sync will see to them


async def _each(
    sources: Sources, attributor: Attributor, ecosystems: Collection[Ecosystem], step: _Step
) -> AdvisorySummary:
    summary = AdvisorySummary({ecosystem: AdvisoryCounts() for ecosystem in ecosystems})
    with Intake(sources.advisories, attributor, summary.unfinished) as intake:
        async for waiting in chunked(sources.advisories.waiting(), BATCH):
            await intake.follow(waiting)
    for ecosystem, counts in summary.ecosystems.items():
        await _one(sources, attributor, ecosystem, counts, step)
        logger.info(
            "%s: %d advisories seen, %d changed, %d withdrawn; %d versions of %d packages attributed",
            *(ecosystem, counts.seen, counts.changed, counts.withdrawn),
            *(counts.versions, counts.packages),
        )
    return summary


async def _one(
    sources: Sources,
    attributor: Attributor,
    ecosystem: Ecosystem,
    counts: AdvisoryCounts,
    step: _Step,
) -> None:
    position = ""
    with Intake(sources.advisories, attributor, counts) as intake:
        try:
            position = await step(sources, ecosystem, intake, counts)
        except (RegistryError, ListingGuardError) as error:
            counts.failure = f"{error.reason}: {error}"
            logger.error("the advisories of %s were not synced: %s", ecosystem, error)  # noqa: TRY400 - no defect of ours
    await attribute_waiting(attributor, ecosystem, counts)
    if position:
        await sources.advisories.set_cursor(ecosystem, position)


async def _compare_and_repair(
    sources: Sources,
    attributor: Attributor,
    ecosystem: Ecosystem,
    intake: Intake,
    counts: AdvisoryCounts,
) -> str:
    position = await compare(sources, ecosystem, intake, counts)
    async for names in chunked(attributor.store.never_attributed(ecosystem), BATCH):
        await _attribute(attributor, ecosystem, names, counts)
    return position


async def _attribute(
    attributor: Attributor, ecosystem: Ecosystem, names: list[str], counts: AdvisoryCounts
) -> None:
    done = await attributor.attribute(ecosystem, names)
    counts.packages += done.packages
    counts.versions += done.versions
