"""Dead letters: counted, read in pages, sent again, thrown away."""

import asyncio
from collections import Counter

import pytest

from src.schemas.errors import QueueError

MANY = 450  # more than two pages


def fill(raw, keys, number: int = MANY) -> list[str]:
    """Put letters of three reasons there; return their ids, oldest first."""
    reasons = ("invalid_json", "package_not_found", "extraction_failed")
    with raw.pipeline(transaction=False) as pipe:
        for n in range(number):
            pipe.xadd(keys.dead_letters, {"data": f'{{"n":{n}}}', "reason": reasons[n % 3]})
        return [id_.decode() for id_ in pipe.execute()]


async def ids(letters) -> list[str]:
    return [letter.id async for letter in letters]


async def test_all_of_them_are_read_page_by_page_in_either_order(queue, raw, keys):
    assert await ids(queue.dead_letters.letters()) == []
    assert await ids(queue.dead_letters.newest()) == []
    there = fill(raw, keys)
    assert await ids(queue.dead_letters.letters()) == there
    assert await ids(queue.dead_letters.newest()) == there[::-1]
    assert await ids(queue.dead_letters.letters(reason="package_not_found")) == there[1::3]
    assert await ids(queue.dead_letters.newest(reason="package_not_found")) == there[1::3][::-1]
    assert await ids(queue.dead_letters.letters(reason="nothing like that")) == []


@pytest.mark.parametrize("number", [200, 400])
async def test_a_last_page_that_is_full_is_no_trap(queue, raw, keys, number):
    there = fill(raw, keys, number)
    assert await ids(queue.dead_letters.letters()) == there
    assert await ids(queue.dead_letters.newest()) == there[::-1]


async def test_they_are_counted_by_their_reason(queue, raw, keys):
    assert await queue.dead_letters.counts() == Counter()
    fill(raw, keys, 10_001)
    raw.xadd(keys.dead_letters, {"anything": "else"})
    assert await queue.dead_letters.counts() == Counter(
        {"invalid_json": 3334, "package_not_found": 3334, "extraction_failed": 3333, "": 1}
    )


async def test_one_is_found_by_its_id(queue, raw, keys):
    there = fill(raw, keys, 3)
    found = await queue.dead_letters.find(there[1])
    assert found is not None
    assert (found.id, found.data) == (there[1], '{"n":1}')
    assert await queue.dead_letters.find("1-1") is None
    with pytest.raises(QueueError, match="cannot read dead letter nonsense"):
        await queue.dead_letters.find("nonsense")


async def test_a_letter_is_sent_again_once_however_many_try_it(queue, other, raw, keys):
    fill(raw, keys, 20)
    letters = [letter async for letter in queue.dead_letters.letters()]
    sent = await asyncio.gather(
        *(each.dead_letters.replay(letter) for letter in letters for each in (queue, other))
    )
    assert sum(sent) == 20
    assert raw.xlen(keys.dead_letters) == 0
    read = await queue.stream.read(100, 100)
    assert sorted(message.data for message in read) == sorted(letter.data for letter in letters)
    assert {message.attempts for message in read} == {0}


async def test_what_is_sent_again_goes_to_the_end_and_keeps_when_it_was_first_seen(
    queue, raw, keys
):
    raw.xadd(keys.dead_letters, {"data": "old", "first_seen": 5, "attempts": 10, "depth": 2})
    await queue.stream.push(["new"])
    [letter] = [each async for each in queue.dead_letters.letters()]
    await queue.dead_letters.replay(letter)
    first, second = await queue.stream.read(10, 100)
    assert (first.data, second.data) == ("new", "old")
    assert (second.attempts, second.first_seen, second.depth) == (0, 5, 2)


async def test_those_that_die_again_while_all_are_sent_are_not_sent_twice(queue, raw, keys):
    fill(raw, keys, 5)
    sent = 0
    async for letter in queue.dead_letters.letters():
        sent += await queue.dead_letters.replay(letter)
        [message] = await queue.stream.read(1, 100)
        await queue.stream.dead_letter(message, "again", "")
    assert sent == 5
    assert await queue.dead_letters.counts() == Counter({"again": 5})


async def test_an_entry_of_very_many_fields_can_be_sent_again_too(queue, raw, keys):
    entry = {f"field {n}": str(n) for n in range(10_000)}
    raw.xadd(keys.stream, entry)
    [message] = await queue.stream.read(1, 100)
    assert await queue.stream.dead_letter(message, "no_data_field", "")
    [letter] = [each async for each in queue.dead_letters.letters()]
    assert await queue.dead_letters.replay(letter)
    [again] = await queue.stream.read(1, 100)
    assert {k: v for k, v in again.fields.items() if k != "first_seen"} == entry
    assert not await queue.dead_letters.replay(letter)


async def test_what_is_thrown_away_is_gone(queue, raw, keys):
    there = fill(raw, keys, 3)
    assert await queue.dead_letters.purge(there[1])
    assert not await queue.dead_letters.purge(there[1])
    assert await ids(queue.dead_letters.letters()) == [there[0], there[2]]
