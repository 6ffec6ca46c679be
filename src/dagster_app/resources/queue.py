"""How to reach the message stream."""

import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import dagster as dg

from src.services.dbs.message_stream import MessageStream, open_stream
from src.settings import get_settings


class MessageStreamResource(dg.ConfigurableResource):
    """The Redis stream of requests; everything unset comes from the settings."""

    stream: str | None = None
    group: str | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[MessageStream]:
        """Yield the stream, read as a consumer of our own, and close it afterwards."""
        settings = get_settings()
        async with open_stream(
            host=settings.redis_host,
            port=settings.redis_port,
            db=settings.redis_db,
            stream=self.stream or settings.redis_stream,
            group=self.group or settings.redis_group,
            consumer=f"{settings.redis_consumer}-{socket.gethostname()}-{os.getpid()}",
        ) as stream:
            yield stream
