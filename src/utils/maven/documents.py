"""All that was fetched of one package, read but not yet turned into a record."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from src.utils.maven.effective import EffectivePom

SOURCE_POM = "pom"
"""Requirement source of a version whose POM was read: released POMs never change."""

SOURCE_MISSING = "missing"
"""Requirement source of a version that the registry has no POM of: asked for again the next time."""

SOURCE_UNREADABLE = "unreadable"
"""Requirement source of a version whose POM is no XML that Maven could read; likewise."""


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """One version: when it was released (ISO 8601, "" unknown) and what its POM says.

    `source` is what the requirements were read from, "" where they were not read this time since
    they are known; `model` may be there all the same, for its facts.
    """

    released: str = ""
    source: str = ""
    model: EffectivePom | None = None


@dataclass(frozen=True, slots=True)
class MavenDocuments:
    """What `build_record` needs. `newest` is the version that speaks for the package.

    `artifact_names` and `artifact_source` are import names and the file they were read from, None
    and "" where none was read.
    """

    name: str
    revision: str
    versions: Mapping[str, PublishedVersion]
    newest: str
    artifact_names: tuple[str, ...] | None = None
    artifact_source: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
