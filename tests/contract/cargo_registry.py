"""The registry of crates as a test fills it: its index, its dump and its artifacts, made anew for each request."""

import csv
import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from src.cache import FileCache
from src.local_stack.replay import Document
from src.schemas.ecosystem import Ecosystem
from src.schemas.http import HttpOptions
from src.services.apis.cargo_api import CargoClient
from src.services.apis.cargo_crate import CargoOptions
from src.session import http_session
from src.utils.cargo.names import index_path
from tests.contract.registry import Published

CREATED = "2024-05-06 07:08:09.123456+00"
PUBLISHED = "2024-05-06T07:08:09Z"

_COLUMNS = {
    "crates": "created_at description homepage id name readme repository updated_at",
    "versions": (
        "checksum crate_id crate_size created_at id license links num rust_version updated_at yanked"
    ),
    "dependencies": (
        "crate_id default_features explicit_name features id kind optional req target version_id"
    ),
    "version_downloads": "date downloads version_id",
}
_KINDS = {"normal": 0, "build": 1, "dev": 2}


@dataclass
class Release:
    """One version; `deps` are those of an index line."""

    deps: list[dict[str, object]] = field(default_factory=list)
    yanked: bool = False
    license: str = "MIT OR Apache-2.0"
    rust_version: str = ""
    links: str = ""
    manifest: str = ""
    files: tuple[str, ...] = ("src/lib.rs",)


@dataclass
class Crate:
    """One crate with its versions in the order of their publication."""

    releases: dict[str, Release] = field(default_factory=dict)
    repository: str = ""
    homepage: str = ""


def dep(name: str, req: str = "^1", **more: object) -> dict[str, object]:
    """Return a dependency as an index line has it."""
    plain = {"features": [], "optional": False, "default_features": True, "target": None}
    return {"name": name, "req": req, **plain, "kind": "normal", **more}


def artifact(name: str, number: str, release: Release) -> bytes:
    """Return a `.crate` file."""
    manifest = release.manifest or f'[package]\nname = "{name}"\nversion = "{number}"\n'
    contents = {"Cargo.toml": manifest, **dict.fromkeys(release.files, "")}
    return tar_gz({f"{name}-{number}/{path}": text for path, text in contents.items()})


def tar_gz(files: Mapping[str, str | bytes]) -> bytes:
    """Return a tar.gz, always to the same bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for path, content in files.items():
            info = tarfile.TarInfo(path)
            data = content.encode() if isinstance(content, str) else content
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return gzip.compress(buffer.getvalue(), mtime=0)


class FakeCargo:
    """Serves the index below /cargo-index and dump and artifacts below /cargo-static."""

    ecosystem = Ecosystem.CARGO
    names = (
        "a",
        "ab",
        "abc",
        "Abcd",
        "serde",
        "serde_json",
        "serde-derive",
        "rand",
        "rand_core",
        "libc",
        "cc2",
        "log",
        "time",
        "x11",
        "Inflector",
    )
    other_spelling = ("Abcd", "Abcd")

    def __init__(self) -> None:
        self.crates: dict[str, Crate] = {}
        self.quirks: set[str] = set()
        self.day = 1
        self.tables = ["crates", "versions", "dependencies", "version_downloads"]
        self.columns = {table: names.split() for table, names in _COLUMNS.items()}
        self.fixed: dict[str, Document] = {}

    def publish(self, name: str, versions: Mapping[str, Published]) -> None:
        self.crates[name] = Crate(
            {
                number: Release([dep(n, req) for n, req in version.requires], version.yanked)
                for number, version in versions.items()
            }
        )

    def delete(self, name: str) -> None:
        del self.crates[name]

    def document(self, path: str, _query: str = "") -> Document | None:
        if path in self.fixed:
            return self.fixed[path]
        if path == self.listing_path():
            return Document(self.dump(), "application/gzip")
        for name, crate in self.crates.items():
            if path == self.package_path(name) and crate.releases:
                return Document(self.index_file(name), "text/plain")
            for number, release in crate.releases.items():
                if path == f"/cargo-static/crates/{name}/{name}-{number}.crate":
                    return Document(artifact(name, number, release), "application/gzip")
        return None

    def listing_path(self) -> str:
        return "/cargo-static/db-dump.tar.gz"

    def package_path(self, name: str) -> str:
        return f"/cargo-index/{index_path(name)}"

    def index_file(self, name: str) -> bytes:
        lines = []
        for number, release in self.crates[name].releases.items():
            line: dict[str, object] = {
                "name": name,
                "vers": number,
                "deps": release.deps,
                "cksum": self.checksum(name, number),
                "features": {},
                "yanked": release.yanked,
                "links": release.links or None,
                "rust_version": release.rust_version or None,
                "pubtime": PUBLISHED,
            }
            if "unknown_fields" in self.quirks:
                line["x-unknown"] = {"new": [1]}
                line["deps"] = [{"x-unknown": None, **declared} for declared in release.deps]
            lines.append(json.dumps(line))
        if "repeated_page" in self.quirks:
            lines += lines[:1]
        if "empty_page" in self.quirks:
            lines.insert(1, "")
        return "\n".join([*lines, ""]).encode()

    def checksum(self, name: str, number: str) -> str:
        release = self.crates[name].releases[number]
        return hashlib.sha256(artifact(name, number, release)).hexdigest()

    def dump(self) -> bytes:
        rows = self.rows()
        folder = f"2024-06-{self.day:02}-020017"
        files: dict[str, str | bytes] = {
            f"{folder}/README.md": "# Dump\n",
            f"{folder}/metadata.json": "{}",
        }
        for table in self.tables:
            files[f"{folder}/data/{table}.csv"] = self.table(table, rows.get(table, []))
        return tar_gz(files)

    def table(self, name: str, rows: list[dict[str, object]]) -> str:
        columns = self.columns[name]
        if "unknown_fields" in self.quirks:
            columns = ["x_unknown", *columns]
        if "repeated_page" in self.quirks:
            rows = rows + rows[:5]
        text = io.StringIO(newline="")
        writer = csv.DictWriter(
            text, columns, restval="", extrasaction="ignore", lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue()

    def rows(self) -> dict[str, list[dict[str, object]]]:
        crates: dict[str, int] = {name: 10 + n for n, name in enumerate(self.crates)}
        tables: dict[str, list[dict[str, object]]] = {
            "crates": [
                {
                    "id": crates[name],
                    "name": name,
                    "repository": crate.repository,
                    "homepage": crate.homepage,
                    "readme": 'many\nlines, "quoted"\n',
                }
                for name, crate in self.crates.items()
            ],
            "versions": [],
            "dependencies": [],
        }
        for name, crate in self.crates.items():
            for number, release in crate.releases.items():
                key = 100 + len(tables["versions"])
                tables["versions"].append(
                    self.version_row(name, number, release, crates[name], key)
                )
                for declared in release.deps:
                    known = len(tables["dependencies"])
                    tables["dependencies"].append(_dependency_row(declared, crates, key, known))
        return tables

    def version_row(
        self, name: str, number: str, release: Release, crate: int, key: int
    ) -> dict[str, object]:
        return {
            "id": key,
            "crate_id": crate,
            "num": number,
            "checksum": self.checksum(name, number),
            "yanked": "t" if release.yanked else "f",
            "created_at": CREATED,
            "license": release.license,
            "rust_version": release.rust_version,
            "links": release.links,
        }

    @asynccontextmanager
    async def open_client(
        self, server_url: str, options: HttpOptions, cache: FileCache
    ) -> AsyncIterator[CargoClient]:
        index, static = f"{server_url}/cargo-index", f"{server_url}/cargo-static"
        async with http_session(options, bases=(index, static)) as http:
            yield CargoClient(
                http,
                index_url=index,
                static_url=static,
                cache=cache,
                options=CargoOptions(artifact_bytes=100_000, dump_seconds=options.budget_seconds),
            )


def _dependency_row(
    declared: dict[str, object], crates: Mapping[str, int], version: int, key: int
) -> dict[str, object]:
    package = declared.get("package")
    return {
        "id": key,
        "version_id": version,
        "crate_id": crates.get(str(package or declared["name"]), 999_999),
        "req": declared["req"],
        "optional": "t" if declared["optional"] else "f",
        "target": declared["target"] or "",
        "kind": _KINDS[str(declared["kind"] or "normal")],
        "explicit_name": declared["name"] if package else "",
    }
