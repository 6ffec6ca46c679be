"""PyPI as the contract suite fills it."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from src.cache import FileCache
from src.local_stack.replay import Document
from src.schemas.ecosystem import Ecosystem
from src.schemas.http import HttpOptions
from src.services.apis.pypi_api import PyPIClient
from src.services.apis.pypi_project import PyPIOptions
from src.session import http_session
from tests.contract.registry import Published
from tests.e2e.shelf import Project, Release, Shelf


class FakePyPI:
    """The shelf of the end-to-end tests, with the quirks."""

    ecosystem = Ecosystem.PYPI
    names = tuple(f"package-{number:02}" for number in range(14))
    other_spelling = ("Package_.00", "package-00")

    def __init__(self) -> None:
        self.shelf = Shelf()
        self.quirks: set[str] = set()

    def publish(self, name: str, versions: Mapping[str, Published]) -> None:
        self.shelf.projects[name] = Project()
        self.shelf.put(name)
        self.shelf.projects[name].releases.update(
            (number, Release(tuple(f"{n} {c}" for n, c in version.requires), version.yanked))
            for number, version in versions.items()
        )

    def delete(self, name: str) -> None:
        self.shelf.delete(name)

    def document(self, path: str, _query: str = "") -> Document | None:
        document = self.shelf.document(path)
        if document is None or "json" not in document.content_type:
            return document
        content = json.loads(document.body)
        if "repeated_page" in self.quirks and "projects" in content:
            content["projects"] += content["projects"][:5]
        if "unknown_fields" in self.quirks:
            content = with_unknown_fields(content)
        return Document(json.dumps(content).encode(), document.content_type)

    def listing_path(self) -> str:
        return "/pypi/simple/"

    def package_path(self, name: str) -> str:
        return f"/pypi/simple/{name}/"

    @asynccontextmanager
    async def open_client(
        self, server_url: str, options: HttpOptions, cache: FileCache
    ) -> AsyncIterator[PyPIClient]:
        base, files = f"{server_url}/pypi", f"{server_url}/pypi-files"
        quick = PyPIOptions(lag_seconds=0.01)
        async with http_session(options, bases=(base, files)) as http:
            yield PyPIClient(http, base_url=base, files_url=files, cache=cache, options=quick)


def with_unknown_fields(value: Any) -> Any:
    """Return the JSON value with a field more in each of its objects."""
    if isinstance(value, list):
        return [with_unknown_fields(item) for item in value]
    if isinstance(value, dict):
        return {"x-unknown": {"new": [1]}} | {k: with_unknown_fields(v) for k, v in value.items()}
    return value
