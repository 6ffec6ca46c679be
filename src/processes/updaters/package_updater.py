"""Update: refresh the packages of the graph that changed in the registry since the last update."""

from collections.abc import AsyncIterator, Container
from dataclasses import replace

from src.processes.chunks import chunked
from src.processes.extractors.candidate import Candidate
from src.processes.extractors.package_extractor import CHUNK, PackageExtractor
from src.processes.extractors.writer import now_ms
from src.processes.selection import Selection
from src.processes.watermark import Watermark
from src.schemas.errors import ListingGuardError
from src.schemas.package import ListedPackage
from src.schemas.summary import UpdateSummary
from src.services.apis.base import ChangeFeed

_DAY_MS = 86_400_000

GUARD_SHARE = 0.02
"""A snapshot that misses a larger share of the graph's packages than this is not believed."""

GUARD_FLOOR = 5
"""So many may always be missing: of a handful of packages, one is more than the share."""


async def update(
    extractor: PackageExtractor, selection: Selection, *, discovery_budget: int
) -> UpdateSummary:
    """Bring the graph's packages up to the registry's state.

    Raises RegistryError when the feed fails, ListingGuardError when it misses too many packages to
    be believed, StoreError when the graph fails, ErrorRateError when too many packages failed. The
    cursor moves only in unrestricted runs, and only over what is stored or recorded as failed.
    """
    await extractor.stores.state.forget_interrupted(extractor.client.ecosystem, now_ms())
    if selection.names:
        names = _picked(extractor.canonical(selection.names), selection)
        named = _named(extractor, names, refresh=selection.refresh, requested=True)
        await extractor.extract(named)
    elif selection.refresh:
        await extractor.extract(_everything(extractor, selection))
    else:
        await _follow_feed(extractor, selection)
    discovered = await extractor.discover(discovery_budget)
    return UpdateSummary(
        discovered=discovered, counts=extractor.counts, states=await extractor.states()
    )


async def _follow_feed(extractor: PackageExtractor, selection: Selection) -> None:
    ecosystem, stores = extractor.client.ecosystem, extractor.stores
    begun = now_ms()
    since = await stores.state.cursor(ecosystem)
    failed, waiting = await extractor.failed()
    due = sorted(failed - waiting)
    asked = "" if await _comparison_due(extractor, begun) else since
    feed = await extractor.client.changes(asked)
    missing = [] if feed.names is None else await _missing(extractor, feed.names)
    await extractor.extract(_named(extractor, _picked(missing, selection)))
    await extractor.extract(_named(extractor, _picked(due, selection), retried=True))
    watermark = Watermark() if selection.unrestricted else None
    changed = _changed(
        extractor, feed, selection, watermark, handled={*missing, *due}, failed=failed
    )
    await extractor.extract(changed, watermark=watermark)
    if not selection.unrestricted:
        return
    if feed.position != since:
        await stores.state.set_cursor(ecosystem, feed.position)
    if not asked:
        await stores.state.set_compared(ecosystem, begun)


async def _comparison_due(extractor: PackageExtractor, now: int) -> bool:
    """Every feed loses something in the end; a comparison with the whole registry finds it."""
    last = await extractor.stores.state.compared(extractor.client.ecosystem)
    return now - last > extractor.options.compare_days * _DAY_MS


async def _missing(extractor: PackageExtractor, offered: Container[str]) -> list[str]:
    """Return the graph's packages that the snapshot lacks; each is asked for before it is marked."""
    total, missing = 0, []
    async for name in extractor.stores.packages.listed_names(extractor.client.ecosystem):
        total += 1
        if name not in offered:
            missing.append(name)
    if len(missing) > max(GUARD_FLOOR, GUARD_SHARE * total):
        raise ListingGuardError(
            f"the listing of {extractor.client.ecosystem} lacks {len(missing)} of the graph's {total}"
            f" packages, more than {GUARD_SHARE:.0%}: nothing was changed. If the registry really"
            " removed them, update them by name."
        )
    return missing


async def _changed(
    extractor: PackageExtractor,
    feed: ChangeFeed,
    selection: Selection,
    watermark: Watermark | None,
    *,
    handled: Container[str],
    failed: Container[str],
) -> AsyncIterator[Candidate]:
    """Yield the feed's packages that the graph holds in another state, in the feed's order.

    Those that `failed` before are tried although their time has not come: the feed names them anew.
    """
    taken = 0
    async for chunk in chunked(feed.packages, CHUNK):
        names = [package.name for package in chunk if selection.admits(package.name)]
        if not names:
            continue
        states = await extractor.stores.packages.known_revisions(extractor.client.ecosystem, names)
        # What was removed has no revision that could be the feed's: it is looked at again.
        stale = [
            package
            for package in chunk
            if package.name in states
            and package.name not in handled
            and (not package.revision or states[package.name] != package.revision)
        ]
        extractor.progress.skip(len(chunk) - len(stale))
        if watermark is not None:
            for package in stale:
                watermark.begin(package.position)
        async for candidate in extractor.with_known(stale):
            if selection.limit is not None and taken >= selection.limit:
                return
            taken += 1
            yield replace(
                candidate,
                offered=not candidate.package.deleted,
                retried=candidate.package.name in failed,
            )


def _picked(names: list[str], selection: Selection) -> list[str]:
    return [name for name in names if selection.admits(name)][: selection.limit]


async def _named(
    extractor: PackageExtractor,
    names: list[str],
    *,
    refresh: bool = False,
    requested: bool = False,
    retried: bool = False,
) -> AsyncIterator[Candidate]:
    for start in range(0, len(names), CHUNK):
        packages = [ListedPackage(name) for name in names[start : start + CHUNK]]
        async for candidate in extractor.with_known(
            packages, refresh=refresh, requested=requested, retried=retried
        ):
            yield candidate


async def _everything(
    extractor: PackageExtractor, selection: Selection
) -> AsyncIterator[Candidate]:
    taken = 0
    async for name in extractor.stores.packages.extracted_names(extractor.client.ecosystem):
        if not selection.admits(name):
            continue
        if selection.limit is not None and taken >= selection.limit:
            return
        taken += 1
        yield Candidate(ListedPackage(name), in_graph=True, offered=True)
