"""Which versions an advisory hits: those that a range covers, and those that it lists.

Source: OSV schema, "Evaluation". A version that the ecosystem's order does not know is hit by a list
alone. Withdrawn advisories hit nothing.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from src.schemas.advisory import Advisory, Affected, Match
from src.schemas.ecosystem import Ecosystem
from src.utils.osv.ranges import FIXED, covers, event_key, sorted_points, version_key
from src.utils.osv.spelling import forms_to_look_up

RANGE, LIST = "range", "list"


def match(advisory: Advisory, ecosystem: Ecosystem, name: str, version: str) -> Match | None:
    """Return whether and why an advisory hits a version; `name` is canonical. Never raises."""
    return PackageMatcher(advisory, ecosystem, name).match(version)


class PackageMatcher:
    """One advisory made ready to be held against many versions of one package."""

    def __init__(self, advisory: Advisory, ecosystem: Ecosystem, name: str) -> None:
        """`name` is canonical; an advisory that does not name the package hits nothing."""
        entries = () if advisory.withdrawn else advisory.affected
        self._advisory = advisory
        self._ecosystem = ecosystem
        self._entries = [e for e in entries if e.ecosystem is ecosystem and e.name == name]
        self._ranges = [
            sorted_points(events, ecosystem) for entry in self._entries for events in entry.ranges
        ]
        self._fixes: list[tuple[Any, str]] | None = None

    def match(self, version: str) -> Match | None:
        """Return whether and why it hits a version."""
        if not self._entries:
            return None
        place = _place(version, self._ecosystem)
        reason = self._reason(version, place)
        return None if reason is None else Match(self._advisory, reason, self._fixed_in(place))

    def _reason(self, version: str, place: Any | None) -> str | None:  # noqa: ANN401
        if place is not None and any(covers(points, place) for points in self._ranges):
            return RANGE
        forms = _forms(version, self._ecosystem)
        return LIST if any(not forms.isdisjoint(e.versions) for e in self._entries) else None

    def _fixed_in(self, place: Any | None) -> str:  # noqa: ANN401
        # A version that fixes one branch may lie in the range of another: it is no fix.
        if place is None:
            return ""
        if self._fixes is None:
            self._fixes = sorted(_fixes(self._entries, self._ecosystem), key=lambda fix: fix[0])
        above = (fix for fix in self._fixes if place < fix[0])
        return next((fixed for at, fixed in above if self._reason(fixed, at) is None), "")


def _fixes(entries: list[Affected], ecosystem: Ecosystem) -> Iterator[tuple[Any, str]]:
    for entry in entries:
        for event in (event for events in entry.ranges for event in events if event.kind == FIXED):
            key = event_key(event.version, ecosystem)
            if key is not None:
                yield key, event.version


@lru_cache(maxsize=65_536)
def _place(version: str, ecosystem: Ecosystem) -> Any | None:  # noqa: ANN401
    return version_key(version, ecosystem)


@lru_cache(maxsize=65_536)
def _forms(version: str, ecosystem: Ecosystem) -> frozenset[str]:
    return forms_to_look_up(version, ecosystem)
