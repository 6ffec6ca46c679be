"""What every registry client offers: the pipeline knows no more of a registry than this."""

from collections.abc import AsyncIterator, Container
from dataclasses import dataclass
from typing import Protocol, TypeVar

from src.schemas.ecosystem import Ecosystem
from src.schemas.package import KnownPackage, ListedPackage, PackageRecord

Documents = TypeVar("Documents")


@dataclass(frozen=True, slots=True)
class Listing:
    """Every package that a registry offers.

    `position` is where the registry's change feed stood before the listing began: whoever has stored
    the whole listing may follow the feed from there. `total` counts the packages where that is known
    before they are read.
    """

    position: str
    packages: AsyncIterator[ListedPackage]
    total: int | None = None


@dataclass(frozen=True, slots=True)
class ChangeFeed:
    """What changed in a registry since a position, oldest first.

    `position` is the feed's head. `names` holds every name that the registry offers where the feed
    is a snapshot of the whole registry (whatever is missing there may be gone), else None.
    """

    position: str
    packages: AsyncIterator[ListedPackage]
    names: Container[str] | None


class RegistryClient(Protocol[Documents]):
    """Reads one registry.

    Every method raises an error of src.schemas.errors, and never answers a failure with emptiness.
    """

    ecosystem: Ecosystem

    def canonical_name(self, name: str) -> str:
        """Return the one spelling of a package name; raises InvalidKeyError on what is no name."""
        ...

    async def listing(self) -> Listing:
        """Return the complete listing, from a cache of at most an hour where one is kept."""
        ...

    async def changes(self, since: str) -> ChangeFeed:
        """Return what changed after `since`; never from the cache without asking the registry.

        "" asks for a comparison with everything: then `names` is not None, and `packages` holds every
        package with its revision.
        """
        ...

    async def fetch(self, package: ListedPackage, known: KnownPackage) -> Documents:
        """Fetch every document that `parse` needs, leaving out what `known` already covers.

        Raises PackageNotFoundError where the registry answers 404 or 410.
        """
        ...

    def parse(self, documents: Documents) -> PackageRecord:
        """Turn documents into a record. Pure: no input or output, a few milliseconds for most."""
        ...
