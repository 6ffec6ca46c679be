"""Plain HTTP/1.1 connections, each with a pool of its own."""

import ssl
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import cast

import httpx

Host = tuple[bytes, int | None]


class Lanes(httpx.AsyncBaseTransport):
    """HTTP/1.1 without TLS, with one httpcore pool for each connection.

    A pool polls each of its idle sockets at each request, which with 20 connections took three
    quarters of a request's time. The last lane to come back goes out first, so that surplus ones grow
    cold. A lane whose request did not end well is given up: httpcore's shield does not hold against a
    task's own cancel, and leaves its only connection taken for ever.
    """

    def __init__(self) -> None:
        self._idle = defaultdict[Host, list[httpx.AsyncHTTPTransport]](list)
        self._all: list[httpx.AsyncHTTPTransport] = []
        self._no_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # spares reading the CA file
        self._limits = httpx.Limits(max_connections=1, keepalive_expiry=30)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        idle = self._idle[request.url.raw_host, request.url.port]
        if not idle:
            idle.append(httpx.AsyncHTTPTransport(verify=self._no_tls, limits=self._limits))
            self._all.append(idle[-1])
        lane = idle.pop()
        try:
            response = await lane.handle_async_request(request)
        except BaseException:
            await self._give_up(lane)
            raise
        body = cast("httpx.AsyncByteStream", response.stream)
        response.stream = _LaneStream(
            body, partial(idle.append, lane), partial(self._give_up, lane)
        )
        return response

    async def _give_up(self, lane: httpx.AsyncHTTPTransport) -> None:
        self._all.remove(lane)
        await lane.aclose()

    async def aclose(self) -> None:
        for lane in self._all:
            await lane.aclose()


class _LaneStream(httpx.AsyncByteStream):
    # A body whose end gives the lane back; one that was not read to its end gives the lane up.

    def __init__(
        self,
        body: httpx.AsyncByteStream,
        release: Callable[[], None],
        give_up: Callable[[], Awaitable[None]],
    ) -> None:
        self._body = body
        self._release = release
        self._give_up = give_up
        self._ended = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._body:
            yield chunk
        self._ended = True

    async def aclose(self) -> None:
        ended = False
        try:
            await self._body.aclose()
            ended = self._ended
        finally:
            if ended:
                self._release()
            else:
                await self._give_up()
