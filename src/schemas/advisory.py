"""What an advisory of the OSV database says, in the terms of the graph."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from src.schemas.ecosystem import Ecosystem


class AdvisoryKind(StrEnum):
    """Malware and informational records are listed on a version, but stay out of its scores."""

    VULNERABILITY = "vulnerability"
    MALWARE = "malware"
    INFORMATIONAL = "informational"


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a range: `kind` is introduced, fixed, last_affected or limit."""

    kind: str
    version: str


@dataclass(frozen=True, slots=True)
class Affected:
    """One `affected` entry that names a package of ours by its canonical name.

    `ranges` holds the events of each ECOSYSTEM or SEMVER range (GIT ranges are left out), `versions`
    the versions listed, in the form that the ecosystem compares by (PyPI's `1.0` is `1`).
    """

    ecosystem: Ecosystem
    name: str
    ranges: tuple[tuple[Event, ...], ...] = ()
    versions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Advisory:
    """One record. `score` is the highest CVSS base score that counts, None where nothing tells one.

    `modified` is as published (RFC 3339); `severity` is the textual one, "" where there is none.
    `problems` counts what could not be read (broken vectors, unknown ecosystems, unreadable ranges).
    """

    id: str
    modified: str
    withdrawn: bool
    kind: AdvisoryKind
    aliases: frozenset[str] = frozenset()
    affected: tuple[Affected, ...] = ()
    score: float | None = None
    severity: str = ""
    problems: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """That an advisory hits a version: `reason` is "range" or "list".

    `fixed_in` is the lowest fixed version above it, "" where none is known.
    """

    advisory: Advisory
    reason: str
    fixed_in: str = ""


@dataclass(frozen=True, slots=True)
class Attribution:
    """What the advisories say of one version; the contract of its graph properties.

    `vulnerabilities` lists all ids sorted; `mean` and `weighted_mean` are of the scores that count,
    rounded to 2 places, 0.0 where there is none.
    """

    vulnerabilities: tuple[str, ...] = ()
    mean: float = 0.0
    weighted_mean: float = 0.0


def package_key(ecosystem: Ecosystem, name: str) -> str:
    """Return the key that advisories are looked up by: the OSV name of the ecosystem, then the name."""
    return f"{ecosystem.osv_name}/{name}"
