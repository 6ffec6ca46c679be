"""The effective model of a POM: what an install of its artifact brings in.

Follows Maven 3.9's DefaultModelBuilder: profiles, inheritance, interpolation, imported BOMs,
dependencyManagement. Pure: the POMs are given, and what is still missing is told, so that whoever
can fetch does this:

    loaded = {}
    while needed := needed_poms(gav, loaded):
        loaded |= {each: <parse_pom of it, or None where the registry has none> for each in needed}
    effective = effective_requirements(gav, loaded, source)
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from src.schemas.package import Requirements
from src.utils.maven.coordinates import Gav
from src.utils.maven.models import ModelBuilder
from src.utils.maven.pom import Pom
from src.utils.maven.requirements import read_dependencies

__all__ = ["EffectivePom", "Gav", "effective_requirements", "needed_poms"]


@dataclass(frozen=True, slots=True)
class EffectivePom:
    """What one published POM means, with all that it inherits. Text is "" where nobody tells.

    `group`, `artifact` and `version` are as the POM says, else those that it was asked by.
    `exclusions` are sorted `excluded<-dependency` pairs of `group:artifact`. `counts` tells of what
    was not understood: see ModelBuilder and read_dependencies.
    """

    requirements: Requirements
    group: str
    artifact: str
    version: str
    packaging: str
    licenses: tuple[str, ...] = ()
    url: str = ""
    scm_url: str = ""
    scm_connection: str = ""
    scm_developer_connection: str = ""
    organization: str = ""
    relocation: Gav | None = None
    exclusions: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


def needed_poms(gav: Gav, loaded: Mapping[Gav, Pom | None]) -> frozenset[Gav]:
    """Return which further POMs must be known before the model of `gav` can be built.

    Empty when nothing more is needed. None in `loaded` stands for a POM that the registry lacks or
    that cannot be read. Chains and cycles are bounded: the loop above always ends.
    """
    builder = ModelBuilder(loaded)
    builder.build(gav)
    return frozenset(builder.needed)


def effective_requirements(gav: Gav, loaded: Mapping[Gav, Pom | None], source: str) -> EffectivePom:
    """Return the requirements and facts of `gav`, whose own POM is in `loaded`.

    Never fails for what a POM refers to: a parent or BOM that is not there is counted, and what can
    be known without it is kept. Raises KeyError where the POM of `gav` itself is not in `loaded`.
    """
    builder = ModelBuilder(loaded)
    model = builder.build(gav)
    if model is None:
        raise KeyError(gav)
    found = read_dependencies(model.dependencies, model.managed, source)
    return EffectivePom(
        requirements=found.requirements,
        group=model.group,
        artifact=model.artifact,
        version=model.version,
        packaging=model.packaging or "jar",
        licenses=model.licenses,
        url=model.facts.get("url", ""),
        scm_url=model.facts.get("scm.url", ""),
        scm_connection=model.facts.get("scm.connection", ""),
        scm_developer_connection=model.facts.get("scm.developerConnection", ""),
        organization=model.facts.get("organization.name", ""),
        relocation=model.relocation,
        exclusions=found.exclusions,
        counts=dict(Counter(builder.counts) + found.counts),
    )
