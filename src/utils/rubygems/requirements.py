"""Dependencies of a gem version into its requirements."""

from collections.abc import Iterable
from functools import lru_cache

from src.schemas.errors import InvalidKeyError
from src.schemas.package import (
    ANY,
    KIND_DEV,
    KIND_INVALID,
    KIND_RUNTIME,
    Requirement,
    Requirements,
)
from src.utils.rubygems.constraints import is_constraint
from src.utils.rubygems.names import canonical_name, package_purl

Dependency = tuple[str, str]
"""Name and constraint as published."""


@lru_cache(maxsize=65_536)
def read_requirement(name: str, constraints: str, kind: str = KIND_RUNTIME) -> Requirement:
    """Read one dependency. Never fails: what is none is kept as text, of kind invalid.

    Cached, because the same few are required all over a registry.
    """
    wanted = constraints or ANY
    try:
        admitted = canonical_name(name)
        purl = package_purl(admitted)
    except InvalidKeyError:
        admitted = purl = ""
    if not admitted or not is_constraint(wanted):
        text = f"{name}:{constraints}" if constraints else name
        return Requirement(name="", purl="", constraints=text, kind=KIND_INVALID)
    return Requirement(name=admitted, purl=purl, constraints=wanted, kind=kind)


def read_requirements(
    runtime: Iterable[Dependency], development: Iterable[Dependency] | None, source: str
) -> Requirements:
    """Sort dependencies into the lists of a version: each once, in a fixed order.

    `development` is None where nobody tells.
    """
    required = {read_requirement(*entry) for entry in runtime}
    wished = {read_requirement(*entry, KIND_DEV) for entry in development or ()}
    broken = {entry for entry in required | wished if entry.kind == KIND_INVALID}
    return Requirements(
        source=source,
        required=tuple(sorted(required - broken)),
        unresolved=tuple(sorted(broken)),
        development=None if development is None else tuple(sorted(wished - broken)),
    )
