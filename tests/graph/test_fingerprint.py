"""The fingerprint, on every engine."""

import hashlib
import time

from src.services.graph.fingerprint import Fingerprint, edge_hash, fingerprint, node_hash
from src.services.graph.package_store import PackageStore
from src.services.graph.state_store import Failure, StateStore
from tests.graph.builders import NOW, PYPI, need, package, store, version
from tests.graph.test_versions import two_packages

EMPTY = "0" * 64


async def test_an_empty_graph_is_zero(graph):
    found = await fingerprint(graph)
    assert (found.hash, set(found.counts.values())) == (EMPTY, {0})


async def test_every_engine_finds_the_same_fingerprint(graph):
    await store(graph, package("a", version("a", "1", 0, need("b", "<2 é"), yanked=True)))
    found = await fingerprint(graph)
    # Written down by hand, so that the definition cannot change unnoticed.
    parts = [
        (
            '["PyPIPackage",{"name":"a","purl":"pkg:pypi/a","repository_url":"n/a","source_revision":"1",'
            '"vendor":"n/a"}]'
        ),
        '["PyPIPackage",{"name":"b","purl":"pkg:pypi/b"}]',
        (
            '["Version",{"mean":0,"name":"1","optional_requirements":[],"purl":"pkg:pypi/a@1",'
            '"release_date":"2024-01-01T00:00:00Z","requirements_source":"source","serial_number":0,'
            '"unresolved_requirements":[],"vulnerabilities":[],"weighted_mean":0,"yanked":true}]'
        ),
        '["PyPIPackage","pkg:pypi/a","HAVE","Version","pkg:pypi/a@1",{}]',
        (
            '["Version","pkg:pypi/a@1","REQUIRE","PyPIPackage","pkg:pypi/b",{"condition":"",'
            '"constraints":"<2 é","kind":"runtime","parent_version_name":"pkg:pypi/a","variant":""}]'
        ),
    ]
    digests = (int(hashlib.sha256(part.encode()).hexdigest(), 16) for part in parts)
    assert found.hash == f"{sum(digests) % 2**256:064x}"
    assert found.counts == await PackageStore(graph).counts()


async def test_it_tells_neither_when_nor_what_is_bookkeeping(graph):
    await store(graph, *two_packages())
    before = await fingerprint(graph)
    await store(graph, *two_packages(), moment=NOW + 5, cursor=(PYPI, "9"))
    await StateStore(graph).record_failures(PYPI, [Failure("x", "y", "z")], NOW)
    await graph.run("MATCH (v:Version) SET v.vulnerabilities = [], v.mean = 0")
    assert await fingerprint(graph) == before


async def test_every_change_of_content_changes_it(graph):
    await store(graph, *two_packages())
    seen = {(await fingerprint(graph)).hash}
    changes = [
        "MATCH (p:PyPIPackage {name: 'alpha'}) SET p.license = 'X'",
        "MATCH (p:PyPIPackage {name: 'alpha'}) SET p.source_revision = 'X'",
        "MATCH (v:Version {purl: 'pkg:pypi/alpha@1.0'}) SET v.mean = 0.5",
        "MATCH (v:Version {purl: 'pkg:pypi/alpha@1.0'}) SET v.yanked = null",
        "MATCH (:Version)-[r:REQUIRE]->(:PyPIPackage {name: 'gamma'}) SET r.condition = 'x'",
        "MATCH (:Version)-[r:REQUIRE]->(:PyPIPackage {name: 'gamma'}) DELETE r",
        "MATCH (:PyPIPackage {name: 'beta'})-[h:HAVE]->(:Version {name: '1.0'}) DELETE h",
        "CREATE (:NPMPackage {name: 'alpha'})",
    ]
    for change in changes:
        await graph.run(change)
        found = (await fingerprint(graph)).hash
        assert found not in seen
        seen.add(found)


async def test_two_equal_edges_do_not_cancel_each_other_out(graph):
    await store(graph, package("a", version("a", "1", 0, need("b"))))
    once = await fingerprint(graph)
    for _ in range(2):
        await graph.run("MATCH (v:Version), (p:PyPIPackage {name: 'b'}) CREATE (v)-[:REQUIRE]->(p)")
    assert (await fingerprint(graph)).hash != once.hash


async def test_its_time_grows_with_the_graph_and_not_with_its_square(graph):
    seconds = []
    for size in (5_000, 20_000):
        await graph.run("MATCH (n) DETACH DELETE n")
        await graph.run(
            "UNWIND range(1, $size) AS i CREATE (:Version {purl: 'pkg:pypi/x@' + toString(i), name: 'x'})",
            {"size": size},
        )
        started = time.monotonic()
        found = await fingerprint(graph)
        seconds.append(time.monotonic() - started)
        assert found.counts["Version"] == size
    assert seconds[1] < 10 * seconds[0] + 1


def test_lists_are_sets_and_whole_numbers_are_alike():
    assert node_hash("A", {"l": ["b", "a"], "n": 0.0}) == node_hash("A", {"n": 0, "l": ["a", "b"]})
    assert node_hash("A", {"n": 0.5}) != node_hash("A", {"n": 0})
    assert node_hash("A", {"n": None, "moment": 3, "pending": True, "visible": 2}) == node_hash(
        "A", {}
    )
    assert node_hash("A", {"l": []}) != node_hash("A", {})


def test_an_edge_is_told_by_both_its_ends():
    def row(**other):
        return {
            "source": "s",
            "type": "REQUIRE",
            "labels": ["PyPIPackage"],
            "target": "t",
            "properties": {},
            **other,
        }

    hashes = {
        edge_hash("Version", row()),
        edge_hash("Version", row(source="x")),
        edge_hash("Version", row(target="x")),
        edge_hash("Version", row(labels=["NPMPackage"])),
        edge_hash("Version", row(type="WAS_OF")),
        edge_hash("PyPIPackage", row()),
        edge_hash("Version", row(properties={"kind": "x"})),
    }
    assert len(hashes) == 7


def test_fingerprints_compare_by_value():
    assert Fingerprint({"a": 1}, "x") == Fingerprint({"a": 1}, "x")
