"""The sample of Maven is consistent, closed, and differs between its days as its README says."""

import io
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from src.local_stack.replay import Document, SampleSource
from src.utils.maven.index import IndexReader

MAVEN = Path(__file__).parents[2] / "samples" / "maven"
INDEX = "/maven/.index/nexus-maven-repository-index"
OUTSIDE = {"org.codehaus.mojo:animal-sniffer-annotations", "jakarta.inject:jakarta.inject-api"}
"""Required by a version each, and not in the sample."""

WITHOUT_POMS = {
    "com.google.guava:guava": 156,
    "commons-collections:commons-collections": 11,
    "commons-io:commons-io": 27,
    "junit:junit": 24,
    "org.hamcrest:hamcrest-core": 7,
}
FORGES = {"github.com", "bitbucket.org"}
Names = dict[str, set[str]]


class Day:
    """All documents of one day, read by the plainest means."""

    def __init__(self, folder: Path, number: int) -> None:
        documents = SampleSource(folder, lambda: number).documents(number)
        self.documents = {path: doc for path, doc in documents.items() if isinstance(doc, Document)}
        assert len(self.documents) == len(documents)
        self.listed: Names = {}
        self.poms: dict[tuple[str, str], ET.Element] = {}
        for path, document in self.documents.items():
            if path.endswith("/maven-metadata.xml"):
                root = ET.fromstring(document.body)
                name = f"{root.findtext('groupId')}:{root.findtext('artifactId')}"
                assert path == f"{folder_of(name)}/maven-metadata.xml"
                versions = [entry.text or "" for entry in root.iter("version")]
                assert len(set(versions)) == len(versions)
                self.listed[name] = set(versions)
            elif path.endswith(".pom"):
                group, artifact, version, file = parts_of(path)
                assert file == f"{artifact}-{version}.pom"
                self.poms[f"{group}:{artifact}", version] = ET.fromstring(document.body)

    def whole(self) -> Names:
        """Return what the whole index names."""
        return self.index(".gz", {})

    def index(self, rest: str, before: Names) -> Names:
        """Return what is there once an index or chunk has been read."""
        found = {name: set(versions) for name, versions in before.items()}
        reader = IndexReader(io.BytesIO(self.documents[INDEX + rest].body), rest)
        while (changes := reader.read(100)) is not None:
            for change in changes:
                versions = found.setdefault(change.name, set())
                if change.modified is None:
                    versions.remove(change.version)
                else:
                    versions.add(change.version)
        assert reader.refused == 0
        return {name: versions for name, versions in found.items() if versions}

    def properties(self) -> dict[str, str]:
        lines = self.documents[f"{INDEX}.properties"].body.decode().splitlines()
        return dict(line.split("=", 1) for line in lines if not line.startswith("#"))


def folder_of(name: str) -> str:
    group, artifact = name.split(":")
    return f"/maven/{group.replace('.', '/')}/{artifact}"


def parts_of(path: str) -> tuple[str, str, str, str]:
    *group, artifact, version, file = path.removeprefix("/maven/").split("/")
    return ".".join(group), artifact, version, file


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> tuple[Day, Day]:
    folder = tmp_path_factory.mktemp("samples")
    (folder / "maven").symlink_to(MAVEN)
    return Day(folder, 1), Day(folder, 2)


@pytest.fixture(params=(0, 1), ids=("first", "second"))
def day(request: pytest.FixtureRequest, days: tuple[Day, Day]) -> Day:
    found: Day = days[request.param]
    return found


def test_it_is_small_enough_for_the_tree() -> None:
    assert sum(file.stat().st_size for file in MAVEN.rglob("*") if file.is_file()) < 1_000_000


def test_it_holds_enough_packages_with_their_history(day: Day) -> None:
    assert len(day.listed) >= 44
    assert sum(map(len, day.listed.values())) >= 375


def test_the_index_names_the_packages_and_versions_of_the_metadata(day: Day) -> None:
    assert day.whole() == day.listed


def test_the_chunks_lead_to_what_the_whole_index_says(day: Day) -> None:
    properties = day.properties()
    last = int(properties["nexus.index.last-incremental"])
    chunks = sorted(
        int(number) for key, number in properties.items() if re.search(r"incremental-\d", key)
    )
    assert chunks == list(range(520, last + 1))
    found: Names = {}
    for number in chunks:
        found = day.index(f".{number}.gz", found)
    assert found == day.whole()


def test_each_version_has_its_pom_but_those_that_the_readme_tells(day: Day) -> None:
    missing = {
        name: len([version for version in versions if (name, version) not in day.poms])
        for name, versions in day.listed.items()
    }
    assert {name: count for name, count in missing.items() if count} == WITHOUT_POMS


def test_every_pom_is_of_a_listed_version_or_a_parent_or_bom(day: Day) -> None:
    pointed = {
        (f"{entry.findtext('groupId')}", f"{entry.findtext('artifactId')}")
        for root in day.poms.values()
        for entry in (*root.iter("parent"), *root.iter("dependency"))
    }
    for name, version in day.poms:
        assert version in day.listed.get(name, ()) or tuple(name.split(":")) in pointed, name


def test_every_chain_of_parents_is_there(day: Day) -> None:
    for (name, version), root in day.poms.items():
        parent = root.find("parent")
        if parent is not None:
            group, artifact, wanted = (
                parent.findtext(tag) for tag in ("groupId", "artifactId", "version")
            )
            assert (f"{group}:{artifact}", wanted) in day.poms, (name, version)


def test_what_versions_require_is_in_the_sample(day: Day) -> None:
    for name, versions in day.listed.items():
        for version in versions:
            root = day.poms.get((name, version))
            for entry in () if root is None else root.iterfind("dependencies/dependency"):
                scope = entry.findtext("scope") or "compile"
                required = f"{entry.findtext('groupId')}:{entry.findtext('artifactId')}"
                managed = entry.find("version") is None or "$" in required
                if scope == "compile" and not managed and entry.findtext("optional") != "true":
                    assert required in {*day.listed, *OUTSIDE}, (name, version)


def test_jars_are_of_listed_versions_and_hold_classes(days: tuple[Day, Day]) -> None:
    counts = []
    for day in days:
        jars = [path for path in day.documents if path.endswith(".jar")]
        counts.append(len(jars))
        for path in jars:
            group, artifact, version, _ = parts_of(path)
            assert version in day.listed[f"{group}:{artifact}"]
            with zipfile.ZipFile(io.BytesIO(day.documents[path].body)) as archive:
                assert any(name.endswith(".class") for name in archive.namelist())
    assert counts == [10, 12]


def test_there_is_no_address_but_of_forges_and_of_the_test_domain() -> None:
    for file in MAVEN.rglob("*.jsonl"):
        hosts = set(re.findall(r"[a-z+]+://(?:[\w.-]+@)?([^/\"\s<:]+)", file.read_text("utf-8")))
        assert all(host in FORGES or host.endswith(".test") for host in hosts), file


def test_there_are_no_persons_and_no_prose() -> None:
    for file in MAVEN.rglob("*.jsonl"):
        assert not re.search(
            r"<(developers?|description|name>[^<]{80}|email)", file.read_text("utf-8")
        )


def test_the_second_day_brings_what_the_readme_says(days: tuple[Day, Day]) -> None:
    first, second = days
    assert set(first.listed) - set(second.listed) == {"commons-lang:commons-lang"}
    changed = {
        name: (second.listed[name] - first.listed[name], first.listed[name] - second.listed[name])
        for name in second.listed
        if second.listed[name] != first.listed[name]
    }
    assert changed == {
        "com.google.code.gson:gson": ({"2.15.0"}, set()),
        "org.slf4j:slf4j-api": ({"2.0.20"}, set()),
        "org.opentest4j:opentest4j": (set(), {"1.3.0-RC2"}),
    }
    assert {name for name in first.poms if name not in second.poms} == {
        ("org.opentest4j:opentest4j", "1.3.0-RC2"),
        *(("commons-lang:commons-lang", v) for v in first.listed["commons-lang:commons-lang"]),
    }
    same = set(first.documents) & set(second.documents)
    differing = {path for path in same if first.documents[path].body != second.documents[path].body}
    assert differing == {
        f"{INDEX}.gz",
        f"{INDEX}.properties",
        *(f"{folder_of(name)}/maven-metadata.xml" for name in changed),
    }
