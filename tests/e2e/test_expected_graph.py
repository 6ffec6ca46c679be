"""The graph of the sample registry is the expected one, fact by fact, on either of its days.

Expected values come from `expected_pypi` (by hand) or from a reading of the raw bundles of their
own that shares nothing with the product.
"""

import json
from collections import defaultdict
from dataclasses import dataclass
from email.parser import HeaderParser
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from src.services.graph.contract import VOLATILE_PROPERTIES
from tests.e2e.expected_pypi import FIRST_DAY, SECOND_DAY, Expected, Need, Version
from tests.e2e.shelf import Shelf
from tests.e2e.world import World, open_world

BUNDLES = Path(__file__).parents[2] / "samples" / "pypi"
DAYS = (1, 2)
EXPECTED = {1: FIRST_DAY, 2: SECOND_DAY}

PACKAGES = "MATCH (p:PyPIPackage) RETURN properties(p) AS properties"
VERSIONS = """
MATCH (p:PyPIPackage)-[edge:HAVE|WAS_OF]-(v:Version)
RETURN p.name AS package, type(edge) AS edge, startNode(edge) = p AS outgoing,
       properties(edge) AS on_edge, properties(v) AS properties
"""
REQUIRES = """
MATCH (v:Version)-[r:REQUIRE]->(d)
RETURN v.purl AS version, labels(d) AS labels, d.name AS required, properties(r) AS properties
"""
LISTS = ("optional_requirements", "unresolved_requirements")

Properties = dict[str, Any]


@dataclass(frozen=True)
class Stored:
    """The whole graph as rows: versions by package, then by name; edges by version purl."""

    packages: dict[str, Properties]
    have: dict[str, dict[str, Properties]]
    was_of: dict[str, dict[str, Properties]]
    requires: dict[str, list[Properties]]


@pytest.fixture
async def stored(world: World) -> dict[int, Stored]:
    """The graph after the ingestion of the first day, and after the update of the second.

    Made once for each engine: nothing below writes.
    """
    engine = str(world.graph.engine)
    if engine not in _SEEN:
        await world.ingest()
        first = await read_out(world)
        world.day.now = 2
        await world.update()
        _SEEN[engine] = {1: first, 2: await read_out(world)}
    return _SEEN[engine]


_SEEN: dict[str, dict[int, Stored]] = {}


async def read_out(world: World) -> Stored:
    read = Stored({}, defaultdict(dict), defaultdict(dict), defaultdict(list))
    for row in await world.graph.run(PACKAGES):
        read.packages[row["properties"]["name"]] = row["properties"]
    for row in await world.graph.run(VERSIONS):
        assert row["outgoing"] == (row["edge"] == "HAVE")
        assert row["on_edge"] == {}
        side = read.have if row["edge"] == "HAVE" else read.was_of
        version = row["properties"]
        assert version["name"] not in side[row["package"]], "a version stands there twice"
        side[row["package"]][version["name"]] = version
    for row in await world.graph.run(REQUIRES):
        assert row["labels"] == ["PyPIPackage"]
        read.requires[row["version"]].append({"package": row["required"], **row["properties"]})
    return read


class Bundles:
    """The raw documents of one day."""

    def __init__(self, day: int) -> None:
        lines: dict[str, Any] = {}
        for number in range(1, day + 1):
            for bundle in (BUNDLES / f"day{number}").glob("*.jsonl"):
                for text in bundle.read_text("utf-8").splitlines():
                    line = json.loads(text)
                    lines[line["path"]] = line
        self.lines = {path: line for path, line in lines.items() if not line.get("gone")}
        index = self.body("/pypi/simple/")["projects"]
        self.names = {str(canonicalize_name(project["name"])) for project in index}

    def body(self, path: str) -> Any:
        return self.lines[path]["body"]

    def page(self, name: str) -> Any:
        return self.body(f"/pypi/simple/{name}/")

    def digest(self, filename: str) -> str:
        """What the pages of this day say of a file."""
        [found] = [
            file["hashes"]["sha256"]
            for name in self.names
            for file in self.page(name)["files"]
            if file["filename"] == filename
        ]
        return f"sha256={found}"

    def requirements(self) -> dict[str, set[tuple[str, ...]]]:
        """Version purl → (package, constraints, extras, marker, whether on request only)."""
        told: dict[str, set[tuple[str, ...]]] = {}
        for path, line in self.lines.items():
            if not path.endswith(".metadata"):
                continue
            headers = HeaderParser().parsestr(line["body"])
            purl = f"pkg:pypi/{canonicalize_name(headers['Name'])}@{headers['Version']}"
            told[purl] = {
                comparable(Requirement(text)) for text in headers.get_all("Requires-Dist", [])
            }
        return told


def comparable(needed: Requirement) -> tuple[str, ...]:
    marker = str(needed.marker or "")
    on_request = "optional" if "extra ==" in marker else "required"
    name = canonicalize_name(needed.name)
    return name, str(needed.specifier), ",".join(sorted(needed.extras)), marker, on_request


@pytest.fixture(params=DAYS, ids=["first day", "second day"])
def day(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@cache
def read_bundles(day: int) -> Bundles:
    return Bundles(day)


@pytest.fixture
def bundles(day: int) -> Bundles:
    return read_bundles(day)


def package_properties(expected: Expected, digest: str) -> Properties:
    told = {
        "name": expected.name,
        "purl": expected.purl,
        "vendor": expected.vendor,
        "repository_url": expected.repository_url,
        "license": expected.license,
        "import_names": expected.import_names,
        "import_names_source": f"{expected.artifact}#{digest}",
        "source_revision": expected.source_revision,
        "status": expected.status,
        "status_reason": expected.status_reason,
    }
    return {key: value for key, value in told.items() if value is not None}


def test_packages_have_exactly_the_expected_properties(stored, day):
    expected, found = {}, {}
    for name, package in EXPECTED[day].items():
        # A removed package keeps what was known of it, so its file is that of the first day.
        digest = read_bundles(1 if package.status == "removed" else day).digest(package.artifact)
        expected[name] = package_properties(package, digest)
        told = stored[day].packages[name].items()
        found[name] = {key: value for key, value in told if key not in VOLATILE_PROPERTIES}
    assert found == expected


def test_versions_stand_in_the_order_of_pep_440_and_legacy_ones_outside_of_it(stored, day):
    expected, found = {}, {}
    for name, package in EXPECTED[day].items():
        legacy = package.versions.legacy
        ordered = [version for version in package.versions.names if version not in legacy]
        expected[name] = [(-1, v) for v in sorted(legacy)] + list(enumerate(ordered))
        versions = stored[day].have[name].values()
        found[name] = sorted((facts["serial_number"], facts["name"]) for facts in versions)
    assert found == expected


def test_prereleases_and_yanked_versions_are_marked_and_no_others(stored, day):
    expected, found = {}, {}
    for name, package in EXPECTED[day].items():
        versions, told = package.versions, stored[day].have[name]
        expected[name] = (versions.prereleases, versions.legacy, versions.yanked)
        found[name] = (
            {version for version, facts in told.items() if facts.get("prerelease")},
            {version for version, facts in told.items() if "prerelease" not in facts},
            {version for version, facts in told.items() if facts["yanked"]},
        )
    assert found == expected


def test_versions_tell_their_date_their_python_and_why_they_were_yanked(stored, day):
    expected, found = {}, {}
    for name, package in EXPECTED[day].items():
        for row in package.versions.full:
            expected[name, row.name] = row
            found[name, row.name] = version_facts(stored[day].have[name][row.name])
    assert found == expected
    assert len(found) > 290


def version_facts(properties: Properties) -> Version:
    return Version(
        name=properties["name"],
        serial_number=properties["serial_number"],
        release_date=properties["release_date"],
        requires_python=properties["requires_python"],
        prerelease=properties.get("prerelease"),
        yanked=properties["yanked"],
        yanked_reason=properties["yanked_reason"],
    )


def test_versions_have_the_licence_that_their_own_metadata_names(stored, day):
    expected = {name: package.licensed for name, package in EXPECTED[day].items()}
    found = {
        name: {
            v: facts["license"] for v, facts in stored[day].have[name].items() if "license" in facts
        }
        for name in expected
    }
    assert found == expected


def test_removed_versions_are_marked_and_no_longer_had(stored, day):
    expected = {
        (name, version): "removed"
        for name, package in EXPECTED[day].items()
        for version in package.removed
    }
    found = {
        (name, version): facts["status"]
        for name, versions in stored[day].was_of.items()
        for version, facts in versions.items()
    }
    assert found == expected
    assert len(found) == {1: 0, 2: 13}[day]
    for name, versions in stored[day].have.items():
        assert not set(versions) & set(stored[day].was_of[name])
        assert not [facts for facts in versions.values() if "status" in facts]


def test_versions_require_exactly_the_expected_packages(stored, day):
    expected = {name: package.requires for name, package in EXPECTED[day].items()}
    found = defaultdict(list)
    for name, package in EXPECTED[day].items():
        for version, facts in stored[day].have[name].items():
            for edge in map(dict, stored[day].requires[facts["purl"]]):
                assert edge.pop("parent_version_name") == package.purl
                assert edge.pop("kind") == "runtime"
                found[name].append(Need(version=version, **edge))
    assert {name: sorted(found[name]) for name in expected} == {
        name: sorted(required) for name, required in expected.items()
    }


def test_what_comes_on_request_is_listed_on_its_version_and_is_no_edge(stored, day):
    expected = {name: package.optional for name, package in EXPECTED[day].items()}
    found = defaultdict(list)
    for name in expected:
        for version, facts in stored[day].have[name].items():
            assert facts["unresolved_requirements"] == []
            assert facts["optional_requirements"] == sorted(set(facts["optional_requirements"]))
            for entry in map(json.loads, facts["optional_requirements"]):
                package = entry.pop("name")
                assert entry.pop("kind") == "extra"
                assert entry.pop("purl") == f"pkg:pypi/{package}"
                found[name].append(Need(version=version, package=package, **entry))
    assert {name: sorted(found[name]) for name in expected} == {
        name: sorted(optional) for name, optional in expected.items()
    }


def test_every_package_has_as_many_versions_as_its_page_lists(stored, day, bundles):
    listed = {name: sorted(bundles.page(name)["versions"]) for name in bundles.names}
    found = {name: sorted(versions) for name, versions in stored[day].have.items() if versions}
    assert len(listed) == {1: 42, 2: 41}[day]
    assert sum(map(len, listed.values())) == {1: 2_534, 2: 2_534 + 3 - 1 - 12}[day]
    assert found == listed


def test_the_graph_holds_the_packages_of_the_index_and_those_that_left_it(stored, day, bundles):
    left = {1: set(), 2: {"toposort"}}[day]
    assert set(stored[day].packages) == bundles.names | left
    moments = [package["moment"] for package in stored[day].packages.values()]
    assert all(isinstance(m, int) and m > 1_700_000_000_000 for m in moments)  # milliseconds


def test_serial_numbers_are_dense_from_zero_in_every_package(stored, day):
    for name, versions in stored[day].have.items():
        serials = sorted(facts["serial_number"] for facts in versions.values())
        known = [serial for serial in serials if serial != -1]
        assert known == list(range(len(known))), name


def test_every_requirement_sits_on_the_version_that_declares_it(stored, day, bundles):
    told = {purl: needs for purl, needs in bundles.requirements().items() if needs}
    found: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for purl, edges in stored[day].requires.items():
        found[purl] |= {as_told(edge["package"], edge, "required") for edge in edges}
    for versions in stored[day].have.values():
        for facts in versions.values():
            entries = [json.loads(entry) for entry in facts["optional_requirements"]]
            for entry in entries:
                found[facts["purl"]].add(as_told(entry["name"], entry, "optional"))
    assert {purl: needs for purl, needs in found.items() if needs} == told
    assert len(told) > 80


def as_told(package: str, properties: Properties, place: str) -> tuple[str, ...]:
    constraints = properties["constraints"]
    specifier = str(SpecifierSet("" if constraints == "any" else constraints))
    return package, specifier, properties["variant"], properties["condition"], place


def test_every_version_carries_the_facts_of_the_contract(stored, day):
    for name, versions in stored[day].have.items():
        for version, facts in versions.items():
            assert facts["purl"] == f"pkg:pypi/{name}@{version}"
            assert (facts["mean"], facts["weighted_mean"]) == (0, 0)
            assert facts["vulnerabilities"] == []
            assert all(isinstance(facts[key], list) for key in LISTS)


async def test_each_extra_asked_for_and_each_marker_makes_an_edge_of_its_own(graph, tmp_path):
    """What no version of the sample does: ask for extras of a package in every install."""
    shelf = Shelf()
    shelf.put("lib", v1_0=[])
    spelled = ["lib>=1", "lib[b_C,a] (>=1)", "lib[A, b-c]>=1", "lib>=1; os_name=='nt'", "lib >=1"]
    shelf.put("app", v1_0=spelled, v2_0=["lib[a]"])
    async with open_world(graph, tmp_path / "cache", source=shelf) as world:
        await world.ingest()
        edges = (await read_out(world)).requires
    told = {
        purl: sorted((e["constraints"], e["condition"], e["variant"]) for e in found)
        for purl, found in edges.items()
    }
    assert told == {
        "pkg:pypi/app@1.0": [(">=1", "", ""), (">=1", "", "a,b-c"), (">=1", 'os_name == "nt"', "")],
        "pkg:pypi/app@2.0": [("any", "", "a")],
    }
