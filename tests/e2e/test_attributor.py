"""Versions of the graph get exactly the advisories that hit them, whoever writes when."""

from collections import defaultdict

import pytest

from src.processes.attributor import ATTEMPTS, Attributor
from src.schemas.advisory import Attribution, package_key
from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import StoreUnavailableError
from src.utils.osv.record import stored_form
from tests.e2e.advisory_world import Meanwhile, affected, attributions, attributor_of, hits, record
from tests.graph.builders import package, store, version
from tests.unit.osv.cases import ATTRIBUTIONS, CASES, RECORDS

PYPI = Ecosystem.PYPI


def dated(said, minute=1):
    return {"modified": f"2024-01-01T00:{minute:02}:00Z", **said}


async def publish(advisories, *records, minute=1):
    """What a sync does before it reads the graph."""
    upserted = await advisories.upsert([stored_form(dated(each, minute)) for each in records])
    await advisories.raise_generations(upserted.keys)


def some(name, *versions, ecosystem=PYPI):
    made = [
        version(name, each, serial, ecosystem=ecosystem) for serial, each in enumerate(versions)
    ]
    return package(name, *made, ecosystem=ecosystem)


async def test_the_table_of_cases_holds_in_the_graph(graph, advisories):
    versions = defaultdict(list)
    expected = defaultdict(set)
    for case in CASES:
        expected[case.ecosystem, case.name, case.version] |= {case.record} if case.reason else set()
    for ecosystem, name, number in expected:
        versions[ecosystem, name].append(number)
    records = [some(name, *them, ecosystem=eco) for (eco, name), them in versions.items()]
    await store(graph, *records)
    await advisories.upsert([stored_form(document) for document in RECORDS.values()])
    attributor = attributor_of(graph, advisories)
    for ecosystem in Ecosystem:
        names = [name for eco, name in versions if eco is ecosystem]
        counts = await attributor.attribute(ecosystem, names)
        assert counts.packages == len(names)
        assert counts.versions == sum(len(versions[ecosystem, name]) for name in names)
    checked = 0
    for ecosystem, name in versions:
        for number, said in (await attributions(graph, ecosystem, name)).items():
            key = ecosystem, name, number
            assert set(said.vulnerabilities) == expected[key], key
            assert list(said.vulnerabilities) == sorted(said.vulnerabilities)
            assert said == ATTRIBUTIONS.get(key, said), key
            checked += 1
    assert checked == len(expected) >= 60


async def test_a_version_without_advisories_says_so(graph, advisories):
    await store(graph, some("a", "1"))
    await attributor_of(graph, advisories).attribute(PYPI, ["a", "absent"])
    assert await attributions(graph, PYPI, "a") == {"1": Attribution()}


async def test_only_stale_versions_are_written_where_that_is_asked(graph, advisories):
    attributor = attributor_of(graph, advisories)
    await publish(advisories, record("A-1", affected(PYPI, "a", "1", "2")))
    await store(graph, some("a", "1"))
    assert (await attributor.attribute(PYPI, ["a"], only_stale=True)).versions == 1
    await store(graph, some("a", "1", "1.5"))
    assert (await attributor.attribute(PYPI, ["a"], only_stale=True)).versions == 1
    assert (await attributor.attribute(PYPI, ["a"], only_stale=True)).versions == 0
    assert (await attributor.attribute(PYPI, ["a"])).versions == 2
    assert await hits(graph, PYPI, "a") == {"1": ["A-1"], "1.5": ["A-1"]}


async def test_a_sync_between_reading_and_writing_is_noticed(graph, advisories):
    await store(graph, some("a", "1", "2"), some("b", "1"))
    await publish(advisories, record("OLD", affected(PYPI, "a", "1", "2")))

    async def synced():
        await publish(advisories, record("NEW", affected(PYPI, "a", "2")), minute=2)
        await attributor_of(graph, advisories).attribute(PYPI, ["a"])

    racing = Attributor(advisories, Meanwhile(graph, synced))
    counts = await racing.attribute(PYPI, ["a", "b"])
    assert await hits(graph, PYPI, "a") == {"1": ["OLD"], "2": ["NEW"]}
    assert (counts.packages, counts.versions) == (2, 3)


async def test_a_change_under_the_same_date_is_noticed_although_no_version_looks_stale(
    graph, advisories
):
    await store(graph, some("a", "1", "2"))
    await publish(advisories, record("X", affected(PYPI, "a", "1", "2")))

    async def synced():
        await publish(advisories, record("X", affected(PYPI, "a", "2")))
        await attributor_of(graph, advisories).attribute(PYPI, ["a"])

    await Attributor(advisories, Meanwhile(graph, synced)).attribute(PYPI, ["a"], only_stale=True)
    assert await hits(graph, PYPI, "a") == {"2": ["X"]}


async def test_advisories_that_never_rest_are_an_error(graph, advisories):
    await store(graph, some("a", "1"))

    async def raised():
        await advisories.raise_generations([package_key(PYPI, "a")])

    restless = Attributor(advisories, Meanwhile(graph, *[raised] * ATTEMPTS))
    with pytest.raises(StoreUnavailableError, match="changed during each"):
        await restless.attribute(PYPI, ["a"])
    almost = Attributor(advisories, Meanwhile(graph, *[raised] * (ATTEMPTS - 1)))
    assert (await almost.attribute(PYPI, ["a"])).versions == 1


async def test_withdrawn_versions_keep_up_with_the_advisories(graph, advisories):
    attributor = attributor_of(graph, advisories)
    await store(graph, some("a", "1", "2"))
    await store(graph, some("a", "2"))
    await publish(advisories, record("A-1", affected(PYPI, "a", "0", "2")))
    await attributor.attribute(PYPI, ["a"])
    assert await hits(graph, PYPI, "a") == {"1": ["A-1"]}
