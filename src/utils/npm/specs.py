"""What the value behind a dependency's name means, by the rules of `npm-package-arg`.

In this order: a path (`file:…`, `./…`, `~/…`), an alias (`npm:name@range`), a repository or any
other address (`github:…`, `owner/name`, `git+https:…`, `https:…`, `workspace:…`, `link:…`), a file
(`….tgz`), a range of versions, and last a dist-tag, which is whatever needs no escape in an address.

Only ranges and tags name a package of the registry. A tag stays a requirement of that package, with
the tag as its constraint: which version it means changes with time, so that no range stands for it.
"""

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from src.schemas.errors import InvalidKeyError
from src.schemas.package import ANY
from src.utils.json_values import clean_text
from src.utils.npm.names import canonical_name
from src.utils.npm.ranges import InvalidRangeError, parse_range

_PATH = re.compile(r"file:|[.]|~/|[/\\]|[a-z]:", re.IGNORECASE)
_ALIAS = re.compile(r"npm:", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:git\+)?[a-z]+:", re.IGNORECASE)
_SCP = re.compile(r"[^@]+@[^:.]+\.[^:]+:.+", re.IGNORECASE)
_FILE = re.compile(r".*\.(?:tgz|tar\.gz|tar)", re.IGNORECASE)
_TAG = re.compile(r"[A-Za-z0-9\-_.!~*'()]+")


class SpecKind(Enum):
    """Where what is required comes from."""

    REGISTRY = "registry"
    ELSEWHERE = "elsewhere"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Spec:
    """One requirement, told apart.

    `name` is that of the package really meant, `alias` the name it goes by where that is another.
    `constraints` are as published, "any" where there are none. Both are fit to be stored.
    """

    kind: SpecKind
    name: str
    constraints: str
    alias: str = ""


@lru_cache(maxsize=65_536)
def read_spec(name: str, value: str) -> Spec:
    """Read one entry of a dependency map. Never fails: what nobody can read is INVALID.

    Cached, because the same few entries stand all over a registry.
    """
    text = value.strip()
    try:
        canonical_name(name)
    except InvalidKeyError:
        return _kept(SpecKind.INVALID, name, text)
    if _PATH.match(text):
        return _kept(SpecKind.ELSEWHERE, name, text)
    if _ALIAS.match(text):
        return _read_alias(name, text)
    if _leads_elsewhere(text):
        return _kept(SpecKind.ELSEWHERE, name, text)
    return _read_registry(name, text)


def _leads_elsewhere(text: str) -> bool:
    return bool(
        _ADDRESS.match(text) or "/" in text or _SCP.fullmatch(text) or _FILE.fullmatch(text)
    )


def _read_alias(alias: str, text: str) -> Spec:
    """Read `npm:name@range`; an alias of an alias, or of no package of the registry, is invalid."""
    target = text[len("npm:") :]
    end = target.find("@", 1)
    name, constraint = (target, "") if end < 0 else (target[:end], target[end + 1 :])
    nested = _ALIAS.match(constraint.strip()) is not None
    meant = None if nested else read_spec(name, constraint)
    if meant is None or meant.kind is not SpecKind.REGISTRY:
        return _kept(SpecKind.INVALID, alias, text)
    return Spec(SpecKind.REGISTRY, meant.name, meant.constraints, alias)


def _read_registry(name: str, text: str) -> Spec:
    try:
        parse_range(text)
    except InvalidRangeError:
        if not _TAG.fullmatch(text):
            return _kept(SpecKind.INVALID, name, text)
    return Spec(SpecKind.REGISTRY, name, clean_text(text) or ANY)


def _kept(kind: SpecKind, name: str, text: str) -> Spec:
    return Spec(kind, clean_text(name), clean_text(text) or ANY)
