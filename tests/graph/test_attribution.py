"""What the attribution store reads and writes, on every engine."""

import pytest

from src.schemas.advisory import Attribution
from src.schemas.errors import InvalidKeyError
from src.services.graph import attribution_cypher as cypher
from src.services.graph.attribution_store import (
    ANY_STATE,
    AttributedVersion,
    AttributionStore,
    WaitingPackage,
)
from src.services.graph.fingerprint import fingerprint
from src.services.graph.package_store import PackageStore
from tests.graph.builders import NOW, PYPI, need, package, properties, store, version

HIT = Attribution(("CVE-1", "GHSA-1"), 7.5, 8.12)


def hit(purl, state="s1", attribution=HIT):
    return AttributedVersion(purl, attribution, state)


async def held(graph, purl):
    node = await properties(graph, "Version", "purl", purl)
    names = ("vulnerabilities", "mean", "weighted_mean", "advisory_state")
    return tuple(node.get(name) for name in names)


async def marks(attributions):
    return sorted(waiting.name for waiting in await attributions.unattributed(PYPI, 100))


async def test_versions_are_told_by_package_and_absent_packages_are_left_out(graph):
    await store(graph, package("a", version("a", "1", 0, need("bare")), version("a", "2", 1)))
    await store(graph, package("b", version("b", "1", 0)))
    found = await AttributionStore(graph).versions_of(PYPI, ["b", "a", "bare", "absent", "a"])
    assert found == {
        "a": {"1": "pkg:pypi/a@1", "2": "pkg:pypi/a@2"},
        "b": {"1": "pkg:pypi/b@1"},
        "bare": {},
    }
    assert await AttributionStore(graph).versions_of(PYPI, []) == {}
    held = await AttributionStore(graph).held(PYPI, ["b", "bare", "absent"])
    assert held == {"b", "bare"}
    assert await AttributionStore(graph).held(PYPI, []) == set()


async def test_a_package_of_the_same_name_elsewhere_is_another_one(graph):
    await store(graph, package("a", version("a", "1", 0)))
    assert await AttributionStore(graph).versions_of(PYPI.NPM, ["a"]) == {}
    assert await AttributionStore(graph).held(PYPI.NPM, ["a"]) == set()
    await AttributionStore(graph).mark(PYPI.NPM, ["a"])
    assert await marks(AttributionStore(graph)) == []


async def test_withdrawn_versions_are_no_versions_of_the_package_but_go_stale_like_them(graph):
    attributions = AttributionStore(graph)
    await store(graph, package("a", version("a", "1", 0), version("a", "2", 1)))
    await store(graph, package("a", version("a", "2", 0)))
    assert await attributions.versions_of(PYPI, ["a"]) == {"a": {"2": "pkg:pypi/a@2"}}
    both = {"a": {"1": "pkg:pypi/a@1", "2": "pkg:pypi/a@2"}}
    assert await attributions.stale_versions(PYPI, {"a": "s1"}) == both
    await PackageStore(graph).mark_removed(PYPI, ["a"], NOW)
    assert await attributions.stale_versions(PYPI, {"a": "s1"}) == both


async def test_only_versions_in_another_state_are_stale(graph):
    attributions = AttributionStore(graph)
    await store(graph, package("a", version("a", "1", 0), version("a", "2", 1)))
    await attributions.write([hit("pkg:pypi/a@1")])
    stale = {"a": {"2": "pkg:pypi/a@2"}}
    assert await attributions.stale_versions(PYPI, {"a": "s1", "absent": "s1"}) == stale
    everything = {"a": {"1": "pkg:pypi/a@1", "2": "pkg:pypi/a@2"}}
    assert await attributions.stale_versions(PYPI, {"a": "s2"}) == everything
    assert await attributions.stale_versions(PYPI, {"a": ANY_STATE}) == everything
    assert await attributions.stale_versions(PYPI, {}) == {}


async def test_an_attribution_is_written_whole_and_again_with_the_same_result(graph):
    attributions = AttributionStore(graph)
    await store(graph, package("a", version("a", "1", 0), version("a", "2", 1)))
    rows = [hit("pkg:pypi/a@2", attribution=Attribution()), hit("pkg:pypi/a@1")]
    assert await attributions.write([*rows, hit("pkg:pypi/gone@1")]) == 3
    before = await fingerprint(graph)
    assert await held(graph, "pkg:pypi/a@1") == (["CVE-1", "GHSA-1"], 7.5, 8.12, "s1")
    assert await held(graph, "pkg:pypi/a@2") == ([], 0.0, 0.0, "s1")
    await attributions.write(reversed(rows))
    assert await fingerprint(graph) == before
    await attributions.write([hit("pkg:pypi/a@1", "none", Attribution())])
    assert await held(graph, "pkg:pypi/a@1") == ([], 0.0, 0.0, "none")
    assert await attributions.write([]) == 0


async def test_a_refresh_of_the_package_keeps_the_attribution(graph):
    record = package("a", version("a", "1", 0))
    await store(graph, record)
    await AttributionStore(graph).write([hit("pkg:pypi/a@1")])
    await store(graph, record)
    await store(graph, package("a"))
    await store(graph, record)
    assert await held(graph, "pkg:pypi/a@1") == (["CVE-1", "GHSA-1"], 7.5, 8.12, "s1")


async def test_marked_packages_wait_until_the_mark_that_was_read_goes(graph):
    attributions = AttributionStore(graph)
    await store(graph, package("a", version("a", "1", 0)), package("b"))
    before = await fingerprint(graph)
    await attributions.mark(PYPI, ["a", "b", "absent"])
    assert await marks(attributions) == ["a", "b"]
    assert len(await attributions.unattributed(PYPI, 1)) == 1
    assert await attributions.unattributed(PYPI.NPM, 10) == []
    assert await fingerprint(graph) == before
    waiting = await attributions.unattributed(PYPI, 10)
    assert await attributions.unmark(PYPI, waiting) == 2
    assert await attributions.unmark(PYPI, waiting) == 0
    assert await marks(attributions) == []
    assert await attributions.unmark(PYPI, []) == 0
    await attributions.mark(PYPI, [])
    assert await marks(attributions) == []


async def test_a_mark_that_was_set_anew_stays(graph):
    attributions = AttributionStore(graph)
    await store(graph, package("a"))
    await attributions.mark(PYPI, ["a"])
    [read] = await attributions.unattributed(PYPI, 10)
    await attributions.mark(PYPI, ["a"])
    assert await attributions.unmark(PYPI, [read]) == 0
    [again] = await attributions.unattributed(PYPI, 10)
    assert again.stamp > read.stamp
    assert await attributions.unmark(PYPI, [again]) == 1


async def test_versions_never_attributed_are_found_without_a_mark(graph):
    attributions = AttributionStore(graph)
    await store(graph, package("a", version("a", "1", 0), version("a", "2", 1)))
    await store(graph, package("b", version("b", "1", 0)), package("empty"))
    await store(graph, package("c", version("c", "1", 0)))
    await PackageStore(graph).mark_removed(PYPI, ["c"], NOW)
    await attributions.write([hit("pkg:pypi/a@1"), hit("pkg:pypi/b@1")])
    assert [name async for name in attributions.never_attributed(PYPI)] == ["a", "c"]
    await attributions.write([hit("pkg:pypi/a@2"), hit("pkg:pypi/c@1")])
    assert [name async for name in attributions.never_attributed(PYPI)] == []


@pytest.mark.parametrize("name", ["", " a", "a\n", "x" * 1025])
async def test_what_is_no_key_never_reaches_the_engine(graph, name):
    attributions = AttributionStore(graph)
    for call in (
        attributions.versions_of(PYPI, [name]),
        attributions.held(PYPI, [name]),
        attributions.stale_versions(PYPI, {name: "s"}),
        attributions.mark(PYPI, [name]),
        attributions.unmark(PYPI, [WaitingPackage(name, 1)]),
        attributions.write([hit(name)]),
    ):
        with pytest.raises(InvalidKeyError):
            await call


async def test_the_waiting_packages_are_found_by_the_index(graph):
    if graph.engine != "falkordb":
        pytest.skip("the plan of the other engine reads differently")
    await AttributionStore(graph).mark(PYPI, ["a"])
    plan = await graph._command(
        "GRAPH.EXPLAIN",
        graph._address.graph,
        "MATCH (p:PyPIPackage) WHERE p.unattributed > 0 RETURN p.name LIMIT 5",
    )
    assert "Index Scan" in str(plan)


async def test_no_statement_begins_with_every_version_there_is(graph):
    if graph.engine != "falkordb":
        pytest.skip("the plan of the other engine reads differently")
    record = package("a", *(version("a", str(n), n) for n in range(9)))
    await store(graph, record, package("b", version("b", "1", 0)))
    await store(graph, package("b"))
    for statement in cypher.stale_versions(PYPI):
        header = "CYPHER rows=[['a','s1'],['b','s1']] "
        plan = str(await graph._command("GRAPH.EXPLAIN", graph._address.graph, header + statement))
        assert "Index Scan | (p:PyPIPackage)" in plan
        assert "Scan | (v" not in plan
