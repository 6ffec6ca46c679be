"""What the replay server serves: documents, and where they come from."""

import gzip
import hashlib
import html
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"
"""The JSON form of a package index page (PEP 691)."""


@dataclass(frozen=True)
class Document:
    """One document as a registry would send it. Hash and packed form are computed once, on demand."""

    body: bytes
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200

    @cached_property
    def etag(self) -> str:
        """Return the entity tag: the body's own hash, so that equal bodies have equal tags."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:32]}"'

    @cached_property
    def packed(self) -> bytes:
        """Return the body gzipped, always to the same bytes."""
        return gzip.compress(self.body, compresslevel=1, mtime=0)

    @cached_property
    def as_html(self) -> "Document":
        """Return the HTML form of an index page, which a real index sends unless asked for JSON."""
        return Document(_index_html(json.loads(self.body)), "text/html", self.headers, self.status)


class Source(Protocol):
    """Holds the documents of one or more registries."""

    def document(self, path: str, query: str = "") -> Document | None:
        """Return what stands at `path` (with the registry's prefix), None where nothing does.

        `query` is what stands behind the question mark, as sent.
        """
        ...


def _index_html(page: dict[str, list[dict[str, str]]]) -> bytes:
    """Render an index page as PEP 503 has it: one link a file, or a project."""
    if "files" in page:
        links = [(file["url"], file["filename"]) for file in page["files"]]
    else:
        links = [(f"{project['name']}/", project["name"]) for project in page["projects"]]
    rows = "".join(
        f'<a href="{html.escape(target)}">{html.escape(text)}</a><br/>\n' for target, text in links
    )
    return f"<!DOCTYPE html>\n<html><body>\n{rows}</body></html>\n".encode()
