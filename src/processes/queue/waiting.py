"""Waiting that an event ends early."""

import asyncio


async def passes(event: asyncio.Event, seconds: float) -> bool:
    """Wait for an event at most so many seconds; tell whether it came."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
