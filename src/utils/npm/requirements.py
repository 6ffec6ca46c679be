"""The dependency maps of a published package.json into the requirements of one version.

What an install brings in is `dependencies` and `peerDependencies`. A name that stands under
`optionalDependencies` too is optional only (the registry repeats those under `dependencies`, and npm
lets the optional entry win). Bundled names stay the requirements that they are.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from src.schemas.package import (
    KIND_DEV,
    KIND_INVALID,
    KIND_OPTIONAL,
    KIND_PEER,
    KIND_RUNTIME,
    Requirement,
    Requirements,
)
from src.utils.json_values import clean_text, mapping
from src.utils.npm.names import package_purl
from src.utils.npm.ranges import MAX_RANGE
from src.utils.npm.specs import SpecKind, read_spec

MAPS = (
    "dependencies",
    "optionalDependencies",
    "peerDependencies",
    "peerDependenciesMeta",
    "devDependencies",
)
"""The fields of a manifest that requirements are read from."""

SOURCE_NO_MANIFEST = "no manifest"
"""Source of a version of which the registry knows nothing but its number."""


@dataclass(slots=True)
class _Lists:
    """The lists of a version while they are filled; each requirement stands in a list once."""

    counts: Counter[str]
    required: set[Requirement] = field(default_factory=set)
    optional: set[Requirement] = field(default_factory=set)
    unresolved: set[Requirement] = field(default_factory=set)
    development: set[Requirement] = field(default_factory=set)

    def place(self, name: str, value: object, kind: str, wanted: set[Requirement]) -> None:
        """Put one entry into the list it is wanted in, or among the unresolved.

        A development requirement stays one, whatever it names: it is kept only where that is asked.
        """
        requirement, resolved = _read(name, value, kind)
        self.counts["invalid_requirements"] += requirement.kind == KIND_INVALID
        if kind == KIND_DEV:
            self.development.add(requirement)
        else:
            (wanted if resolved else self.unresolved).add(requirement)


def read_requirements(
    manifest: Mapping[str, object], source: str, counts: Counter[str]
) -> Requirements:
    """Sort all dependency maps into the lists of a version, in a fixed order.

    Never fails: a map that is none is left out and counted, an entry that is none kept as text.
    """
    lists = _Lists(counts)
    optional = dict(_entries(manifest, "optionalDependencies", counts))
    optional_peers = _optional_peers(manifest)
    for name, value in _entries(manifest, "dependencies", counts):
        if name not in optional:
            lists.place(name, value, KIND_RUNTIME, lists.required)
    for name, value in optional.items():
        lists.place(name, value, KIND_OPTIONAL, lists.optional)
    for name, value in _entries(manifest, "peerDependencies", counts):
        wanted = lists.optional if name in optional_peers else lists.required
        lists.place(name, value, KIND_PEER, wanted)
    for name, value in _entries(manifest, "devDependencies", counts):
        lists.place(name, value, KIND_DEV, lists.development)
    return Requirements(
        source=source,
        required=tuple(sorted(lists.required)),
        optional=tuple(sorted(lists.optional)),
        unresolved=tuple(sorted(lists.unresolved)),
        development=tuple(sorted(lists.development)),
    )


def requirement_source(manifest: Mapping[str, object]) -> str:
    """Return what tells this manifest from another of the same version, never "".

    The tarball's integrity or SHA-1: the package.json in it is what was published. Where neither is
    there, a hash of the dependency maps.
    """
    dist = mapping(manifest.get("dist"))
    for key, prefix in (("integrity", ""), ("shasum", "sha1-")):
        value = dist.get(key)
        if isinstance(value, str) and value.strip():
            return clean_text(prefix + value.strip())
    maps = json.dumps({key: manifest.get(key) for key in MAPS}, sort_keys=True)
    return f"manifest-{hashlib.sha256(maps.encode()).hexdigest()}"


def _entries(
    manifest: Mapping[str, object], key: str, counts: Counter[str]
) -> Iterator[tuple[str, object]]:
    entries = manifest.get(key)
    if isinstance(entries, dict):
        yield from entries.items()
    elif entries:
        counts["invalid_dependency_maps"] += 1


def _optional_peers(manifest: Mapping[str, object]) -> set[str]:
    meta = mapping(manifest.get("peerDependenciesMeta"))
    return {name for name, told in meta.items() if mapping(told).get("optional") is True}


def _read(name: str, value: object, kind: str) -> tuple[Requirement, bool]:
    """Return the requirement, and whether it names a package of the registry."""
    if not isinstance(value, str) or len(value) > MAX_RANGE:
        text = value if isinstance(value, str) else json.dumps(value)
        return _unreadable(name, text[:MAX_RANGE], kind), False
    return _read_text(name, value, kind)


@lru_cache(maxsize=65_536)
def _read_text(name: str, value: str, kind: str) -> tuple[Requirement, bool]:
    # Cached, because most versions of a package declare what the one before did.
    spec = read_spec(name, value)
    if spec.kind is SpecKind.INVALID:
        return _unreadable(name, value, kind), False
    resolved = spec.kind is SpecKind.REGISTRY
    purl = package_purl(spec.name) if resolved else ""
    return Requirement(spec.name, purl, spec.constraints, kind, variant=spec.alias), resolved


def _unreadable(name: str, text: str, kind: str) -> Requirement:
    kept = KIND_DEV if kind == KIND_DEV else KIND_INVALID
    return Requirement(clean_text(name[:MAX_RANGE]), "", clean_text(text), kept)
