"""The npm sample is consistent, closed, and differs between its days as its README says."""

import base64
import hashlib
import io
import json
import re
import tarfile
from pathlib import Path
from typing import Any

import httpx
import pytest

from src.local_stack.replay import Document, ReplayServer, SampleSource

SAMPLE = Path(__file__).parents[2] / "samples" / "npm"
ROOT = "/npm-replicate/"
ALL_DOCS = "/npm-replicate/registry/_all_docs"
CHANGES = "/npm-replicate/registry/_changes"
TARBALLS = "https://npm.test/"
OUTSIDE = {"graceful-fs", "@pkgjs/parseargs"}
CHANGED = {"@isaacs/cliui", "brace-expansion", "inflight", "wrappy"}
NEW = {
    ("@isaacs/cliui", "9.0.0"),
    ("brace-expansion", "1.1.22"),
    ("brace-expansion", "2.1.8"),
    ("brace-expansion", "3.0.10"),
    ("brace-expansion", "5.0.13"),
}
Json = dict[str, Any]


class Day:
    """All documents of one day, and what they tell."""

    def __init__(self, source: SampleSource) -> None:
        self.source = source
        self.rows: list[Json] = self.json(ALL_DOCS)["rows"]
        self.changes: list[Json] = self.json(CHANGES)["results"]
        self.packuments: dict[str, Json] = {
            row["id"]: self.json(f"/npm/{row['id']}") for row in self.rows
        }

    def document(self, path: str, query: str = "") -> Document:
        found = self.source.document(path, query)
        assert found is not None, path
        return found

    def json(self, path: str, query: str = "") -> Json:
        loaded: Json = json.loads(self.document(path, query).body)
        return loaded

    def versions(self) -> dict[tuple[str, str], Json]:
        return {
            (name, version): manifest
            for name, packument in self.packuments.items()
            for version, manifest in packument["versions"].items()
        }


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> tuple[Day, Day]:
    folder = tmp_path_factory.mktemp("samples")
    (folder / "npm").symlink_to(SAMPLE)
    return Day(SampleSource(folder, lambda: 1)), Day(SampleSource(folder, lambda: 2))


@pytest.fixture
def first(days: tuple[Day, Day]) -> Day:
    return days[0]


@pytest.fixture
def second(days: tuple[Day, Day]) -> Day:
    return days[1]


@pytest.fixture(params=(0, 1), ids=("first", "second"))
def day(request: pytest.FixtureRequest, days: tuple[Day, Day]) -> Day:
    chosen: Day = days[request.param]
    return chosen


def dist_path(manifest: Json) -> str:
    return "/npm/" + str(manifest["dist"]["tarball"]).removeprefix(TARBALLS)


def precedence(version: str) -> tuple[list[int], bool]:
    return [int(part) for part in version.partition("-")[0].split(".")], "-" not in version


def test_it_is_small_enough_for_the_tree() -> None:
    assert sum(file.stat().st_size for file in SAMPLE.rglob("*.jsonl")) < 1_500_000


def test_no_two_bundles_differ_by_capitals_only() -> None:
    names = [str(file.relative_to(SAMPLE)) for file in SAMPLE.rglob("*")]
    assert len({name.lower() for name in names}) == len(names)


def test_it_holds_as_many_packages_and_versions_as_its_readme_says(first: Day) -> None:
    readme = (SAMPLE / "README.md").read_text("utf-8")
    assert f"\n{len(first.packuments)} real packages" in readme
    assert f", {len(first.versions()):,} versions," in readme


def test_listing_feed_and_packuments_tell_the_same_revisions(day: Day) -> None:
    revisions = {name: packument["_rev"] for name, packument in day.packuments.items()}
    assert {row["id"]: row["value"]["rev"] for row in day.rows} == revisions
    fed = {row["id"]: row["changes"][0]["rev"] for row in day.changes if not row.get("deleted")}
    assert fed == revisions
    assert day.json(ROOT) == day.json("/npm-replicate")
    assert day.json(ROOT)["update_seq"] == day.changes[-1]["seq"]
    assert day.json(ROOT)["doc_count"] == len(revisions)


def test_a_scope_may_be_asked_for_however_it_is_encoded(first: Day) -> None:
    paths = ["/npm/@types/ms", "/npm/@types%2fms", "/npm/%40types%2Fms"]
    with ReplayServer(first.source) as server:
        answers = [httpx.get(server.url + path) for path in paths]
        pages = httpx.get(f"{server.url}{ALL_DOCS}?limit=1&startkey=%22%40types%2Fms%22")
    assert [answer.json() for answer in answers] == [first.packuments["@types/ms"]] * 3
    assert [row["id"] for row in pages.json()["rows"]] == ["@types/ms"]


def test_packuments_agree_with_themselves(day: Day) -> None:
    for name, packument in day.packuments.items():
        assert (packument["_id"], packument["name"]) == (name, name)
        assert packument["dist-tags"]["latest"] in packument["versions"]
        for version, manifest in packument["versions"].items():
            assert (manifest["name"], manifest["version"]) == (name, version)
            assert manifest["_id"] == f"{name}@{version}"
            file = f"{name.split('/')[-1]}-{version}.tgz"
            assert manifest["dist"]["tarball"] == f"{TARBALLS}{name}/-/{file}"


def test_the_newest_version_is_the_highest_that_is_no_prerelease(day: Day) -> None:
    for name, packument in day.packuments.items():
        stable = [version for version in packument["versions"] if "-" not in version]
        assert packument["dist-tags"]["latest"] == max(stable, key=precedence), name


def test_dates_are_dates_and_belong_to_versions(day: Day) -> None:
    for name, packument in day.packuments.items():
        dates = packument["time"]
        assert all(
            re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", date)
            for date in dates.values()
        )
        left = dates.keys() - packument["versions"].keys() - {"created", "modified"}
        assert left <= {"1.0.1"} if name == "wrappy" else not left, name


def test_as_many_versions_are_dated_as_its_readme_says(first: Day) -> None:
    dated = sum(
        len(packument["time"].keys() & packument["versions"].keys())
        for packument in first.packuments.values()
    )
    assert f"for those {dated} versions only" in (SAMPLE / "README.md").read_text("utf-8")


def test_back_ports_came_later_than_higher_versions(first: Day) -> None:
    time = first.packuments["mkdirp"]["time"]
    assert time["1.0.3"] < time["0.5.2"] < time["1.0.4"] < time["0.5.5"]
    time = first.packuments["minimist"]["time"]
    assert time["1.2.4"] < time["0.2.1"] < time["1.2.5"]


def test_tarballs_have_the_hashes_that_the_packuments_tell(day: Day) -> None:
    served = 0
    for name, packument in day.packuments.items():
        manifest = packument["versions"][packument["dist-tags"]["latest"]]
        document = day.source.document(dist_path(manifest))
        if document is None:
            continue
        served += 1
        assert (
            hashlib.sha1(document.body, usedforsecurity=False).hexdigest()
            == (manifest["dist"]["shasum"])
        )
        digest = base64.b64encode(hashlib.sha512(document.body).digest()).decode()
        assert manifest["dist"]["integrity"] == f"sha512-{digest}"
        with tarfile.open(fileobj=io.BytesIO(document.body)) as archive:
            told = archive.extractfile("package/package.json")
            assert told is not None
            assert json.load(told)["name"] == name
            assert len(archive.getnames()) >= 2
    assert served >= 40


def test_whatever_an_install_brings_in_is_in_the_sample(second: Day) -> None:
    missing, unresolved = set(), set()
    for (name, version), manifest in second.versions().items():
        needs = manifest.get("dependencies", {}) | manifest.get("peerDependencies", {})
        for alias, value in (needs | manifest.get("optionalDependencies", {})).items():
            required = value.removeprefix("npm:").rpartition("@")[0] if "npm:" in value else alias
            if "/" in value and "npm:" not in value:
                unresolved.add((name, version, value))
            elif required not in second.packuments:
                missing.add(required)
    assert missing == OUTSIDE
    assert {(name, version) for name, version, _ in unresolved} == {
        ("jackspeak", version) for version in ("2.1.2", "2.1.3", "2.1.4")
    }


def test_packages_depend_on_each_other(day: Day) -> None:
    edges = {
        (name, required)
        for (name, _), manifest in day.versions().items()
        for required in manifest.get("dependencies", {})
        if required in day.packuments
    }
    assert len(edges) >= 45
    assert {("debug", "ms"), ("chalk", "ansi-styles"), ("@types/debug", "@types/ms")} <= edges


def test_it_holds_what_is_awkward(first: Day) -> None:
    versions = first.versions()
    cliui = versions["@isaacs/cliui", "8.0.2"]["dependencies"]
    assert cliui["string-width-cjs"] == "npm:string-width@^4.2.0"
    assert versions["fdir", "6.5.0"]["peerDependenciesMeta"] == {"picomatch": {"optional": True}}
    assert versions["acorn-jsx", "5.3.2"]["peerDependencies"]["acorn"].startswith("^6.0.0")
    assert versions["jsonfile", "6.1.0"]["optionalDependencies"] == {"graceful-fs": "^4.1.6"}
    assert {"JSONStream", "jsonstream"} <= first.packuments.keys()
    deprecated = {key for key, manifest in versions.items() if "deprecated" in manifest}
    assert deprecated == {("chalk", "1.1.2"), ("chalk", "2.0.1")}


def test_addresses_lead_to_reserved_hosts_and_forges_only() -> None:
    for file in SAMPLE.rglob("*.jsonl"):
        hosts = set(re.findall(r"://(?:\w+@)?([\w.-]+)", file.read_text("utf-8")))
        assert hosts <= {"npm.test", "github.com", "www.github.com"}, file.name


def test_no_prose_and_nobody_is_in_it(second: Day) -> None:
    for packument in second.packuments.values():
        for document in (packument, *packument["versions"].values()):
            assert not document.keys() & {"readme", "description", "keywords", "author"}
            assert not document.keys() & {"maintainers", "contributors", "_npmUser"}


def test_the_second_day_moves_only_what_it_changes(first: Day, second: Day) -> None:
    moved = {row["id"] for row in second.changes if row not in first.changes}
    assert moved == CHANGED | {"jsonstream"}
    head = first.json(ROOT)["update_seq"]
    assert second.json(CHANGES, f"since={head}")["results"] == [
        row for row in second.changes if row["id"] in moved
    ]
    for name, packument in second.packuments.items():
        changed = packument != first.packuments[name]
        assert changed == (name in CHANGED), name
        assert changed == (packument["_rev"] != first.packuments[name]["_rev"]), name
        assert changed == (packument["time"] != first.packuments[name]["time"]), name


def test_the_second_day_adds_deprecates_and_removes_as_told(first: Day, second: Day) -> None:
    before, after = first.versions(), second.versions()
    assert after.keys() - before.keys() == NEW
    assert before.keys() - after.keys() == {("wrappy", "1.0.1"), ("jsonstream", "1.0.3")}
    assert "1.0.1" in second.packuments["wrappy"]["time"]
    newly = {key for key in before.keys() & after.keys() if before[key] != after[key]}
    assert newly == {("inflight", version) for version in first.packuments["inflight"]["versions"]}
    assert all(after[key]["deprecated"].startswith("This module is not") for key in newly)


def test_the_package_that_is_gone_has_no_document_left(first: Day, second: Day) -> None:
    gone = [row for row in second.changes if row.get("deleted")]
    assert [row["id"] for row in gone] == ["jsonstream"]
    assert "jsonstream" not in second.packuments
    assert second.source.document("/npm/jsonstream") is None
    assert first.source.document("/npm/jsonstream") is not None
    assert second.source.document("/npm/JSONStream") is not None
