"""Manners towards one host: how many requests at once, how many a second, what is tried again.

Retries are a loop of ours, because their waits depend on `Retry-After`, on the call's remaining
budget and on the host's circuit all at once, and because a call that succeeds at once (nearly all
do) then pays nothing for them.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from aiolimiter import AsyncLimiter

from src.schemas.errors import RegistryError, RegistryUnavailableError
from src.schemas.http import HttpOptions
from src.utils.circuit_breaker import CircuitBreaker

Result = TypeVar("Result")

_MAX_BACKOFF_SECONDS = 60.0
_RANDOM = random.SystemRandom()


@dataclass(slots=True)
class Call:
    """One call under way.

    `url` is the address now asked, `deadline` when the budget ends (time of the event loop),
    `trouble` what went wrong last.
    """

    url: str
    deadline: float
    budget_seconds: float
    trouble: str = ""

    @classmethod
    def start(cls, url: str, budget_seconds: float) -> "Call":
        """Return a call whose budget begins now."""
        return cls(url, asyncio.get_running_loop().time() + budget_seconds, budget_seconds)

    async def within_budget(self, work: Awaitable[Result]) -> Result:
        """Return what `work` returns; raises RegistryUnavailableError when the budget is spent."""
        try:
            async with asyncio.timeout_at(self.deadline):
                return await work
        except TimeoutError as error:
            message = f"no answer within {self.budget_seconds:g} s: {self.url}{self.trouble}"
            raise RegistryUnavailableError(message, url=self.url) from error


class HostGate:
    """The limits of one host. Bound to the event loop that runs when it is made."""

    __slots__ = (
        "_blocked_by",
        "_breaker",
        "_limiter",
        "_now",
        "_options",
        "_paused_until",
        "_slots",
    )

    def __init__(self, options: HttpOptions) -> None:
        """A rate of 0 sets no limit; a burst holds at most one second's tokens."""
        self._options = options
        self._now = asyncio.get_running_loop().time
        self._slots = asyncio.Semaphore(options.concurrency)
        self._breaker = CircuitBreaker(options.breaker_failures, options.breaker_seconds, self._now)
        self._paused_until = 0.0
        self._blocked_by: int | None = None
        self._limiter: AsyncLimiter | None = None
        if options.rate_per_second > 0:
            burst = max(1.0, options.rate_per_second)
            self._limiter = AsyncLimiter(burst, burst / options.rate_per_second)

    async def run(self, call: Call, attempt: Callable[[], Awaitable[Result]]) -> Result:
        """Return what `attempt` returns, trying again while it raises RegistryUnavailableError.

        Raises the last such error after the last attempt, or as soon as waiting for another would
        outlast the budget. Raises one at once where the circuit is open, and where the answer is one
        of those that open it.
        """
        tried = 0
        while True:
            tried += 1
            # A slot is taken before a token, so that no token lies waiting for a slot; and it is
            # given back before a wait.
            async with self._slots:
                await self._enter(call)
                try:
                    result = await self._admitted(call, attempt)
                except RegistryUnavailableError as error:
                    if error.status in self._options.breaker_statuses:
                        raise
                    wait = self._after_failure(call, tried, error)
                    if wait is None:
                        raise
                else:
                    return result
            await asyncio.sleep(wait)

    async def _enter(self, call: Call) -> None:
        self._refuse_where_blocked(call)
        pause = self._paused_until - self._now()
        if pause > call.deadline - self._now():
            raise _refusal(f"the host asked for a pause of {pause:.0f} s", call, pause)
        if pause > 0:
            await asyncio.sleep(pause)
        self._refuse_where_blocked(call)
        wait = self._breaker.admit()
        if wait > 0:
            raise _refusal(f"the host failed too often, next try in {wait:.0f} s", call, wait)

    def _refuse_where_blocked(self, call: Call) -> None:
        wait = self._breaker.blocked_for
        if wait > 0:
            reason = f"refused: the host answered HTTP {self._blocked_by}, next try in {wait:.0f} s"
            raise _refusal(reason, call, wait, self._blocked_by)

    async def _admitted(self, call: Call, attempt: Callable[[], Awaitable[Result]]) -> Result:
        # Reports to the breaker all ends but a transient failure.
        asked = False
        try:
            if self._limiter is not None:
                await self._limiter.acquire()
                self._refuse_where_blocked(call)  # it may have begun while this call waited
            asked = True
            result = await attempt()
        except RegistryError as error:
            if asked and error.status in self._options.breaker_statuses:
                raise self._block(error) from error
            if not isinstance(error, RegistryUnavailableError):  # a definite answer: the host works
                self._breaker.succeeded()
            raise
        except BaseException:
            # A cancelled call tells nothing of the host; one that it let run out of budget does.
            if asked and self._now() >= call.deadline:
                self._breaker.failed()
            else:
                self._breaker.abandoned()
            raise
        self._breaker.succeeded()
        return result

    def _block(self, error: RegistryError) -> RegistryUnavailableError:
        asked = error.retry_after if isinstance(error, RegistryUnavailableError) else None
        seconds = max(asked or 0.0, self._options.breaker_seconds)
        self._breaker.block_for(seconds)
        self._blocked_by = error.status
        return RegistryUnavailableError(
            f"refused: {error}", url=error.url, status=error.status, retry_after=seconds
        )

    def _after_failure(
        self, call: Call, tried: int, error: RegistryUnavailableError
    ) -> float | None:
        # Returns the wait before the next attempt, None where there shall be none.
        call.trouble = f" (last: {error})"
        asked = error.retry_after
        if asked is not None:
            # The host asks all of us, but one answer shall not stop a whole run for longer.
            self._paused_until = max(
                self._paused_until, self._now() + min(asked, self._options.breaker_seconds)
            )
        least = asked or 0.0
        remaining = call.deadline - self._now()
        last = tried >= self._options.max_attempts or least >= remaining
        # Many calls at once may meet one hiccup: what will be tried again is no evidence yet.
        self._breaker.failed(counted=last or tried > 1)
        if last:
            return None
        bound = self._options.backoff_seconds * 2 ** min(tried - 1, 30)
        return least + _RANDOM.uniform(0, min(bound, _MAX_BACKOFF_SECONDS))


def _refusal(
    reason: str, call: Call, seconds: float, status: int | None = None
) -> RegistryUnavailableError:
    message = f"{reason}: {call.url}{call.trouble}"
    return RegistryUnavailableError(message, url=call.url, status=status, retry_after=seconds)
