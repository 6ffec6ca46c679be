"""One rule for repeating a statement, whatever the engine.

Every statement of the pipeline is idempotent, so one whose answer was lost may be sent again.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from src.schemas.errors import StoreUnavailableError

Result = TypeVar("Result")

FIRST_WAIT_SECONDS = 0.05
LONGEST_WAIT_SECONDS = 3.0


async def retried(attempts: int, call: Callable[[], Awaitable[Result]]) -> Result:
    """Return what `call` returns, repeating it while it raises StoreUnavailableError.

    Waits grow exponentially and are drawn at random, so that writers which collided do not
    collide again. The last error is raised as it is.
    """
    async for attempt in AsyncRetrying(
        retry=retry_if_exception_type(StoreUnavailableError),
        stop=stop_after_attempt(attempts),
        wait=wait_random_exponential(multiplier=FIRST_WAIT_SECONDS, max=LONGEST_WAIT_SECONDS),
        reraise=True,
    ):
        with attempt:
            return await call()
    raise StoreUnavailableError("no attempt was allowed")
