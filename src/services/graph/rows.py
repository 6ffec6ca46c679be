"""What every store does to rows before they are written: guarded, unique, sorted, cut."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from src.schemas.ecosystem import Ecosystem
from src.services.dbs.graph_values import Parameters
from src.utils.keys import admit_key
from src.utils.purl import make_purl

Item = TypeVar("Item")

STATEMENT_ROWS = 10_000
"""Rows that one statement writes at most: a transaction's memory is bounded, ours too."""


def chunks(items: Sequence[Item], size: int = STATEMENT_ROWS) -> Iterator[Sequence[Item]]:
    """Yield slices of `items`; none where there are no items, for an empty UNWIND drops a write."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def admitted(names: Iterable[str]) -> list[str]:
    """Return the names once each and sorted; raises InvalidKeyError on what is no key."""
    return sorted({admit_key(name) for name in names})


def name_purl_rows(ecosystem: Ecosystem, names: Iterable[str]) -> list[list[str]]:
    """Return `[name, purl]` of each package, sorted by name."""
    return [[name, make_purl(ecosystem, name)] for name in admitted(names)]


def ensure_statement(ecosystem: Ecosystem) -> str:
    """Return the statement that makes bare packages of `[name, purl]` rows, discovered at `$moment`.

    `pending` marks a bare node: an index finds those few among millions, which no engine does for
    an absent `moment`. It is bookkeeping, and goes when the package is extracted.
    """
    return (
        f"UNWIND $rows AS row MERGE (p:{ecosystem.label} {{name: row[0]}}) "
        "ON CREATE SET p.purl = row[1], p.pending = true, p.discovered = $moment"
    )


def rows_of(rows: Sequence[object]) -> Parameters:
    """Return the parameters of a statement that unwinds `$rows`."""
    return {"rows": rows}
