"""The dependencies of a version, told apart as the graph keeps them.

`normal` and `build` dependencies are required unless they are optional; `dev` ones are for the
crate's own tests. One that is declared twice with other features only counts once.
"""

import json
from dataclasses import asdict
from functools import lru_cache

from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import InvalidConstraintError, InvalidKeyError
from src.schemas.package import (
    ANY,
    KIND_BUILD,
    KIND_DEV,
    KIND_INVALID,
    KIND_RUNTIME,
    Requirement,
    Requirements,
)
from src.utils.cargo import documents
from src.utils.cargo.constraints import parse_constraint
from src.utils.cargo.documents import CrateVersion, Dependency
from src.utils.cargo.names import canonical_name
from src.utils.purl import make_purl

_KINDS = {
    documents.KIND_NORMAL: KIND_RUNTIME,
    documents.KIND_BUILD: KIND_BUILD,
    documents.KIND_DEV: KIND_DEV,
}


def read_requirements(version: CrateVersion) -> Requirements:
    """Sort the dependencies of a version into its lists: each once, in a fixed order."""
    required: set[Requirement] = set()
    optional: set[Requirement] = set()
    development: set[Requirement] = set()
    unresolved = {_invalid(entry) for entry in version.broken}
    for dependency in version.dependencies or ():
        requirement = read_requirement(dependency)
        if not requirement.purl:
            unresolved.add(requirement)
        elif requirement.kind == KIND_DEV:
            development.add(requirement)
        else:
            (optional if dependency.optional else required).add(requirement)
    return Requirements(
        source=version.source,
        required=tuple(sorted(required)),
        optional=tuple(sorted(optional)),
        unresolved=tuple(sorted(unresolved)),
        development=tuple(sorted(development)),
    )


@lru_cache(maxsize=65_536)
def read_requirement(dependency: Dependency) -> Requirement:
    """Return the requirement that a dependency is; one of no crate of the registry has no purl.

    Never fails: what is no dependency is kept as text. Cached, because the same few are declared
    all over the registry.
    """
    kind = _KINDS.get(dependency.kind)
    purl = _purl(dependency.name)
    if kind is None or not purl:
        told = {key: value for key, value in asdict(dependency).items() if value}
        return _invalid(json.dumps(told, ensure_ascii=False, sort_keys=True))
    return Requirement(
        name=dependency.name,
        purl="" if dependency.registry else purl,
        constraints=dependency.req or ANY,
        kind=kind,
        condition=dependency.target,
        variant=dependency.alias,
    )


def is_readable(constraint: str) -> bool:
    """Tell whether Cargo can read a constraint; a few of the first years it cannot any more."""
    try:
        parse_constraint(constraint)
    except InvalidConstraintError:
        return False
    return True


@lru_cache(maxsize=65_536)
def _purl(name: str) -> str:
    try:
        return make_purl(Ecosystem.CARGO, canonical_name(name))
    except InvalidKeyError:
        return ""


def _invalid(text: str) -> Requirement:
    return Requirement(name="", purl="", constraints=text, kind=KIND_INVALID)
