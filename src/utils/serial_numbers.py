"""Numbers versions in their ecosystem's own order."""

from collections.abc import Callable, Iterable
from typing import Any


def number_versions(
    names: Iterable[str], key: Callable[[str], Any | None]
) -> list[tuple[int, str]]:
    """Return serial number and name of each version, oldest first, ties by name.

    `key` gives what a version is sorted by, None where the ecosystem's order does not know it: such
    versions come first with -1. Numbers are dense from 0.
    """
    known = []
    unknown = []
    for name in set(names):
        place = key(name)
        if place is None:
            unknown.append((-1, name))
        else:
            known.append((place, name))
    known.sort(key=lambda entry: entry[1])
    known.sort(key=lambda entry: entry[0])
    return sorted(unknown) + [(serial, name) for serial, (_, name) in enumerate(known)]
