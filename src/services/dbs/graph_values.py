"""What the graph drivers and their callers hand each other."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from src.schemas.errors import StoreError

Engine = Literal["neo4j", "falkordb"]
Row = dict[str, object]
Parameters = Mapping[str, object]

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def identifier(text: str) -> str:
    """Return `text` if it may stand in a statement as a label or property, else raise StoreError.

    Labels cannot be parameters, so this is the gate that keeps input out of statements.
    """
    if not _IDENTIFIER.match(text):
        raise StoreError(f"not an identifier: {text[:80]!r}")
    return text


@dataclass(frozen=True, slots=True)
class UniqueConstraint:
    """No two nodes of this label hold the same value of this property."""

    label: str
    property: str


@dataclass(frozen=True, slots=True)
class Index:
    """Nodes of this label are found by this property without a scan."""

    label: str
    property: str


SchemaItem = UniqueConstraint | Index


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """What answered: the engine, its version and its address without credentials."""

    engine: Engine
    version: str
    address: str
