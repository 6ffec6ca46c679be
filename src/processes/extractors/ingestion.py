"""Ingestion: list the whole registry, leave out what the graph already has, extract the rest."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from src.processes.chunks import chunked
from src.processes.extractors.candidate import Candidate
from src.processes.extractors.package_extractor import CHUNK, PackageExtractor
from src.processes.extractors.writer import now_ms
from src.processes.selection import Selection
from src.schemas.errors import InvalidPayloadError
from src.schemas.package import ListedPackage
from src.schemas.summary import IngestionSummary


@dataclass(slots=True)
class _Tally:
    """What the walk through the listing saw."""

    listed: int = 0
    skipped: int = 0
    stale: int = 0


async def ingest(
    extractor: PackageExtractor, selection: Selection, *, discovery_budget: int
) -> IngestionSummary:
    """Ingest the packages that the selection asks for and the graph lacks.

    Raises RegistryError when the listing fails, StoreError when the graph does, ErrorRateError when
    too many packages failed.
    """
    tally = _Tally()
    await extractor.stores.state.forget_interrupted(extractor.client.ecosystem, now_ms())
    if selection.names:
        candidates = _named(extractor, selection, tally)
        await extractor.extract(candidates)
    else:
        await _ingest_listing(extractor, selection, tally)
    discovered = await extractor.discover(discovery_budget)
    return IngestionSummary(
        total_in_registry=tally.listed,
        skipped_existing=tally.skipped,
        discovered=discovered,
        counts=extractor.counts,
        states=await extractor.states(),
    )


async def _ingest_listing(extractor: PackageExtractor, selection: Selection, tally: _Tally) -> None:
    ecosystem = extractor.client.ecosystem
    begun = now_ms()
    listing = await extractor.client.listing()
    # How many of them a prefix or a limit leaves is not known before.
    extractor.progress.total = listing.total if selection.unrestricted else None
    await extractor.extract(_listed(extractor, listing.packages, selection, tally))
    if not tally.listed:
        raise InvalidPayloadError(f"the listing of {ecosystem} names no package at all")
    # Who has stored a whole listing may follow the feed from where it stood before; unless a package
    # that was there already is older than the listing, which only a full comparison would notice.
    complete = selection.unrestricted and not tally.stale
    if complete and not await extractor.stores.state.cursor(ecosystem):
        await extractor.stores.state.set_cursor(ecosystem, listing.position)
        await extractor.stores.state.set_compared(ecosystem, begun)


async def _listed(
    extractor: PackageExtractor,
    packages: AsyncIterator[ListedPackage],
    selection: Selection,
    tally: _Tally,
) -> AsyncIterator[Candidate]:
    taken = 0
    async for chunk in chunked(packages, CHUNK):
        tally.listed += len(chunk)
        wanted = [package for package in chunk if selection.admits(package.name)]
        if selection.limit is not None and taken >= selection.limit:
            continue  # the rest is counted only
        for package, stored in await _with_states(extractor, wanted):
            if stored is not None and not selection.refresh:
                tally.skipped += 1
                tally.stale += stored != package.revision
                extractor.progress.skip(1)
            elif selection.limit is None or taken < selection.limit:
                taken += 1
                yield Candidate(package, in_graph=stored is not None, offered=True)


async def _named(
    extractor: PackageExtractor, selection: Selection, tally: _Tally
) -> AsyncIterator[Candidate]:
    names = [name for name in extractor.canonical(selection.names) if selection.admits(name)]
    tally.listed = len(names)
    extractor.progress.total = len(names)
    states = await _with_states(extractor, [ListedPackage(name) for name in names])
    for package, stored in states[: selection.limit]:
        if stored is not None and not selection.refresh:
            tally.skipped += 1
            extractor.progress.skip(1)
        else:
            yield Candidate(package, in_graph=stored is not None, requested=True)


async def _with_states(
    extractor: PackageExtractor, packages: list[ListedPackage]
) -> list[tuple[ListedPackage, str | None]]:
    """Pair packages with the revision that the graph holds of them, None where it holds none."""
    if not packages:
        return []
    names = [package.name for package in packages]
    states = await extractor.stores.packages.states(extractor.client.ecosystem, names)
    return [(package, states.get(package.name)) for package in packages]
