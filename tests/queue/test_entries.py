"""Whatever anybody writes into an entry comes through every place of the queue as it was."""

import asyncio
import json
import uuid

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from src.services.queue.entries import DeadLetter, StreamMessage, letter_fields, read_letter
from src.services.queue.message_queue import open_queue
from src.services.queue.redis_keys import QueueKeys

BYTES = st.binary(max_size=60) | st.text(max_size=30).map(str.encode)
ENTRIES = st.dictionaries(
    st.sampled_from([b"data", b"attempts", b"first_seen", b"depth", b"fields"]) | BYTES,
    BYTES | st.integers(-3, 2**60).map(lambda number: str(number).encode()),
    min_size=1,
    max_size=6,
)
QUICK = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def text(value: bytes) -> str:
    return value.decode(errors="surrogateescape")


def on_a_queue(address, work):
    """Run `work(queue, raw redis, keys)` on a queue of its own."""
    keys = QueueKeys(f"test-{uuid.uuid4().hex}", "group")

    async def main():
        host, port = address
        async with open_queue(host=host, port=port, db=0, keys=keys, consumer="one") as queue:
            await queue.stream.ensure_group()
            with redis.Redis(*address) as raw:
                await work(queue, raw, keys)

    asyncio.run(main())


@QUICK
@given(entry=ENTRIES)
def test_an_entry_comes_back_from_the_dead_letters_as_it_was_sent(redis_server, entry):
    async def work(queue, raw, keys):
        sent = raw.xadd(keys.stream, entry).decode()
        [message] = await queue.stream.read(1, 100)
        assert (message.id, message.fields) == (sent, {text(k): text(v) for k, v in entry.items()})
        assert await queue.stream.dead_letter(message, "broken", "the details")
        [letter] = [each async for each in queue.dead_letters.letters()]
        assert (letter.data, letter.message_id) == (message.data, sent)
        assert letter.attempts == message.attempts + 1
        assert letter.first_seen == message.first_seen

        assert await queue.dead_letters.replay(letter)
        [again] = await queue.stream.read(1, 100)
        assert again.data == message.data
        assert (again.attempts, again.first_seen) == (0, message.first_seen)
        assert again.depth == message.depth
        if message.data is None:
            ours = {"attempts", "first_seen"}
            assert {k: v for k, v in again.fields.items() if k not in ours} == {
                k: v for k, v in message.fields.items() if k not in ours
            }

    on_a_queue(redis_server, work)


@QUICK
@given(data=BYTES, seen=st.integers(1, 2**53), depth=st.integers(0, 100))
def test_a_message_comes_back_from_its_rest_as_it_was_sent(redis_server, data, seen, depth):
    async def work(queue, raw, keys):
        raw.xadd(keys.stream, {"data": data, "first_seen": seen, "depth": depth})
        [message] = await queue.stream.read(1, 100)
        assert await queue.stream.postpone(message, attempts=3, due_ms=1)
        [waiting] = await queue.inspector.retries(5)
        assert (waiting.id, waiting.message.data) == (message.id, text(data))
        assert await queue.stream.bring_back(5) == 1
        [again] = await queue.stream.read(1, 100)
        assert again.data == text(data)
        assert (again.attempts, again.first_seen, again.depth) == (3, seen, depth)

    on_a_queue(redis_server, work)


@pytest.mark.parametrize(
    ("told", "read"),
    [
        pytest.param("9" * 5_000, 0, id="5,000 digits"),
        (None, 0),
        ("", 0),
        ("7", 7),
        ("-1", 0),
        ("1e9", 0),
        ("٣", 0),
        (" 5", 0),
        (str(2**53), 2**53),
        (str(2**53 + 1), 0),
        ("\udcff", 0),
    ],
)
@pytest.mark.parametrize("field", ["attempts", "depth"])
def test_a_count_that_somebody_forged_is_none(field, told, read):
    fields = {"data": "{}"} if told is None else {"data": "{}", field: told}
    assert getattr(StreamMessage("5-0", fields), field) == read


def test_what_was_never_tried_was_first_seen_when_it_was_pushed():
    assert StreamMessage("1700000000000-3", {}).first_seen == 1_700_000_000_000
    assert StreamMessage("1700000000000-3", {"first_seen": "x"}).first_seen == 1_700_000_000_000
    assert StreamMessage("1700000000000-3", {"first_seen": "5"}).first_seen == 5


@given(st.dictionaries(st.text(), st.text()))
def test_no_dead_letter_of_another_program_is_unreadable(fields):
    letter = read_letter("5-1", fields)
    assert (letter.id, letter.reason) == ("5-1", fields.get("reason", ""))
    assert isinstance(letter.attempts, int)


@pytest.mark.parametrize("entry", ["", "no json", "[1]", "7", "null"])
def test_a_dead_letter_whose_entry_cannot_be_read_has_no_fields(entry):
    assert read_letter("5-1", {"entry": entry}).fields == {}


def test_a_dead_letter_tells_what_why_how_often_and_when():
    message = StreamMessage("9-0", {"data": "{}", "attempts": "2", "first_seen": "4", "depth": "1"})
    assert read_letter("12-0", letter_fields(message, "why", "what exactly", 11)) == DeadLetter(
        id="12-0",
        fields={"data": "{}", "depth": "1"},
        reason="why",
        details="what exactly",
        message_id="9-0",
        attempts=3,
        first_seen=4,
        failed_at=11,
    )
    without = letter_fields(StreamMessage("9-0", {"x": "\udcff"}), "why", "", 11)
    assert json.loads(without["entry"]) == {"x": "\udcff"}
