"""How an expected package is written down by hand, for every ecosystem alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class Need:
    """One requirement: a REQUIRE edge, or an entry of a version's lists."""

    name: str
    constraints: str
    kind: str
    condition: str = ""
    variant: str = ""


@dataclass(frozen=True)
class Expected:
    """A package as the graph must hold it.

    `versions` stand in the order of their serial numbers. A version that is no key of `requires`,
    `optional` or `unresolved` has none of these; `dates`, `marked` and `facts` are compared for what
    they name.
    """

    versions: tuple[str, ...]
    requires: Mapping[str, tuple[Need, ...]] = field(default_factory=dict)
    optional: Mapping[str, tuple[Need, ...]] = field(default_factory=dict)
    unresolved: Mapping[str, tuple[Need, ...]] = field(default_factory=dict)
    dates: Mapping[str, str] = field(default_factory=dict)
    marked: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    vendor: str = "n/a"
    repository_url: str = "n/a"
    facts: Mapping[str, object] = field(default_factory=dict)
    unordered: tuple[str, ...] = ()
    """Versions that the ecosystem's order does not know (serial number -1)."""
