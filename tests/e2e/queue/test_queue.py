"""The queue: every message ends in exactly one place, and none is lost."""

import asyncio
import json

import pytest

from src.local_stack.replay import Fault, table
from src.processes.queue.options import QueueOptions
from src.processes.queue.worker import work_until
from src.services.queue.message_stream import now_ms

PACKAGES = "MATCH (p:PyPIPackage) WHERE p.moment IS NOT NULL RETURN p.name AS name ORDER BY p.name"


async def stored(world) -> list[str]:
    return [row["name"] for row in await world.graph.run(PACKAGES)]


async def test_a_request_is_extracted_with_all_that_it_requires(queue, world):
    await queue.push(node_type="PyPIPackage", package="App", vendor="somebody")
    summary = await queue.drain()
    assert summary.metadata() == {
        "total_processed": 2,
        "successful": 2,
        "failed": 0,
        "validation_errors": 0,
        "unsupported_types": 0,
        "retried": 0,
        "success_rate": 100.0,
        "linked": 0,
        "discovered_packages": 1,
        "dead_letter_reasons": {},
    }
    assert await stored(world) == ["app", "lib"]
    rows = await world.graph.run("MATCH (p:PyPIPackage {name: 'app'}) RETURN p.vendor AS vendor")
    assert rows == [{"vendor": "somebody"}]
    assert (await queue.stats()).empty


LONG = "x" * 300_000


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"data": "{not json"}, "invalid_json"),
        ({"data": ""}, "invalid_json"),
        ({"data": b"\xff\xfe{}"}, "invalid_json"),
        ({"data": '["a list"]'}, "validation_error"),
        ({"data": '{"node_type":"PyPIPackage"}'}, "validation_error"),
        ({"data": '{"node_type":"PyPIPackage","package":""}'}, "validation_error"),
        ({"data": '{"node_type":"PyPIPackage","package":"../x"}'}, "validation_error"),
        ({"data": '{"node_type":"PyPIPackage","package":7}'}, "validation_error"),
        ({"data": json.dumps({"node_type": "PyPIPackage", "package": LONG})}, "message_too_large"),
        ({"other": "field"}, "no_data_field"),
        ({"data": '{"node_type":"CondaPackage","package":"x"}'}, "unsupported_type"),
        ({"data": '{"node_type":"PyPIPackage","package":"nowhere"}'}, "package_not_found"),
        (
            {"data": '{"node_type":"PyPIPackage","package":"lib","parent_id":"4:x:1"}'},
            "parent_not_found",
        ),
    ],
)
async def test_what_can_never_succeed_goes_to_the_dead_letters_at_once(queue, fields, reason):
    await queue.redis.xadd(queue.keys.stream, fields)
    summary = await queue.drain()
    [letter] = await queue.dead()
    assert letter["reason"] == reason
    assert letter["details"]
    sent = fields.get("data")
    kept = sent.decode(errors="surrogateescape") if isinstance(sent, bytes) else sent
    assert letter.get("data") == kept
    assert letter.get("entry") == (None if "data" in fields else '{"other": "field"}')
    assert letter["attempts"] == "1"
    assert summary.total_processed == 1
    assert summary.successful == 0
    assert (await queue.stats()).empty


@pytest.mark.parametrize(
    ("told", "stored_as"),
    [
        (None, "n/a"),
        ("", "n/a"),
        ("somewhere", "n/a"),
        ("git@github.com:owner/lib.git", "https://github.com/owner/lib"),
        ("https://forge.test/lib", "https://forge.test/lib"),
    ],
)
async def test_a_repository_that_nobody_knows_is_told_as_such(queue, world, told, stored_as):
    await queue.push(node_type="PyPIPackage", package="lib", repository_url=told)
    assert (await queue.drain()).successful == 1
    rows = await world.graph.run("MATCH (p:PyPIPackage) RETURN p.repository_url AS url")
    assert rows == [{"url": stored_as}]


async def test_messages_pushed_before_the_group_existed_are_read_too(queue):
    await queue.push(node_type="PyPIPackage", package="lib")
    assert (await queue.stats()).waiting == 1
    assert (await queue.drain()).successful == 1


async def test_a_passing_failure_waits_for_its_retry_and_is_then_given_up(queue, world):
    world.server.faults = table({"/pypi/simple/lib/": Fault(status=503)})
    await queue.push(node_type="PyPIPackage", package="lib")
    summary = await queue.drain()
    assert (summary.retried, summary.failed) == (1, 0)
    stats = await queue.stats()
    assert (stats.waiting, stats.pending, stats.retrying) == (0, 0, 1)
    summary = await drained_after_rest(queue)
    assert summary.failed == 1
    [letter] = await queue.dead()
    assert (letter["reason"], letter["attempts"]) == ("extraction_failed", "2")
    assert "registry_unavailable" in letter["details"]
    assert int(letter["first_seen"]) < int(letter["failed_at"]) - 200


async def drained_after_rest(queue):
    await asyncio.sleep(0.45)
    return await queue.drain()


async def test_a_passing_failure_that_passes_ends_well(queue, world):
    world.server.faults = table({"/pypi/simple/lib/": Fault(status=503)})
    await queue.push(node_type="PyPIPackage", package="lib")
    await queue.drain()
    world.server.faults = table({})
    assert (await drained_after_rest(queue)).successful == 1
    assert await queue.dead() == []


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 60), (2, 120), (3, 240), (6, 1920), (7, 3600), (500, 3600)]
)
def test_each_try_rests_twice_as_long_as_the_one_before_up_to_an_hour(attempts, seconds):
    assert QueueOptions().rest_seconds(attempts) == seconds


@pytest.mark.parametrize(("asked", "seconds"), [("40", 40), ("99999999", 86_400)])
async def test_what_a_registry_asked_us_to_wait_is_waited_for_a_day_at_most(
    queue, world, asked, seconds
):
    slow = Fault(status=429, headers={"Retry-After": asked})
    world.server.faults = table({"/pypi/simple/lib/": slow})
    await queue.push(node_type="PyPIPackage", package="lib")
    await queue.drain()
    async with queue.open() as opened:
        [waiting] = await opened.inspector.retries(10)
    assert seconds - 5 < (waiting.due_ms - now_ms()) / 1000 <= seconds


async def test_what_a_crashed_consumer_left_is_claimed_by_another(queue, world):
    await queue.push(node_type="PyPIPackage", package="lib")
    await left_behind(queue)
    assert (await queue.drain()).total_processed == 0
    await asyncio.sleep(0.6)
    assert (await queue.drain()).successful == 1
    assert await stored(world) == ["lib"]


async def left_behind(queue, consumer="crashed"):
    async with queue.open(consumer) as opened:
        await opened.stream.ensure_group()
        return await opened.stream.read(10, 100)


async def test_nobody_takes_over_what_a_living_consumer_works_on(queue, world):
    await queue.push(node_type="PyPIPackage", package="lib")
    world.server.faults = table({"/pypi/simple/lib/": Fault(delay_seconds=1.5)})
    slow = asyncio.create_task(queue.drain("slow"))
    await asyncio.sleep(0.9)
    assert (await queue.drain("hasty")).total_processed == 0
    assert (await slow).successful == 1


async def test_a_message_has_one_fate_though_two_consumers_settle_it(queue):
    await queue.push(node_type="PyPIPackage", package="lib")
    [message] = await left_behind(queue)
    async with queue.open("crashed") as stalled:
        assert (await queue.drain()).total_processed == 0
        await asyncio.sleep(0.6)
        assert (await queue.drain()).successful == 1
        assert not await stalled.stream.dead_letter(message, "extraction_failed", "too late")
        assert not await stalled.stream.postpone(message, attempts=1, due_ms=0)
    assert await queue.dead() == []
    assert (await queue.stats()).retrying == 0


async def test_a_message_that_ends_every_consumer_is_given_up(queue):
    queue.set(max_deliveries=2, claim_seconds=0.05)
    await queue.push(node_type="PyPIPackage", package="lib")
    await left_behind(queue)
    async with queue.open("other") as opened:
        await asyncio.sleep(0.06)
        [claimed] = await opened.stream.claim(10, 50)
        assert claimed.deliveries == 2
        await opened.stream.begin([claimed.id])
    await asyncio.sleep(0.06)
    assert (await queue.drain()).failed == 1
    [letter] = await queue.dead()
    assert letter["reason"] == "delivered_too_often"


async def test_fifty_messages_for_one_package_fetch_it_once(queue, world):
    for _ in range(50):
        await queue.push(node_type="PyPIPackage", package="lib")
    assert (await queue.drain()).successful == 50
    assert world.server.requests["/pypi/simple/lib/"] == 1


async def test_a_package_that_is_there_is_read_again_only_on_refresh(queue, world):
    await world.ingest()
    world.server.forget_requests()
    await queue.push(node_type="PyPIPackage", package="lib")
    assert (await queue.drain()).successful == 1
    assert not world.server.requests
    await queue.push(node_type="PyPIPackage", package="lib", refresh=True)
    assert (await queue.drain()).successful == 1
    assert world.server.requests["/pypi/simple/lib/"] == 1


async def test_more_than_one_batch_is_drained_in_one_run_and_the_stream_is_trimmed(queue):
    for number in range(230):
        await queue.push(node_type="PyPIPackage", package="lib" if number % 2 else "nowhere")
    summary = await queue.drain()
    assert (summary.successful, summary.failed) == (115, 115)
    assert len(await queue.dead()) == 115
    assert await queue.redis.xlen(queue.keys.stream) == 0


async def test_the_stream_keeps_what_another_group_has_not_settled(queue):
    await queue.redis.xgroup_create(queue.keys.stream, "audit", id="0", mkstream=True)
    for package in ("lib", "app"):
        await queue.push(node_type="PyPIPackage", package=package)
    await queue.drain()
    assert await queue.redis.xlen(queue.keys.stream) == 2
    [[_, entries]] = await queue.redis.xreadgroup("audit", "a", {queue.keys.stream: ">"}, count=1)
    await queue.drain()
    assert await queue.redis.xlen(queue.keys.stream) == 2
    await queue.redis.xack(queue.keys.stream, "audit", entries[0][0])
    await queue.drain()
    assert await queue.redis.xlen(queue.keys.stream) == 1


async def test_the_contract_lets_null_stand_for_absent_and_ignores_what_it_does_not_know(queue):
    await queue.push(
        node_type="PyPIPackage", package="lib", vendor=None, constraints=None, surprise=[1]
    )
    assert (await queue.drain()).successful == 1


async def test_a_worker_goes_on_until_it_is_told_to_stop(queue, world):
    stop, told = asyncio.Event(), []
    async with queue.processor() as processor:
        worker = asyncio.create_task(work_until(stop, processor, told.append))
        for package in ("lib", "app"):
            await queue.push(node_type="PyPIPackage", package=package)
            async with asyncio.timeout(10):
                while package not in await stored(world):  # noqa: ASYNC110 - another consumer
                    await asyncio.sleep(0.05)
        stop.set()
        async with asyncio.timeout(5):
            await worker
    assert sum(summary.successful for summary in told) == 2
    assert (await queue.stats()).pending == 0


async def test_a_consumer_that_leaves_is_forgotten_unless_messages_are_with_it(queue):
    await queue.push(node_type="PyPIPackage", package="lib")
    await left_behind(queue)
    for name in ("crashed", "other"):
        async with queue.open(name) as opened:
            await opened.stream.read(1, 10)
            await opened.stream.leave()
    told = await queue.redis.xinfo_consumers(queue.keys.stream, queue.keys.group)
    assert [row["name"] for row in told] == ["crashed"]
