"""npm as the contract suite fills it."""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs

from src.cache import FileCache
from src.local_stack.replay import Document
from src.schemas.ecosystem import Ecosystem
from src.schemas.http import HttpOptions
from src.services.apis.npm_api import NpmClient, NpmOptions
from src.session import http_session
from tests.contract.registry import Published

PAGE_SIZE = 5
JSON = "application/json"
Json = dict[str, Any]


class FakeNpm:
    """A replication service of small pages, and packuments of the old and new fields."""

    ecosystem = Ecosystem.NPM
    names = (
        "@scope/tool",
        "--file--1",
        "JSONStream",
        "jsonstream",
        *(f"package-{number:02}" for number in range(10)),
    )
    other_spelling = ("JSONStream", "JSONStream")

    def __init__(self) -> None:
        self.quirks: set[str] = set()
        self.sequence = 100
        self.revisions: dict[str, int] = {}
        self.versions: dict[str, Mapping[str, Published]] = {}
        self.changed: dict[str, int] = {}

    def publish(self, name: str, versions: Mapping[str, Published]) -> None:
        self.versions[name] = versions
        self._changed(name)

    def delete(self, name: str) -> None:
        del self.versions[name]
        self._changed(name)

    def _changed(self, name: str) -> None:
        self.sequence += 3  # sequences have gaps
        self.revisions[name] = self.revisions.get(name, 0) + 1
        self.changed[name] = self.sequence

    def revision(self, name: str) -> str:
        number = self.revisions[name]
        return f"{number}-{hashlib.md5(f'{name} {number}'.encode()).hexdigest()}"

    def document(self, path: str, query: str = "") -> Document | None:
        asked = {key: values[0] for key, values in parse_qs(query).items()}
        match path:
            case "/npm-replicate/":
                return self._json(
                    {
                        "db_name": "registry",
                        "update_seq": self.sequence,
                        "doc_count": len(self.versions) + 1,
                    }
                )
            case "/npm-replicate/registry/_all_docs":
                return self._json(self._all_docs(asked))
            case "/npm-replicate/registry/_changes":
                return self._json(self._changes(asked))
        name = path.removeprefix("/npm/")
        return self._json(self.packument(name)) if name in self.versions else None

    def _all_docs(self, asked: Mapping[str, str]) -> Json:
        names = sorted(["_design/app", *self.versions])
        start = json.loads(asked.get("startkey", '""'))
        begin = next((place for place, name in enumerate(names) if name >= start), len(names))
        if "repeated_page" in self.quirks:
            begin = max(0, begin - 3)
        page = names[begin : begin + int(asked["limit"]) + 3 * ("repeated_page" in self.quirks)]
        if "empty_page" in self.quirks and begin >= 2 * (PAGE_SIZE - 1):
            page = []
        rows = [
            {
                "id": name,
                "key": name,
                "value": {"rev": self.revision(name) if name in self.revisions else "1-0"},
            }
            for name in page
        ]
        return {"total_rows": len(names), "offset": begin, "rows": rows}

    def _changes(self, asked: Mapping[str, str]) -> Json:
        since = int(asked["since"])
        later = sorted((own, name) for name, own in self.changed.items() if own > since)
        results = [
            {
                "seq": own,
                "id": name,
                "changes": [{"rev": self.revision(name)}],
                **({} if name in self.versions else {"deleted": True}),
            }
            for own, name in later[: int(asked["limit"])]
        ]
        last = results[-1]["seq"] if results else since
        if "empty_page" in self.quirks and results and since % 2:
            return {"results": [], "last_seq": since + 1}
        if "repeated_page" in self.quirks:
            results += results
        return {"results": results, "last_seq": last}

    def packument(self, name: str) -> Json:
        versions = self.versions[name]
        newest = next((number for number in reversed(list(versions))), "")
        return {
            "_id": name,
            "_rev": self.revision(name),
            "name": name,
            "dist-tags": {"latest": newest} if newest else {},
            "versions": {
                number: self._manifest(name, number, told) for number, told in versions.items()
            },
            "time": {
                "created": "2020-01-01T00:00:00.000Z",
                "modified": "2020-01-02T00:00:00.000Z",
                "0.0.1": "2019-01-01T00:00:00.000Z",
                **dict.fromkeys(versions, "2020-01-01T00:00:00.000Z"),
            },
            "repository": {"type": "git", "url": "git+https://github.com/owner/repository.git"},
            "license": "MIT",
        }

    def _manifest(self, name: str, number: str, told: Published) -> Json:
        sha1 = hashlib.sha1(f"{name} {number} {told.requires}".encode()).hexdigest()
        manifest: Json = {
            "name": name,
            "version": number,
            "dependencies": dict(told.requires),
            "dist": {"shasum": sha1, "tarball": f"https://npm.test/{name}/-/{number}.tgz"},
        }
        if told.yanked:
            manifest["deprecated"] = "use something else"
        return manifest

    def _json(self, content: Json) -> Document:
        if "unknown_fields" in self.quirks:
            content = _with_unknown_fields(content)
        return Document(json.dumps(content).encode(), JSON)

    def listing_path(self) -> str:
        return "/npm-replicate/registry/_all_docs"

    def package_path(self, name: str) -> str:
        return f"/npm/{name}"

    @asynccontextmanager
    async def open_client(
        self, server_url: str, options: HttpOptions, cache: FileCache
    ) -> AsyncIterator[NpmClient]:
        base, replicate = f"{server_url}/npm", f"{server_url}/npm-replicate"
        quick = NpmOptions(page_size=PAGE_SIZE, lag_seconds=0.01)
        async with http_session(options, bases=(base, replicate)) as http:
            yield NpmClient(
                http, base_url=base, replicate_url=replicate, cache=cache, options=quick
            )


_BY_KEY = frozenset({"versions", "dependencies", "time", "dist-tags"})
"""Objects whose keys are names and versions: there, a field more would be a version more."""


def _with_unknown_fields(value: Any, key: str = "") -> Any:
    if isinstance(value, list):
        return [_with_unknown_fields(item) for item in value]
    if isinstance(value, dict):
        more = {} if key in _BY_KEY else {"x-unknown": {"new": [1]}}
        return more | {name: _with_unknown_fields(item, name) for name, item in value.items()}
    return value
