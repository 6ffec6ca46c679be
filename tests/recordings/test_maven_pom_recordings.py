"""All recorded POMs: each is read, nothing of it lost; everything else is refused for what it is.

REGISTRY_RECORDINGS names the folder; without it this suite skips. What a document holds is counted
here in the plainest way, by other code than that which is tested. The published facts of version
order stand beside that folder.
"""

import csv
import operator
import os
import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from src.schemas.errors import InvalidPayloadError
from src.schemas.package import Requirements
from src.utils.maven.effective import EffectivePom, Gav, effective_requirements, needed_poms
from src.utils.maven.pom import Pom, parse_pom
from src.utils.maven.versions import order_key
from tests.servers.requirement import missing_server

_FOLDER = os.environ.get("REGISTRY_RECORDINGS", "")
ROOT = Path(_FOLDER)
pytestmark = pytest.mark.skipif(not _FOLDER, reason="REGISTRY_RECORDINGS names no folder")

LEFT_OUT = "maven/_advisories/"
"""Advisories are not of the registry."""


def rows() -> list[dict[str, str]]:
    if not _FOLDER:
        return []
    with (ROOT / "MANIFEST.tsv").open(encoding="utf-8", newline="") as stream:
        found = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [
        row for row in found if row["ecosystem"] == "maven" and not row["path"].startswith(LEFT_OUT)
    ]


POMS = sorted(row["path"] for row in rows() if row["kind"] == "dependencies")
OTHERS = sorted(row["path"] for row in rows() if row["kind"] != "dependencies")


def body(path: str) -> bytes:
    return (ROOT / path).read_bytes()


def asked_for(path: str) -> Gav:
    """Tell the coordinates from the file name: `group__artifact/artifact-version.pom`."""
    folder, name = path.split("/")[-2:]
    group, _, artifact = folder.partition("__")
    if artifact and name.startswith(f"{artifact}-"):
        return Gav(group, artifact, name.removesuffix(".pom").removeprefix(f"{artifact}-"))
    return Gav("edge", "case", "1")


def effective(gav: Gav, files: dict[Gav, str]) -> EffectivePom:
    loaded: dict[Gav, Pom | None] = {}
    while needed := needed_poms(gav, loaded):
        for each in needed:
            loaded[each] = parse_pom(body(files[each]), files[each]) if each in files else None
    return effective_requirements(gav, loaded, "pom")


def plain(path: str) -> ET.Element:
    text = body(path).decode("utf-8", "replace")
    text = re.sub(r"<\?xml.*?\?>|<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r"\sxmlns(:\w+)?=[\"'][^\"']*[\"']|\sxsi:\w+=[\"'][^\"']*[\"']", "", text)
    return ET.fromstring(text)


class Counted:
    """The dependencies of a POM alone, told from its bare elements and its own values."""

    def __init__(self, root: ET.Element) -> None:
        active = [
            profile
            for profile in root.iterfind("profiles/profile")
            if (profile.findtext("activation/activeByDefault") or "").strip() == "true"
        ]
        self.values = {
            f"${{{entry.tag}}}": (entry.text or "").strip()
            for each in (root, *active)
            for entry in each.iterfind("properties/*")
        }
        for name in ("groupId", "artifactId"):
            own = root.findtext(name) or root.findtext(f"parent/{name}") or ""
            self.values[f"${{project.{name}}}"] = own
        self.scopes = {
            self.key(entry): self.told(entry, "scope")
            for entry in root.iterfind("dependencyManagement/dependencies/dependency")
        }
        self.places: Counter[str] = Counter()
        entries = [e for each in (root, *active) for e in each.iterfind("dependencies/dependency")]
        for entry in {self.key(entry): entry for entry in entries}.values():
            self.places[self.place(entry)] += 1

    def told(self, entry: ET.Element, name: str) -> str:
        text = (entry.findtext(name) or "").strip()
        return self.values.get(text, text)

    def key(self, entry: ET.Element) -> tuple[str, ...]:
        names = ("groupId", "artifactId", "classifier")
        return (*(self.told(entry, name) for name in names), self.told(entry, "type") or "jar")

    def place(self, entry: ET.Element) -> str:
        scope = self.told(entry, "scope") or self.scopes.get(self.key(entry), "")
        if any(not part or "${" in part for part in self.key(entry)[:2]):
            return "unresolved"
        on_request = self.told(entry, "optional") == "true"
        return "optional" if on_request or scope in {"test", "provided", "system"} else "required"


def placed(found: Requirements) -> Counter[str]:
    lists = {
        "required": found.required,
        "optional": found.optional,
        "unresolved": set(found.unresolved),
    }
    return Counter({place: len(entries) for place, entries in lists.items() if entries})


def test_the_recordings_are_there() -> None:
    assert len(POMS) >= 41
    assert len(OTHERS) >= 33


@pytest.mark.parametrize("path", POMS)
def test_a_pom_alone_keeps_every_dependency_in_its_place(path: str) -> None:
    gav = asked_for(path)
    model = effective(gav, {gav: path})
    root = plain(path)
    places = Counted(root).places
    assert placed(model.requirements) == places
    assert model.counts.get("invalid_requirements", 0) == places["unresolved"]
    said = (root.findtext("version") or root.findtext("parent/version") or "${").strip()
    assert model.version == (gav.version if "${" in said or said[0] in "[(" else said)
    declared = {(e.findtext("artifactId") or "").strip() for e in root.iter("dependency")}
    for need in (*model.requirements.required, *model.requirements.optional):
        assert need.name.partition(":")[2] in declared or "${" in str(declared)
        assert need.constraints == need.constraints.strip() != ""


@pytest.mark.parametrize("path", POMS)
def test_a_pom_keeps_all_that_it_manages_and_every_licence(path: str) -> None:
    root = plain(path)
    pom = parse_pom(body(path), path)
    managed = root.findall("dependencyManagement/dependencies/dependency")
    assert len(pom.managed) == len(managed)
    assert [entry.version for entry in pom.managed] == [
        (entry.findtext("version") or "").strip() for entry in managed
    ]
    assert len(pom.properties) == len({entry.tag for entry in root.iterfind("properties/*")})
    assert list(pom.licenses) == [
        e.text.strip() for e in root.iterfind("licenses/license/name") if e.text
    ]


@pytest.mark.parametrize("path", OTHERS)
def test_a_document_that_is_no_pom_is_refused_and_not_taken_for_nothing(path: str) -> None:
    with pytest.raises(InvalidPayloadError):
        parse_pom(body(path), path)


FILES = {asked_for(path): path for path in POMS if not path.startswith("maven/_edge/")}

CHAINS: dict[str, tuple[dict[str, str], dict[str, str], dict[str, int]]] = {
    "org.apache.struts:struts2-apps:2.5.10": (
        {"org.apache.struts:struts2-core": "2.5.10 compile"},
        {"org.springframework:spring-test": "4.1.6.RELEASE test"},
        {"missing_poms": 1},
    ),
    "org.apache.pulsar:pulsar-client-1x-base:2.5.1": (
        {},
        {
            "org.apache.pulsar:buildtools": "2.5.1 test",
            "org.testng:testng": "6.14.3 test",
            "org.mockito:mockito-core": "2.28.2 test",
            "org.powermock:powermock-api-mockito2": "2.0.2 test",
            "org.powermock:powermock-module-testng": "2.0.2 test",
            "org.assertj:assertj-core": "3.11.1 test",
            "org.projectlombok:lombok": "1.18.10 provided",
            "org.apache.bookkeeper:bookkeeper-server": "4.10.0 test jar:tests",
        },
        {"missing_poms": 2},
    ),
    "com.google.guava:guava:23.3-jre": (
        {
            "com.google.code.findbugs:jsr305": "any compile",
            "com.google.errorprone:error_prone_annotations": "any compile",
            "com.google.j2objc:j2objc-annotations": "any compile",
            "org.codehaus.mojo:animal-sniffer-annotations": "${animal.sniffer.version} compile",
        },
        {},
        {"missing_poms": 1, "versionless_requirements": 3, "unresolved_versions": 1},
    ),
    "struts-menu:struts-menu:2.4.2": (
        {
            "commons-beanutils:commons-beanutils": "1.6.1 compile",
            "commons-collections:commons-collections": "3.0 compile",
            "commons-digester:commons-digester": "1.7 compile",
            "commons-lang:commons-lang": "2.1 compile",
            "commons-logging:commons-logging": "1.0.4 compile",
            "velocity:velocity": "1.4 compile",
            "velocity-tools:velocity-tools-view": "1.0 compile",
        },
        {
            "hsqldb:hsqldb": "1.7.1 compile",
            "log4j:log4j": "1.2.8 compile",
            "javax.servlet:servlet-api": "2.3 provided",
            "javax.servlet:jstl": "1.0.6 compile",
            "taglibs:standard": "1.0.6 compile",
            "struts:struts": "1.2.9 compile",
            "springframework:spring": "1.2.6 compile",
            "junit:junit": "3.8.1 test",
        },
        {},
    ),
}
"""Required, optional and counts, read by hand. The topmost parents (org.apache:apache,
struts-master, guava-parent) are not recorded, nor is the BOM that pulsar imports."""


@pytest.mark.parametrize("name", CHAINS)
def test_a_chain_of_parents_gives_what_a_reader_of_the_files_expects(name: str) -> None:
    required, optional, counts = CHAINS[name]
    model = effective(Gav(*name.split(":")), FILES)
    found = [
        {need.name: f"{need.constraints} {need.kind} {need.variant}".strip() for need in place}
        for place in (model.requirements.required, model.requirements.optional)
    ]
    assert found == [required, optional]
    assert model.counts == counts


def test_an_edge_of_each_kind_is_read_as_it_was_meant() -> None:
    def needs(name: str) -> list[str]:
        path = f"maven/_edge/{name}"
        model = effective(asked_for(path), {asked_for(path): path})
        return [f"{need.name} {need.constraints}" for need in model.requirements.required]

    client = "org.apache.httpcomponents:httpclient"
    assert needs("whitespace.xml") == ["com.google.guava:guava 23.3-jre", f"{client} 4.5.3"]
    assert needs("hard_requirement_pom.xml") == [
        "com.google.guava:guava [23.3-jre]",
        f"{client} [4.5.3]",
    ]
    assert needs("empty_version_pom.xml") == ["com.google.guava:guava any", f"{client} any"]
    assert needs("project_version_pom.xml") == [
        f"{client} 4.5.3",
        "org.springframework:spring-beans 0.0.2-RELEASE",
        "org.springframework:spring-context 0.0.2-RELEASE",
    ]
    assert needs("missing_property.xml") == [
        "com.google.guava:guava any",
        f"{client} 4.5.3",
        "org.springframework:spring-beans ${springframework.version}",
        "org.springframework:spring-context ${springframework.version}.1",
    ]


ORDERED_OTHERWISE = """
1.0.0-gradle-rework-beta3 < 1.0.0.RC7-3
2.9.0-1 < 2.9.0.RC1
6.1.12.rc5 < 6.1.12rc1
1.1.31.sec10 < 1.1.31_noneautotype
1.1.34.sec10 < 1.1.34_noneautotype
1.1.46.sec10 < 1.1.46_noneautotype
1.2.31.sec10 < 1.2.31_noneautotype
1.2.48.sec10 < 1.2.48_noneautotype
1.2.50.sec10 < 1.2.50_noneautotype
1.2.54.sec10 < 1.2.54_noneautotype
1.2.57.sec10 < 1.2.57_noneautotype
1.2.60.sec10 < 1.2.60_noneautotype
1.2.67.sec10 < 1.2.67_noneautotype
1.0.0rc0 < 1.0.beta8
""".strip().splitlines()
"""Lines that Maven contradicts: ComparableVersion of 3.8.7, 3.9.9 and 4.0.0-rc-4 all say the reverse.
They come from the prose of the POM reference, in which a dot before a qualifier with a number keeps
the zeros before it; the programs take such a dot for a hyphen, so that 2.9.0.RC1 is 2.9-rc-1 and
older than 2.9-1, 6.1.12.rc5 is 6.1.12-rc-5, and 1.2.67.sec10 is 1.2.67-sec-10, whose qualifier sec
follows the qualifier _noneautotype by the alphabet ("_" comes before "s")."""


def test_published_facts_of_order_hold() -> None:
    facts = ROOT.parent / "version_order" / "maven.txt"
    if not facts.exists():
        missing_server("there is no version_order beside the recordings")
    compare = {"<": operator.lt, ">": operator.gt, "=": operator.eq}
    lines = [
        line.strip() for line in facts.read_text(encoding="utf-8").splitlines() if line.strip()
    ]
    wrong = []
    for line in lines:
        left, sign, right = line.split()
        if not compare[sign](order_key(left), order_key(right)):
            wrong.append(line)
    assert len(lines) == 9903
    assert wrong == ORDERED_OTHERWISE
    for line in wrong:
        left, _, right = line.split()
        assert order_key(right) < order_key(left)
