"""Scores: CVSS vectors by the `cvss` library, a textual severity by a table.

The score of a vector is the one number that the library calls its base score. For version 4 it is the
score of the vector as published, exploit maturity included, since CVSS 4.0 knows one formula only
(specification, section 8) and databases show that number.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from cvss import CVSS2, CVSS3, CVSS4  # type: ignore[import-untyped]
from cvss.exceptions import CVSSError  # type: ignore[import-untyped]

TEXTUAL_SCORES = {"LOW": 2.0, "MODERATE": 5.5, "MEDIUM": 5.5, "HIGH": 8.0, "CRITICAL": 9.5}
"""The middle of each band of CVSS 3.1 (specification, section 5, "Qualitative Severity Rating Scale":
0.1 to 3.9, 4.0 to 6.9, 7.0 to 8.9, 9.0 to 10.0), rounded up to one place. MODERATE is how GitHub
spells MEDIUM."""

_MAX_LENGTH = 1024
_V2, _V3, _V4 = 2, 3, 4


class Score(NamedTuple):
    """A base score and the version of CVSS that it is of; sorts by the version first."""

    version: int
    value: float


def base_score(vector: str) -> float | None:
    """Return the base score of a vector of CVSS 2, 3.x or 4.0, None where it is broken or partial."""
    score = read_vector(vector)
    return None if score is None else score.value


@lru_cache(maxsize=65_536)
def read_vector(vector: str) -> Score | None:
    """Return version and base score; the vector's own prefix tells the version (2 has none)."""
    if len(vector) > _MAX_LENGTH:
        return None
    try:
        if vector.startswith("CVSS:4"):
            return Score(_V4, float(CVSS4(vector).base_score))
        if vector.startswith("CVSS:3"):
            return Score(_V3, float(CVSS3(vector).base_score))
        return Score(_V2, float(CVSS2(vector).base_score))
    except CVSSError:
        return None


def highest(scores: Iterable[Score]) -> float | None:
    """Return the score that counts for an advisory: the highest of the highest version present."""
    found = max(scores, default=None)
    return None if found is None else found.value


def textual_score(severity: str) -> float | None:
    """Return the score that stands for a textual severity, None for a word that is not in the table."""
    return TEXTUAL_SCORES.get(severity.upper())
