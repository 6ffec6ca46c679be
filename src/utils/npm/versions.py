"""The order of npm's versions: Semantic Versioning 2.0.0, section 11.

A `v` in front is read over, as node-semver does. Build metadata does not count: such versions are
equal, and their names decide.
"""

import re
from functools import lru_cache
from typing import TypeAlias

MAX_LENGTH = 256
"""Characters of a version that node-semver reads, and hence that can be published."""

Prerelease: TypeAlias = tuple[tuple[int, int, str], ...]
VersionKey: TypeAlias = tuple[int, int, int, int, Prerelease]
"""Major, minor, patch, 1 for a release and 0 for a prerelease, the identifiers of a prerelease."""

_NUMBER = r"(0|[1-9][0-9]*)"
_IDENTIFIER = r"(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_VERSION = re.compile(
    rf"v?{_NUMBER}\.{_NUMBER}\.{_NUMBER}"
    rf"(?:-({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)


@lru_cache(maxsize=65_536)
def order_key(version: str) -> VersionKey | None:
    """Return what a version is sorted by, None for what is not of SemVer."""
    match = _VERSION.fullmatch(version) if len(version) <= MAX_LENGTH else None
    if match is None:
        return None
    major, minor, patch, prerelease = match.groups()
    return version_key(int(major), int(minor), int(patch), prerelease or "")


def version_key(major: int, minor: int, patch: int, prerelease: str) -> VersionKey:
    """Return the key of a version whose parts are known; `prerelease` is without its hyphen.

    Numeric identifiers sort by number and before all others, which sort by ASCII (section 11.4).
    """
    if not prerelease:
        return major, minor, patch, 1, ()
    identifiers = tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part) for part in prerelease.split(".")
    )
    return major, minor, patch, 0, identifiers


def is_prerelease(key: VersionKey) -> bool:
    """Tell whether the version is a prerelease."""
    return key[3] == 0
