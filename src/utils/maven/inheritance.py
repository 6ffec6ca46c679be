"""A POM with its profiles and its parents, before any expression is replaced.

Source: Maven 3.9, DefaultModelNormalizer, DefaultProfileInjector and DefaultInheritanceAssembler
with MavenModelMerger. Dependencies are told apart by group, artifact, type and classifier as
written. Addresses are inherited as they are: Maven appends the path of the module to them, but what
they are needed for is the repository.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from src.utils.maven.coordinates import Gav
from src.utils.maven.pom import Dependency, Pom

NOT_INHERITED = frozenset({"name", "prerequisites.maven"})


@dataclass(frozen=True, slots=True)
class Model:
    """What decides about requirements, and the facts that are inherited. `parent` is as written."""

    group: str
    artifact: str
    version: str
    packaging: str = ""
    parent: Gav | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    managed: tuple[Dependency, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    licenses: tuple[str, ...] = ()
    relocation: Gav | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


def management_key(entry: Dependency) -> tuple[str, str, str, str]:
    """Return what tells dependencies of one model apart (Dependency.getManagementKey)."""
    return entry.group, entry.artifact, entry.type or "jar", entry.classifier


def last_of_each(entries: Iterable[Dependency]) -> tuple[Dependency, ...]:
    """Return each dependency once, as it is declared last, at the place of the first."""
    return tuple({management_key(entry): entry for entry in entries}.values())


def model_of(pom: Pom) -> Model:
    """Return the model of one POM with its active profiles, which win over what it says itself."""
    model = Model(
        group=pom.group or (pom.parent.group if pom.parent else ""),
        artifact=pom.artifact,
        version=pom.version or (pom.parent.version if pom.parent else ""),
        packaging=pom.packaging,
        parent=pom.parent,
        properties=pom.properties,
        managed=pom.managed,
        dependencies=last_of_each(pom.dependencies),
        licenses=pom.licenses,
        relocation=pom.relocation,
        facts=pom.facts,
    )
    for profile in pom.profiles:
        model = replace(
            model,
            properties={**model.properties, **profile.properties},
            managed=_merge(model.managed, profile.managed, theirs_win=True),
            dependencies=_merge(model.dependencies, profile.dependencies, theirs_win=True),
        )
    return model


def inherit(child: Model, parent: Model) -> Model:
    """Return the child with what it takes from its parent, whose own parents are merged already."""
    inherited = {name: text for name, text in parent.facts.items() if name not in NOT_INHERITED}
    return replace(
        child,
        properties={**parent.properties, **child.properties},
        managed=_merge(child.managed, parent.managed, theirs_win=False),
        dependencies=_merge(child.dependencies, parent.dependencies, theirs_win=False),
        licenses=child.licenses or parent.licenses,
        facts={**inherited, **child.facts},
    )


def assemble(lineage: Sequence[Pom]) -> Model:
    """Return the model of the first POM; the others are its parents, nearest first."""
    model = model_of(lineage[-1])
    for pom in reversed(lineage[:-1]):
        model = inherit(model_of(pom), model)
    return model


def _merge(
    own: tuple[Dependency, ...], theirs: tuple[Dependency, ...], *, theirs_win: bool
) -> tuple[Dependency, ...]:
    # ModelMerger: where there is nothing to merge, doubled entries of one's own stay.
    if not theirs:
        return own
    merged = {management_key(entry): entry for entry in own}
    for entry in theirs:
        if theirs_win:
            merged[management_key(entry)] = entry
        else:
            merged.setdefault(management_key(entry), entry)
    return tuple(merged.values())
