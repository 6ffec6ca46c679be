"""NuGet's versions: SemVer 2 with an optional fourth number, read and ordered as NuGet.Versioning does.

Sources: `NuGetVersion.TryParse` and `VersionComparer.Default`. One thing is read that .NET refuses,
numbers above 2,147,483,647: other tools order them, and none is lost by it.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

Label = tuple[int, int, str]
OrderKey = tuple[tuple[int, ...], bool, tuple[Label, ...]]

_MAX_LENGTH = 1024
_MAX_INT = 2_147_483_647
_MAX_INT_LENGTH = 11
_VERSION = re.compile(
    r"(\d+(?:\.\d+){0,3})(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?",
    re.ASCII,
)
_NUMERIC = re.compile(r"-?\d+", re.ASCII)
_LEADING_ZERO = re.compile(r"0\d+", re.ASCII)


@dataclass(frozen=True, slots=True)
class NuGetVersion:
    """A version without its build metadata, which is no part of its identity.

    `numbers` are always four; `labels` is the text behind the hyphen, "" for a stable version.
    """

    numbers: tuple[int, ...]
    labels: str = ""

    @property
    def is_prerelease(self) -> bool:
        """Whether it has labels."""
        return self.labels != ""

    @property
    def normalized(self) -> str:
        """Return the normal form: three numbers, the fourth only where it is not 0."""
        numbers = self.numbers if self.numbers[3] else self.numbers[:3]
        text = ".".join(map(str, numbers))
        return f"{text}-{self.labels}" if self.labels else text

    @property
    def key(self) -> OrderKey:
        """Return what it is sorted by: a stable version follows its own prereleases."""
        labels = tuple(map(_label_key, self.labels.split("."))) if self.labels else ()
        return self.numbers, not self.labels, labels


@lru_cache(maxsize=65_536)
def parse_version(text: str) -> NuGetVersion | None:
    """Read one to four numbers, labels and metadata; None for what NuGet calls no version."""
    match = _VERSION.fullmatch(text.strip()) if len(text) <= _MAX_LENGTH else None
    if match is None:
        return None
    labels = match[2] or ""
    if any(_LEADING_ZERO.fullmatch(label) for label in labels.split(".")):
        return None
    numbers = [int(number) for number in match[1].split(".")]
    return NuGetVersion(tuple(numbers + [0] * (4 - len(numbers))), labels)


def normalized_name(text: str) -> str:
    """Return the normal form of a version, the text itself where it is no version."""
    version = parse_version(text)
    return text if version is None else version.normalized


def order_key(version: str) -> OrderKey | None:
    """Return what a version is sorted by, None for what is no version of NuGet."""
    parsed = parse_version(version)
    return None if parsed is None else parsed.key


def _label_key(label: str) -> Label:
    # Numeric is what `int.TryParse` takes, so a date of 14 digits is compared as text.
    if len(label) <= _MAX_INT_LENGTH and _NUMERIC.fullmatch(label) and abs(int(label)) <= _MAX_INT:
        return 0, int(label), ""
    return 1, 0, label.lower()
