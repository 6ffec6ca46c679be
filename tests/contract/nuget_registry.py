"""NuGet as the contract suite fills it."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from src.cache import FileCache
from src.local_stack.replay import Document
from src.schemas.ecosystem import Ecosystem
from src.schemas.http import HttpOptions
from src.services.apis.nuget_api import NuGetClient
from src.services.apis.nuget_package import NuGetOptions
from src.session import http_session
from tests.contract.registry import Published

HOST = "https://nuget.test"
PAGE_ITEMS = 5
INLINE_BELOW = 4
"""From so many versions on, a registration has its pages in documents of their own."""

Json = dict[str, Any]


class FakeNuGet:
    """A catalog of which each change is a commit, and registrations made from it.

    Paths are below `/nuget`; addresses in the documents have another host, as behind a mirror.
    """

    ecosystem = Ecosystem.NUGET
    names = tuple(f"package.{number:02}" for number in range(14))
    other_spelling = ("Package.00", "package.00")

    def __init__(self) -> None:
        self.quirks: set[str] = set()
        self.items: list[Json] = []
        self.leaves: dict[str, dict[str, Json]] = {}
        self.created: dict[str, Json] = {}
        self.fixed: dict[str, Document] = {}
        self._states: dict[str, dict[str, Published]] = {}
        self._clock = datetime(2024, 1, 1, tzinfo=UTC)

    def publish(self, name: str, versions: Mapping[str, Published]) -> None:
        before = self._states.get(name, {})
        for version in before.keys() - versions.keys():
            self._commit(name, version, "nuget:PackageDelete")
            del self.leaves[name][version]
        for version, published in versions.items():
            if before.get(version) != published:
                self._details(name, version, published)
        self._states[name] = dict(versions)
        self.leaves.setdefault(name, {})

    def delete(self, name: str) -> None:
        for version in self._states.pop(name):
            self._commit(name, version, "nuget:PackageDelete")
        del self.leaves[name]

    def _details(self, name: str, version: str, published: Published) -> None:
        address = self._commit(name, version, "nuget:PackageDetails")
        group = [
            {"@type": "PackageDependency", "id": needed, "range": wanted}
            for needed, wanted in published.requires
        ]
        created = "2023-05-06T07:08:09.1Z"
        self.created[address.removeprefix(HOST)] = {"id": name, "created": created}
        self.leaves.setdefault(name, {})[version] = {
            "@id": address,
            "id": name.title(),
            "version": version,
            "authors": "Ann Author, Ben Author",
            "projectUrl": f"https://github.com/ann/{name}",
            "licenseExpression": "MIT",
            "listed": not published.yanked,
            "published": "1900-01-01T00:00:00+00:00" if published.yanked else created,
            "dependencyGroups": [{"targetFramework": "net8.0", "dependencies": group}],
        }

    def _commit(self, name: str, version: str, kind: str) -> str:
        self._clock += timedelta(seconds=7)
        address = f"{HOST}/v3/catalog0/data/{self._clock:%Y.%m.%d.%H.%M.%S}/{name}.{version}.json"
        item = {
            "@id": address,
            "@type": kind,
            "commitTimeStamp": f"{self._clock:%Y-%m-%dT%H:%M:%S}.1234567Z",
            "nuget:id": name.title(),
            "nuget:version": version,
        }
        self.items.append(item)
        return address

    def document(self, path: str, _query: str = "") -> Document | None:
        path = path.removeprefix("/nuget")
        if path in self.fixed:
            return self.fixed[path]
        content = self._content(path)
        if content is None:
            return None
        if "unknown_fields" in self.quirks:
            content = _with_unknown_fields(content)
        return Document(json.dumps(content).encode(), "application/json")

    def _content(self, path: str) -> Json | None:
        if path == "/v3/index.json":
            return _service_index()
        if path in self.created:
            return self.created[path]
        folder, _, rest = path.removeprefix("/v3/").partition("/")
        if folder == "catalog0":
            return self._catalog(rest)
        name, _, rest = rest.partition("/")
        if folder != "registration5-gz-semver2" or name not in self.leaves:
            return None
        return self._registration(name, rest)

    def _catalog(self, rest: str) -> Json | None:
        pages = [self.items[at : at + PAGE_ITEMS] for at in range(0, len(self.items), PAGE_ITEMS)]
        if "empty_page" in self.quirks:
            pages.insert(1, [])
        if rest == "index.json":
            entries = [
                {"@id": f"{HOST}/v3/catalog0/page{number}.json", **self._head(page, number, pages)}
                for number, page in enumerate(pages)
            ]
            if "repeated_page" in self.quirks:
                entries.append(entries[0])
            head = {"commitTimeStamp": self.items[-1]["commitTimeStamp"], "count": len(entries)}
            return {**head, "items": entries[::-1]}
        number = rest.removeprefix("page").removesuffix(".json")
        if not number.isdecimal() or int(number) >= len(pages):
            return None
        return {**self._head(pages[int(number)], int(number), pages), "items": pages[int(number)]}

    def _head(self, page: list[Json], number: int, pages: list[list[Json]]) -> Json:
        told = page or pages[number - 1]
        return {"commitTimeStamp": told[-1]["commitTimeStamp"], "count": len(page)}

    def _registration(self, name: str, rest: str) -> Json | None:
        entries = [
            {"@id": f"{HOST}/v3/registration5-gz-semver2/{name}/{v}.json", "catalogEntry": leaf}
            for v, leaf in self.leaves[name].items()
        ]
        halves = [entries[:INLINE_BELOW], entries[INLINE_BELOW:]]
        pages: list[Json] = [
            {
                "@id": f"{HOST}/v3/registration5-gz-semver2/{name}/page/{number}.json",
                "count": len(half),
                "items": half,
            }
            for number, half in enumerate(halves)
            if half
        ]
        if rest == "index.json":
            if len(entries) >= INLINE_BELOW:
                pages = [{k: v for k, v in page.items() if k != "items"} for page in pages]
            stamp = f"{self._clock + timedelta(seconds=30):%Y-%m-%dT%H:%M:%S}.0000001+00:00"
            return {"commitTimeStamp": stamp, "count": len(pages), "items": pages}
        return next((page for page in pages if page["@id"].endswith(f"/{name}/{rest}")), None)

    def listing_path(self) -> str:
        return "/nuget/v3/catalog0/index.json"

    def package_path(self, name: str) -> str:
        return f"/nuget/v3/registration5-gz-semver2/{name}/index.json"

    @asynccontextmanager
    async def open_client(
        self, server_url: str, options: HttpOptions, cache: FileCache
    ) -> AsyncIterator[NuGetClient]:
        base = f"{server_url}/nuget"
        quick = NuGetOptions(lag_seconds=0.01)
        async with http_session(options, bases=(base,)) as http:
            yield NuGetClient(http, base_url=base, cache=cache, options=quick)


def _service_index() -> Json:
    kinds = {
        "RegistrationsBaseUrl": "/v3/registration5-semver1/",
        "RegistrationsBaseUrl/3.6.0": "/v3/registration5-gz-semver2/",
        "Catalog/3.0.0": "/v3/catalog0/index.json",
        "PackageBaseAddress/3.0.0": "/v3-flatcontainer/",
    }
    resources = [{"@id": f"{HOST}{path}", "@type": kind} for kind, path in kinds.items()]
    return {"version": "3.0.0", "resources": resources}


def _with_unknown_fields(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_unknown_fields(item) for item in value]
    if isinstance(value, dict):
        return {"x-unknown": {"new": [1]}} | {k: _with_unknown_fields(v) for k, v in value.items()}
    return value
