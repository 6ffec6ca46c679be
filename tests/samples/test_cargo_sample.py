"""The sample's crates agree in index and dump, are closed, and differ between days as README says."""

import csv
import hashlib
import io
import json
import re
import tarfile
import tomllib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from src.local_stack.replay import Document, SampleSource

SAMPLES = Path(__file__).parents[2] / "samples"
BUNDLES = SAMPLES / "cargo"
DAYS = (1, 2)
DUMP = "/cargo-static/db-dump.tar.gz"
KINDS = {"0": "normal", "1": "build", "2": "dev"}
FORGES = {"github.com", "codeberg.org"}
Json = dict[str, Any]
Table = list[dict[str, str]]


class Day:
    """All documents of one day, and what they tell."""

    def __init__(self, number: int) -> None:
        source = SampleSource(SAMPLES, lambda: number)
        self.documents: dict[str, Document] = {
            path: document
            for path, document in source.documents(number).items()
            if path.startswith("/cargo-") and isinstance(document, Document)
        }
        self.crates: dict[str, list[Json]] = {}
        for path, document in self.documents.items():
            if path.startswith("/cargo-index/") and document.content_type == "text/plain":
                rows = [json.loads(line) for line in document.body.splitlines()]
                self.crates[rows[0]["name"]] = rows

    @cached_property
    def dump(self) -> dict[str, bytes]:
        with tarfile.open(fileobj=io.BytesIO(self.documents[DUMP].body), mode="r:gz") as archive:
            files = {member.name: archive.extractfile(member) for member in archive.getmembers()}
            return {name: file.read() for name, file in files.items() if file is not None}

    def table(self, name: str) -> Table:
        (content,) = (c for path, c in self.dump.items() if path.endswith(f"/data/{name}.csv"))
        return list(csv.DictReader(io.StringIO(content.decode(), newline="")))

    def versions(self) -> set[tuple[str, str]]:
        return {(name, row["vers"]) for name, rows in self.crates.items() for row in rows}

    def requirements(self) -> Iterator[tuple[str, Json]]:
        for name, rows in self.crates.items():
            for row in rows:
                for requirement in row["deps"]:
                    yield name, requirement


@pytest.fixture(scope="module")
def first() -> Day:
    return Day(1)


@pytest.fixture(scope="module")
def second() -> Day:
    return Day(2)


@pytest.fixture(params=DAYS)
def day(request: pytest.FixtureRequest, first: Day, second: Day) -> Day:
    return first if request.param == 1 else second


def index_path(name: str) -> str:
    """Where a crate stands (Cargo book, "Index Files")."""
    low = name.lower()
    folders = {1: "1", 2: "2", 3: f"3/{low[0]}"}.get(len(low), f"{low[:2]}/{low[2:4]}")
    return f"/cargo-index/{folders}/{low}"


def crate_path(name: str, version: str) -> str:
    return f"/cargo-static/crates/{name}/{name}-{version}.crate"


def meant(requirement: Json) -> str:
    return str(requirement["package"] if "package" in requirement else requirement["name"])


def is_prerelease(version: str) -> bool:
    return "-" in version.partition("+")[0]


def number(version: str) -> tuple[int, ...]:
    """Major, minor and patch; no two stable versions here share them."""
    return tuple(int(part) for part in re.split(r"[-+]", version)[0].split("."))


def speaking(rows: list[Json]) -> str:
    """The registry shows the highest stable version that is not yanked; every crate here has one."""
    stable = [str(r["vers"]) for r in rows if not r["yanked"] and not is_prerelease(r["vers"])]
    return max(stable, key=number)


def test_it_is_small_enough_for_the_tree() -> None:
    files = [file for file in BUNDLES.rglob("*") if file.is_file()]
    assert len(files) < 80
    assert sum(file.stat().st_size for file in files) < 1_000_000


def test_it_holds_enough_crates_with_their_history(day: Day) -> None:
    assert len(day.crates) >= 50
    assert len(day.versions()) > 3_000


def test_each_crate_stands_where_the_index_has_it(day: Day) -> None:
    for name, rows in day.crates.items():
        assert index_path(name) in day.documents
        assert {row["name"] for row in rows} == {name}
        assert len({row["vers"] for row in rows}) == len(rows)


def test_every_version_has_its_date_checksum_and_marks(day: Day) -> None:
    for name, rows in day.crates.items():
        assert [row["pubtime"] for row in rows] == sorted(row["pubtime"] for row in rows), name
        for row in rows:
            assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", row["pubtime"])
            assert re.fullmatch("[0-9a-f]{64}", row["cksum"])
            assert isinstance(row["yanked"], bool)
            assert re.fullmatch(r"\d+\.\d+\.\d+(-[\w.-]+)?(\+[\w.-]+)?", row["vers"])


def test_every_requirement_leads_to_a_crate_of_the_sample(day: Day) -> None:
    assert {meant(requirement) for _, requirement in day.requirements()} <= day.crates.keys()


def test_crates_depend_on_each_other(day: Day) -> None:
    edges = {
        (name, meant(requirement))
        for name, requirement in day.requirements()
        if requirement["kind"] != "dev" and not requirement["optional"]
    }
    assert len(edges) >= 50
    assert {("serde", "serde_core"), ("rustls-pemfile", "rustls-pki-types")} <= edges
    assert {("libz-sys", "cc"), ("getrandom", "wasi"), ("indexmap", "hashbrown")} <= edges


def test_the_awkward_kinds_of_requirements_are_there(day: Day) -> None:
    told = {
        (r["kind"], r["optional"], "package" in r, r["target"] is not None)
        for _, r in day.requirements()
    }
    assert ("normal", False, True, False) in told, "renamed"
    assert ("normal", True, True, False) in told, "renamed and optional"
    assert ("normal", False, False, True) in told, "for a target"
    assert ("build", False, False, True) in told, "to build, for a target"
    assert ("build", True, False, False) in told, "to build, optional"
    assert ("dev", False, False, False) in told
    assert any("," in requirement["req"] for _, requirement in day.requirements())
    assert any(row.get("v") == 2 for rows in day.crates.values() for row in rows)


def test_the_awkward_kinds_of_versions_are_there(day: Day) -> None:
    versions = {version for _, version in day.versions()}
    yanked = [row for rows in day.crates.values() for row in rows if row["yanked"]]
    assert len(yanked) > 100
    assert sum(is_prerelease(version) for version in versions) >= 30
    assert sum("+" in version for version in versions) >= 20


def test_the_dump_lists_the_crates_of_the_index(day: Day) -> None:
    rows = {row["name"]: row for row in day.table("crates")}
    assert rows.keys() == day.crates.keys()
    assert len({row["id"] for row in rows.values()}) == len(rows)


def test_the_dump_tells_the_versions_of_the_index(day: Day) -> None:
    names = {row["id"]: row["name"] for row in day.table("crates")}
    dumped = {
        (names[row["crate_id"]], row["num"]): (
            row["checksum"],
            row["yanked"] == "t",
            row["created_at"],
            row["rust_version"],
            row["links"],
        )
        for row in day.table("versions")
    }
    indexed = {
        (name, row["vers"]): (
            row["cksum"],
            row["yanked"],
            row["pubtime"].replace("T", " ").replace("Z", "+00"),
            row.get("rust_version", ""),
            row.get("links", ""),
        )
        for name, rows in day.crates.items()
        for row in rows
    }
    assert dumped == indexed


def test_the_dump_tells_the_dependencies_of_the_index(day: Day) -> None:
    names = {row["id"]: row["name"] for row in day.table("crates")}
    versions = {row["id"]: (names[row["crate_id"]], row["num"]) for row in day.table("versions")}
    dumped = sorted(
        (
            *versions[row["version_id"]],
            names[row["crate_id"]],
            row["explicit_name"],
            row["req"],
            KINDS[row["kind"]],
            row["optional"] == "t",
            row["target"],
        )
        for row in day.table("dependencies")
    )
    indexed = sorted(
        (
            name,
            row["vers"],
            meant(r),
            r["name"] if "package" in r else "",
            r["req"],
            r["kind"],
            r["optional"],
            r["target"] or "",
        )
        for name, rows in day.crates.items()
        for row in rows
        for r in row["deps"]
    )
    assert dumped == indexed
    assert len(dumped) > 5_000


def test_the_version_that_speaks_is_the_highest_stable_one_that_is_not_yanked(day: Day) -> None:
    names = {row["id"]: row["name"] for row in day.table("crates")}
    versions = {row["id"]: row["num"] for row in day.table("versions")}
    shown = {
        names[row["crate_id"]]: (versions[row["version_id"]], int(row["num_versions"]))
        for row in day.table("default_versions")
    }
    assert shown == {name: (speaking(rows), len(rows)) for name, rows in day.crates.items()}


def test_the_crate_file_of_that_version_is_served_with_its_checksum(day: Day) -> None:
    sizes = {row["checksum"]: row["crate_size"] for row in day.table("versions")}
    for name, rows in day.crates.items():
        version = speaking(rows)
        body = day.documents[crate_path(name, version)].body
        checksum = hashlib.sha256(body).hexdigest()
        assert [r["cksum"] for r in rows if r["vers"] == version] == [checksum]
        assert sizes[checksum] == str(len(body))
        with tarfile.open(fileobj=io.BytesIO(body), mode="r:gz") as archive:
            manifest = archive.extractfile(f"{name}-{version}/Cargo.toml")
            assert manifest is not None
            told = tomllib.loads(manifest.read().decode())
            assert told["package"] == {"name": name, "version": version}
            source = told.get("lib", {}).get("path", "src/lib.rs")
            assert archive.getmember(f"{name}-{version}/{source}").size == 0


def test_some_crates_name_their_library_and_some_leave_it_to_cargo(day: Day) -> None:
    named = set()
    for path, document in day.documents.items():
        if path.endswith(".crate"):
            with tarfile.open(fileobj=io.BytesIO(document.body), mode="r:gz") as archive:
                manifest = next(name for name in archive.getnames() if name.endswith(".toml"))
                content = archive.extractfile(manifest)
                assert content is not None
                named.add("lib" in tomllib.loads(content.read().decode()))
    assert named == {True, False}


def test_the_licence_of_the_version_that_speaks_is_told(day: Day) -> None:
    names = {row["id"]: row["name"] for row in day.table("crates")}
    licences = {
        (names[row["crate_id"]], row["num"]): row["license"] for row in day.table("versions")
    }
    assert all(licences[name, speaking(rows)] for name, rows in day.crates.items())


def test_links_lead_to_reserved_hosts_and_forges_only(day: Day) -> None:
    hosts = set()
    for document in day.documents.values():
        hosts |= set(re.findall(rb"https?://([^/\s\",]+)", document.body))
    for content in day.dump.values():
        hosts |= set(re.findall(rb"https?://([^/\s\",]+)", content))
    named = {host.decode() for host in hosts}
    assert {host for host in named if not host.endswith(".test")} == FORGES
    assert json.loads(day.documents["/cargo-index/config.json"].body) == {
        "dl": "https://static.crates.test/crates",
        "api": "https://crates.test",
    }


def test_nothing_is_published_after_the_dump(day: Day) -> None:
    (metadata,) = (content for name, content in day.dump.items() if name.endswith("metadata.json"))
    taken = json.loads(metadata)["timestamp"]
    assert max(row["pubtime"] for rows in day.crates.values() for row in rows) < taken


def test_the_second_day_brings_two_versions_and_takes_a_crate_away(first: Day, second: Day) -> None:
    gone = first.versions() - second.versions()
    assert second.versions() - first.versions() == {("libz-sys", "1.1.31"), ("log", "0.4.35")}
    assert {name for name, _ in gone} == {"either"}
    assert not any("either" in path for path in second.documents)
    assert [row["name"] for row in first.table("deleted_crates")] == []
    assert [row["name"] for row in second.table("deleted_crates")] == ["either"]


def test_nothing_requires_the_crate_that_goes(first: Day) -> None:
    assert "either" not in {meant(requirement) for _, requirement in first.requirements()}


def test_the_second_day_yanks_one_version(first: Day, second: Day) -> None:
    def yanked(day: Day) -> set[tuple[str, str]]:
        return {(n, row["vers"]) for n, rows in day.crates.items() for row in rows if row["yanked"]}

    assert yanked(second) - yanked(first) == {("lock_api", "0.3.0")}
    assert {name for name, _ in yanked(first) - yanked(second)} <= {"either"}


def test_everything_else_stays_as_it_was(first: Day, second: Day) -> None:
    changed = {
        path
        for path in first.documents.keys() & second.documents.keys()
        if first.documents[path].body != second.documents[path].body
    }
    assert changed == {DUMP, *map(index_path, ("libz-sys", "lock_api", "log"))}
    assert second.documents.keys() - first.documents.keys() == {
        crate_path("libz-sys", "1.1.31"),
        crate_path("log", "0.4.35"),
    }
    assert {path.split("/")[1] for path in first.dump} == {"metadata.json", "data"}
    assert first.dump.keys().isdisjoint(second.dump.keys()), "a folder of another time"


def test_identifiers_of_the_dump_stay(first: Day, second: Day) -> None:
    def numbers(day: Day, table: str, name: str) -> dict[str, str]:
        return {row["id"]: row[name] for row in day.table(table)}

    for table, name in (("crates", "name"), ("versions", "num")):
        before, after = numbers(first, table, name), numbers(second, table, name)
        assert all(after[key] == before[key] for key in before.keys() & after.keys())
