"""RubyGems' sample is consistent, hashed, dated, and differs between its days as its README says."""

import base64
import hashlib
import io
import json
import re
import tarfile
from pathlib import Path
from typing import Any

import pytest

from src.local_stack.replay import Document, SampleSource

SAMPLES = Path(__file__).parents[2] / "samples"
FOLDER = SAMPLES / "rubygems"
FROM_LOCK_FILES = frozenset(
    [
        "addressable",
        "builder",
        "json",
        "mini_portile",
        "mini_portile2",
        "minitest",
        "pkg-config",
        "rack",
        "rake",
        "rspec-support",
        "tzinfo",
        "unf_ext",
    ]
)
TEXT, JSON = "text/plain; charset=utf-8", "application/json; charset=utf-8"


class Day:
    """All documents of one day, and what they tell, read in the plainest way."""

    def __init__(self, number: int) -> None:
        documents = SampleSource(SAMPLES, lambda: number).documents(number)
        self.documents = {
            path: document
            for path, document in documents.items()
            if path.startswith("/rubygems/") and isinstance(document, Document)
        }
        self.index = self.text("/rubygems/versions")
        self.states: dict[str, tuple[set[str], str]] = {}
        for line in self.index.split("---\n", 1)[1].splitlines():
            name, versions, md5 = line.split(" ")
            offered = set(self.states.get(name, (set(), ""))[0])
            for version in versions.split(","):
                if version.startswith("-"):
                    offered.remove(version[1:])
                else:
                    assert version not in offered
                    offered.add(version)
            self.states[name] = (offered, md5)
        self.lines = {
            (path.split("/")[3], line.split(" ")[0]): line
            for path in self.documents
            if path.startswith("/rubygems/info/")
            for line in self.text(path).splitlines()[1:]
        }

    def text(self, path: str) -> str:
        return self.documents[path].body.decode()

    def json(self, path: str) -> Any:
        return json.loads(self.documents[path].body)

    def api(self, kind: str) -> dict[str, Any]:
        return {
            match[1]: self.json(path)
            for path in self.documents
            if (match := re.fullmatch(rf"/rubygems/api/v1/{kind}/(.+)\.json", path))
        }

    def required(self) -> set[tuple[str, str]]:
        return {
            (name, wanted.split(":")[0])
            for (name, _), line in self.lines.items()
            for wanted in line.split(" ", 1)[1].split("|")[0].split(",")
            if wanted
        }


@pytest.fixture(scope="module")
def first() -> Day:
    return Day(1)


@pytest.fixture(scope="module")
def second() -> Day:
    return Day(2)


@pytest.fixture(params=(1, 2))
def day(request: pytest.FixtureRequest, first: Day, second: Day) -> Day:
    return first if request.param == 1 else second


def test_it_is_small_enough_for_the_tree() -> None:
    assert sum(file.stat().st_size for file in FOLDER.rglob("*")) < 1_500_000


def test_it_holds_as_many_gems_and_versions_as_told(first: Day) -> None:
    assert len(first.states) == 67
    assert len(first.lines) == 3_248


def test_the_versions_file_agrees_with_every_info_document(day: Day) -> None:
    infos = {path.split("/")[3] for path in day.documents if path.startswith("/rubygems/info/")}
    assert set(day.states) == infos
    for name, (offered, md5) in day.states.items():
        body = day.documents[f"/rubygems/info/{name}"].body
        assert hashlib.md5(body).hexdigest() == md5, name
        assert {version for gem, version in day.lines if gem == name} == offered, name


def test_every_document_of_the_compact_index_has_its_digest(day: Day) -> None:
    for path, document in day.documents.items():
        if path.startswith("/rubygems/info/") or path == "/rubygems/versions":
            digest = base64.b64encode(hashlib.sha256(document.body).digest()).decode()
            assert document.headers["repr-digest"] == f'sha-256="{digest}"'
            assert document.content_type == TEXT
        elif path.endswith(".json"):
            assert document.content_type == JSON


def test_no_checksum_is_left_open_and_served_gems_have_theirs(day: Day) -> None:
    served = 0
    for (name, version), line in day.lines.items():
        checksum = re.search(r"\|checksum:([0-9a-f]+)(,|$)", line)
        assert (checksum is None) == (name in FROM_LOCK_FILES), line
        gem = day.documents.get(f"/rubygems/gems/{name}-{version}.gem")
        if gem is not None:
            assert checksum is not None
            served += 1
            assert hashlib.sha256(gem.body).hexdigest() == checksum[1]
            with tarfile.open(fileobj=io.BytesIO(gem.body)) as archive:
                assert archive.getnames() == ["metadata.gz", "data.tar.gz"]
    files = [path for path in day.documents if path.endswith(".gem")]
    assert served == len(files) >= 31


def test_gems_depend_on_each_other_and_none_is_missing(day: Day) -> None:
    edges = day.required()
    assert {name for _, name in edges} <= set(day.states)
    assert len(edges) >= 40
    assert {
        ("activemodel", "activesupport"),
        ("activesupport", "i18n"),
        ("virtus", "coercible"),
    } <= edges


def test_the_api_speaks_of_versions_that_are_there(first: Day, second: Day) -> None:
    for day in (first, second):
        for name, entries in day.api("versions").items():
            for entry in entries:
                platform = "" if entry["platform"] == "ruby" else f"-{entry['platform']}"
                version = f"{entry['number']}{platform}"
                assert (name, version) in day.lines or (name, version) == ("i18n", "1.8.3")
                assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", entry["created_at"])
        for name, gem in day.api("gems").items():
            line = day.lines[name, gem["version"]]
            assert gem["name"] == name
            assert gem.get("sha", "") in line
            wanted = ",".join(
                f"{need['name']}:{need['requirements'].replace(', ', '&')}"
                for need in gem["dependencies"]["runtime"]
            )
            assert line.startswith(f"{gem['version']} {wanted}|")
    assert len(first.api("gems")) == len(second.api("gems")) == 7


def test_dates_in_both_documents_are_the_same_moment(day: Day) -> None:
    for entry in day.api("versions")["nokogiri"]:
        platform = "" if entry["platform"] == "ruby" else f"-{entry['platform']}"
        line = day.lines["nokogiri", f"{entry['number']}{platform}"]
        assert line.endswith(f",created_at:{entry['created_at'][:19]}Z")


def test_addresses_lead_to_forges_only(day: Day) -> None:
    for path, document in day.documents.items():
        if not path.endswith(".gem"):
            for host in re.findall(rb"https?://([^/\"]+)", document.body):
                assert host == b"github.com", path


def test_the_second_day_appends_to_the_versions_file(first: Day, second: Day) -> None:
    assert second.index.startswith(first.index)
    appended = second.index.removeprefix(first.index).splitlines()
    assert [line.rsplit(" ", 1)[0] for line in appended] == [
        "nokogiri 1.13.6",
        "rubystats 0.3.0",
        "i18n -1.8.3",
        (
            "spruz -0.1.0,-0.1.1,-0.1.2,-0.1.3,-0.1.5,-0.2.0,-0.2.1,-0.2.2,-0.2.5,-0.2.6,-0.2.7,-0.2.8,"
            "-0.2.9,-0.2.10,-0.2.11,-0.2.12,-0.2.13"
        ),
    ]


def test_the_second_day_changes_what_it_tells_and_nothing_else(first: Day, second: Day) -> None:
    new = second.lines.keys() - first.lines.keys()
    gone = first.lines.keys() - second.lines.keys()
    assert new == {("nokogiri", "1.13.6"), ("rubystats", "0.3.0")}
    assert {version for name, version in gone if name == "i18n"} == {"1.8.3"}
    assert {name for name, _ in gone} == {"i18n", "spruz"}
    assert second.text("/rubygems/info/spruz") == "---\n"
    assert all(second.lines[key] == first.lines[key] for key in first.lines.keys() - gone)
    touched = {"nokogiri", "rubystats", "i18n", "spruz"}
    for path, document in second.documents.items():
        if path != "/rubygems/versions" and not any(name in path for name in touched):
            assert document.body == first.documents[path].body


def test_the_new_release_of_rubystats_has_one_development_dependency_more(
    first: Day, second: Day
) -> None:
    told = [
        [need["name"] for need in day.api("gems")["rubystats"]["dependencies"]["development"]]
        for day in (first, second)
    ]
    assert told == [["hoe"], ["hoe", "minitest"]]
