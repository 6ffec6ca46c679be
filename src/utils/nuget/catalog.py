"""The catalog: an append-only log of every change, in pages that its index names.

Source: the catalog resource. `items` have no order anywhere, so everything goes by its time stamp.
"""

from dataclasses import dataclass

from src.schemas.errors import InvalidPayloadError
from src.utils.nuget.timestamps import read_ticks
from src.utils.nuget.values import load_object, text, texts, whole_number

_DETAILS = frozenset({"nuget:PackageDetails", "PackageDetails"})
_DELETE = frozenset({"nuget:PackageDelete", "PackageDelete"})


@dataclass(frozen=True, slots=True)
class CatalogPage:
    """An entry of the index: a page (its address as published) and the time of its last commit."""

    address: str
    ticks: int


@dataclass(frozen=True, slots=True)
class CatalogIndex:
    """The catalog as of its last commit: `head`, in ticks. Pages stand oldest first."""

    head: int
    pages: tuple[CatalogPage, ...]


@dataclass(frozen=True, slots=True)
class CatalogItem:
    """One change of one version, as published; `deleted` where it was taken off the registry."""

    id: str
    version: str
    ticks: int
    deleted: bool


@dataclass(frozen=True, slots=True)
class CatalogPart:
    """What a page document holds; `ticks` is the time of its last commit."""

    ticks: int
    items: tuple[CatalogItem, ...]


def read_catalog_index(body: bytes, url: str) -> CatalogIndex:
    """Read the catalog's index; raises InvalidPayloadError where it is none or not whole."""
    document = load_object(body, url)
    pages = [
        CatalogPage(text(entry.get("@id")), _ticks(entry, url)) for entry in _entries(document, url)
    ]
    counts = [whole_number(entry.get("count")) for entry in _entries(document, url)]
    if None in counts or not all(page.address for page in pages):
        raise InvalidPayloadError("an entry of a catalog index that is no page", url=url)
    head = max(_ticks(document, url), *(page.ticks for page in pages), 0)
    return CatalogIndex(head, tuple(sorted(pages, key=lambda page: (page.ticks, page.address))))


def read_catalog_page(body: bytes, url: str) -> CatalogPart:
    """Read one page; raises InvalidPayloadError where it is none or not whole.

    Items of a type that nobody knows tell of no change in what is offered, and are left out.
    """
    document = load_object(body, url)
    items = []
    for entry in _entries(document, url):
        kinds = set(texts(entry.get("@type")))
        published = text(entry.get("nuget:id"))
        if not published:
            raise InvalidPayloadError("an item of a catalog page without an id", url=url)
        if kinds & (_DETAILS | _DELETE):
            ticks = _ticks(entry, url)
            version = text(entry.get("nuget:version"))
            items.append(CatalogItem(published, version, ticks, deleted=bool(kinds & _DELETE)))
    return CatalogPart(_ticks(document, url), tuple(items))


def _entries(document: dict[str, object], url: str) -> list[dict[str, object]]:
    count, items = whole_number(document.get("count")), document.get("items")
    entries = items if isinstance(items, list) else [items] if isinstance(items, dict) else None
    if count is None or entries is None or not all(isinstance(e, dict) for e in entries):
        raise InvalidPayloadError("not a document of the catalog", url=url)
    if len(entries) < count:
        raise InvalidPayloadError(f"{len(entries)} items where {count} were due", url=url)
    return entries


def _ticks(document: dict[str, object], url: str) -> int:
    ticks = read_ticks(text(document.get("commitTimeStamp")))
    if ticks is None:
        raise InvalidPayloadError("a catalog document without `commitTimeStamp`", url=url)
    return ticks
