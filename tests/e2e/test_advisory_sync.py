"""What a sync and a reconciliation do with each change, and with each thing that is wrong."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from src.local_stack.replay import Fault, faults
from src.schemas.ecosystem import Ecosystem
from src.services.graph.attribution_store import AttributionStore
from tests.e2e.advisory_world import affected, record
from tests.graph.builders import package, store, version

PYPI, NPM = Ecosystem.PYPI, Ecosystem.NPM
VERSIONS = ("1.0.0", "2.0.0", "3.0.0")


@pytest.fixture
async def synced(advisory_world):
    """Three packages and their advisories, all in order, in PyPI and npm."""
    world = advisory_world
    world.ecosystems = (PYPI, NPM)
    for ecosystem in world.ecosystems:
        made = [
            package(
                name,
                *(version(name, v, n, ecosystem=ecosystem) for n, v in enumerate(VERSIONS)),
                ecosystem=ecosystem,
            )
            for name in ("a", "b", "c")
        ]
        await store(world.graph, *made)
        world.shelf.publish(
            *(
                record(f"{ecosystem}-{name}", affected(ecosystem, name, "2.0.0"))
                for name in ("a", "b")
            )
        )
    summary = await world.sync()
    assert summary.metadata()["versions_reattributed"] >= 12
    return world


def of(summary, ecosystem=PYPI):
    return summary.ecosystems[ecosystem]


HIT = {"2.0.0": ["pypi-a"], "3.0.0": ["pypi-a"]}


async def test_the_first_sync_takes_the_archive_and_attributes_everything(synced):
    assert await synced.hits("a") == HIT
    assert await synced.hits("a", NPM) == {"2.0.0": ["npm-a"], "3.0.0": ["npm-a"]}
    assert [n async for n in AttributionStore(synced.graph).never_attributed(PYPI)] == []
    assert await synced.advisories.cursor(PYPI) == synced.shelf.records["pypi-b"]["modified"]


async def test_a_sync_asks_for_what_changed_alone(synced):
    synced.shelf.publish(record("pypi-a", affected(PYPI, "a", "3.0.0")))
    synced.server.forget_requests()
    summary = await synced.sync()
    assert dict(synced.server.requests) == {
        "/osv/PyPI/modified_id.csv": 1,
        "/osv/PyPI/pypi-a.json": 1,
        "/osv/npm/modified_id.csv": 1,
    }
    assert await synced.hits("a") == {"3.0.0": ["pypi-a"]}
    counts = of(summary)
    assert (counts.seen, counts.changed, counts.packages, counts.versions) == (1, 1, 1, 3)


async def test_a_package_that_is_no_longer_named_is_attributed_too(synced):
    synced.shelf.publish(record("pypi-a", affected(PYPI, "c", "2.0.0")))
    summary = await synced.sync()
    assert await synced.hits("a") == {}
    assert await synced.hits("c") == HIT
    assert of(summary).packages == 2


async def test_a_withdrawn_record_leaves_the_matching_and_stays_in_the_store(synced):
    synced.shelf.withdraw("pypi-a")
    summary = await synced.sync()
    assert await synced.hits("a") == {}
    assert (await synced.advisories.find("pypi-a"))["withdrawn"]
    assert (of(summary).withdrawn, of(summary).vanished) == (1, 0)
    # And comes back.
    synced.shelf.publish(record("pypi-a", affected(PYPI, "a", "2.0.0")))
    await synced.sync()
    assert await synced.hits("a") == HIT


async def test_what_the_source_no_longer_has_leaves_the_matching_at_night(synced):
    kept = synced.shelf.records.pop("pypi-a")
    assert of(await synced.sync()).withdrawn == 0
    summary = await synced.reconcile()
    assert await synced.hits("a") == {}
    assert (of(summary).withdrawn, of(summary).vanished) == (1, 1)
    assert (await synced.advisories.find("pypi-a"))["id"] == "pypi-a"
    assert of(await synced.reconcile()).withdrawn == 0
    synced.shelf.records["pypi-a"] = kept
    await synced.reconcile()
    assert await synced.hits("a") == HIT


async def test_what_only_the_archive_lacks_stays(synced):
    synced.shelf.hidden.add("pypi-a")
    summary = await synced.reconcile()
    assert await synced.hits("a") == HIT
    assert of(summary).withdrawn == 0


async def test_what_moved_to_another_ecosystem_stays(synced):
    synced.shelf.publish(record("both", affected(PYPI, "c"), affected(NPM, "c")))
    await synced.sync()
    assert set(await synced.hits("c", NPM)) == {"1.0.0", "2.0.0", "3.0.0"}
    both = synced.shelf.records["both"]
    both["affected"] = [affected(PYPI, "c")]  # under the same date
    summary = await synced.reconcile()
    assert of(summary, NPM).vanished == 0
    assert set(await synced.hits("c")) == {"1.0.0", "2.0.0", "3.0.0"}
    assert await synced.hits("c", NPM) == {}
    synced.shelf.records["both"]["affected"] = [affected(NPM, "c")]
    await synced.reconcile()
    assert await synced.hits("c") == {}
    assert set(await synced.hits("c", NPM)) == {"1.0.0", "2.0.0", "3.0.0"}


async def test_a_change_under_the_same_date_is_found_at_night(synced):
    synced.shelf.records["pypi-a"]["affected"] = [affected(PYPI, "a", "3.0.0")]
    await synced.sync()
    assert await synced.hits("a") == HIT
    assert of(await synced.reconcile()).changed == 1
    assert await synced.hits("a") == {"3.0.0": ["pypi-a"]}


async def many(world, number):
    world.shelf.publish(*(record(f"X-{n}", affected(PYPI, "c", "3.0.0")) for n in range(number)))
    await world.sync()


@pytest.mark.parametrize("process", ["sync", "reconcile"])
async def test_more_withdrawals_than_can_be_believed_stop_the_ecosystem_alone(synced, process):
    await many(synced, 50)
    for number in range(6):
        synced.shelf.withdraw(f"X-{number}")
    synced.shelf.publish(record("npm-a", affected(NPM, "a", "3.0.0")))
    synced.shelf.publish(record("pypi-b", affected(PYPI, "b", "3.0.0")))
    cursor = await synced.advisories.cursor(PYPI)
    summary = await getattr(synced, process)()
    assert summary.failures == {PYPI: of(summary).failure}
    assert "6 of 52 advisories of pypi would be withdrawn" in of(summary).failure
    assert of(summary).withdrawn == 0
    assert len((await synced.hits("c"))["3.0.0"]) == 50
    assert await synced.advisories.cursor(PYPI) == cursor
    assert await synced.hits("a", NPM) == {"3.0.0": ["npm-a"]}, "the others go on"
    assert await synced.hits("b") == {"3.0.0": ["pypi-b"]}, "what does not withdraw is taken"
    assert summary.metadata()["failed_ecosystems"].keys() == {"pypi"}
    assert summary.metadata()["errors"] == 1


async def test_as_many_withdrawals_as_can_be_believed_are(synced):
    await many(synced, 68)
    for number in range(7):
        synced.shelf.withdraw(f"X-{number}")
    assert of(await synced.sync()).withdrawn == 7
    assert len((await synced.hits("c"))["3.0.0"]) == 61


async def test_an_archive_that_lacks_too_much_is_not_believed(synced):
    await many(synced, 50)
    for number in range(6):
        del synced.shelf.records[f"X-{number}"]
    summary = await synced.reconcile()
    assert "6 of 52" in of(summary).failure
    assert len((await synced.hits("c"))["3.0.0"]) == 50


async def test_records_that_cannot_be_read_are_counted_and_kept(synced):
    bad = {
        "no-package": record("no-package"),
        "unknown": record(
            "unknown",
            affected(PYPI, "a") | {"package": {"ecosystem": "Hex", "name": "a"}},
            folders=["PyPI"],
        ),
        "disorder": record(
            "disorder",
            {
                "package": {"ecosystem": "PyPI", "name": "c"},
                "ranges": [
                    {
                        "type": "ECOSYSTEM",
                        "events": [
                            {"fixed": "3.0.0"},
                            {"introduced": "what?"},
                            {"introduced": "2.0.0"},
                        ],
                    }
                ],
            },
        ),
        "vector": record("vector", affected(PYPI, "b", "3.0.0"), vector="CVSS:3.1/AV:N"),
    }
    bad["no-package"]["folders"] = ["PyPI"]
    synced.shelf.publish(*bad.values())
    summary = await synced.sync()
    assert not summary.failures
    assert of(summary).changed == 4
    assert of(summary).problems.total() >= 3
    for identity in bad:
        assert (await synced.advisories.find(identity))["id"] == identity
    assert await synced.hits("c") == {"2.0.0": ["disorder"]}
    assert (await synced.hits("b"))["3.0.0"] == ["pypi-b", "vector"]


async def test_a_record_without_a_date_is_kept_as_published_and_replaces_none(synced):
    archive = synced.shelf.document("/osv/PyPI/all.zip").body
    dateless = {"id": "dateless", "affected": [affected(PYPI, "c")]}
    synced.shelf.publish(dateless)
    synced.shelf.records["dateless"].pop("modified")
    synced.shelf.records["pypi-a"].pop("modified")
    assert archive != synced.shelf.document("/osv/PyPI/all.zip").body
    summary = await synced.reconcile()
    assert of(summary).errors == {"invalid_payload": 2}
    kept = await synced.advisories.find("dateless")
    assert kept["affected"] == dateless["affected"]
    assert await synced.hits("c") == {}
    assert await synced.hits("a") == HIT


async def test_a_record_that_is_gone_or_broken_is_counted_and_passed(synced):
    synced.shelf.publish(*(record(f"N-{n}", affected(PYPI, "c", "3.0.0")) for n in range(3)))
    synced.server.faults = faults.table(
        {
            "/osv/PyPI/N-0.json": [Fault(status=404)] * 9,
            "/osv/PyPI/N-1.json": [Fault.broken_json()] * 9,
        }
    )
    summary = await synced.sync()
    assert of(summary).errors == {"package_not_found": 1, "invalid_payload": 1}
    assert not summary.failures
    assert await synced.hits("c") == {"3.0.0": ["N-2"]}
    assert await synced.advisories.cursor(PYPI) == synced.shelf.records["N-2"]["modified"]
    synced.server.faults = faults.no_faults
    await synced.reconcile()
    assert await synced.hits("c") == {"3.0.0": ["N-0", "N-1", "N-2"]}


async def test_the_cursor_stays_before_a_record_that_may_be_had_later(synced):
    synced.attempts = 1
    synced.shelf.publish(*(record(f"N-{n}", affected(PYPI, "c", "3.0.0")) for n in range(3)))
    synced.server.faults = faults.table({"/osv/PyPI/N-1.json": [Fault(status=503)] * 9})
    summary = await synced.sync()
    assert of(summary).errors == {"registry_unavailable": 1}
    assert await synced.advisories.cursor(PYPI) == synced.shelf.records["N-0"]["modified"]
    assert await synced.hits("c") == {"3.0.0": ["N-0", "N-2"]}
    synced.server.faults = faults.no_faults
    await synced.sync()
    assert await synced.hits("c") == {"3.0.0": ["N-0", "N-1", "N-2"]}


async def test_the_cursor_stays_before_a_record_that_is_older_than_the_list_says(synced):
    synced.shelf.lagging["pypi-a"] = synced.shelf.records["pypi-a"]
    synced.shelf.publish(record("pypi-a", affected(PYPI, "a", "3.0.0")))
    synced.shelf.publish(record("N-0", affected(PYPI, "c", "3.0.0")))
    cursor = await synced.advisories.cursor(PYPI)
    summary = await synced.sync()
    assert of(summary).errors == {"older_than_listed": 1}
    assert await synced.advisories.cursor(PYPI) == cursor
    assert (await synced.hits("a"), await synced.hits("c")) == (HIT, {"3.0.0": ["N-0"]})
    synced.shelf.lagging.clear()
    await synced.sync()
    assert await synced.hits("a") == {"3.0.0": ["pypi-a"]}
    assert await synced.advisories.cursor(PYPI) == synced.shelf.records["N-0"]["modified"]


@pytest.mark.parametrize(
    ("path", "body", "process"),
    [
        ("/osv/PyPI/all.zip", b"PK\x03\x04 is not the whole archive", "reconcile"),
        ("/osv/PyPI/modified_id.csv", b"2025-01-01T00:00:00Z,pypi-a\n2024-12-31T0", "sync"),
        ("/osv/PyPI/modified_id.csv", b"<html>sorry</html>\n", "sync"),
    ],
    ids=["corrupt zip", "csv cut off", "a page instead of the csv"],
)
async def test_a_broken_document_fails_its_ecosystem_alone(synced, path, body, process):
    before = await synced.fingerprint()
    synced.shelf.broken[path] = body
    summary = await getattr(synced, process)()
    assert of(summary).failure.startswith("invalid_payload")
    assert not of(summary, NPM).failure
    assert await synced.fingerprint() == before


async def test_names_that_the_graph_lacks_are_counted_once(synced):
    synced.shelf.publish(
        record("U-1", affected(PYPI, "absent"), affected(PYPI, "c")),
        record("U-2", affected(PYPI, "absent"), affected(PYPI, "other")),
    )
    summary = await synced.sync()
    assert of(summary).unmatched == 2
    assert summary.metadata()["unmatched_names"] == 2


async def test_a_feed_that_stands_still_is_told(synced, caplog):
    assert (await synced.sync()).stale_feeds == [PYPI, NPM]
    assert "the advisories of npm have not moved since 2024" in caplog.text
    recent = datetime.now(UTC) - timedelta(hours=23)
    synced.shelf.publish(
        {
            **record("fresh", affected(PYPI, "c")),
            "modified": recent.isoformat().replace("+00:00", "Z"),
        }
    )
    summary = await synced.sync()
    assert summary.metadata()["stale_feeds"] == ["npm"]


async def test_a_record_from_the_future_hides_nothing(synced):
    ahead = (datetime.now(UTC) + timedelta(days=900)).isoformat().replace("+00:00", "Z")
    now = datetime.now(UTC) + timedelta(seconds=30)
    synced.shelf.publish({**record("ahead", affected(PYPI, "c", "3.0.0")), "modified": ahead})
    await synced.sync()
    later = record("later", affected(PYPI, "c", "3.0.0"))
    synced.shelf.publish({**later, "modified": now.isoformat().replace("+00:00", "Z")})
    await synced.sync()
    assert await synced.hits("c") == {"3.0.0": ["ahead", "later"]}


async def test_a_broken_entry_of_the_archive_is_asked_for_alone(synced, monkeypatch):
    kept = synced.shelf.document
    synced.shelf.publish(record("entry", affected(PYPI, "c", "3.0.0")))

    def document(path, query=""):
        if path != "/osv/PyPI/all.zip":
            return kept(path, query)
        whole = synced.shelf.records["entry"]
        synced.shelf.records["entry"] = {**whole, "id": "entry", "note": "x" * 40}
        from src.local_stack.replay.documents import Document  # noqa: PLC0415
        from src.local_stack.replay.makers import archive_bytes  # noqa: PLC0415

        entries = {
            f"{r['id']}.json": json.dumps(r)
            for r in synced.shelf.records.values()
            if r["id"] != "entry" and "npm" not in r["id"]
        }
        synced.shelf.records["entry"] = whole
        return Document(archive_bytes("zip", {**entries, "entry.json": "{"}), "application/zip")

    monkeypatch.setattr(synced.shelf, "document", document)
    summary = await synced.reconcile()
    assert of(summary).errors == {"broken_entry": 1}
    assert await synced.hits("c") == {"3.0.0": ["entry"]}
