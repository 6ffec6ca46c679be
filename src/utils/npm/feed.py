"""The documents of npm's replication service: its root, a page of all names, a page of changes.

Each reader raises InvalidPayloadError on what is not the promised document, so that a page without
rows is never taken for a registry without packages.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from src.schemas.errors import InvalidKeyError, InvalidPayloadError
from src.utils.json_values import load_object, mapping, text, whole_number
from src.utils.npm.names import canonical_name

_DESIGN = "_design/"


@dataclass(frozen=True, slots=True)
class Head:
    """Where the service stands.

    `sequence` is that of its last change; `total` counts its documents, design documents included.
    """

    sequence: int
    total: int


@dataclass(frozen=True, slots=True)
class ListedRow:
    """One package of a page, and what the service calls its newest state."""

    name: str
    revision: str


@dataclass(frozen=True, slots=True)
class NamesPage:
    """A page of all names: its packages, and the ids of all its rows, whatever they name."""

    rows: tuple[ListedRow, ...]
    ids: tuple[str, ...]
    refused: int


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """One package that changed, and the sequence of its last change on the page."""

    name: str
    revision: str
    sequence: int
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """A page of changes, each package once, oldest first; `last` is how far the page reaches.

    `size` counts all rows, whatever they name.
    """

    rows: tuple[ChangedRow, ...]
    size: int
    last: int


def read_head(body: bytes, url: str) -> Head:
    """Read the service's root."""
    document = load_object(body, url)
    sequence, total = (whole_number(document.get(key)) for key in ("update_seq", "doc_count"))
    if sequence is None or total is None:
        raise InvalidPayloadError("no `update_seq` and `doc_count`", url=url)
    return Head(sequence, total)


def read_names_page(body: bytes, url: str) -> NamesPage:
    """Read a page of `_all_docs`."""
    entries = _rows(load_object(body, url), "rows", url)
    rows, refused = [], 0
    for entry in entries:
        name = _package(entry["id"])
        revision = text(mapping(entry.get("value")).get("rev"))
        if name:
            rows.append(ListedRow(name, _one_line(revision)))
        else:
            refused += not str(entry["id"]).startswith(_DESIGN)
    return NamesPage(tuple(rows), tuple(str(entry["id"]) for entry in entries), refused)


def read_changes_page(body: bytes, url: str) -> ChangesPage:
    """Read a page of `_changes`. Of several rows of one package the last one counts."""
    document = load_object(body, url)
    last = whole_number(document.get("last_seq"))
    if last is None:
        raise InvalidPayloadError("a page of changes without `last_seq`", url=url)
    entries = _rows(document, "results", url)
    rows: dict[str, ChangedRow] = {}
    for entry in entries:
        sequence = whole_number(entry.get("seq"))
        if sequence is None:
            raise InvalidPayloadError("a change without `seq`", url=url)
        name = _package(entry["id"])
        if name:
            rows.pop(name, None)
            deleted = entry.get("deleted") is True
            rows[name] = ChangedRow(name, _changed_revision(entry), sequence, deleted)
    ordered = tuple(sorted(rows.values(), key=lambda row: row.sequence))
    return ChangesPage(ordered, len(entries), last)


def _rows(document: dict[str, object], key: str, url: str) -> list[dict[str, object]]:
    rows = document.get(key)
    if not isinstance(rows, list):
        raise InvalidPayloadError(f"a page without `{key}`", url=url)
    for row in rows:
        if not isinstance(row, dict) or not isinstance(row.get("id"), str):
            raise InvalidPayloadError(f"a row of `{key}` without `id`", url=url)
    return rows


def _package(published: object) -> str:
    """Return the name, "" where the row names no package (a design document, no name at all)."""
    try:
        return canonical_name.__wrapped__(str(published))
    except InvalidKeyError:
        return ""


def _changed_revision(entry: Mapping[str, object]) -> str:
    changes = entry.get("changes")
    told = changes if isinstance(changes, list) else []
    revisions = (text(mapping(change).get("rev")) for change in told)
    return _one_line(next(filter(None, revisions), ""))


def _one_line(revision: str) -> str:
    return revision if revision.isprintable() else ""
