"""The state of packages, of one and of all, on every engine."""

import pytest

from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import InvalidKeyError, StoreError
from src.schemas.package_state import State
from src.services.graph.fingerprint import fingerprint
from src.services.graph.package_states import PackageStates
from src.services.graph.package_store import PackageStore
from src.services.graph.state_cypher import count_removed
from src.services.graph.state_store import LEASE_MS, Failure, StateStore
from src.utils.failure_policy import FailurePolicy
from tests.graph.builders import NOW, PYPI, need, package, properties, store, version
from tests.graph.test_migrations import plan_of

HOUR = 3_600_000
POLICY = FailurePolicy(retry_hours=1, max_attempts=3)


async def state_of(graph, name, now=NOW + 10):
    return await PackageStates(graph).state_of(PYPI, name, policy=POLICY, now_ms=now)


async def counts(graph, now=NOW + 10):
    found = await PackageStates(graph).summary(PYPI, now_ms=now)
    return {state: number for state, number in found.items() if number}


async def fail(graph, name, *moments, reason="registry_unavailable"):
    for moment in moments:
        await StateStore(graph).record_failures(PYPI, [Failure(name, reason, "503")], moment)


async def take_up(graph, name, started):
    await StateStore(graph).take_up(PYPI, {name: started}, started)


async def test_a_package_that_nobody_heard_of_is_an_error(graph):
    with pytest.raises(StoreError, match="no package nobody of PyPI"):
        await state_of(graph, "nobody")
    with pytest.raises(InvalidKeyError):
        await state_of(graph, "")
    assert await counts(graph) == {}


async def test_a_stored_package_tells_its_versions_and_all_its_times(graph):
    await store(graph, package("user", version("user", "1", 0, need("lib"))), moment=NOW - 500)
    versions = (version("lib", "1", 3), version("lib", "2", 8), version("lib", "?", -1))
    await store(graph, package("lib", *versions, revision="7"), moment=NOW)
    await store(graph, package("lib", *versions, revision="8"), moment=NOW + 5)
    found = await state_of(graph, "lib")
    assert (found.state, found.purl, found.versions) == (State.STORED, "pkg:pypi/lib", 3)
    assert (found.published_first, found.published_last) == (
        "2024-01-04T00:00:00Z",
        "2024-01-09T00:00:00Z",
    )
    assert (found.discovered, found.visible, found.refreshed) == (NOW - 500, NOW, NOW + 5)
    assert (found.revision, found.attempts, found.next_try, found.given_up) == ("8", 0, None, False)


async def test_a_bare_package_is_queued_since_its_discovery(graph):
    await store(graph, package("user", version("user", "1", 0, need("lib"))))
    found = await state_of(graph, "lib")
    assert (found.state, found.discovered, found.visible) == (State.QUEUED, NOW, None)
    assert (found.versions, found.published_last, found.refreshed) == (0, "", None)
    assert await counts(graph) == {"queued": 1, "stored": 1}


async def test_a_package_that_is_gone_still_tells_when_it_was_published_and_seen(graph):
    await store(graph, package("lib", version("lib", "1", 3), version("lib", "2", 8)))
    await PackageStore(graph).mark_removed(PYPI, ["lib"], NOW + 7)
    found = await state_of(graph, "lib")
    assert (found.state, found.versions) == (State.GONE, 0)
    assert (found.published_first[:10], found.published_last[:10]) == ("2024-01-04", "2024-01-09")
    assert (found.visible, found.refreshed) == (NOW, NOW + 7)
    assert await counts(graph) == {"gone": 1}


@pytest.mark.parametrize(
    ("failures", "next_try", "given_up"),
    [
        ([NOW], NOW + HOUR, False),
        ([NOW, NOW + 1], NOW + 1 + 2 * HOUR, False),
        ([1, 2, 3], None, True),
    ],
    ids=["once", "twice", "three times"],
)
async def test_a_failed_package_tells_why_how_often_and_when_it_is_tried_again(
    graph, failures, next_try, given_up
):
    await fail(graph, "new", *failures)
    found = await state_of(graph, "new")
    assert (found.state, found.reason, found.detail) == (
        State.FAILED,
        "registry_unavailable",
        "503",
    )
    assert (found.attempts, found.next_try, found.given_up) == (len(failures), next_try, given_up)
    assert await counts(graph) == {"failed": 1}


async def test_a_failed_refresh_is_a_failure_of_a_package_that_tells_when_it_was_stored(graph):
    await store(graph, package("lib", version("lib", "1", 0)))
    await fail(graph, "lib", NOW + 5)
    found = await state_of(graph, "lib")
    assert (found.state, found.visible, found.refreshed, found.versions) == (
        State.FAILED,
        NOW,
        NOW,
        1,
    )
    assert await counts(graph) == {"failed": 1}
    await store(graph, package("lib", version("lib", "1", 0)), moment=NOW + 6)
    assert (await state_of(graph, "lib")).state is State.STORED


async def test_what_a_run_has_taken_up_is_running_whatever_it_was_before(graph):
    await store(graph, package("stored"), package("gone"))
    await store(graph, package("user", version("user", "1", 0, need("bare"))))
    await PackageStore(graph).mark_removed(PYPI, ["gone"], NOW)
    await fail(graph, "failed", NOW)
    for name in ("stored", "gone", "bare", "failed", "never seen"):
        await take_up(graph, name, NOW + 5)
        found = await state_of(graph, name)
        assert (found.state, found.running_since) == (State.RUNNING, NOW + 5), name
    assert await counts(graph) == {"running": 5, "stored": 1}
    await StateStore(graph).lay_down(PYPI, ["stored", "gone", "bare", "failed", "never seen"])
    states = {"stored": "stored", "gone": "gone", "bare": "queued", "failed": "failed"}
    assert {name: (await state_of(graph, name)).state for name in states} == states
    assert await counts(graph) == {"stored": 2, "gone": 1, "queued": 1, "failed": 1}


async def test_a_run_that_was_cut_short_leaves_its_packages_queued_after_an_hour(graph):
    await store(graph, package("lib"))
    for name in ("lib", "new"):
        await take_up(graph, name, NOW + 5)
    later = NOW + 5 + LEASE_MS
    assert await counts(graph, later) == {"running": 2}
    assert await counts(graph, later + 1) == {"queued": 2}
    found = await state_of(graph, "lib", later + 1)
    assert (found.state, found.interrupted, found.running_since) == (State.QUEUED, True, None)
    await StateStore(graph).forget_interrupted(PYPI, later)
    assert len(await StateStore(graph).runs(PYPI)) == 2
    await StateStore(graph).forget_interrupted(PYPI, later + 1)
    assert await counts(graph, later + 1) == {"stored": 1}


async def test_a_run_that_says_again_that_it_works_is_not_taken_for_dead(graph):
    state = StateStore(graph)
    await take_up(graph, "slow", NOW)
    await state.take_up(PYPI, {"slow": NOW}, NOW + LEASE_MS)
    found = await state_of(graph, "slow", NOW + LEASE_MS + 1)
    assert (found.state, found.running_since) == (State.RUNNING, NOW)


@pytest.mark.parametrize("outcome", ["stored", "failed"])
async def test_a_kill_between_an_outcome_and_its_note_leaves_nobody_running(graph, outcome):
    await take_up(graph, "lib", NOW)
    if outcome == "stored":
        await store(graph, package("lib"), moment=NOW + 5)
    else:
        await fail(graph, "lib", NOW + 5)
    assert (await state_of(graph, "lib")).state == outcome
    assert await counts(graph) == {outcome: 1}


async def test_each_ecosystem_is_counted_for_itself_and_every_state_has_a_number(graph):
    await store(graph, package("lib"))
    await take_up(graph, "other", NOW)
    found = await PackageStates(graph).summary(Ecosystem.NPM, now_ms=NOW)
    assert found == {"running": 0, "failed": 0, "queued": 0, "gone": 0, "stored": 0}


@pytest.mark.parametrize("name", ["", " padded ", "x" * 1500, "a\nb", '"})'])
async def test_failures_of_what_can_be_no_name_are_counted_too(graph, name):
    await fail(graph, name, NOW)
    await take_up(graph, name, NOW - 1)
    assert await counts(graph) == {"failed": 1}


async def test_a_package_of_an_older_graph_was_visible_at_the_latest_when_it_was_last_read(graph):
    await graph.run("CREATE (:PyPIPackage {name: 'old', purl: 'pkg:pypi/old', moment: 5})")
    await store(graph, package("old"))
    found = await state_of(graph, "old")
    assert (found.discovered, found.visible, found.refreshed) == (None, 5, NOW)


async def test_a_package_that_was_gone_before_it_was_seen_is_visible_once_it_comes(graph):
    await store(graph, package("user", version("user", "1", 0, need("lib"))))
    await PackageStore(graph).mark_removed(PYPI, ["lib"], NOW + 1)
    await store(graph, package("lib"), moment=NOW + 9)
    held = await properties(graph, "PyPIPackage", "name", "lib")
    assert (held["discovered"], held["visible"]) == (NOW, NOW + 9)


async def test_states_leave_the_content_of_the_graph_as_it_is(graph):
    await store(graph, package("lib", version("lib", "1", 0)), moment=NOW)
    before = await fingerprint(graph)
    await take_up(graph, "lib", NOW + 1)
    await store(graph, package("lib", version("lib", "1", 0)), moment=NOW + 3)
    await graph.run("MATCH (p:PyPIPackage) SET p.discovered = 1, p.visible = 2")
    assert await fingerprint(graph) == before
    rows = await graph.run("MATCH (n:PackageRun)-[r]-() RETURN count(r) AS edges")
    assert rows == [{"edges": 0}]


async def test_removed_packages_are_counted_by_an_index(graph):
    await graph.run(
        "UNWIND range(1, 300) AS i CREATE (:PyPIPackage {name: toString(i), moment: 1})"
    )
    plan = await plan_of(graph, count_removed(PYPI), {"removed": "removed"})
    assert "NodeIndexSeek" in plan or "Node By Index Scan" in plan
