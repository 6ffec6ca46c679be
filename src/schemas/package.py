"""What a registry says of a package, in the terms of the graph.

A version owns its requirements: there are no parallel lists to be paired up again.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from src.schemas.ecosystem import Ecosystem

UNKNOWN = "n/a"
"""Stands for a vendor or repository address that nobody told."""

ANY = "any"
"""Stands for a requirement without a constraint."""

KIND_RUNTIME = "runtime"
KIND_EXTRA = "extra"
KIND_OPTIONAL = "optional"
KIND_PEER = "peer"
KIND_BUILD = "build"
KIND_DEV = "dev"
KIND_COMPILE = "compile"
KIND_TEST = "test"
KIND_PROVIDED = "provided"
KIND_SYSTEM = "system"
KIND_MESSAGE = "message"
KIND_INVALID = "invalid"
"""A requirement that is kept as text because it is not of the ecosystem's grammar."""

STATUS_ACTIVE = "active"
STATUS_REMOVED = "removed"

Fact = str | bool | int | list[str]
Facts = Mapping[str, Fact]
"""Further graph properties by name. A field that the source does not know is left out."""


@dataclass(frozen=True, slots=True, order=True)
class Requirement:
    """One declared requirement. Every field is text, "" and never None where there is nothing.

    `constraints` is as published, `condition` a marker, target framework or cfg target, `variant`
    what tells otherwise equal requirements apart (an alias, the extras asked for).
    """

    name: str
    purl: str
    constraints: str
    kind: str
    condition: str = ""
    variant: str = ""

    def as_json(self) -> str:
        """Return the canonical JSON that a Version keeps in its lists."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Requirement":
        """Read what `as_json` wrote."""
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True)
class Requirements:
    """All requirements of one version, told apart as the graph keeps them.

    `required` become REQUIRE edges, `optional` come in only on request, `unresolved` name no
    package of the registry. `development` are counted always and kept only where a setting asks for
    them; None where the source does not tell. `source` says what they were read from (an artifact
    and its hash): they are read again only when it changes.
    """

    source: str
    required: tuple[Requirement, ...] = ()
    optional: tuple[Requirement, ...] = ()
    unresolved: tuple[Requirement, ...] = ()
    development: tuple[Requirement, ...] | None = None


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """One published version.

    `serial_number` counts from 0 for the oldest in the ecosystem's own order, -1 where that order
    does not know the version; `release_date` is ISO 8601 in UTC, "" where the source does not tell
    (it then overwrites nothing). `requirements` is None when
    they were not read this time because their source has not changed.
    """

    name: str
    purl: str
    serial_number: int
    release_date: str
    requirements: Requirements | None
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PackageRecord:
    """One package with all versions that the registry offers now.

    `source_revision` is what the registry calls this state of the package, "" where the source does
    not tell (it then overwrites nothing, and a feed that names another is followed). `counts` tells of what
    was kept but not understood, such as `{"legacy_versions": 2}`.
    """

    ecosystem: Ecosystem
    name: str
    purl: str
    source_revision: str
    versions: tuple[VersionRecord, ...]
    vendor: str = UNKNOWN
    repository_url: str = UNKNOWN
    facts: Facts = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListedPackage:
    """A package as a listing or change feed names it.

    `name` is canonical, `revision` what the registry calls its newest state ("" where the source
    does not tell), `position` where the feed stands once this package is stored ("" in listings).
    `deleted` where the source itself says that the package, or a version of it, was taken away.
    """

    name: str
    revision: str = ""
    position: str = ""
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class KnownPackage:
    """What the graph already holds of a package, so that unchanged parts need no request.

    `requirement_sources` maps version name to `Requirements.source`; `artifact_source` is what the
    import names were read from. All empty for a package that is new or to be refreshed whole.
    """

    requirement_sources: Mapping[str, str] = field(default_factory=dict)
    artifact_source: str = ""
