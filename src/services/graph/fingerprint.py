"""One hash of the whole graph, the same on every engine and in every order of insertion.

Sum modulo 2^256 of the SHA-256 of the canonical JSON of every contract node and relationship, told
by business keys. A sum needs no order, so the graph is read once, in slices, in flat memory.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from src.services.dbs.graph_driver import GraphDriver
from src.services.graph.contract import (
    NODE_LABELS,
    RELATIONSHIPS,
    VOLATILE_PROPERTIES,
)

_MODULUS = 2**256

_NODES = "RETURN properties(n) AS properties"

_EDGES = """
MATCH (n)-[r]->(m)
RETURN coalesce(n.purl, n.name) AS source, type(r) AS type, labels(m) AS labels,
       coalesce(m.purl, m.name) AS target, properties(r) AS properties
"""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """How many of each label and relationship type there are, and the hash of them all."""

    counts: dict[str, int]
    hash: str


async def fingerprint(graph: GraphDriver) -> Fingerprint:
    """Return the fingerprint of a graph that nobody writes to meanwhile."""
    total = 0
    counts = Counter(dict.fromkeys((*NODE_LABELS, *RELATIONSHIPS), 0))
    for label in NODE_LABELS:
        async for row in graph.scan(label, _NODES):
            total += node_hash(label, _properties(row["properties"]))
            counts[label] += 1
        async for row in graph.scan(label, _EDGES):
            kind = str(row["type"])
            if kind in RELATIONSHIPS:
                total += edge_hash(label, row)
                counts[kind] += 1
    return Fingerprint(dict(counts), f"{total % _MODULUS:064x}")


def node_hash(label: str, properties: Mapping[str, object]) -> int:
    """Return what one node adds to the sum."""
    return _hash([label, _content(properties)])


def edge_hash(label: str, row: Mapping[str, object]) -> int:
    """Return what one relationship adds to the sum; its ends are told by label and key."""
    labels = row["labels"] if isinstance(row["labels"], list) else []
    target = next((known for known in NODE_LABELS if known in labels), "")
    content = _content(_properties(row["properties"]))
    return _hash([label, row["source"], row["type"], target, row["target"], content])


def _properties(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _content(properties: Mapping[str, object]) -> dict[str, object]:
    return {
        key: _canonical(value)
        for key, value in properties.items()
        if key not in VOLATILE_PROPERTIES and value is not None
    }


def _canonical(value: object) -> object:
    """Return a value whose JSON does not depend on the engine: lists sorted, 0 and 0.0 alike."""
    if isinstance(value, list):
        return sorted((_canonical(item) for item in value), key=_json)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _hash(parts: list[object]) -> int:
    return int.from_bytes(hashlib.sha256(_json(parts).encode()).digest())
