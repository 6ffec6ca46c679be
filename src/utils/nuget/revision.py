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
_SETTLED = 3600 * _SECOND
"""A commit that is so much older than the catalog's head has long reached the registrations."""
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


def is_older(
    registered: int | None, leaves: Iterable[Leaf], announced: Revision, head: int
) -> bool:
    """Whether a registration surely or probably lacks the announced commit.

    `registered` is the time of the registration's own commit, always later than that of the catalog
    commits in it. That alone does not tell that it holds one made shortly before; where the commit
    is near the catalog's `head`, the leaves must tell: each is made from a catalog document, whose
    address holds the second of its commit. Where no address does (a mirror with others), or the
    commit took something away, the registration's own time decides.
    """
    if registered is not None and registered < announced.ticks:
        return True
    commits = [ticks for leaf in leaves if (ticks := commit_second(leaf.source)) is not None]
    if announced.deleted or not commits or announced.ticks + _SETTLED < head:
        return False
    return max(commits) + _SECOND <= announced.ticks


def commit_second(source: str) -> int | None:
    """Return the second of the commit that a catalog document's path names, in ticks."""
    match = _COMMIT.search(source)
    if match is None:
        return None
    year, month, day, hour, minute, second = match.groups()
    return read_ticks(f"{year}-{month}-{day}T{hour}:{minute}:{second}Z")
