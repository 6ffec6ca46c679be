"""Registries whose documents somebody has changed on the way."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from src.local_stack.replay import Document, Source
from src.schemas.ecosystem import Ecosystem
from tests.contract.every import REGISTRIES
from tests.contract.registry import FakeRegistry, Published

REGISTRY_OF: dict[Ecosystem, Callable[[], FakeRegistry]] = {
    registry.ecosystem: registry for registry in REGISTRIES
}
ANY_VERSION = {
    Ecosystem.PYPI: ">=1.0.0",
    Ecosystem.NPM: ">=1.0.0",
    Ecosystem.MAVEN: "[1.0.0,)",
    Ecosystem.CARGO: ">=1.0.0",
    Ecosystem.RUBYGEMS: ">= 1.0.0",
    Ecosystem.NUGET: "[1.0.0, )",
}
_LINK = re.compile(rb"https?://[a-z0-9.-]+\.test")
_CHECKSUM = re.compile(rb'("hashes": \{"sha256": "|"cksum": ?"|checksum:)[0-9a-f]{64}')


@dataclass
class Tampered:
    """Serves another registry's documents, but for what stands at the paths of `instead`.

    `links` takes the place of every scheme and host of a link; `artifact` is what every file of a
    package's version holds, announced with its own checksum and a small size.
    """

    beneath: Source
    instead: dict[str, Callable[[Document], Document]] = field(default_factory=dict)
    links: bytes | None = None
    artifact: bytes | None = None

    def document(self, path: str, query: str = "") -> Document | None:
        if self.artifact is not None and path.endswith(
            (".whl", ".jar", ".crate", ".gem", ".nupkg")
        ):
            return Document(self.artifact, "application/octet-stream")
        found = self.beneath.document(path, query)
        if found is not None and path in self.instead:
            found = self.instead[path](found)
        if found is not None and self.artifact is not None:
            found = replace(found, body=_announcing(found.body, self.artifact), headers={})
        if found is not None and self.links is not None:
            found = replace(found, body=_LINK.sub(self.links, found.body))
        return found


def _announcing(document: bytes, artifact: bytes) -> bytes:
    checksum = hashlib.sha256(artifact).hexdigest().encode()
    document = _CHECKSUM.sub(lambda match: match[1] + checksum, document)
    return document.replace(b'"size": 209715200', b'"size": 1000')


def two_packages(ecosystem: Ecosystem) -> tuple[FakeRegistry, str, str]:
    """Return a registry of a good package and one that requires it, and the names of both."""
    registry = REGISTRY_OF[ecosystem]()
    good, bad = registry.names[0], registry.names[5]
    registry.publish(good, {"1.0.0": Published()})
    required = ((good, ANY_VERSION[ecosystem]),)
    # Enough versions that every registry has pages of them in documents of their own.
    registry.publish(bad, {f"1.{minor}.0": Published(required) for minor in range(6)})
    return registry, good, bad


def body(content: bytes) -> Callable[[Document], Document]:
    """Replace the body of a document, which keeps its content type."""
    return lambda document: replace(document, body=content)
