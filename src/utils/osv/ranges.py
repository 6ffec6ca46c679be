"""Ranges of an `affected` entry: how they are read, and which versions they cover.

Source: OSV schema, `affected[].ranges[]` and "Evaluation". Events are sorted by the ecosystem's own
order, those at one version stay as published. SEMVER ranges are of ecosystems whose own order is that
of SemVer, so one order serves both types. GIT ranges name commits and are left out, `limit` matters
for them only.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from src.schemas.advisory import Event
from src.schemas.ecosystem import Ecosystem
from src.utils.osv.fields import Problems, mappings, text
from src.utils.rubygems.versions import key_of, parse_segments
from src.utils.version_rules import RULES

INTRODUCED, FIXED, LAST_AFFECTED = "introduced", "fixed", "last_affected"
BEGINNING = "0"
"""As an `introduced` version: before every version."""

EVENTS_OUT_OF_ORDER = "events_out_of_order"
UNREADABLE_EVENT = "unreadable_event"
UNREADABLE_RANGE = "unreadable_range"

Events = tuple[Event, ...]
Points = tuple[tuple[str, Any], ...]
"""Kind and sort key of each event in their order; the key of the beginning is None."""

_KINDS = (INTRODUCED, FIXED, LAST_AFFECTED)
_TYPES = frozenset({"ECOSYSTEM", "SEMVER"})
_SEMVER = frozenset({Ecosystem.NPM, Ecosystem.CARGO})
_PARTIAL = re.compile(r"v?0*(\d+)(?:\.0*(\d+))?(?:\.0*(\d+))?(-[^+]+)?(?:\+.*)?", re.ASCII)
_MAX_LENGTH = 1024


def read_ranges(value: object, ecosystem: Ecosystem, problems: Problems) -> Iterator[Events]:
    """Yield the events of each ECOSYSTEM or SEMVER range, those that the order can place.

    An event whose version the order does not know leaves its interval open at one end, which would
    hit all or nothing: the interval goes, counted, and the others stay. Events that are out of order
    are counted and kept: sorting is part of the evaluation.
    """
    for entry in mappings(value, UNREADABLE_RANGE, problems):
        if entry.get("type") == "GIT":
            continue
        if entry.get("type") not in _TYPES:
            problems[UNREADABLE_RANGE] += 1
            continue
        published = list(_read_events(entry.get("events"), problems))
        events = tuple(_placeable(published, ecosystem, problems))
        if any(event.kind == INTRODUCED for event in events):
            _count_disorder(events, ecosystem, problems)
            yield events
        elif len(events) == len(published):
            problems[UNREADABLE_RANGE] += 1


def sorted_points(events: Iterable[Event], ecosystem: Ecosystem) -> Points:
    """Return events as points in the ecosystem's order; those that it does not know are left out."""
    beginning = []
    placed = []
    for event in events:
        key = event_key(event.version, ecosystem)
        if event.kind == INTRODUCED and event.version == BEGINNING:
            beginning.append((event.kind, None))
        elif key is not None:
            placed.append((event.kind, key))
    placed.sort(key=lambda point: point[1])
    return (*beginning, *placed)


def covers(points: Points, key: Any) -> bool:  # noqa: ANN401 - each ecosystem has its own keys
    """Tell whether the range of these points covers the version of this key."""
    affected = False
    for kind, at in points:
        if kind == INTRODUCED:
            affected = affected or at is None or key >= at
        elif kind == FIXED:
            affected = affected and key < at
        else:
            affected = affected and key <= at
    return affected


def version_key(version: str, ecosystem: Ecosystem) -> Any | None:  # noqa: ANN401
    """Return what a version of the registry is sorted by, None where the order does not know it."""
    return RULES[ecosystem].order_key(version) if 0 < len(version) <= _MAX_LENGTH else None


def event_key(version: str, ecosystem: Ecosystem) -> Any | None:  # noqa: ANN401
    """Return what the version of an event is sorted by, None where the order does not know it.

    It need not be a version of the registry: where SemVer wants three numbers the missing ones are 0,
    as the OSV database itself reads them, and a gem's has no platform that could be split off.
    """
    if ecosystem is Ecosystem.RUBYGEMS:
        segments = parse_segments(version) if version else None
        return None if segments is None else key_of(segments)
    key = version_key(version, ecosystem)
    if key is not None or ecosystem not in _SEMVER or len(version) > _MAX_LENGTH:
        return key
    partial = _PARTIAL.fullmatch(version)
    if partial is None:
        return None
    major, minor, patch, prerelease = partial.groups()
    return version_key(f"{major}.{minor or 0}.{patch or 0}{prerelease or ''}", ecosystem)


def is_open_from_the_beginning(events: Events) -> bool:
    """Tell whether a range covers every version there is and will be."""
    return len(events) == 1 and events[0] == Event(INTRODUCED, BEGINNING)


def _read_events(value: object, problems: Problems) -> Iterator[Event]:
    # The schema wants one key an event; where older records have two, they are two events.
    for entry in mappings(value, UNREADABLE_EVENT, problems):
        kinds = [kind for kind in _KINDS if kind in entry]
        if not kinds and "limit" not in entry:
            problems[UNREADABLE_EVENT] += 1
        for kind in kinds:
            yield Event(kind, text(entry[kind]))


def _placeable(events: list[Event], ecosystem: Ecosystem, problems: Problems) -> Iterator[Event]:
    # As published, an introduced event and the ends that follow it make one interval.
    intervals: list[list[Event]] = []
    for event in events:
        if event.kind == INTRODUCED or not intervals:
            intervals.append([])
        intervals[-1].append(event)
    for interval in intervals:
        unknown = sum(not _is_known(event, ecosystem) for event in interval)
        problems.update({UNREADABLE_EVENT: unknown} if unknown else {})
        if not unknown:
            yield from interval
        elif interval[0].kind != INTRODUCED:
            return  # an end that came first may be that of any interval


def _is_known(event: Event, ecosystem: Ecosystem) -> bool:
    beginning = event.kind == INTRODUCED and event.version == BEGINNING
    return beginning or event_key(event.version, ecosystem) is not None


def _count_disorder(events: Events, ecosystem: Ecosystem, problems: Problems) -> None:
    places = [event_key(event.version, ecosystem) for event in events if event.version != BEGINNING]
    known = [place for place in places if place is not None]
    if any(after < before for before, after in pairwise(known)):
        problems[EVENTS_OUT_OF_ORDER] += 1


def read_stored(value: Iterable[Iterable[Iterable[str]]]) -> tuple[Events, ...]:
    """Return ranges out of their stored form."""
    return tuple(tuple(Event(*event) for event in events) for events in value)


def to_stored(ranges: tuple[Events, ...]) -> list[list[list[str]]]:
    """Return the form in which ranges are stored: kind and version of each event."""
    return [[[event.kind, event.version] for event in events] for events in ranges]
