"""Crate names, and where the sparse index keeps the file of each."""

import re

from src.schemas.errors import InvalidKeyError

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}", re.ASCII)
_SHORT = 3


def canonical_name(name: str) -> str:
    """Return the name as it is, for crates keep their spelling.

    Raises InvalidKeyError on what the registry takes for no name: it wants 1 to 64 ASCII letters,
    digits, `-` and `_`, and a letter first (Cargo book, "Registry Index", name restrictions).
    """
    if _NAME.fullmatch(name) is None:
        raise InvalidKeyError(f"not a crate name: {name[:80]!r}")
    return name


def same_crate(left: str, right: str) -> bool:
    """Tell whether the registry takes two spellings for one crate: case, `-` and `_` are equal."""
    return left.lower().replace("_", "-") == right.lower().replace("_", "-")


def index_path(name: str) -> str:
    """Return the path of a crate's file in the index (Cargo book, "Index files"), in lower case."""
    lower = canonical_name(name).lower()
    if len(lower) < _SHORT:
        return f"{len(lower)}/{lower}"
    if len(lower) == _SHORT:
        return f"{_SHORT}/{lower[0]}/{lower}"
    return f"{lower[:2]}/{lower[2:4]}/{lower}"
