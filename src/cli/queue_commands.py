"""`ssc queue …`: push requests onto the queue, and look at what stands in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from src.cli.context import effective_settings
from src.services.queue.message_queue import MessageQueue, open_queue
from src.services.queue.redis_keys import QueueKeys


@asynccontextmanager
async def configured_queue() -> AsyncIterator[MessageQueue]:
    """Yield the queue that the settings, or else the running local stack, lead to."""
    settings = effective_settings()
    async with open_queue(
        host=settings.redis_host,
        port=settings.redis_port,
        db=settings.redis_db,
        keys=QueueKeys(settings.redis_stream, settings.redis_group),
        consumer=f"{settings.redis_consumer}-operator",
    ) as queue:
        yield queue
