"""Jobs that run at once: one error, everybody stopped, and a cancellation that always arrives."""

import asyncio

import pytest

from src.schemas.errors import RegistryUnavailableError
from src.services.apis.together import run_all, run_both


async def tells(value):
    await asyncio.sleep(0)
    return value


async def fails():
    raise RegistryUnavailableError("down")


class Slow:
    """A job that takes its time, to stop as well."""

    def __init__(self):
        self.stopped = False

    async def run(self):
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.05)
            self.stopped = True


async def test_both_results_come_in_the_order_of_the_jobs():
    assert await run_both(tells(1), tells("two")) == (1, "two")


async def test_no_job_is_no_trouble():
    await run_all([])


@pytest.mark.parametrize("run", [run_both, lambda *jobs: run_all(jobs)], ids=["both", "all"])
async def test_the_first_error_stops_the_other_and_is_raised_as_itself(run):
    slow = Slow()
    with pytest.raises(RegistryUnavailableError, match="down"):
        await run(slow.run(), fails())
    assert slow.stopped


@pytest.mark.parametrize("run", [run_both, lambda *jobs: run_all(jobs)], ids=["both", "all"])
@pytest.mark.parametrize("failing", [False, True], ids=["at work", "while stopping"])
async def test_who_is_cancelled_ends_cancelled_whatever_goes_wrong_meanwhile(run, failing):
    slow, other = Slow(), Slow()
    task = asyncio.create_task(run(slow.run(), fails() if failing else other.run()))
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0.1)
    assert slow.stopped
    assert other.stopped != failing
