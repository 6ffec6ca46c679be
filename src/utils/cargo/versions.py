"""Versions in the order of SemVer 2.0.0, section 11 (https://semver.org), which Cargo follows."""

import re
from dataclasses import dataclass
from functools import lru_cache

_NUMBER = r"0|[1-9][0-9]*"
_PRERELEASE = rf"(?:{_NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_VERSION = re.compile(
    rf"({_NUMBER})\.({_NUMBER})\.({_NUMBER})"
    rf"(?:-({_PRERELEASE}(?:\.{_PRERELEASE})*))?"
    r"(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?",
    re.ASCII,
)

Digits = tuple[int, str]
"""A number without leading zeros as its length and its digits, which sort as the number does.

SemVer sets no bound, and turning thousands of digits into an int is slow or refused.
"""

Identifier = tuple[int, Digits, str]
PreRelease = tuple[Identifier, ...]
OrderKey = tuple[Digits, Digits, Digits, bool, PreRelease]


@dataclass(frozen=True, slots=True)
class Version:
    """A version taken apart. The build metadata has no part in the order and is left out."""

    major: Digits
    minor: Digits
    patch: Digits
    prerelease: PreRelease

    @property
    def order_key(self) -> OrderKey:
        """Return what sorts as section 11 has it: a version without a pre-release comes last."""
        return (self.major, self.minor, self.patch, not self.prerelease, self.prerelease)


@lru_cache(maxsize=65_536)
def parse_version(text: str) -> Version | None:
    """Return a version, None where SemVer knows none like it (`1.0`, `v1.0.0`, `1.0.0-01`)."""
    match = _VERSION.fullmatch(text)
    if match is None:
        return None
    major, minor, patch, prerelease, _build = match.groups()
    return Version(digits(major), digits(minor), digits(patch), prerelease_key(prerelease or ""))


def order_key(version: str) -> OrderKey | None:
    """Return what a version is sorted by, None where SemVer does not know it."""
    parsed = parse_version(version)
    return None if parsed is None else parsed.order_key


def digits(text: str) -> Digits:
    """Return the sortable form of a number."""
    return len(text), text


def prerelease_key(text: str) -> PreRelease:
    """Return the identifiers of a pre-release, sortable: numbers before words; () for none."""
    if not text:
        return ()
    return tuple(_identifier(part) for part in text.split("."))


def _identifier(text: str) -> Identifier:
    return (0, digits(text), "") if text.isdecimal() else (1, (0, ""), text)
