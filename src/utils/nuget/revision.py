"""What the registry calls a state of a package: the time of the catalog's newest item of it.

A deletion is marked, since a registration shows it by nothing but what is missing.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from src.utils.nuget.registration import Leaf
from src.utils.nuget.timestamps import read_position, read_ticks, show_ticks

_DELETED = " deleted"
_SECOND = 10_000_000
_COMMIT = re.compile(r"/(\d{4})\.(\d\d)\.(\d\d)\.(\d\d)\.(\d\d)\.(\d\d)/[^/]+\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Revision:
    """An announced state; `deleted` where its newest item took a version away."""

    text: str
    ticks: int
    deleted: bool


def make_revision(ticks: int, *, deleted: bool) -> str:
    """Return the text of a revision."""
    return show_ticks(ticks) + (_DELETED if deleted else "")


def read_revision(text: str) -> Revision | None:
    """Read a revision, None where none was announced."""
    ticks = read_position(text.removesuffix(_DELETED))
    return None if ticks is None else Revision(text, ticks, text.endswith(_DELETED))


def is_older(registered: int | None, leaves: Iterable[Leaf], announced: Revision) -> bool:
    """Whether a registration surely or probably lacks the announced commit.

    `registered` is the time of the registration's own commit, always later than that of the catalog
    commits in it. A leaf's catalog document tells the second of its commit; where no leaf does (a
    mirror with other addresses), the registration's own time decides alone.
    """
    if registered is not None and registered < announced.ticks:
        return True
    commits = [ticks for leaf in leaves if (ticks := commit_second(leaf.source)) is not None]
    if announced.deleted or not commits:
        return False
    return max(commits) + _SECOND <= announced.ticks


def commit_second(source: str) -> int | None:
    """Return the second of the commit that a catalog document's path names, in ticks."""
    match = _COMMIT.search(source)
    if match is None:
        return None
    year, month, day, hour, minute, second = match.groups()
    return read_ticks(f"{year}-{month}-{day}T{hour}:{minute}:{second}Z")
