"""The graph of each ecosystem's sample holds exactly what was written down by hand for it.

PyPI has a closer suite of its own, in test_expected_graph.
"""

import importlib
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from src.schemas.ecosystem import Ecosystem
from src.utils.purl import make_purl
from tests.e2e.clients import CLIENTS
from tests.e2e.expected import Expected, Need
from tests.e2e.world import World, open_world

ECOSYSTEMS = [ecosystem for ecosystem in CLIENTS if ecosystem is not Ecosystem.PYPI]
DAYS = (1, 2)
WITHOUT_MARKS = {Ecosystem.MAVEN, Ecosystem.RUBYGEMS}
"""Where nothing is withdrawn but by taking it away: it moves to WAS_OF."""

VERSIONS = """
MATCH (p:{label})-[:HAVE]->(v:Version)
RETURN p.name AS package, properties(v) AS version
"""
REQUIRES = """
MATCH (p:{label})-[:HAVE]->(v:Version)-[r:REQUIRE]->(d:{label})
RETURN p.name AS package, v.name AS version, d.name AS name, properties(r) AS edge
"""
PACKAGES = "MATCH (p:{label}) RETURN p.name AS name, properties(p) AS package"

Needs = dict[str, dict[str, list[Need]]]


@dataclass
class Stored:
    """The graph of one ecosystem, by package and version."""

    packages: dict[str, dict[str, Any]]
    versions: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    requires: Needs = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))

    def listed(self, name: str, kind: str) -> dict[str, list[Need]]:
        """Return what stands in that list of each version that has any."""
        found = {
            version["name"]: sorted(
                Need(**{k: v for k, v in json.loads(entry).items() if k != "purl"})
                for entry in version[kind]
            )
            for version in self.versions[name]
        }
        return {version: needs for version, needs in found.items() if needs}


async def read_out(world: World) -> Stored:
    label = world.ecosystem.label

    async def rows(query: str) -> list[Any]:
        return list(await world.graph.run(query.format(label=label)))

    stored = Stored({row["name"]: row["package"] for row in await rows(PACKAGES)})
    for row in await rows(VERSIONS):
        stored.versions[row["package"]].append(row["version"])
    for row in await rows(REQUIRES):
        edge = dict(row["edge"])
        parent = edge.pop("parent_version_name")
        assert parent == make_purl(world.ecosystem, row["package"])
        stored.requires[row["package"]][row["version"]].append(Need(row["name"], **edge))
    return stored


_SEEN: dict[tuple[str, str], dict[int, Stored]] = {}


@pytest.fixture(params=ECOSYSTEMS, ids=str)
async def told(request, graph, tmp_path) -> tuple[Ecosystem, dict[int, Stored]]:
    """The graph after the first day's ingestion and after the second day's update."""
    ecosystem = request.param
    key = (str(graph.engine), str(ecosystem))
    if key not in _SEEN:
        async with open_world(graph, tmp_path / "cache", ecosystem=ecosystem) as world:
            ingested = await world.ingest()
            assert ingested.counts.reasons == {}
            first = await read_out(world)
            world.day.now = 2
            updated = await world.update()
            assert updated.counts.reasons == {}
            _SEEN[key] = {1: first, 2: await read_out(world)}
    return ecosystem, _SEEN[key]


def expected_on(ecosystem: Ecosystem, day: int) -> Mapping[str, Expected]:
    module = importlib.import_module(f"tests.e2e.expected_{ecosystem}")
    return {1: module.FIRST_DAY, 2: module.SECOND_DAY}[day]


@pytest.mark.parametrize("day", DAYS)
def test_versions_stand_in_the_ecosystems_own_order(told, day):
    ecosystem, stored = told
    wanted, found = {}, {}
    for name, package in expected_on(ecosystem, day).items():
        unordered = [(-1, version) for version in sorted(package.unordered)]
        wanted[name] = unordered + list(enumerate(package.versions))
        versions = stored[day].versions[name]
        found[name] = sorted((version["serial_number"], version["name"]) for version in versions)
    assert found == wanted
    assert len(wanted) >= 4


@pytest.mark.parametrize("day", DAYS)
def test_versions_require_exactly_what_they_declare(told, day):
    ecosystem, stored = told
    wanted = {
        name: {version: sorted(needs) for version, needs in package.requires.items() if needs}
        for name, package in expected_on(ecosystem, day).items()
    }
    found = {
        name: {version: sorted(needs) for version, needs in stored[day].requires[name].items()}
        for name in wanted
    }
    assert found == wanted


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("kind", ["optional", "unresolved"])
def test_what_is_no_edge_is_listed_on_its_version(told, day, kind):
    ecosystem, stored = told
    wanted = {
        name: {v: sorted(needs) for v, needs in getattr(package, kind).items() if needs}
        for name, package in expected_on(ecosystem, day).items()
    }
    assert {name: stored[day].listed(name, f"{kind}_requirements") for name in wanted} == wanted


@pytest.mark.parametrize("day", DAYS)
def test_versions_carry_their_dates_and_marks(told, day):
    ecosystem, stored = told
    wanted: dict[tuple[str, str], object] = {}
    found: dict[tuple[str, str], object] = {}
    for name, package in expected_on(ecosystem, day).items():
        by_name = {version["name"]: version for version in stored[day].versions[name]}
        for version, date in package.dates.items():
            wanted[name, version] = date
            found[name, version] = by_name[version]["release_date"]
        for version, marks in package.marked.items():
            for mark, value in marks.items():
                wanted[name, f"{version} {mark}"] = value
                found[name, f"{version} {mark}"] = by_name[version].get(mark)
    assert found == wanted


@pytest.mark.parametrize("day", DAYS)
def test_packages_carry_vendor_repository_and_facts(told, day):
    ecosystem, stored = told
    wanted, found = {}, {}
    for name, package in expected_on(ecosystem, day).items():
        facts = stored[day].packages[name]
        wanted[name] = (package.vendor, package.repository_url, dict(package.facts))
        found[name] = (
            facts["vendor"],
            facts["repository_url"],
            {fact: facts.get(fact) for fact in package.facts},
        )
    assert found == wanted


@pytest.mark.parametrize("day", DAYS)
def test_the_whole_graph_keeps_the_contract(told, day):
    ecosystem, stored = told
    assert len(stored[day].packages) >= 8
    for name, package in stored[day].packages.items():
        assert package["purl"] == make_purl(ecosystem, name)
        assert isinstance(package["moment"], int), f"{name} was not extracted"
        serials = sorted(version["serial_number"] for version in stored[day].versions[name])
        ordered = [serial for serial in serials if serial >= 0]
        assert ordered == list(range(len(ordered))), name
        for version in stored[day].versions[name]:
            assert version["purl"].startswith(f"{package['purl']}@")
            assert (version["mean"], version["vulnerabilities"]) == (0, [])
            assert version["requirements_source"]
            assert isinstance(version["release_date"], str)


def test_the_second_day_brings_a_version_a_removal_and_a_mark(told):
    ecosystem, stored = told
    versions = {
        day: {(name, v["name"]) for name, vs in stored[day].versions.items() for v in vs}
        for day in DAYS
    }
    assert versions[2] - versions[1], "no new version"
    gone = [n for n, p in stored[2].packages.items() if p.get("status") == "removed"]
    assert set(gone) - {n for n, p in stored[1].packages.items() if p.get("status") == "removed"}
    if ecosystem not in WITHOUT_MARKS:
        assert marks(stored[2]) - marks(stored[1]), "no mark"


def marks(stored: Stored) -> set[tuple[str, str, str]]:
    """Return which versions are yanked, unlisted, deprecated or taken away."""
    return {
        (name, version["name"], mark)
        for name, versions in stored.versions.items()
        for version in versions
        for mark in ("yanked", "unlisted", "deprecated")
        if version.get(mark)
    }
