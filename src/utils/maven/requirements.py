"""Dependencies of an effective model into the requirements of a version.

`kind` is the scope. `variant` tells otherwise equal requirements apart: "" for a plain jar, else the
type, with a classifier `type:classifier` ("pom", "test-jar", "jar:sources").
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from src.schemas.errors import InvalidKeyError
from src.schemas.package import (
    ANY,
    KIND_COMPILE,
    KIND_INVALID,
    KIND_PROVIDED,
    KIND_RUNTIME,
    KIND_SYSTEM,
    KIND_TEST,
    Requirement,
    Requirements,
)
from src.utils.maven.coordinates import package_key
from src.utils.maven.inheritance import management_key
from src.utils.maven.pom import Dependency

Place = Literal["required", "optional", "unresolved"]
_Key = tuple[str, str, str, str]

_REQUIRED = frozenset({KIND_COMPILE, KIND_RUNTIME})
_SCOPES = _REQUIRED | {KIND_TEST, KIND_PROVIDED, KIND_SYSTEM}


@dataclass(frozen=True, slots=True)
class FoundRequirements:
    """`exclusions` are sorted `excluded<-dependency` pairs of `group:artifact`.

    `counts`: `invalid_requirements` (group or artifact stay an expression or are no ids),
    `unresolved_versions` (the version stays an expression), `versionless_requirements` (nothing
    tells a version), `unknown_scopes` (taken for runtime).
    """

    requirements: Requirements
    exclusions: tuple[str, ...]
    counts: Counter[str]


def read_dependencies(
    dependencies: Iterable[Dependency], managed: Iterable[Dependency], source: str
) -> FoundRequirements:
    """Return the requirements that a model's dependencies make; broken ones are kept as text.

    Declarations that are equal only once their expressions are replaced all stay in a Maven model.
    Who depends on it sees those that are not optional, and of these the first; so of each place the
    first counts.
    """
    counts: Counter[str] = Counter()
    lists: dict[Place, dict[_Key, Requirement]] = {"required": {}, "optional": {}, "unresolved": {}}
    exclusions: set[str] = set()
    for entry in with_management(tuple(dependencies), managed):
        place, requirement = _place(entry, counts)
        lists[place].setdefault(management_key(entry), requirement)
        exclusions.update(
            f"{group}:{name}<-{entry.group}:{entry.artifact}" for group, name in entry.exclusions
        )
    requirements = Requirements(
        source=source,
        required=tuple(sorted(set(lists["required"].values()))),
        optional=tuple(sorted(set(lists["optional"].values()))),
        unresolved=tuple(sorted(set(lists["unresolved"].values()))),
        development=(),
    )
    return FoundRequirements(requirements, tuple(sorted(exclusions)), counts)


def with_management(
    dependencies: Sequence[Dependency], managed: Iterable[Dependency]
) -> tuple[Dependency, ...]:
    """Return the dependencies with what dependencyManagement adds: version, scope, exclusions.

    What a dependency says itself stands; `optional` is not managed (Maven 3.9,
    DefaultDependencyManagementInjector).
    """
    of_key: dict[_Key, list[Dependency]] = {management_key(entry): [] for entry in dependencies}
    for entry in managed:
        if (found := of_key.get(management_key(entry))) is not None:
            found.append(entry)
    return tuple(_managed(entry, of_key[management_key(entry)]) for entry in dependencies)


def _managed(own: Dependency, entries: Iterable[Dependency]) -> Dependency:
    for entry in entries:
        own = replace(
            own,
            version=own.version or entry.version,
            scope=own.scope or entry.scope,
            exclusions=own.exclusions or entry.exclusions,
        )
    return own


def _place(entry: Dependency, counts: Counter[str]) -> tuple[Place, Requirement]:
    try:
        name, purl = package_key(entry.group, entry.artifact)
    except InvalidKeyError:
        counts["invalid_requirements"] += 1
        text = f"{entry.group}:{entry.artifact}:{entry.version}"
        return "unresolved", Requirement(name="", purl="", constraints=text, kind=KIND_INVALID)
    kind = entry.scope or KIND_COMPILE
    if kind not in _SCOPES:
        counts["unknown_scopes"] += 1
        kind = KIND_RUNTIME
    counts["unresolved_versions"] += "${" in entry.version
    counts["versionless_requirements"] += not entry.version
    requirement = Requirement(
        name=name, purl=purl, constraints=entry.version or ANY, kind=kind, variant=_variant(entry)
    )
    optional = kind not in _REQUIRED or entry.optional.lower() == "true"
    return "optional" if optional else "required", requirement


def _variant(entry: Dependency) -> str:
    kind = entry.type or "jar"
    if entry.classifier:
        return f"{kind}:{entry.classifier}"
    return "" if kind == "jar" else kind
