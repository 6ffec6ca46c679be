"""A look at the queue tells every state and changes none."""

from src.services.queue.message_stream import now_ms
from src.services.queue.queue_stats import QueueStats

HOUR_MS = 3_600_000


async def test_a_queue_that_nobody_made_is_empty(other):
    stats = await other.inspector.stats()
    assert stats == QueueStats()
    assert stats.empty
    assert await other.inspector.peek(5) == []
    assert await other.inspector.retries(5) == []


async def test_messages_wait_before_any_consumer_came(raw, keys, other):
    raw.xadd(keys.stream, {"data": "x"}, id=f"{now_ms() - 5_000}-0")
    raw.xadd(keys.stream, {"data": "y"})
    stats = await other.inspector.stats()
    assert (stats.waiting, stats.pending, stats.empty) == (2, 0, False)
    assert 5 <= (stats.oldest_seconds or 0) < 15
    assert [message.data for message in await other.inspector.peek(5)] == ["x", "y"]


async def test_every_state_is_counted(queue, other):
    ids = await queue.stream.push(f"m{n}" for n in range(10))
    mine = await queue.stream.read(4, 100)
    await other.stream.read(2, 100)
    await queue.stream.acknowledge([ids[0]])
    soon, late = now_ms() + 60_000, now_ms() + 120_000
    await queue.stream.postpone(mine[1], attempts=1, due_ms=late)
    await queue.stream.postpone(mine[2], attempts=1, due_ms=soon)
    await queue.stream.dead_letter(mine[3], "invalid_json", "")
    stats = await queue.inspector.stats()
    assert (stats.waiting, stats.pending, stats.retrying, stats.due) == (4, 2, 2, 0)
    assert stats.consumers == {"two": 2}
    assert stats.dead_letters == {"invalid_json": 1}
    assert stats.next_due_ms == soon
    assert not stats.empty


async def test_looking_changes_nothing(queue, raw, keys):
    await queue.stream.push(["a", "b", "c"])
    first, second = await queue.stream.read(2, 100)
    await queue.stream.postpone(first, attempts=1, due_ms=1)
    await queue.stream.dead_letter(second, "why", "")

    def whole():
        names = (keys.stream, keys.retry, keys.dead_letters)
        return [raw.dump(name) for name in names], raw.xinfo_groups(keys.stream)

    before = whole()
    await queue.inspector.stats()
    await queue.inspector.peek(5)
    await queue.inspector.retries(5)
    await queue.dead_letters.counts()
    assert [letter.reason async for letter in queue.dead_letters.letters()] == ["why"]
    assert whole() == before


async def test_a_queue_where_all_wait_for_a_later_time_has_nothing_to_do_now(queue, raw, keys):
    await queue.stream.push(["a", "b"])
    a, b = await queue.stream.read(2, 100)
    await queue.stream.postpone(a, attempts=1, due_ms=now_ms() + 60_000)
    assert not (await queue.inspector.stats()).empty  # b is pending
    await queue.stream.acknowledge([b.id])
    stats = await queue.inspector.stats()
    assert (stats.retrying, stats.due, stats.empty) == (1, 0, True)
    raw.zadd(keys.retry, {raw.zrange(keys.retry, 0, 0)[0]: 1})
    stats = await queue.inspector.stats()
    assert (stats.retrying, stats.due, stats.empty) == (1, 1, False)


async def test_the_oldest_is_found_among_all_that_wait_for_a_retry(queue, raw, keys):
    moment = now_ms()
    for n in range(1_500):
        # Who failed most often waits longest, and stands last.
        told = {"data": str(n), "first_seen": moment - n * 1000}
        raw.xadd(keys.stream, told)
    for n, message in enumerate(await queue.stream.read(1_500, 100)):
        await queue.stream.postpone(message, attempts=1, due_ms=moment + HOUR_MS + n)
    stats = await queue.inspector.stats()
    assert 1_499 <= (stats.oldest_seconds or 0) < 1_515


async def test_the_age_of_what_is_pending_counts(queue, raw, keys):
    raw.xtrim(keys.stream, maxlen=0)
    raw.xadd(keys.stream, {"data": "x"}, id=f"{now_ms() - HOUR_MS}-0")
    await queue.stream.read(1, 100)
    await queue.stream.push(["y"])
    stats = await queue.inspector.stats()
    assert (stats.waiting, stats.pending) == (1, 1)
    assert 3_600 <= (stats.oldest_seconds or 0) < 3_615


async def test_entries_that_somebody_deleted_are_not_counted(queue, raw, keys):
    ids = await queue.stream.push(f"m{n}" for n in range(3_000))
    await queue.stream.read(10, 100)
    raw.xdel(keys.stream, *ids[100:200])
    assert (await queue.inspector.stats()).waiting == 2_890


async def test_peek_shows_what_comes_next_and_not_what_was_delivered(queue):
    await queue.stream.push(f"m{n}" for n in range(5))
    await queue.stream.read(2, 100)
    assert [message.data for message in await queue.inspector.peek(2)] == ["m2", "m3"]
    assert [message.data for message in await queue.inspector.peek(9)] == ["m2", "m3", "m4"]


async def test_what_waits_for_a_retry_is_shown_in_the_order_in_which_it_is_due(queue):
    await queue.stream.push(["late", "soon"])
    late, soon = await queue.stream.read(2, 100)
    await queue.stream.postpone(late, attempts=4, due_ms=2_000)
    await queue.stream.postpone(soon, attempts=1, due_ms=1_000)
    first, second = await queue.inspector.retries(5)
    assert (first.message.data, first.due_ms, first.message.attempts) == ("soon", 1_000, 1)
    assert (second.message.data, second.due_ms, second.message.attempts) == ("late", 2_000, 4)
    assert len(await queue.inspector.retries(1)) == 1
