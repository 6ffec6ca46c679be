"""A TCP proxy before a server, which can lose connections on command."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import urlsplit


class Proxy:
    """Forwards bytes; `lose_answers` closes that many connections in place of the first answer."""

    def __init__(self, host: str, port: int) -> None:
        self._target = host, port
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0
        self.lose_answers = 0
        self.refuse = False
        self.lost = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuse:
            writer.close()
            return
        there_reader, there_writer = await asyncio.open_connection(*self._target)
        self._writers |= {writer, there_writer}
        with contextlib.suppress(OSError):
            await asyncio.gather(
                self._forward(reader, there_writer), self._answer(there_reader, writer)
            )
        self._writers -= {writer, there_writer}

    def drop(self) -> None:
        """Cut every connection that is open."""
        for writer in self._writers:
            writer.transport.abort()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if self.lose_answers:
                self.lose_answers -= 1
                self.lost += 1
                self.drop()
                return
            writer.write(data)
            await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def proxied(uri: str) -> AsyncIterator[tuple[Proxy, str]]:
    """Yield a proxy before the server of an address, and the address that leads through it."""
    parts = urlsplit(uri)
    proxy = Proxy(parts.hostname, parts.port)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy, uri.replace(f":{parts.port}", f":{proxy.port}", 1)
    finally:
        proxy.drop()
        server.close()
