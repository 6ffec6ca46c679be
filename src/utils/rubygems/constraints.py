"""Whether a version satisfies a gem requirement: Gem::Requirement#satisfied_by?.

A prerelease satisfies whatever its place in the order satisfies. That a resolver prefers releases is
its own choice and no part of the requirement.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from src.schemas.errors import InvalidConstraintError
from src.schemas.package import ANY
from src.utils.rubygems.names import split_version
from src.utils.rubygems.versions import (
    VERSION_PATTERN,
    Segment,
    bump,
    key_of,
    parse_segments,
    release,
)

Segments = tuple[Segment, ...]
Check = Callable[[Segments], bool]

DEFAULT = ">= 0"
"""What a gem that asks for no version asks for (Gem::Requirement.default)."""

_PART = re.compile(rf"\s*(=|!=|>=|<=|~>|>|<)?\s*({VERSION_PATTERN})\s*", re.ASCII)
_MAX_PARTS = 1000


def satisfies(version: str, constraint: str) -> bool:
    """Whether `constraint` admits `version`; its platform (`1.0-java`) does not matter.

    "any" admits what `>= 0` admits: everything but prereleases of 0. Raises InvalidConstraintError
    where Gem::Version or Gem::Requirement cannot read its side.
    """
    segments = parse_segments(split_version(version)[0])
    if segments is None:
        raise InvalidConstraintError(f"not a gem version: {version[:80]!r}")
    return all(check(segments) for check in _checks(constraint))


def is_constraint(constraint: str) -> bool:
    """Tell whether this is a requirement that `satisfies` can read."""
    try:
        _checks(constraint)
    except InvalidConstraintError:
        return False
    return True


@lru_cache(maxsize=65_536)
def _checks(constraint: str) -> tuple[Check, ...]:
    parts = (DEFAULT if constraint == ANY else constraint).split(",")
    if len(parts) > _MAX_PARTS:
        raise InvalidConstraintError(f"a requirement of {len(parts)} parts")
    return tuple(map(_check, parts))


def _check(text: str) -> Check:
    part = _PART.fullmatch(text)
    wanted = parse_segments(part[2]) if part else None
    if part is None or wanted is None:
        raise InvalidConstraintError(f"not a gem requirement: {text[:80]!r}")
    return _OPERATORS[part[1] or "="](wanted)


def _compared(holds: Callable[[int], bool]) -> Callable[[Segments], Check]:
    def make(wanted: Segments) -> Check:
        bound = key_of(wanted)

        def check(segments: Segments) -> bool:
            key = key_of(segments)
            return holds((key > bound) - (key < bound))

        return check

    return make


def _approximate(wanted: Segments) -> Check:
    lower, upper = key_of(wanted), key_of(bump(wanted))

    def check(segments: Segments) -> bool:
        return key_of(segments) >= lower and key_of(release(segments)) < upper

    return check


_OPERATORS: Mapping[str, Callable[[Segments], Check]] = {
    "=": _compared(lambda sign: sign == 0),
    "!=": _compared(lambda sign: sign != 0),
    ">": _compared(lambda sign: sign > 0),
    "<": _compared(lambda sign: sign < 0),
    ">=": _compared(lambda sign: sign >= 0),
    "<=": _compared(lambda sign: sign <= 0),
    "~>": _approximate,
}
"""Gem::Requirement::OPS."""
