"""How to reach the queue of requests."""

import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import dagster as dg

from src.services.queue.message_queue import MessageQueue, open_queue
from src.services.queue.redis_keys import QueueKeys
from src.settings import get_settings


class MessageQueueResource(dg.ConfigurableResource):
    """The Redis stream of requests and what stands beside it; everything unset comes from the settings."""

    stream: str | None = None
    group: str | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[MessageQueue]:
        """Yield the queue, read as a consumer of our own, and close it afterwards."""
        settings = get_settings()
        keys = QueueKeys(self.stream or settings.redis_stream, self.group or settings.redis_group)
        async with open_queue(
            host=settings.redis_host,
            port=settings.redis_port,
            db=settings.redis_db,
            keys=keys,
            consumer=f"{settings.redis_consumer}-{socket.gethostname()}-{os.getpid()}",
        ) as queue:
            yield queue
