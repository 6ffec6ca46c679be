"""The stream: pushed whole, delivered once, settled by whoever comes first, trimmed behind all."""

import asyncio

import pytest

from src.schemas.errors import QueueError
from src.services.queue.message_queue import open_queue
from src.services.queue.message_stream import now_ms


async def test_many_consumers_create_the_group_at_once(redis_address, keys, raw):
    host, port = redis_address
    raw.xadd(keys.stream, {"data": "came before the group"})

    async def one(number: int) -> int:
        async with open_queue(
            host=host, port=port, db=0, keys=keys, consumer=f"c{number}"
        ) as queue:
            await queue.stream.ensure_group()
            return len(await queue.stream.read(10, 1))

    assert sum(await asyncio.gather(*(one(number) for number in range(20)))) == 1
    assert len(raw.xinfo_groups(keys.stream)) == 1


async def test_a_group_that_was_deleted_is_made_again(queue, raw, keys):
    await queue.stream.push(["a"])
    raw.delete(keys.stream)
    with pytest.raises(QueueError, match="NOGROUP"):
        await queue.stream.read(1, 1)
    await queue.stream.ensure_group()
    await queue.stream.push(["b"])
    assert [message.data for message in await queue.stream.read(5, 1)] == ["b"]


async def test_messages_are_pushed_in_their_order_or_not_at_all(queue, raw, keys):
    ids = await queue.stream.push(f"m{n}" for n in range(500))
    assert ids == sorted(ids, key=lambda id_: tuple(map(int, id_.split("-"))))
    assert await queue.stream.push([]) == []
    used = raw.info("memory")["used_memory"]
    raw.config_set("maxmemory", used - 1)
    try:
        with pytest.raises(QueueError, match="cannot push"):
            await queue.stream.push(["x", "y", "z"])
    finally:
        raw.config_set("maxmemory", 0)
    assert raw.xlen(keys.stream) == 500
    raw.delete(keys.stream)
    raw.set(keys.stream, "not a stream")
    with pytest.raises(QueueError, match="cannot push"):
        await queue.stream.push(["x", "y"])


async def settle(stream, message, how: str) -> bool:
    if how == "dead":
        return await stream.dead_letter(message, "why", "")
    return await stream.postpone(message, attempts=1, due_ms=now_ms())


@pytest.mark.parametrize("first", ["done", "dead", "later"])
@pytest.mark.parametrize("second", ["dead", "later"])
async def test_only_whoever_settles_first_decides(queue, other, raw, keys, first, second):
    await queue.stream.push(["x"])
    [message] = await queue.stream.read(1, 100)
    [claimed] = await other.stream.claim(1, 0)
    assert (claimed.id, claimed.deliveries, claimed.again) == (message.id, 2, True)
    if first == "done":
        await other.stream.acknowledge([claimed.id])
    else:
        assert await settle(other.stream, claimed, first)
    assert not await settle(queue.stream, message, second)
    places = (raw.xlen(keys.dead_letters), raw.zcard(keys.retry))
    assert places == {"done": (0, 0), "dead": (1, 0), "later": (0, 1)}[first]


async def test_what_waits_comes_back_when_its_time_has_come_and_not_before(queue, raw, keys):
    moment = now_ms()
    for n, due in enumerate((moment + 60_000, moment - 1, moment - 3, moment - 2)):
        await queue.stream.push([f"m{n}"])
        [message] = await queue.stream.read(1, 100)
        await queue.stream.postpone(message, attempts=n + 1, due_ms=due)
    assert await queue.stream.bring_back(2) == 2
    assert [m.data for m in await queue.stream.read(9, 1)] == ["m2", "m3"]
    assert await queue.stream.bring_back(9) == 1
    [last] = await queue.stream.read(9, 1)
    assert (last.data, last.attempts) == ("m1", 2)
    assert await queue.stream.bring_back(9) == 0
    assert raw.zcard(keys.retry) == 1


async def test_many_consumers_bring_back_each_message_once(queue, other):
    for n in range(50):
        await queue.stream.push([str(n)])
        [message] = await queue.stream.read(1, 100)
        await queue.stream.postpone(message, attempts=1, due_ms=1)
    moved = await asyncio.gather(
        *(each.stream.bring_back(7) for _ in range(10) for each in (queue, other))
    )
    assert sum(moved) == 50
    read = await queue.stream.read(100, 1)
    assert sorted(int(message.data or "") for message in read) == list(range(50))
    assert {message.attempts for message in read} == {1}


@pytest.mark.parametrize(
    "member",
    [
        b"no json",
        b"[]",
        b"7",
        b'{"id":"1-0"}',
        b'{"fields":["data"]}',
        b'{"fields":[]}',
        b'{"fields":[["data"],{}]}',
        b'{"fields":["data",null,"x"]}',
        b'{"fields":["data","\\udcff"]}',
        b"\xff",
    ],
)
async def test_what_nobody_can_read_does_not_stop_those_that_wait_behind_it(
    queue, raw, keys, member
):
    await queue.stream.push(["good"])
    [message] = await queue.stream.read(1, 100)
    await queue.stream.postpone(message, attempts=1, due_ms=5)
    raw.zadd(keys.retry, {member: 1})
    assert len(await queue.inspector.retries(5)) == 2
    assert (await queue.inspector.stats()).retrying == 2
    assert await queue.stream.bring_back(5) == 2
    bad, good = await queue.stream.read(5, 1)
    assert (bad.data, good.data) == (member.decode(errors="surrogateescape"), "good")


async def test_what_a_consumer_holds_is_not_taken_over(queue, other):
    await queue.stream.push(["x", "y"])
    ids = [message.id for message in await queue.stream.read(2, 100)]
    await asyncio.sleep(0.2)
    assert await queue.stream.hold(ids) == 2
    assert await other.stream.claim(10, 150) == []
    await asyncio.sleep(0.2)
    taken = await other.stream.claim(10, 150)
    # Holding is no delivery.
    assert [(message.data, message.deliveries) for message in taken] == [("x", 2), ("y", 2)]
    assert await queue.stream.hold(ids) == 0


async def test_the_stream_is_trimmed_up_to_the_oldest_pending_message(queue, raw, keys):
    ids = await queue.stream.push(["a", "b", "c", "d", "e"])
    await queue.stream.read(4, 100)
    await queue.stream.acknowledge([ids[0], ids[1], ids[3]])
    assert await queue.stream.trim() == 2
    assert [id_.decode() for id_, _ in raw.xrange(keys.stream)] == ids[2:]
    assert await queue.stream.trim() == 0
    await queue.stream.acknowledge([ids[2]])
    assert await queue.stream.trim() == 2
    [left] = await queue.stream.read(9, 1)
    assert left.data == "e"


async def test_no_group_loses_what_it_has_not_read(queue, raw, keys):
    ids = await queue.stream.push(["a", "b", "c"])
    raw.xgroup_create(keys.stream, "auditors", id="0")
    await queue.stream.read(3, 100)
    await queue.stream.acknowledge(ids)
    assert await queue.stream.trim() == 0
    raw.xreadgroup("auditors", "x", {keys.stream: ">"}, count=2)
    assert await queue.stream.trim() == 0
    raw.xack(keys.stream, "auditors", ids[0])
    assert await queue.stream.trim() == 1
    raw.xgroup_destroy(keys.stream, "auditors")
    assert await queue.stream.trim() == 2


async def test_who_leaves_with_messages_stays_in_the_group(queue, other, raw, keys):
    ids = await queue.stream.push(["a"])
    await queue.stream.read(1, 100)
    await other.stream.read(1, 1)

    def consumers():
        return {row["name"].decode() for row in raw.xinfo_consumers(keys.stream, keys.group)}

    await queue.stream.leave()
    await other.stream.leave()
    assert consumers() == {"one"}
    await queue.stream.acknowledge(ids)
    await queue.stream.leave()
    assert consumers() == set()
