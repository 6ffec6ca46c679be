"""Attribution: what the advisories say of each version of a package, written beside the version.

Versions are written first, then advisories are read and the scores set. A sync raises a package's
generation after it stored an advisory and before it reads the graph, so an attribution during which
the generation moved may be out of date, and is made again.
"""

import asyncio
import logging
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from src.processes.chunks import sliced
from src.schemas.advisory import Advisory, Attribution, package_key
from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import StoreError, StoreUnavailableError
from src.services.graph.attribution_store import (
    ANY_STATE,
    AttributedVersion,
    AttributionStore,
    Versions,
)
from src.services.vulnerability.advisory_store import AdvisoryStore
from src.utils.osv.attribution import attribute, state_of

logger = logging.getLogger(__name__)

BATCH = 200
"""Packages attributed at once: their advisories and versions are in memory together."""

ATTEMPTS = 5
"""A generation moves once a sync; more often within one attribution, something is wrong."""

_CHECKS_AT_ONCE = 20_000
"""Checks of a version against an advisory in one slice of work, well under a second."""

_REST_SECONDS = 60.0
"""How long an advisory database that failed is not asked by an extraction: each try may take long."""


@dataclass(frozen=True, slots=True)
class AttributionCounts:
    """How many packages had versions to attribute, and how many versions those were."""

    packages: int = 0
    versions: int = 0

    def __add__(self, other: "AttributionCounts") -> "AttributionCounts":
        """Return the sums."""
        return AttributionCounts(self.packages + other.packages, self.versions + other.versions)


class Attributor:
    """Attributes versions of the graph with the advisories of the database."""

    def __init__(self, advisories: AdvisoryStore, store: AttributionStore) -> None:
        """Read `advisories`, write to `store`."""
        self._advisories = advisories
        self.store = store
        self._told = False
        self._rest_until = 0.0

    async def attribute(
        self, ecosystem: Ecosystem, names: Collection[str], *, only_stale: bool = False
    ) -> AttributionCounts:
        """Attribute the versions of these packages; a package that the graph lacks has none.

        With `only_stale` versions that were attributed with the same state of the advisories are
        left as they are: enough where versions were written, not where advisories were, because a
        record may change without saying so. Raises StoreError where a database fails,
        StoreUnavailableError also where the advisories never come to rest.
        """
        counts = AttributionCounts()
        for batch in sliced(sorted(set(names)), BATCH):
            counts += await self._attribute(ecosystem, batch, only_stale=only_stale)
        return counts

    async def attribute_written(self, ecosystem: Ecosystem, names: Collection[str]) -> bool:
        """Attribute packages whose versions were just written; tell whether that could be done.

        Where the advisory database fails, it is told once and left alone for a minute; the packages
        are marked in the graph for the next sync. Raises StoreError when the graph fails.
        """
        if time.monotonic() >= self._rest_until:
            try:
                await self.attribute(ecosystem, names, only_stale=True)
            except StoreError as error:
                self._rest_until = time.monotonic() + _REST_SECONDS
                self._tell(error)
            else:
                return True
        await self.store.mark(ecosystem, names)
        return False

    def _tell(self, error: StoreError) -> None:
        if not self._told:
            logger.warning("versions wait for the next sync to be attributed: %s", error)
        self._told = True

    async def _attribute(
        self, ecosystem: Ecosystem, names: Sequence[str], *, only_stale: bool
    ) -> AttributionCounts:
        # What moved is counted once: its last attribution is the one that stays.
        written: dict[str, int] = {}
        for _ in range(ATTEMPTS):
            before = await self._generations(ecosystem, names)
            written |= await self._write(ecosystem, names, only_stale=only_stale)
            after = await self._generations(ecosystem, names)
            names = [name for name in names if before[name] != after[name]]
            if not names:
                return AttributionCounts(len(written), sum(written.values()))
            # Another may have written an older attribution under the newest state meanwhile.
            only_stale = False
        raise StoreUnavailableError(
            f"the advisories of {len(names)} {ecosystem} packages changed during each of {ATTEMPTS}"
            f" attributions, those of {names[0]} among them"
        )

    async def _generations(self, ecosystem: Ecosystem, names: Sequence[str]) -> dict[str, int]:
        keys = {name: package_key(ecosystem, name) for name in names}
        generations = await self._advisories.generations(list(keys.values()))
        return {name: generations.get(key, 0) for name, key in keys.items()}

    async def _write(
        self, ecosystem: Ecosystem, names: Sequence[str], *, only_stale: bool
    ) -> dict[str, int]:
        """Attribute once; return how many versions of each package were written."""
        keys = {name: package_key(ecosystem, name) for name in names}
        found = await self._advisories.by_packages(list(keys.values()))
        advisories = {name: found.get(key, []) for name, key in keys.items()}
        states = {name: state_of(advisories[name]) for name in names}
        asked = states if only_stale else dict.fromkeys(names, ANY_STATE)
        versions = await self.store.stale_versions(ecosystem, asked)
        rows = []
        for name, part in _slices(versions, advisories):
            said = await _matched(advisories[name], ecosystem, name, part)
            purls = versions[name]
            rows += [AttributedVersion(purls[v], said[v], states[name]) for v in part]
        await self.store.write(rows)
        return {name: len(owned) for name, owned in versions.items()}


class PostponedAttribution:
    """Stands in for an attributor where there is no advisory database: the next sync has to do it."""

    def __init__(self, store: AttributionStore) -> None:
        """Mark packages in `store`."""
        self._store = store

    async def attribute_written(self, ecosystem: Ecosystem, names: Collection[str]) -> bool:
        """Mark packages whose versions were just written; that is no attribution."""
        await self._store.mark(ecosystem, names)
        return False


def _slices(
    versions: Versions, advisories: dict[str, list[Advisory]]
) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield packages with as many of their versions as may be checked at once."""
    for name, owned in versions.items():
        size = max(1, _CHECKS_AT_ONCE // max(1, len(advisories[name])))
        for part in sliced(list(owned), size):
            yield name, part


async def _matched(
    advisories: list[Advisory], ecosystem: Ecosystem, name: str, versions: Sequence[str]
) -> dict[str, Attribution]:
    if not advisories:
        return dict.fromkeys(versions, Attribution())
    return await asyncio.to_thread(attribute, advisories, ecosystem, name, versions)
