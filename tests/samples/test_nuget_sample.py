"""The NuGet sample is consistent, closed, and differs between its days as its README says."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from src.local_stack.replay import Document, SampleSource

SAMPLES = Path(__file__).parents[2] / "samples"
FOLDER = SAMPLES / "nuget"
HOST = "https://nuget.test"
HIVE = "/nuget/v3/registration5-gz-semver2/"
CATALOG = "/nuget/v3/catalog0/"
ALLOWED_HOSTS = {
    "nuget.test",
    "nuget-www.test",
    "github.com",
    "raw.github.com",
    "raw.githubusercontent.com",
}
Json = dict[str, Any]


class Day:
    """All documents of one day, and what they tell."""

    def __init__(self, number: int) -> None:
        documents = SampleSource(SAMPLES, lambda: number).documents(number)
        self.documents: dict[str, Document] = {
            path: document
            for path, document in documents.items()
            if path.startswith("/nuget/") and isinstance(document, Document)
        }
        self._leaves: dict[str, dict[str, Json]] = {}
        self.names = {
            path.removeprefix(HIVE).split("/")[0]
            for path in self.documents
            if path.startswith(HIVE)
        }

    def json(self, path: str) -> Json:
        loaded: Json = json.loads(self.documents[path].body)
        return loaded

    def changes(self) -> Iterator[tuple[str, Json]]:
        for page in self.json(f"{CATALOG}index.json")["items"]:
            path = local(page["@id"])
            for item in self.json(path)["items"]:
                yield path, item

    def pages(self, name: str) -> Iterator[Json]:
        for page in self.json(f"{HIVE}{name}/index.json")["items"]:
            yield page if "items" in page else self.json(local(page["@id"]))

    def leaves(self, name: str) -> dict[str, Json]:
        if name not in self._leaves:
            found = [leaf["catalogEntry"] for page in self.pages(name) for leaf in page["items"]]
            self._leaves[name] = {normal(entry["version"]): entry for entry in found}
            assert len(self._leaves[name]) == len(found), name
        return self._leaves[name]


def local(address: str) -> str:
    assert address.startswith(f"{HOST}/"), address
    return "/nuget" + address.removeprefix(HOST).partition("#")[0]


def normal(version: str) -> str:
    return version.partition("+")[0]


@pytest.fixture(scope="module")
def first() -> Day:
    return Day(1)


@pytest.fixture(scope="module")
def second() -> Day:
    return Day(2)


@pytest.fixture(params=[1, 2])
def day(request: pytest.FixtureRequest, first: Day, second: Day) -> Day:
    return first if request.param == 1 else second


def test_it_is_small_enough_for_the_tree() -> None:
    files = [file for file in FOLDER.rglob("*") if file.is_file()]
    assert len(files) < 40
    assert sum(file.stat().st_size for file in files) < 1_500_000


def test_it_holds_what_the_readme_says(first: Day, second: Day) -> None:
    assert (len(first.names), len(second.names)) == (81, 80)
    assert sum(len(first.leaves(name)) for name in first.names) == 1_391
    readme = (FOLDER / "README.md").read_text()
    assert "81 real packages with 1,393 versions" in readme
    bundle = (FOLDER / "day1" / "required.jsonl").read_text().splitlines()
    assert len(bundle) == 55


def test_no_address_leads_to_another_host(day: Day) -> None:
    for path, document in day.documents.items():
        for address in re.findall(rb"https?://[^\s\"\\]+", document.body):
            assert urlsplit(address.decode()).hostname in ALLOWED_HOSTS, (path, address)
        assert not re.search(rb"[\w.]+@[\w-]+\.[a-z]{2,}", document.body), path


def test_the_service_index_names_folders_that_are_there(day: Day) -> None:
    resources = day.json("/nuget/v3/index.json")["resources"]
    by_type = {entry["@type"]: entry["@id"] for entry in resources}
    assert local(by_type["Catalog/3.0.0"]) == f"{CATALOG}index.json"
    assert local(by_type["RegistrationsBaseUrl/3.6.0"]) == HIVE
    files = local(by_type["PackageBaseAddress/3.0.0"])
    assert sum(path.startswith(files) for path in day.documents) >= 9


def test_counts_and_times_of_the_catalog_agree(day: Day) -> None:
    index = day.json(f"{CATALOG}index.json")
    assert index["count"] == len(index["items"]) == 3
    for entry in index["items"]:
        page = day.json(local(entry["@id"]))
        assert page["count"] == entry["count"] == len(page["items"]) <= 550
        newest = max(item["commitTimeStamp"] for item in page["items"])
        assert page["commitTimeStamp"] == entry["commitTimeStamp"] == newest
    stamps = [item["commitTimeStamp"] for item in sorted_items(day)]
    assert stamps == sorted(stamps)
    assert index["commitTimeStamp"] == stamps[-1]


def sorted_items(day: Day) -> list[Json]:
    """Return the items page after page: later pages hold later items."""
    return [item for _, item in sorted(day.changes(), key=lambda found: found[0])]


def test_the_catalog_and_the_registrations_tell_the_same_versions(day: Day) -> None:
    state: dict[tuple[str, str], Json] = {}
    for item in sorted_items(day):
        state[item["nuget:id"].lower(), item["nuget:version"]] = item
    alive = {key for key, item in state.items() if item["@type"] == "nuget:PackageDetails"}
    assert alive == {(name, version) for name in day.names for version in day.leaves(name)}
    for name, version in alive:
        assert day.leaves(name)[version]["@id"] == state[name, version]["@id"]


def test_an_address_in_the_catalog_holds_the_second_of_its_commit(day: Day) -> None:
    for _, item in day.changes():
        digits = re.sub(r"[^\d]", "", item["commitTimeStamp"])[:14]
        folder = re.search(r"/data/([\d.]+)/", item["@id"])
        assert folder is not None
        assert folder[1].replace(".", "") == digits


def test_registrations_are_whole_and_later_than_their_commits(day: Day) -> None:
    for name in day.names:
        index = day.json(f"{HIVE}{name}/index.json")
        assert index["count"] == len(index["items"])
        pages = list(day.pages(name))
        for entry, page in zip(index["items"], pages, strict=True):
            assert page["count"] == entry["count"] == len(page["items"])
        leaves = day.leaves(name).values()
        assert all(entry["id"].lower() == name for entry in leaves)
        newest = max(re.sub(r".*/data/([\d.]+)/.*", r"\1", entry["@id"]) for entry in leaves)
        assert re.sub(r"\D", "", index["commitTimeStamp"])[:14] > newest.replace(".", "")


def test_a_large_package_has_its_pages_outside_the_index(day: Day) -> None:
    outside = [
        name
        for name in day.names
        if all("items" not in page for page in day.json(f"{HIVE}{name}/index.json")["items"])
    ]
    assert outside == ["serilog"]
    assert len(day.leaves("serilog")) == 528


def test_every_required_package_is_in_the_sample(first: Day) -> None:
    needs = 0
    for name in first.names:
        for entry in first.leaves(name).values():
            for group in entry.get("dependencyGroups", []):
                for dependency in group.get("dependencies", []):
                    needs += 1
                    assert dependency["id"].lower() in first.names, dependency
    assert needs > 400


def test_package_files_are_of_versions_that_are_there(day: Day) -> None:
    for path, document in day.documents.items():
        if path.endswith(".nupkg"):
            _, _, _, name, version, file = path.split("/")
            assert file == f"{name}.{version}.nupkg"
            assert version in {other.lower() for other in day.leaves(name)}
            with zipfile.ZipFile(io.BytesIO(document.body)) as archive:
                assert sum(entry.endswith(".nuspec") for entry in archive.namelist()) == 1


def test_catalog_documents_are_of_unlisted_versions(day: Day) -> None:
    served = {path for path in day.documents if path.startswith(f"{CATALOG}data/")}
    unlisted = {
        local(entry["@id"]): entry
        for name in day.names
        for entry in day.leaves(name).values()
        if not entry["listed"]
    }
    assert served
    assert served <= set(unlisted)
    for path in served:
        assert day.json(path)["id"] == unlisted[path]["id"]
        assert day.json(path)["created"][:4] != "1900"
        assert unlisted[path]["published"].startswith("1900")


def test_the_second_day_brings_what_the_readme_says(first: Day, second: Day) -> None:
    changed = {
        name
        for name in first.names
        if name not in second.names or first.leaves(name) != second.leaves(name)
    }
    platform, ogc = "microsoft.extensions.platformabstractions", "ogcapi.net.sqlserver"
    assert changed == {"castle.core", platform, ogc, "webgrease", "testupload.package"}
    castle = set(second.leaves("castle.core")) - set(first.leaves("castle.core"))
    assert castle == {"5.2.1", "0.0.1110"}
    assert not any("deprecation" in entry for entry in first.leaves(platform).values())
    assert all("deprecation" in entry for entry in second.leaves(platform).values())
    before, after = first.leaves(ogc)["0.3.0"], second.leaves(ogc)["0.3.0"]
    assert (before["listed"], after["listed"]) == (True, False)
    assert after["published"].startswith("1900")
    assert second.json(local(after["@id"]))["created"] == before["published"]
    gone = set(first.leaves("webgrease")) - set(second.leaves("webgrease"))
    assert gone == {"1.0.0"}
    assert "testupload.package" not in second.names


def test_the_second_day_only_adds_to_the_catalog(first: Day, second: Day) -> None:
    before = [item for _, item in first.changes()]
    after = [item for _, item in second.changes()]
    added = [item for item in after if item not in before]
    assert all(item in after for item in before)
    head = first.json(f"{CATALOG}index.json")["commitTimeStamp"]
    assert all(item["commitTimeStamp"] > head for item in added)
    kinds = [(item["nuget:id"], item["@type"].partition(":")[2]) for item in added]
    assert kinds.count(("Castle.Core", "PackageDetails")) == 2
    assert kinds.count(("WebGrease", "PackageDelete")) == 1
    assert kinds.count(("TestUpload.Package", "PackageDelete")) == 2
    assert len(added) == 2 + 5 + 1 + 1 + 2
