"""Version requirements as Cargo reads them.

The rules are those of the Cargo book ("Specifying Dependencies", "Version requirement syntax") and
of the parser that Cargo uses, Rust's `semver` crate, where the book is silent: what it refuses is
refused here. A requirement without any operator is a caret requirement.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from src.schemas.errors import InvalidConstraintError
from src.schemas.package import ANY
from src.utils.cargo.versions import (
    Digits,
    PreRelease,
    Version,
    digits,
    parse_version,
    prerelease_key,
)

_LARGEST = digits(str(2**64 - 1))
_MAX_COMPARATORS = 32
_ZERO = digits("0")
_NUMBER = r"0|[1-9][0-9]*"
_PRERELEASE = rf"(?:{_NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_BEHIND_PATCH = (
    rf"(?:-(?P<prerelease>{_PRERELEASE}(?:\.{_PRERELEASE})*))?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
_COMPARATOR = re.compile(
    rf"(?P<operator>>=|<=|[=<>~^])? *(?P<major>{_NUMBER})"
    r"(?:(?P<open_minor>\.[*xX](?:\.[*xX])?)"
    rf"|\.(?P<minor>{_NUMBER})(?:(?P<open_patch>\.[*xX])|\.(?P<patch>{_NUMBER}){_BEHIND_PATCH})?)? *",
    re.ASCII,
)
_WILDCARDS = frozenset("*xX")


@dataclass(frozen=True, slots=True)
class Comparator:
    """One comparator of a requirement; None stands for a part that was left open."""

    operator: str
    major: Digits
    minor: Digits | None
    patch: Digits | None
    prerelease: PreRelease

    @property
    def parts(self) -> tuple[Digits | None, ...]:
        """Major, minor and patch as far as they were given."""
        return (self.major, self.minor, self.patch)

    def admits(self, version: Version) -> bool:
        """Tell whether the version lies in this comparator's range, pre-release or not."""
        place = self._order(version)
        match self.operator:
            case ">" | ">=":
                admitted = place > 0
            case "<" | "<=":
                admitted = place < 0
            case "~":
                admitted = self._fixes(version, 2) and place >= 0 and self._settled(version)
            case "^":
                admitted = self._fixes(version, self._fixed_parts()) and place >= 0
            case _:
                admitted = False
        return admitted or ("=" in self.operator and self._equals(version))

    def admits_prereleases_of(self, version: Version) -> bool:
        """Tell whether this names a pre-release of just the version's major, minor and patch."""
        return bool(self.prerelease) and self.parts == _numbers(version)

    def _equals(self, version: Version) -> bool:
        return self._fixes(version, 3) and version.prerelease == self.prerelease

    def _order(self, version: Version) -> int:
        # Where the version stands to all that the given parts cover; 0 within.
        for wanted, found in zip(self.parts, _numbers(version), strict=True):
            if wanted is None:
                return 0
            if wanted != found:
                return 1 if found > wanted else -1
        wanted_tail, found_tail = _tail(self.prerelease), _tail(version.prerelease)
        return (found_tail > wanted_tail) - (found_tail < wanted_tail)

    def _fixes(self, version: Version, count: int) -> bool:
        # Whether the first `count` parts are equal, as far as they were given.
        pairs = list(zip(self.parts, _numbers(version), strict=True))[:count]
        return all(wanted in (None, found) for wanted, found in pairs)

    def _settled(self, version: Version) -> bool:
        # `~1.2` never takes a pre-release, `^1.2` does where another comparator names one.
        return self.patch is not None or not version.prerelease

    def _fixed_parts(self) -> int:
        # A caret lets everything change behind the first part that is not zero.
        if self.major != _ZERO or self.minor is None:
            return 1
        return 2 if self.minor != _ZERO or self.patch is None else 3


def satisfies(version: str, constraint: str) -> bool:
    """Tell whether a version meets a requirement.

    A pre-release does only where a comparator names a pre-release of the same major, minor and
    patch. "any" is `*`, which Cargo takes a missing requirement for. Raises InvalidConstraintError
    where Cargo could not read one of the two.
    """
    parsed = parse_version(version)
    if parsed is None or max(_numbers(parsed)) > _LARGEST:
        raise InvalidConstraintError(f"not a version (SemVer 2.0.0): {version[:80]!r}")
    comparators = parse_constraint(constraint)
    if not all(comparator.admits(parsed) for comparator in comparators):
        return False
    return not parsed.prerelease or any(
        comparator.admits_prereleases_of(parsed) for comparator in comparators
    )


@lru_cache(maxsize=65_536)
def parse_constraint(constraint: str) -> tuple[Comparator, ...]:
    """Return the comparators that must all hold, () for `*`; raises InvalidConstraintError."""
    text = constraint.lstrip(" ")
    if constraint == ANY or text.rstrip(" ") in _WILDCARDS:
        return ()
    parts = text.split(",")
    if len(parts) > _MAX_COMPARATORS:
        raise InvalidConstraintError(f"more than {_MAX_COMPARATORS} comparators")
    return tuple(_comparator(part.lstrip(" "), constraint) for part in parts)


def _comparator(text: str, constraint: str) -> Comparator:
    match = _COMPARATOR.fullmatch(text)
    if match is None:
        raise InvalidConstraintError(f"not a requirement of Cargo: {constraint[:80]!r}")
    wildcard = match["open_minor"] or match["open_patch"]
    comparator = Comparator(
        operator=match["operator"] or ("=" if wildcard else "^"),
        major=digits(match["major"]),
        minor=_part(match["minor"]),
        patch=_part(match["patch"]),
        prerelease=prerelease_key(match["prerelease"] or ""),
    )
    if any(part is not None and part > _LARGEST for part in comparator.parts):
        raise InvalidConstraintError(f"a number beyond 64 bits: {constraint[:80]!r}")
    return comparator


def _part(text: str | None) -> Digits | None:
    return None if text is None else digits(text)


def _numbers(version: Version) -> tuple[Digits, Digits, Digits]:
    return (version.major, version.minor, version.patch)


def _tail(prerelease: PreRelease) -> tuple[bool, PreRelease]:
    # SemVer 2.0.0, section 11.3: the version itself comes after its pre-releases.
    return (not prerelease, prerelease)
