"""A line of facts becomes the index document, the tables of the dump and the crate file, alike."""

import csv
import hashlib
import io
import json
import tarfile
import tomllib
from typing import Any

import pytest

from src.local_stack.replay.cargo_makers import COLUMNS, MAKERS
from src.local_stack.replay.documents import Document

INDEX = "/cargo-index/de/mo/demo"
CRATE = "/cargo-static/crates/demo/demo-1.1.0+up-2.crate"
DUMP = "/cargo-static/db-dump.tar.gz"
FIRST = "a" * 64
FOLDER = "2026-10-28-010007"

LINES: dict[str, dict[str, Any]] = {
    INDEX: {
        "path": INDEX,
        "cargo_crate": {
            "id": 7,
            "name": "demo",
            "default": "1.1.0+up-2",
            "repository": "https://github.com/owner/demo",
            "requirements": [
                [],
                [
                    {"name": "log", "req": "^0.4", "alias": "logger", "optional": True},
                    {
                        "name": "log",
                        "req": ">=0.3, <0.5",
                        "kind": "build",
                        "target": 'cfg(target_env = "msvc")',
                        "features": ["std", "serde"],
                        "default_features": False,
                    },
                    {"name": "demo", "req": "*", "kind": "dev"},
                ],
            ],
            "features": [
                {"features": {}},
                {"features": {"a": []}, "features2": {"b": ["dep:log"]}},
            ],
            "versions": [
                ["1.0.0", "2026-01-02T03:04:05Z", FIRST, 0, 0, {"yanked": True, "links": "z"}],
                [
                    "1.1.0+up-2",
                    "2026-02-03T04:05:06Z",
                    "unused: the file is served",
                    1,
                    1,
                    {"license": "MIT", "rust_version": "1.80", "edition": "2021"},
                ],
            ],
        },
    },
    CRATE: {"path": CRATE, "cargo_package": {"lib": {"name": "demo_lib", "path": "lib.rs"}}},
    "/cargo-index/3/l/log": {
        "path": "/cargo-index/3/l/log",
        "cargo_crate": {
            "id": 3,
            "name": "log",
            "default": "0.4.0",
            "requirements": [[]],
            "features": [{"features": {}}],
            "versions": [["0.4.0", "2025-01-01T00:00:00Z", "b" * 64, 0, 0, {}]],
        },
    },
    DUMP: {
        "path": DUMP,
        "cargo_dump": {
            "timestamp": "2026-10-28T01:00:07Z",
            "deleted": [
                {
                    "id": 1,
                    "name": "gone",
                    "created_at": "2020-01-01T00:00:00Z",
                    "deleted_at": "2026-10-27T00:00:00Z",
                    "available_at": "2026-10-28T00:00:00Z",
                }
            ],
        },
    },
}


def made(path: str, lines: dict[str, dict[str, Any]] = LINES) -> Document:
    (kind,) = MAKERS.keys() & lines[path].keys()
    document = MAKERS[kind](path, lines)
    assert isinstance(document, Document)
    return document


def table(name: str) -> list[dict[str, str]]:
    with tarfile.open(fileobj=io.BytesIO(made(DUMP).body), mode="r:gz") as dump:
        member = dump.extractfile(f"{FOLDER}/data/{name}.csv")
        assert member is not None
        return list(csv.DictReader(io.TextIOWrapper(member, "utf-8", newline="")))


def test_the_index_document_has_one_object_a_version_as_the_cargo_book_says() -> None:
    document = made(INDEX)
    rows = [json.loads(line) for line in document.body.decode().splitlines()]
    assert document.content_type == "text/plain"
    assert rows[0] == {
        "name": "demo",
        "vers": "1.0.0",
        "deps": [],
        "cksum": FIRST,
        "features": {},
        "yanked": True,
        "links": "z",
        "pubtime": "2026-01-02T03:04:05Z",
    }
    assert rows[1] == {
        "name": "demo",
        "vers": "1.1.0+up-2",
        "deps": [
            {
                "name": "logger",
                "req": "^0.4",
                "features": [],
                "optional": True,
                "default_features": True,
                "target": None,
                "kind": "normal",
                "package": "log",
            },
            {
                "name": "log",
                "req": ">=0.3, <0.5",
                "features": ["std", "serde"],
                "optional": False,
                "default_features": False,
                "target": 'cfg(target_env = "msvc")',
                "kind": "build",
            },
            {
                "name": "demo",
                "req": "*",
                "features": [],
                "optional": False,
                "default_features": True,
                "target": None,
                "kind": "dev",
            },
        ],
        "cksum": hashlib.sha256(made(CRATE).body).hexdigest(),
        "features": {"a": []},
        "yanked": False,
        "rust_version": "1.80",
        "pubtime": "2026-02-03T04:05:06Z",
        "features2": {"b": ["dep:log"]},
        "v": 2,
    }


def test_a_crate_file_names_its_package_and_library_and_holds_no_code() -> None:
    with tarfile.open(fileobj=io.BytesIO(made(CRATE).body), mode="r:gz") as archive:
        names = archive.getnames()
        manifest = archive.extractfile("demo-1.1.0+up-2/Cargo.toml")
        source = archive.extractfile("demo-1.1.0+up-2/lib.rs")
        assert manifest is not None
        assert source is not None
        assert tomllib.loads(manifest.read().decode()) == {
            "package": {"name": "demo", "version": "1.1.0+up-2"},
            "lib": {"name": "demo_lib", "path": "lib.rs"},
        }
        assert source.read() == b""
    assert len(names) == 2


def test_a_crate_without_a_library_section_has_its_source_where_cargo_looks_for_it() -> None:
    path = "/cargo-static/crates/log/log-0.4.0.crate"
    lines = {path: {"path": path, "cargo_package": {"lib": {}}}}
    with tarfile.open(fileobj=io.BytesIO(made(path, lines).body), mode="r:gz") as archive:
        assert archive.getnames() == ["log-0.4.0/Cargo.toml", "log-0.4.0/src/lib.rs"]
        manifest = archive.extractfile("log-0.4.0/Cargo.toml")
        assert manifest is not None
        assert "lib" not in tomllib.loads(manifest.read().decode())


def test_the_dump_holds_its_tables_in_the_order_of_the_registry() -> None:
    with tarfile.open(fileobj=io.BytesIO(made(DUMP).body), mode="r:gz") as dump:
        names = dump.getnames()
        metadata = dump.extractfile(f"{FOLDER}/metadata.json")
        assert metadata is not None
        assert json.load(metadata) == {"timestamp": "2026-10-28T01:00:07Z"}
    tables = [f"{FOLDER}/data/{name}.csv" for name in COLUMNS]
    assert names == [FOLDER, f"{FOLDER}/metadata.json", f"{FOLDER}/data", *tables]
    assert names[-1].endswith("/version_downloads.csv")


@pytest.mark.parametrize("name", COLUMNS)
def test_the_columns_of_a_table_are_sorted_by_name(name: str) -> None:
    columns = COLUMNS[name].split(",")
    assert columns == sorted(set(columns))


def test_crates_carry_the_dates_of_their_first_and_last_version() -> None:
    rows = {row["name"]: row for row in table("crates")}
    assert list(rows) == ["log", "demo"]
    assert rows["demo"]["id"] == "7"
    assert rows["demo"]["repository"] == "https://github.com/owner/demo"
    assert rows["demo"]["homepage"] == ""
    assert rows["demo"]["created_at"] == "2026-01-02 03:04:05+00"
    assert rows["demo"]["updated_at"] == "2026-02-03 04:05:06+00"


def test_versions_repeat_what_the_index_tells_and_add_licence_and_size() -> None:
    first, second = (row for row in table("versions") if row["crate_id"] == "7")
    served = made(CRATE).body
    told = (first["num"], first["yanked"], first["links"], first["checksum"], first["crate_size"])
    assert told == ("1.0.0", "t", "z", FIRST, "")
    assert (second["num"], second["num_no_build"]) == ("1.1.0+up-2", "1.1.0")
    assert (second["yanked"], second["license"], second["edition"]) == ("f", "MIT", "2021")
    assert second["checksum"] == hashlib.sha256(served).hexdigest()
    assert second["crate_size"] == str(len(served))
    assert second["created_at"] == "2026-02-03 04:05:06+00"
    assert json.loads(second["features"]) == {"a": [], "b": ["dep:log"]}


def test_dependencies_name_their_crate_and_version_by_number() -> None:
    versions = {row["num"]: row["id"] for row in table("versions") if row["crate_id"] == "7"}
    rows = table("dependencies")
    assert {row["version_id"] for row in rows} == {versions["1.1.0+up-2"]}
    cells = ("crate_id", "explicit_name", "kind", "optional", "default_features", "features")
    assert [tuple(row[cell] for cell in cells) for row in rows] == [
        ("3", "logger", "0", "t", "t", "{}"),
        ("3", "", "1", "f", "f", "{std,serde}"),
        ("7", "", "2", "f", "t", "{}"),
    ]
    assert [row["req"] for row in rows] == ["^0.4", ">=0.3, <0.5", "*"]
    assert [row["target"] for row in rows] == ["", 'cfg(target_env = "msvc")', ""]
    assert len({row["id"] for row in rows}) == 3


def test_default_versions_and_deleted_crates_are_told() -> None:
    defaults = {row["crate_id"]: row for row in table("default_versions")}
    second = next(row for row in table("versions") if row["num"] == "1.1.0+up-2")
    assert defaults["7"]["version_id"] == second["id"]
    assert defaults["7"]["num_versions"] == "2"
    (deleted,) = table("deleted_crates")
    assert (deleted["name"], deleted["deleted_at"]) == ("gone", "2026-10-27 00:00:00+00")
    assert table("version_downloads") == []


def test_identifiers_stay_when_a_version_is_added() -> None:
    before = {row["num"]: row["id"] for row in table("versions")}
    crate = LINES[INDEX]["cargo_crate"]
    newer = ["1.2.0", "2026-03-04T05:06:07Z", "c" * 64, 0, 0, {}]
    changed = {**crate, "versions": [*crate["versions"], newer]}
    lines = {**LINES, INDEX: {"path": INDEX, "cargo_crate": changed}}
    with tarfile.open(fileobj=io.BytesIO(made(DUMP, lines).body), mode="r:gz") as dump:
        member = dump.extractfile(f"{FOLDER}/data/versions.csv")
        assert member is not None
        text = io.TextIOWrapper(member, "utf-8", newline="")
        after = {row["num"]: row["id"] for row in csv.DictReader(text)}
    assert after.keys() - before.keys() == {"1.2.0"}
    assert {number: after[number] for number in before} == before


@pytest.mark.parametrize("path", [INDEX, CRATE, DUMP])
def test_documents_have_the_same_bytes_whenever_they_are_made(path: str) -> None:
    assert made(path).body == made(path).body
    # A tar of this format holds the time 0 and no user; gzip holds the time 0 at its bytes 4 to 7.
    if path != INDEX:
        assert made(path).body[4:8] == bytes(4)


def test_a_dependency_on_a_crate_that_the_sample_lacks_is_no_silent_gap() -> None:
    lines = {path: line for path, line in LINES.items() if not path.endswith("/log")}
    with pytest.raises(KeyError, match="log"):
        made(DUMP, lines)
