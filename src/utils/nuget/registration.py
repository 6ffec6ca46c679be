"""A package's registration: an index, pages that it holds or names, and a leaf for each version.

Source: the registration base URL resource. A package of 128 versions or more has its pages outside
the index; a page without `items` is never taken for an empty one.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from src.schemas.errors import InvalidKeyError, InvalidPayloadError
from src.utils.nuget.names import canonical_name
from src.utils.nuget.requirements import Dependency, read_dependencies
from src.utils.nuget.timestamps import means_unlisted, read_ticks, release_date
from src.utils.nuget.values import load_object, mapping, objects, text, texts, whole_number
from src.utils.nuget.versions import normalized_name


@dataclass(frozen=True, slots=True)
class Deprecation:
    """Why a version should not be used; `alternate` is the package (and range) named instead."""

    reasons: tuple[str, ...] = ()
    message: str = ""
    alternate: str = ""

    @property
    def told(self) -> str:
        """Return the message, the reasons where there is none."""
        return self.message or ", ".join(self.reasons) or "deprecated"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One version. `source` names the catalog document that it was made from.

    `version` is "" where the leaf tells none: such a leaf is counted, and no more.
    `released` is "" where an unlisted version hides its date; `catalog_address` is where it is told
    then. `listed` is True where nothing says otherwise.
    """

    id: str
    version: str
    source: str
    catalog_address: str
    released: str
    listed: bool
    dependencies: tuple[Dependency, ...]
    license: str = ""
    license_url: str = ""
    authors: tuple[str, ...] = ()
    repository_addresses: tuple[str, ...] = ()
    deprecation: Deprecation | None = None


@dataclass(frozen=True, slots=True)
class RegistrationPage:
    """A page of the index: its leaves, or None where they stand in a document of their own."""

    address: str
    leaves: tuple[Leaf, ...] | None


@dataclass(frozen=True, slots=True)
class Registration:
    """The index. `ticks` is the time of the registration's own last commit, None where not told."""

    ticks: int | None
    pages: tuple[RegistrationPage, ...]


@dataclass(frozen=True, slots=True)
class NuGetDocuments:
    """All that was fetched of one package, read but not yet interpreted.

    `leaves` are by version; `unchanged` names the versions whose requirements the graph holds as
    they are; `created` has the dates that were asked for. `artifact_names` is None where no
    artifact was read.
    """

    name: str
    revision: str
    leaves: Mapping[str, Leaf]
    unchanged: frozenset[str] = frozenset()
    created: Mapping[str, str] = field(default_factory=dict)
    artifact_names: tuple[str, ...] | None = None
    artifact_source: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)


def read_registration(body: bytes, name: str, url: str) -> Registration:
    """Read a package's registration index; raises InvalidPayloadError where it is none."""
    document = load_object(body, url)
    pages = []
    for page in _items(document, url):
        address = text(page.get("@id"))
        if "items" in page:
            pages.append(RegistrationPage(address, _leaves(page, name, url)))
        elif address:
            pages.append(RegistrationPage(address, None))
        else:
            raise InvalidPayloadError("a registration page without items and address", url=url)
    return Registration(read_ticks(text(document.get("commitTimeStamp"))), tuple(pages))


def read_page(body: bytes, name: str, url: str) -> tuple[Leaf, ...]:
    """Read a page that stands alone; raises InvalidPayloadError where it has no items."""
    return _leaves(load_object(body, url), name, url)


def read_created(body: bytes, name: str, url: str) -> str:
    """Return when a catalog leaf says that its version was created, "" where it does not.

    Raises InvalidPayloadError where it is no leaf of this package.
    """
    document = load_object(body, url)
    _check_id(text(document.get("id")), name, url)
    return release_date(text(document.get("created")))


def _leaves(page: Mapping[str, object], name: str, url: str) -> tuple[Leaf, ...]:
    leaves = tuple(_leaf(entry, name, url) for entry in _items(page, url))
    if leaves and not any(leaf.version for leaf in leaves):
        raise InvalidPayloadError("a registration page without a version", url=url)
    return leaves


def _items(document: Mapping[str, object], url: str) -> list[dict[str, object]]:
    items, count = document.get("items"), whole_number(document.get("count"))
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise InvalidPayloadError("not a registration: no `items`", url=url)
    if count is None or len(items) < count:
        raise InvalidPayloadError(f"{len(items)} items where {count} were due", url=url)
    return items


def _leaf(item: Mapping[str, object], name: str, url: str) -> Leaf:
    entry = mapping(item.get("catalogEntry"))
    _check_id(text(entry.get("id")), name, url)
    stamp = text(entry.get("published"))
    return Leaf(
        id=text(entry.get("id")),
        version=normalized_name(text(entry.get("version"))),
        source=_source(entry),
        catalog_address=text(entry.get("@id")),
        released=release_date(stamp),
        listed=entry.get("listed") is not False and not means_unlisted(stamp),
        dependencies=read_dependencies(entry),
        license=text(entry.get("licenseExpression")),
        license_url=text(entry.get("licenseUrl")),
        authors=_authors(entry.get("authors")),
        repository_addresses=_repository_addresses(entry),
        deprecation=_deprecation(entry.get("deprecation")),
    )


def _check_id(published: str, name: str, url: str) -> None:
    # Some servers leave the id out of the leaves; one that is there must be the one asked for.
    try:
        found = canonical_name(published) if published else name
    except InvalidKeyError:
        found = ""
    if found != name:
        raise InvalidPayloadError(f"a document of {published[:80]!r}, asked was {name!r}", url=url)


def _source(entry: Mapping[str, object]) -> str:
    """Name what the version was read from: its catalog document, or else its own content."""
    try:
        path = urlsplit(text(entry.get("@id"))).path
    except ValueError:
        path = ""
    if path:
        return path
    content = json.dumps(entry, sort_keys=True).encode()
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _authors(value: object) -> tuple[str, ...]:
    # One text with commas at the public registry, a list at others.
    names = (name.strip() for part in texts(value) for name in part.split(","))
    return tuple(name for name in names if name)


def _repository_addresses(entry: Mapping[str, object]) -> tuple[str, ...]:
    repository = entry.get("repository")
    told = (repository, mapping(repository).get("url"), entry.get("projectUrl"))
    return tuple(address for address in map(text, told) if address)


def _deprecation(value: object) -> Deprecation | None:
    found = next(iter(objects(value)), None)
    if found is None:
        return None
    alternate = mapping(found.get("alternatePackage"))
    named = (text(alternate.get("id")), text(alternate.get("range")))
    return Deprecation(
        reasons=texts(found.get("reasons")),
        message=text(found.get("message")),
        alternate=" ".join(part for part in named if part and part != "*"),
    )
