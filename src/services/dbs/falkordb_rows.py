"""Reads FalkorDB's compact answers.

Our statements return scalars, lists and maps only; those need no look-up of names at the server.
"""

from collections.abc import Callable

from redis.exceptions import ResponseError

from src.schemas.errors import StoreError
from src.services.dbs.graph_values import Row

Cell = list[object]


def decode_rows(answer: object) -> list[Row]:
    """Return the rows of one compact answer; raises redis' ResponseError that stands inside it."""
    parts = _list(answer)
    for part in (parts[0], parts[-1]):
        if isinstance(part, ResponseError):
            raise part
    if len(parts) < 3:  # noqa: PLR2004 - header, rows, statistics; a write has the last alone
        return []
    names = [str(_list(column)[1]) for column in _list(parts[0])]
    return [
        {name: decode_cell(_list(cell)) for name, cell in zip(names, _list(row), strict=True)}
        for row in _list(parts[1])
    ]


def decode_cell(cell: Cell) -> object:
    """Return the value of one `[type, value]` cell; raises StoreError for nodes and the like."""
    decode = _DECODERS.get(cell[0])
    if decode is None:
        raise StoreError(f"a statement returned a value of type {cell[0]}; return scalars or maps")
    return decode(cell[1])


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise StoreError(f"the graph answered {type(value).__name__} where a list was expected")
    return value


def _map(value: object) -> dict[str, object]:
    pairs = _list(value)
    cells = pairs[1::2]
    return {str(key): decode_cell(_list(cell)) for key, cell in zip(pairs[::2], cells, strict=True)}


# The numbers are the client's ResultSetScalarTypes.
_DECODERS: dict[object, Callable[[object], object]] = {
    1: lambda _: None,
    2: str,
    3: lambda value: int(str(value)),
    4: lambda value: value == "true",
    5: lambda value: float(str(value)),
    6: lambda value: [decode_cell(_list(cell)) for cell in _list(value)],
    10: _map,
}
