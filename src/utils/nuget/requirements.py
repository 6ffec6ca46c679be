"""Dependency groups into requirements: every group counts, with its target framework."""

from collections.abc import Mapping
from dataclasses import dataclass

from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import InvalidConstraintError, InvalidKeyError
from src.schemas.package import ANY, KIND_INVALID, KIND_RUNTIME, Requirement, Requirements
from src.utils.nuget.constraints import parse_range
from src.utils.nuget.names import canonical_name
from src.utils.nuget.values import objects, text
from src.utils.purl import make_purl


@dataclass(frozen=True, slots=True)
class Dependency:
    """One dependency as published: `range` is "" where none is told, `framework` likewise."""

    id: str
    range: str
    framework: str


def read_dependencies(entry: Mapping[str, object]) -> tuple[Dependency, ...]:
    """Return the dependencies of all groups; a group without any requires nothing."""
    return tuple(
        Dependency(
            text(dependency.get("id")),
            _range(dependency.get("range")),
            text(group.get("targetFramework")),
        )
        for group in objects(entry.get("dependencyGroups"))
        for dependency in objects(group.get("dependencies"))
    )


def make_requirements(dependencies: tuple[Dependency, ...], source: str) -> Requirements:
    """Return the requirements; what is no id or no range is kept as text in `unresolved`."""
    required: set[Requirement] = set()
    unresolved: set[Requirement] = set()
    for dependency in dependencies:
        constraints = dependency.range.strip() or ANY
        condition = dependency.framework
        try:
            name = canonical_name(dependency.id)
            parse_range(constraints)
            purl = make_purl(Ecosystem.NUGET, name)
        except (InvalidKeyError, InvalidConstraintError):
            broken = Requirement(dependency.id, "", constraints, KIND_INVALID, condition)
            unresolved.add(broken)
        else:
            required.add(Requirement(name, purl, constraints, KIND_RUNTIME, condition))
    return Requirements(
        source=source,
        required=tuple(sorted(required)),
        unresolved=tuple(sorted(unresolved)),
        development=(),
    )


def _range(value: object) -> str:
    # A range that is there but no text is not the same as none: it is kept, to be refused.
    if value is None or isinstance(value, str):
        return text(value)
    return text(f"no text: {value!r}"[:200])
