"""What the contract suite needs of each ecosystem: a small registry that a test fills by hand."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from src.cache import FileCache
from src.local_stack.replay import Document
from src.schemas.ecosystem import Ecosystem
from src.schemas.http import HttpOptions
from src.services.apis.base import RegistryClient


@dataclass(frozen=True)
class Published:
    """One version: what it requires (name, constraint as published), and whether it is withdrawn.

    `yanked` stands for whatever this registry calls it: yanked, unlisted, deprecated. Where it knows
    nothing of the kind (Maven) the fake ignores it.
    """

    requires: tuple[tuple[str, str], ...] = ()
    yanked: bool = False


class FakeRegistry(Protocol):
    """Serves the documents of one registry, made anew for each request, as the real one would.

    Quirks, each for the documents that know such a thing: `repeated_page` (a page, or an entry of an
    only page, comes twice), `empty_page` (a page without entries amid the others), `unknown_fields`
    (every JSON object or CSV row has a field more that nobody knows).
    """

    ecosystem: Ecosystem
    names: tuple[str, ...]
    """At least 12 canonical names that the ecosystem's grammar allows; more than a page of the fake."""
    other_spelling: tuple[str, str]
    """A name as a user may write it and its canonical form; the same twice where case counts."""
    quirks: set[str]

    def publish(self, name: str, versions: Mapping[str, Published]) -> None:
        """Let the package have exactly these versions, oldest first, and its feed tell of a change."""
        ...

    def delete(self, name: str) -> None:
        """Drop the package: its document answers 404 from now on, and the feed tells of it."""
        ...

    def document(self, path: str, query: str = "") -> Document | None:
        """Answer as the replay server's Source."""
        ...

    def listing_path(self) -> str:
        """Return the path of the document that a listing cannot do without."""
        ...

    def package_path(self, name: str) -> str:
        """Return the path of the document that `fetch` (without a listing before) cannot do without."""
        ...

    def open_client(
        self, server_url: str, options: HttpOptions, cache: FileCache
    ) -> AbstractAsyncContextManager[RegistryClient[object]]:
        """Yield a client of this registry as served at `server_url`."""
        ...
