"""A host whose answer says that it does not want to be asked: it is left alone at once."""

import asyncio
import time

import pytest

from src.schemas.errors import PackageNotFoundError, RegistryUnavailableError, RequestRefusedError
from src.utils.circuit_breaker import CircuitBreaker
from tests.unit.test_session import always, one_after_another, reply, talking

BLOCKED = frozenset({403, 429})


@pytest.mark.parametrize("status", [403, 429])
async def test_a_refusal_is_not_tried_again_and_stops_all_calls_to_the_host(status):
    async with talking(always(reply(status)), breaker_statuses=BLOCKED) as (server, http):
        for _ in range(3):
            with pytest.raises(
                RegistryUnavailableError, match=f"refused: .*HTTP {status}"
            ) as caught:
                await http.get(f"{server.url}/base/x")
            assert caught.value.transient
            assert caught.value.status == status
            assert 59 < caught.value.retry_after <= 60
        assert len(server.requests) == 1


async def test_without_the_option_a_403_is_of_that_one_document():
    answer = one_after_another(reply(403), reply())
    async with talking(answer) as (server, http):
        with pytest.raises(RequestRefusedError):
            await http.get(f"{server.url}/base/x")
        assert (await http.get(f"{server.url}/base/y")).body == b"ok"


async def test_other_answers_stay_what_they_are():
    answer = one_after_another(reply(404), reply(401), reply(500), reply())
    async with talking(answer, breaker_statuses=BLOCKED) as (server, http):
        with pytest.raises(PackageNotFoundError):
            await http.get(f"{server.url}/base/x")
        with pytest.raises(RequestRefusedError):
            await http.get(f"{server.url}/base/x")
        assert (await http.get(f"{server.url}/base/x")).body == b"ok"
        assert len(server.requests) == 4


async def test_the_host_is_tried_again_after_the_pause_and_a_good_answer_frees_it():
    answer = one_after_another(reply(429), reply(403), reply())
    async with talking(answer, breaker_statuses=BLOCKED, breaker_seconds=0.2) as (server, http):
        for status in (429, 403):
            with pytest.raises(RegistryUnavailableError, match=f"HTTP {status}"):
                await http.get(f"{server.url}/base/x")
            with pytest.raises(RegistryUnavailableError, match=f"answered HTTP {status}"):
                await http.get(f"{server.url}/base/x")
            await asyncio.sleep(0.25)
        assert (await http.get(f"{server.url}/base/x")).body == b"ok"
        assert (await http.get(f"{server.url}/base/x")).body == b"ok"


async def test_a_longer_retry_after_decides_how_long_the_host_is_left_alone():
    answer = always(reply(429, retry_after="1800"))
    async with talking(answer, breaker_statuses=BLOCKED, breaker_seconds=0.05) as (server, http):
        started = time.monotonic()
        for _ in range(2):
            with pytest.raises(RegistryUnavailableError) as caught:
                await http.get(f"{server.url}/base/x")
            assert 1799 < caught.value.retry_after <= 1800
            await asyncio.sleep(0.1)
        assert len(server.requests) == 1
        assert time.monotonic() - started < 5


async def test_a_shorter_retry_after_does_not_shorten_the_pause():
    answer = always(reply(429, retry_after="0"))
    async with talking(answer, breaker_statuses=BLOCKED, breaker_seconds=60) as (server, http):
        for _ in range(2):
            with pytest.raises(RegistryUnavailableError) as caught:
                await http.get(f"{server.url}/base/x")
            assert 59 < caught.value.retry_after <= 60
        assert len(server.requests) == 1


async def test_calls_that_wait_for_their_turn_are_not_sent_any_more():
    limits = {"breaker_statuses": BLOCKED, "rate_per_second": 2.0}
    async with talking(always(reply(403)), **limits) as (server, http):
        calls = (http.get(f"{server.url}/base/{n}") for n in range(20))
        answers = await asyncio.gather(*calls, return_exceptions=True)
        assert {type(answer) for answer in answers} == {RegistryUnavailableError}
        assert {answer.status for answer in answers} == {403}
        assert len(server.requests) <= 2  # the burst that was already under way


async def test_a_late_good_answer_does_not_lift_the_block():
    refused = asyncio.Event()

    async def answer(path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        if path == "/base/slow":
            await refused.wait()
        writer.write(reply() if path == "/base/slow" else reply(429))

    async with talking(answer, breaker_statuses=BLOCKED) as (server, http):
        slow = asyncio.create_task(http.get(f"{server.url}/base/slow"))
        await server.asked.wait()
        with pytest.raises(RegistryUnavailableError):
            await http.get(f"{server.url}/base/x")
        refused.set()
        assert (await slow).body == b"ok"
        with pytest.raises(RegistryUnavailableError, match="HTTP 429"):
            await http.get(f"{server.url}/base/x")
        assert len(server.requests) == 2


def test_a_block_ends_with_a_trial_and_never_sooner_than_the_longest_asked_for():
    now = [0.0]
    breaker = CircuitBreaker(5, 10.0, lambda: now[0])
    breaker.block_for(30.0)
    breaker.block_for(10.0)
    breaker.succeeded()
    breaker.failed()
    assert breaker.blocked_for == breaker.admit() == 30.0
    now[0] = 30.0
    assert breaker.blocked_for == breaker.admit() == 0  # the trial
    assert breaker.admit() > 0
    breaker.failed(counted=False)
    assert breaker.admit() == 10.0
    assert breaker.blocked_for == 0
    now[0] = 40.0
    assert breaker.admit() == 0
    breaker.succeeded()
    assert breaker.admit() == breaker.admit() == 0
