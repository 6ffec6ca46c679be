"""Version ranges: `[1.0, 2.0)`, `1.0` for "at least", and floating ones such as `1.*-*`.

Read as `VersionRange.TryParse` and `FloatRange.TryParse` of NuGet.Versioning do. A bound says nothing
of prereleases: `[1.0, 2.0)` admits `2.0.0-beta`, which is below 2.0 (`VersionRange.Satisfies`). What
floats is more than a lower bound to whoever wrote it, so it admits what `FloatRange.Satisfies` does:
`1.*` no 2.0, and a prerelease only where the pattern has `-`.
"""

from dataclasses import dataclass
from functools import lru_cache

from src.schemas.errors import InvalidConstraintError
from src.schemas.package import ANY
from src.utils.nuget.versions import NuGetVersion, parse_version

_MAX_LENGTH = 2200


@dataclass(frozen=True, slots=True)
class FloatPattern:
    """What a version with a star leaves free.

    `fixed` are the leading numbers that must agree; `prefix` is what the labels of a prerelease must
    begin with, None where the pattern admits no prerelease. A stable version always may match.
    """

    fixed: tuple[int, ...]
    prefix: str | None

    def admits(self, version: NuGetVersion) -> bool:
        """Whether the version is of this pattern."""
        if version.numbers[: len(self.fixed)] != self.fixed:
            return False
        if not version.is_prerelease:
            return True
        return self.prefix is not None and version.labels.lower().startswith(self.prefix)


@dataclass(frozen=True, slots=True)
class VersionRange:
    """An interval; None is no bound. `pattern` is there where the lower bound floats."""

    low: NuGetVersion | None
    low_included: bool
    high: NuGetVersion | None
    high_included: bool
    pattern: FloatPattern | None = None

    def admits(self, version: NuGetVersion) -> bool:
        """Whether the version lies within the bounds, and is of the pattern."""
        key = version.key
        if self.low is not None:
            bound = self.low.key
            if key < bound or (key == bound and not self.low_included):
                return False
        if self.high is not None:
            bound = self.high.key
            if key > bound or (key == bound and not self.high_included):
                return False
        return self.pattern is None or self.pattern.admits(version)


def satisfies(version: str, constraint: str) -> bool:
    """Whether `constraint` admits `version`; "any" and "" admit all, as a missing range does.

    Raises InvalidConstraintError for what NuGet reads as no range or no version.
    """
    wanted = parse_range(constraint)
    parsed = parse_version(version)
    if parsed is None:
        raise InvalidConstraintError(f"not a version of NuGet: {version[:80]!r}")
    return wanted.admits(parsed)


@lru_cache(maxsize=65_536)
def parse_range(constraint: str) -> VersionRange:
    """Read a range; raises InvalidConstraintError."""
    text = constraint.strip()
    if text in {"", ANY}:
        return VersionRange(None, low_included=True, high=None, high_included=True)
    found = _read_range(text) if len(text) <= _MAX_LENGTH else None
    if found is None:
        raise InvalidConstraintError(f"not a version range of NuGet: {constraint[:80]!r}")
    return found


def _read_range(text: str) -> VersionRange | None:
    if text[0] not in "[(":
        return _between(text, "", low_included=True, high_included=False)
    if text[-1] not in "])":
        return None
    low_included, high_included = text[0] == "[", text[-1] == "]"
    low, comma, high = text[1:-1].partition(",")
    if "," in high or not (low or high):
        return None
    if not comma:
        high = low
        if not (low_included and high_included):
            return None
    return _between(low, high, low_included=low_included, high_included=high_included)


def _between(
    low_text: str, high_text: str, *, low_included: bool, high_included: bool
) -> VersionRange | None:
    low, pattern = _read_low(low_text)
    high = parse_version(high_text) if high_text.strip() else None
    if (low is None and low_text.strip()) or (high is None and high_text.strip()):
        return None
    if low is not None and high is not None:
        empty = low.key == high.key and low_included != high_included
        if empty or low.key > high.key:
            return None
    return VersionRange(low, low_included, high, high_included, pattern)


def _read_low(text: str) -> tuple[NuGetVersion | None, FloatPattern | None]:
    if "*" not in text:
        return parse_version(text), None
    return _read_floating(text.strip())


def _read_floating(text: str) -> tuple[NuGetVersion | None, FloatPattern | None]:
    """Read `*`, `1.*`, `1.0.0-beta.*`, `1.*-*`: a star ends the numbers, the labels, or both."""
    numbers, hyphen, labels = text.partition("-")
    stars = text.count("*")
    if "+" in text or stars != numbers.endswith("*") + labels.endswith("*"):
        return None, None
    if hyphen and not labels.endswith("*"):
        return None, None
    fixed = numbers.removesuffix("*")
    if fixed != numbers and fixed and not fixed.endswith("."):
        return None, None
    prefix = labels.removesuffix("*") if hyphen else None
    low = parse_version(_lowest(numbers, fixed, prefix))
    if low is None:
        return None, None
    kept = len([part for part in fixed.split(".") if part]) if fixed != numbers else 4
    return low, FloatPattern(low.numbers[:kept], None if prefix is None else prefix.lower())


def _lowest(numbers: str, fixed: str, prefix: str | None) -> str:
    # 0 is the lowest number and the lowest label, and a label may not be empty.
    base = f"{fixed}0" if fixed != numbers else numbers
    if prefix is None:
        return base
    if not prefix or prefix.endswith("."):
        return f"{base}-{prefix}0"
    return f"{base}-{prefix}"
