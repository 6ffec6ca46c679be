"""What the doctor found, in words for a person who did not write this program."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much a finding matters."""

    OK = "ok"
    SKIPPED = "not checked"
    WARNING = "warning"
    PROBLEM = "problem"
    """Something required does not work; the doctor then ends with exit code 1."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence on one part; it never holds a secret."""

    part: str
    level: Level
    says: str
    advice: str = ""
    """What to do, "" where there is nothing to do."""


def ok(part: str, says: str) -> Finding:
    """Say that a part works."""
    return Finding(part, Level.OK, says)


def skipped(part: str, says: str, advice: str = "") -> Finding:
    """Say that a part was left alone, and why."""
    return Finding(part, Level.SKIPPED, says, advice)


def warning(part: str, says: str, advice: str) -> Finding:
    """Say that a part works but not as well as it could."""
    return Finding(part, Level.WARNING, says, advice)


def problem(part: str, says: str, advice: str) -> Finding:
    """Say that a part does not work."""
    return Finding(part, Level.PROBLEM, says, advice)
