"""Documents of the sample's Cargo registry, all made from one line of facts a crate.

    {"path": "/cargo-index/se/rd/serde", "cargo_crate": {
        "id": 17, "name": "serde", "default": "1.0.1",
        "repository": "…", "homepage": "…",
        "requirements": [[{"name": "serde_derive", "req": "^1", "optional": true}, …], …],
        "features": [{"features": {…}, "features2": {…}}, …],
        "versions": [["1.0.0", "2017-04-20T15:17:05Z", "<sha256>", 0, 0, {"yanked": true}], …]}}
    {"path": "/cargo-static/crates/serde/serde-1.0.1.crate", "cargo_package": {"lib": {"name": "serde"}}}
    {"path": "/cargo-static/db-dump.tar.gz", "cargo_dump": {"timestamp": "…", "deleted": [{…}]}}

A version is a row: number, publication, checksum, which of the requirement lists, which of the
features, and whatever else is known. A requirement leaves out what is usual: kind normal, default
features, no target; `name` is the crate that is meant, `alias` how the crate itself calls it. The
index document (Cargo book, "Index Format") and the dump's tables come from the same row; where the
sample serves the crate file, its checksum and size are those of the bytes served.
"""

import csv
import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from src.local_stack.replay.documents import Document

if TYPE_CHECKING:
    from src.local_stack.replay.makers import Lines, Maker

Facts = Mapping[str, Any]
Row = dict[str, Any]

COLUMNS: Mapping[str, str] = {
    "crates": "created_at,description,documentation,homepage,id,max_features,max_upload_size,name,"
    "readme,repository,trustpub_only,updated_at",
    "deleted_crates": "available_at,created_at,deleted_at,deleted_by,id,message,name",
    "versions": "bin_names,categories,checksum,crate_id,crate_size,created_at,description,"
    "documentation,downloads,edition,features,has_lib,homepage,id,keywords,license,links,num,"
    "num_no_build,published_by,repository,rust_version,updated_at,yanked",
    "default_versions": "crate_id,num_versions,version_id",
    "dependencies": "crate_id,default_features,explicit_name,features,id,kind,optional,req,target,"
    "version_id",
    "version_downloads": "date,downloads,version_id",
}
"""The tables in the archive's order, each with the public columns of the registry's own dump."""

_USUAL: Facts = {
    "features": [],
    "optional": False,
    "default_features": True,
    "target": None,
    "kind": "normal",
}
_KINDS = {"normal": 0, "build": 1, "dev": 2}
_VERSIONS_A_CRATE = 10_000
_REQUIREMENTS_A_VERSION = 100


def index_document(path: str, lines: "Lines") -> Document:
    """Return the sparse index document of a crate: one JSON object a version and line."""
    crate = lines[path]["cargo_crate"]
    rows = (_index_row(crate, version) for version in _versions(crate, lines))
    text = "".join(
        f"{json.dumps(row, ensure_ascii=False, separators=(',', ':'))}\n" for row in rows
    )
    return Document(text.encode(), "text/plain")


def crate_file(path: str, lines: "Lines") -> Document:
    """Return a `.crate` archive: a manifest that names the package and its library, and no code."""
    return Document(
        _crate_bytes(path, json.dumps(lines[path]["cargo_package"])), "application/gzip"
    )


def dump(path: str, lines: "Lines") -> Document:
    """Return the database dump of all crates that the day has."""
    told = lines[path]["cargo_dump"]
    crates = [line["cargo_crate"] for line in lines.values() if "cargo_crate" in line]
    crates.sort(key=lambda crate: int(crate["id"]))
    tables = _tables(crates, lines)
    moments = ("available_at", "created_at", "deleted_at")
    tables["deleted_crates"] = [_times(row, *moments) for row in told["deleted"]]
    folder = told["timestamp"][:19].replace("T", "-").replace(":", "")
    metadata = json.dumps({"timestamp": told["timestamp"]}) + "\n"
    entries: dict[str, bytes | None] = {folder: None, f"{folder}/metadata.json": metadata.encode()}
    entries[f"{folder}/data"] = None
    for table, header in COLUMNS.items():
        entries[f"{folder}/data/{table}.csv"] = _csv(header, tables[table])
    return Document(_tar_gz(entries), "application/gzip")


MAKERS: "Mapping[str, Maker]" = {
    "cargo_crate": index_document,
    "cargo_package": crate_file,
    "cargo_dump": dump,
}


def _versions(crate: Facts, lines: "Lines") -> Iterator[Row]:
    """Give each version with its keys, its requirements, and the checksum of the bytes served."""
    for place, row in enumerate(crate["versions"]):
        number, created_at, checksum, requirements, features, more = row
        path = f"/cargo-static/crates/{crate['name']}/{crate['name']}-{number}.crate"
        size = None
        if path in lines:
            served = crate_file(path, lines).body
            checksum, size = hashlib.sha256(served).hexdigest(), len(served)
        yield {
            "id": crate["id"] * _VERSIONS_A_CRATE + place,
            "num": number,
            "created_at": created_at,
            "checksum": checksum,
            "crate_size": size,
            "requirements": [{**_USUAL, **told} for told in crate["requirements"][requirements]],
            **crate["features"][features],
            **more,
        }


def _index_row(crate: Facts, version: Facts) -> Row:
    row: Row = {
        "name": crate["name"],
        "vers": version["num"],
        "deps": [_index_requirement(requirement) for requirement in version["requirements"]],
        "cksum": version["checksum"],
        "features": version["features"],
        "yanked": version.get("yanked", False),
    }
    row |= {name: version[name] for name in ("links", "rust_version") if name in version}
    row["pubtime"] = version["created_at"]
    if "features2" in version:
        row |= {"features2": version["features2"], "v": 2}
    return row


def _index_requirement(requirement: Facts) -> Row:
    row: Row = {"name": requirement.get("alias", requirement["name"]), "req": requirement["req"]}
    row |= {name: requirement[name] for name in _USUAL}
    return row | {"package": requirement["name"]} if "alias" in requirement else row


def _tables(crates: list[Facts], lines: "Lines") -> dict[str, list[Row]]:
    ids: dict[str, int] = {crate["name"]: crate["id"] for crate in crates}
    tables: dict[str, list[Row]] = {table: [] for table in COLUMNS}
    for crate in crates:
        versions = list(_versions(crate, lines))
        numbers = {version["num"]: version["id"] for version in versions}
        tables["crates"].append(_crate_row(crate, versions))
        default = {"crate_id": crate["id"], "num_versions": len(versions)}
        default["version_id"] = numbers[crate["default"]]
        tables["default_versions"].append(default)
        for version in versions:
            tables["versions"].append(_version_row(crate, version))
            tables["dependencies"] += _dependency_rows(version, ids)
    return tables


def _crate_row(crate: Facts, versions: list[Row]) -> Row:
    dates = sorted(version["created_at"] for version in versions)
    row = {**crate, "created_at": dates[0], "updated_at": dates[-1], "trustpub_only": False}
    return _times(row)


def _version_row(crate: Facts, version: Facts) -> Row:
    features = version["features"] | version.get("features2", {})
    row = {
        **version,
        "crate_id": crate["id"],
        "num_no_build": version["num"].partition("+")[0],
        "features": json.dumps(features, sort_keys=True),
        "updated_at": version["created_at"],
        "yanked": version.get("yanked", False),
        "bin_names": "{}",
        "categories": "{}",
        "keywords": "{}",
        "downloads": 0,
    }
    return _times(row)


def _dependency_rows(version: Facts, ids: Mapping[str, int]) -> Iterator[Row]:
    for place, requirement in enumerate(version["requirements"]):
        yield {
            **requirement,
            "id": version["id"] * _REQUIREMENTS_A_VERSION + place,
            "version_id": version["id"],
            "crate_id": ids[requirement["name"]],
            # Names of features hold nothing that an array literal of PostgreSQL would quote.
            "features": "{" + ",".join(requirement["features"]) + "}",
            "kind": _KINDS[requirement["kind"]],
            "explicit_name": requirement.get("alias"),
        }


def _times(row: Facts, *names: str) -> Row:
    """Return the row with its times as PostgreSQL writes a timestamp with time zone in UTC."""
    changed = dict(row)
    for name in names or ("created_at", "updated_at"):
        changed[name] = str(row[name]).replace("T", " ").replace("Z", "+00")
    return changed


def _csv(header: str, rows: Iterable[Facts]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = header.split(",")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    return text.getvalue().encode()


def _cell(value: object) -> object:
    return ("t" if value else "f") if isinstance(value, bool) else value


@lru_cache(maxsize=256)
def _crate_bytes(path: str, package: str) -> bytes:
    library = json.loads(package)["lib"]
    folder = path.rsplit("/", 1)[-1].removesuffix(".crate")
    name = path.split("/")[-2]
    manifest = f'[package]\nname = "{name}"\nversion = "{folder.removeprefix(f"{name}-")}"\n'
    if library:
        told = (f"{key} = {json.dumps(value)}\n" for key, value in library.items())
        manifest += "\n[lib]\n" + "".join(told)
    source = library.get("path", "src/lib.rs")
    return _tar_gz({f"{folder}/Cargo.toml": manifest.encode(), f"{folder}/{source}": b""})


def _tar_gz(entries: Mapping[str, bytes | None]) -> bytes:
    """Return an archive of these files, and folders where there is no content: always the same bytes."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in entries.items():
            info = tarfile.TarInfo(name)
            if content is None:
                info.type, info.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(info)
            else:
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), compresslevel=6, mtime=0)
