"""Whether a version satisfies a Maven requirement (POM reference, "Dependency Version Requirement").

Only what stands in brackets is a demand (a hard requirement): `[1.0]`, `(,1.0]`, `[1.2,1.3]`,
`[1.5,)`, and unions of these. A bare `1.0` is a soft requirement: Maven may take any other version
by mediation, so that every version satisfies it (VersionRange.containsVersion); `recommended` tells
which one it asks for.
"""

from dataclasses import dataclass
from functools import lru_cache

from src.schemas.errors import InvalidConstraintError
from src.schemas.package import ANY
from src.utils.maven.versions import MavenVersion, order_key

_OPENINGS = ("[", "(")
_CLOSINGS = ("]", ")")
_NEWEST = "LATEST"
_NEWEST_RELEASE = "RELEASE"
_SNAPSHOT = "SNAPSHOT"


@dataclass(frozen=True, slots=True)
class Restriction:
    """One range; a bound that is None is open, and whether it is inclusive then says nothing."""

    lower: MavenVersion | None
    upper: MavenVersion | None
    lower_inclusive: bool
    upper_inclusive: bool

    def admits(self, version: MavenVersion) -> bool:
        """Tell whether `version` lies within."""
        above = self.lower is None or (
            version >= self.lower if self.lower_inclusive else version > self.lower
        )
        below = self.upper is None or (
            version <= self.upper if self.upper_inclusive else version < self.upper
        )
        return above and below


def satisfies(version: str, constraint: str) -> bool:
    """Tell whether `version` is one that `constraint` admits.

    "any", a soft requirement and `LATEST` admit all versions, `RELEASE` all but snapshots.
    Raises InvalidConstraintError for a malformed range, an expression (`${…}`) that nothing
    resolved, an empty constraint, and what is no version.
    """
    place = _read_version(version)
    if constraint == _NEWEST_RELEASE:
        return not version.endswith(_SNAPSHOT)
    restrictions = read_constraint(constraint)
    return not restrictions or any(entry.admits(place) for entry in restrictions)


def recommended(constraint: str) -> str | None:
    """Return the version that a soft requirement asks for, None where it names none.

    Raises InvalidConstraintError like `satisfies`.
    """
    if read_constraint(constraint) or constraint in {ANY, _NEWEST, _NEWEST_RELEASE}:
        return None
    return constraint


@lru_cache(maxsize=65_536)
def read_constraint(constraint: str) -> tuple[Restriction, ...]:
    """Return the ranges of which one has to hold, none for what admits every version.

    Raises InvalidConstraintError like `satisfies`. Source: VersionRange.createFromVersionSpec of
    Maven 3.9, which takes a bare version or a bound with commas and brackets inside for a version;
    here as in Maven's resolver that is malformed.
    """
    rest = constraint
    restrictions: list[Restriction] = []
    while rest.startswith(_OPENINGS):
        end = min((at for at in map(rest.find, _CLOSINGS) if at >= 0), default=-1)
        if end < 0:
            raise _invalid("a range without end", constraint)
        restriction = _read_range(rest[: end + 1], constraint)
        if restrictions:
            _check_order(restrictions[-1], restriction, constraint)
        restrictions.append(restriction)
        rest = rest[end + 1 :].strip().removeprefix(",").strip()
    if restrictions and rest:
        raise _invalid("a bare version beside ranges", constraint)
    if not restrictions:
        _read_bound(rest, constraint)
    return tuple(restrictions)


def _read_range(text: str, constraint: str) -> Restriction:
    lower, comma, upper = (part.strip() for part in text[1:-1].partition(","))
    inclusive = text.startswith("["), text.endswith("]")
    if not comma:
        if inclusive != (True, True):
            raise _invalid("a single version belongs in []", constraint)
        only = _read_bound(lower, constraint)
        return Restriction(only, only, *inclusive)
    found = Restriction(
        _read_bound(lower, constraint) if lower else None,
        _read_bound(upper, constraint) if upper else None,
        *inclusive,
    )
    if found.lower is not None and found.upper is not None:
        empty = found.upper == found.lower and inclusive != (True, True)
        if found.upper < found.lower or empty:
            raise _invalid("a range that holds nothing", constraint)
    return found


def _check_order(earlier: Restriction, later: Restriction, constraint: str) -> None:
    # An open end behind which another range follows is Maven's own oversight, and admitted there.
    if earlier.upper is not None and (later.lower is None or later.lower < earlier.upper):
        raise _invalid("ranges that overlap", constraint)


def _read_bound(text: str, constraint: str) -> MavenVersion:
    if any(mark in text for mark in ",[]()"):
        raise _invalid(f"no version ({text[:80]!r})", constraint)
    return _read_version(text, constraint)


def _read_version(text: str, constraint: str = "") -> MavenVersion:
    place = order_key(text)
    if place is None or text != text.strip() or "${" in text:
        raise _invalid(f"no version ({text[:80]!r})", constraint or text)
    return place


def _invalid(reason: str, constraint: str) -> InvalidConstraintError:
    return InvalidConstraintError(f"{reason}: {constraint[:200]!r}")
