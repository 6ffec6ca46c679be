"""Requirement strings (`Requires-Dist`, PEP 508) into the requirements of one version."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as ParsedRequirement
from packaging.utils import canonicalize_name

from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import InvalidKeyError
from src.schemas.package import (
    ANY,
    KIND_EXTRA,
    KIND_INVALID,
    KIND_RUNTIME,
    Requirement,
    Requirements,
)
from src.utils.json_values import clean_text
from src.utils.purl import make_purl
from src.utils.pypi.markers import applies_without_extra
from src.utils.pypi.names import canonical_name

Place = Literal["required", "optional", "unresolved"]

_INVALID = (InvalidRequirement, InvalidKeyError, ValueError, SyntaxError, RecursionError)
"""All that a broken string may raise: `packaging` lets escapes in quoted values fail by themselves,
and its parser follows parentheses by recursion."""

_HEAD = re.compile(r"\s*[A-Za-z0-9][A-Za-z0-9._-]*\s*(?:\[[^\]]*\])?")


@dataclass(frozen=True, slots=True)
class PlacedRequirement:
    """One requirement, and which of the three lists of a version it belongs to."""

    place: Place
    requirement: Requirement


@lru_cache(maxsize=65_536)
def read_requirement(published: str) -> PlacedRequirement:
    """Read one requirement string. Never fails: what is no requirement is kept as text.

    Cached, because the same few strings are required all over a registry.
    """
    try:
        parsed = ParsedRequirement(published)
        name, purl = _package(parsed.name)
        optional = parsed.marker is not None and not applies_without_extra(parsed.marker)
        condition = "" if parsed.marker is None else clean_text(str(parsed.marker))
    except _INVALID:
        invalid = Requirement(name="", purl="", constraints=published, kind=KIND_INVALID)
        return PlacedRequirement("unresolved", invalid)
    requirement = Requirement(
        name=name,
        purl="" if parsed.url else purl,
        constraints=parsed.url or _published_specifier(published),
        kind=KIND_EXTRA if optional else KIND_RUNTIME,
        condition=condition,
        # PEP 685: two spellings of an extra are one; `packaging` sees to it in markers only.
        variant=",".join(sorted({canonicalize_name(extra) for extra in parsed.extras})),
    )
    if parsed.url:
        return PlacedRequirement("unresolved", requirement)
    return PlacedRequirement("optional" if optional else "required", requirement)


def read_requirements(published: Iterable[str], source: str) -> Requirements:
    """Sort requirement strings into the lists of a version: each once, in a fixed order."""
    lists: dict[Place, set[Requirement]] = {
        "required": set(),
        "optional": set(),
        "unresolved": set(),
    }
    for entry in published:
        placed = read_requirement(entry)
        lists[placed.place].add(placed.requirement)
    return Requirements(
        source=source,
        required=tuple(sorted(lists["required"])),
        optional=tuple(sorted(lists["optional"])),
        unresolved=tuple(sorted(lists["unresolved"])),
    )


def count_invalid(requirements: Requirements) -> int:
    """Return how many strings were kept as text because they are no requirement."""
    return sum(entry.kind == KIND_INVALID for entry in requirements.unresolved)


@lru_cache(maxsize=16_384)
def _package(published: str) -> tuple[str, str]:
    name = canonical_name(published)
    return name, make_purl(Ecosystem.PYPI, name)


def _published_specifier(published: str) -> str:
    # As published: `str(SpecifierSet)` would sort it. The parentheses of old metadata
    # (`foo (>=1.0)`) are grammar and not part of the constraint.
    head = _HEAD.match(published)
    rest = published[head.end() if head else 0 :].partition(";")[0].strip()
    if rest.startswith("(") and rest.endswith(")"):
        rest = rest[1:-1].strip()
    return rest or ANY
