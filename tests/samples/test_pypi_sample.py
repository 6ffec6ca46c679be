"""The sample registry is consistent, closed, dated, and differs between its days as its README says."""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from src.local_stack.replay import Document, SampleSource

SAMPLES = Path(__file__).parents[2] / "samples"
SIMPLE = "application/vnd.pypi.simple.v1+json"
FILES = "https://files.pypi.test"
DAYS = (1, 2)
Json = dict[str, Any]


class Day:
    """All documents of one day, and what they tell."""

    def __init__(self, number: int) -> None:
        self.documents = {
            path: document
            for path, document in SampleSource(SAMPLES, lambda: number).documents(number).items()
            if path.startswith("/pypi") and isinstance(document, Document)
        }
        self.index: Json = self.json("/pypi/simple/")
        self.serials: dict[str, int] = {
            str(canonicalize_name(project["name"])): project["_last-serial"]
            for project in self.index["projects"]
        }
        self.pages = {name: self.json(f"/pypi/simple/{name}/") for name in self.serials}

    def json(self, path: str) -> Json:
        loaded: Json = json.loads(self.documents[path].body)
        return loaded

    def files(self) -> Iterator[tuple[str, Json]]:
        for name, page in self.pages.items():
            for file in page["files"]:
                yield name, file

    def newest(self, name: str) -> str:
        version: str = self.json(f"/pypi/pypi/{name}/json")["info"]["version"]
        return version

    def requirements(self) -> Iterator[tuple[str, str, Requirement]]:
        for path in self.documents:
            if path.endswith(".metadata"):
                head = HeaderParser().parsestr(self.documents[path].body.decode())
                for text in head.get_all("Requires-Dist") or []:
                    yield canonicalize_name(head["Name"]), head["Version"], Requirement(text)


@pytest.fixture(scope="module")
def first() -> Day:
    return Day(1)


@pytest.fixture(scope="module")
def second() -> Day:
    return Day(2)


@pytest.fixture(params=DAYS)
def day(request: pytest.FixtureRequest, first: Day, second: Day) -> Day:
    return first if request.param == 1 else second


def path_of(file: Json) -> str:
    return "/pypi-files" + str(file["url"]).removeprefix(FILES)


def version_of(file: Json, page: Json) -> str:
    """Return the version of the page that a file's name holds."""
    for version in page["versions"]:
        end = r"(-(cp|py|pp|\d)|\.(tar|tgz|zip|egg|win))"
        if re.search(rf"-{re.escape(version)}{end}", file["filename"]):
            return str(version)
    raise AssertionError(file["filename"])


def test_it_is_small_enough_for_the_tree() -> None:
    files = [file for file in (SAMPLES / "pypi").rglob("*") if file.is_file()]
    assert len(files) < 80
    assert sum(file.stat().st_size for file in files) < 2_500_000


def test_it_holds_enough_packages_with_their_history(day: Day) -> None:
    assert len(day.pages) >= 25
    assert sum(len(page["versions"]) for page in day.pages.values()) > 2_000


def test_each_document_is_named_and_typed_as_its_path_says(day: Day) -> None:
    for path, document in day.documents.items():
        if path.startswith("/pypi/simple/"):
            assert document.content_type == SIMPLE, path
        elif path.startswith("/pypi/pypi/"):
            _, _, _, name, *version, last = path.split("/")
            info = day.json(path)["info"]
            assert (document.content_type, last) == ("application/json", "json"), path
            assert (canonicalize_name(info["name"]), [info["version"]]) == (
                name,
                version or [day.newest(name)],
            ), path
        else:
            assert path.startswith("/pypi-files/packages/"), path


def test_pages_and_index_name_the_same_projects(day: Day) -> None:
    pages = {path.split("/")[3] for path in day.documents if path.startswith("/pypi/simple/")}
    documents = {
        path.split("/")[3] for path in day.documents if re.fullmatch("/pypi/pypi/[^/]+/json", path)
    }
    assert pages - {""} == documents == set(day.serials)
    assert all(page["name"] == name for name, page in day.pages.items())


def test_some_names_of_the_index_are_not_canonical(day: Day) -> None:
    names = {project["name"] for project in day.index["projects"]}
    assert {"Jinja2", "MarkupSafe", "typing_extensions"} <= names


def test_serials_agree_wherever_they_stand(day: Day) -> None:
    assert day.index["meta"]["_last-serial"] >= max(day.serials.values())
    for name, serial in day.serials.items():
        page, document = f"/pypi/simple/{name}/", f"/pypi/pypi/{name}/json"
        assert day.json(page)["meta"]["_last-serial"] == serial
        assert day.json(document)["last_serial"] == serial
        for path in (page, document):
            assert day.documents[path].headers["X-PyPI-Last-Serial"] == str(serial)
        for path in day.documents:
            if re.fullmatch(f"/pypi/pypi/{re.escape(name)}/[^/]+/json", path):
                assert day.json(path)["last_serial"] == serial, path


def test_every_version_has_a_file_with_its_date(day: Day) -> None:
    for name, page in day.pages.items():
        dated = {version_of(file, page) for file in page["files"]}
        assert dated == set(page["versions"]), name
        assert len(page["versions"]) == len(set(page["versions"]))
        for file in page["files"]:
            assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", file["upload-time"])


def test_every_hash_is_a_sha256(day: Day) -> None:
    for _, file in day.files():
        assert re.fullmatch("[0-9a-f]{64}", file["hashes"]["sha256"])


def test_metadata_documents_have_the_hash_that_the_page_tells(day: Day) -> None:
    told = 0
    for name, file in day.files():
        document = day.documents.get(f"{path_of(file)}.metadata")
        assert (document is not None) == bool(file["core-metadata"]), file["filename"]
        if document is not None:
            told += 1
            assert hashlib.sha256(document.body).hexdigest() == file["core-metadata"]["sha256"]
            head = HeaderParser().parsestr(document.body.decode())
            assert canonicalize_name(head["Name"]) == name
            assert Version(head["Version"]) == Version(file["filename"].split("-")[1])
            pythons = (head["Requires-Python"], file["requires-python"])
            assert len({SpecifierSet(text or "") for text in pythons}) == 1
    assert told >= 125


def test_a_version_has_either_metadata_or_a_version_document_that_tells_nothing(day: Day) -> None:
    for name, page in day.pages.items():
        told = {version_of(file, page) for file in page["files"] if file["core-metadata"]}
        for version in page["versions"]:
            path = f"/pypi/pypi/{name}/{version}/json"
            assert (path in day.documents) == (version not in told), path
            if path in day.documents:
                assert day.json(path)["info"]["requires_dist"] is None


def test_the_newest_wheel_is_served_with_the_hash_and_size_of_the_page(day: Day) -> None:
    for name, page in day.pages.items():
        newest = day.newest(name)
        wheels = [
            file
            for file in page["files"]
            if file["filename"].endswith(".whl") and version_of(file, page) == newest
        ]
        assert len(wheels) == 1, name
        body = day.documents[path_of(wheels[0])].body
        assert hashlib.sha256(body).hexdigest() == wheels[0]["hashes"]["sha256"]
        assert len(body) == wheels[0]["size"]
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            assert archive.testzip() is None
            assert any(entry.endswith((".py", ".so")) for entry in archive.namelist())


def test_the_newest_version_is_the_highest_that_is_no_prerelease(day: Day) -> None:
    def order(version: str) -> Version:
        try:
            return Version(version)
        except InvalidVersion:
            return Version("0.dev0")

    for name, page in day.pages.items():
        stable = [version for version in page["versions"] if not order(version).is_prerelease]
        assert max(stable, key=order) == day.newest(name)


def test_package_documents_repeat_the_requirements_of_the_newest_metadata(day: Day) -> None:
    metadata: dict[tuple[str, str], set[str]] = {}
    for name, version, requirement in day.requirements():
        metadata.setdefault((name, version), set()).add(str(requirement))
    for name in day.pages:
        info = day.json(f"/pypi/pypi/{name}/json")["info"]
        told = {str(Requirement(text)) for text in info["requires_dist"] or []}
        assert told == metadata.get((name, info["version"]), set()), name


def test_whatever_is_required_without_an_extra_is_in_the_sample(first: Day) -> None:
    missing = {
        (name, version, requirement.name)
        for name, version, requirement in first.requirements()
        if canonicalize_name(requirement.name) not in first.pages
        and not (requirement.marker and "extra" in str(requirement.marker))
    }
    assert missing == set()


def test_packages_depend_on_each_other(day: Day) -> None:
    edges = {
        (name, canonicalize_name(requirement.name))
        for name, _, requirement in day.requirements()
        if not (requirement.marker and "extra" in str(requirement.marker))
    }
    assert len(edges) >= 40
    assert {("requests", "urllib3"), ("httpx", "httpcore"), ("rich", "markdown-it-py")} <= edges


def test_several_older_versions_tell_their_requirements(day: Day) -> None:
    told = {
        name: sum(bool(file["core-metadata"]) for file in page["files"])
        for name, page in day.pages.items()
    }
    assert min(told.values()) >= 1
    assert sum(count >= 2 for count in told.values()) >= 40
    assert sum(count >= 4 for count in told.values()) >= 10


def test_links_lead_to_reserved_hosts_only(day: Day) -> None:
    for _, file in day.files():
        assert file["url"].startswith(f"{FILES}/packages/")
    hosts = ("pypi" + ".org", "python" + "hosted")
    for path, document in day.documents.items():
        assert not any(host.encode() in document.body for host in hosts), path


def test_yanked_versions_keep_their_reason(second: Day) -> None:
    yanked = {
        (name, version_of(file, second.pages[name])): file["yanked"]
        for name, file in second.files()
        if file["yanked"]
    }
    assert len(yanked) > 15
    assert yanked["click", "8.2.2"].startswith("Unintended change in behavior")
    assert yanked["mdurl", "0.0.1"] is True


def test_it_holds_versions_that_are_none_by_pep_440(day: Day) -> None:
    legacy = []
    for name, page in day.pages.items():
        for version in page["versions"]:
            try:
                Version(version)
            except InvalidVersion:
                legacy.append((name, version))
    assert ("pytz", "2004d") in legacy


def test_the_second_day_moves_only_what_it_changes(first: Day, second: Day) -> None:
    moved = {name for name in second.serials if second.serials[name] != first.serials[name]}
    changed = {name for name in second.pages if second.pages[name] != first.pages[name]}
    assert moved == changed == {"certifi", "urllib3", "python-dateutil", "click", "sniffio"}
    position = first.index["meta"]["_last-serial"]
    assert all(second.serials[name] > position for name in moved)
    assert second.index["meta"]["_last-serial"] > max(second.serials.values())
    for path, document in second.documents.items():
        if path.split("/")[3] in set(second.serials) - moved:
            assert document.body == first.documents[path].body


def test_the_second_day_adds_yanks_and_removes_as_told(first: Day, second: Day) -> None:
    def versions(day: Day) -> set[tuple[str, str]]:
        return {(name, version) for name, page in day.pages.items() for version in page["versions"]}

    gone = versions(first) - versions(second)
    assert versions(second) - versions(first) == {
        ("certifi", "2026.10.18"),
        ("urllib3", "2.8.0"),
        ("python-dateutil", "4.0.0"),
    }
    assert {pair for pair in gone if pair[0] != "toposort"} == {("sniffio", "1.0.0")}
    assert set(first.serials) - set(second.serials) == {"toposort"}
    assert not any("/toposort/" in path for path in second.documents)
    before = [file["yanked"] for name, file in first.files() if "click-8.2.2" in file["filename"]]
    assert before == [False]


def test_the_new_release_of_dateutil_no_longer_requires_six(first: Day, second: Day) -> None:
    def required(day: Day) -> list[str]:
        info = day.json("/pypi/pypi/python-dateutil/json")["info"]
        return [info["version"], *sorted(info["requires_dist"])]

    assert required(first) == ["3.0.0", "six>=1.6", "tzdata"]
    assert required(second) == ["4.0.0", "tzdata"]
