"""The one HTTP layer for all registries.

Only GET is spoken, so every request may be repeated. `http://` addresses are mirrors and replay
servers: they are asked directly, without the proxies of the environment. `https://` addresses go
through those, with HTTP/2 where the server has it.
"""

import io
import ssl
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Unpack, cast

import httpx

from src import __version__
from src.http_lanes import Lanes
from src.schemas.errors import (
    ForbiddenAddressError,
    InvalidPayloadError,
    RegistryUnavailableError,
)
from src.schemas.http import HttpOptions, HttpResponse, Sink, StopReading, Wish
from src.utils import http_rules
from src.utils.address_gate import Address, AddressGate, Base
from src.utils.files import new_part
from src.utils.host_gate import Call, HostGate
from src.utils.http_body import read_body

__all__ = [
    "HttpOptions",
    "HttpResponse",
    "HttpSession",
    "http_session",
    "user_agent",
    "without_login",
]

_MAX_REDIRECTS = 5
_DRAINED_BYTES = 64 * 1024

_Send = Callable[[httpx.Request], Awaitable[httpx.Response]]
_Host = tuple[bytes, int | None]


@dataclass(slots=True)
class _Ask:
    # What one call asks for, and where the body goes.
    url: httpx.URL
    headers: Mapping[str, str]
    content_types: tuple[str, ...]
    limit: int
    budget: float
    sink: Sink


class HttpSession:
    """Fetches from the configured registries. Made by `http_session`; bound to one event loop."""

    def __init__(
        self, options: HttpOptions, bases: Collection[str], senders: Mapping[str, _Send]
    ) -> None:
        """`senders` tells for each URL scheme how a request is sent."""
        self._options = options
        self._gate = AddressGate([_base(base) for base in bases])
        self._senders = senders
        self._hosts = defaultdict[_Host, HostGate](partial(HostGate, options))
        patience = dict.fromkeys(("connect", "read", "write"), options.timeout_seconds)
        self._extensions = {"timeout": {**patience, "pool": None}}

    async def get(self, url: str, **wish: Unpack[Wish]) -> HttpResponse:
        """Return the document, or a response that is `not_modified` where `etag` still holds.

        Raises an error of src.schemas.errors: PackageNotFoundError for 404 and 410, and so on; only
        RegistryUnavailableError was tried more than once.
        """
        sink = io.BytesIO()
        answer = await self._fetch(self._ask(url, wish, sink))
        return HttpResponse(answer.url, answer.status, answer.headers, sink.getvalue())

    async def download(self, url: str, path: Path, **wish: Unpack[Wish]) -> HttpResponse:
        """Stream the document to `path`, which holds it whole or stays as it was (as with 304).

        The folder must be there. Raises what `get` raises, and OSError where it cannot be written.
        """
        part, sink = new_part(path)
        try:
            with sink:
                answer = await self._fetch(self._ask(url, wish, sink))
            if not answer.not_modified:
                part.replace(path)
            return answer
        finally:
            part.unlink(missing_ok=True)

    async def read_into(self, url: str, sink: Sink, **wish: Unpack[Wish]) -> HttpResponse:
        """Stream the document into `sink`, which may stop it early; raises what `get` raises."""
        answer = await self._fetch(self._ask(url, wish, sink))
        return HttpResponse(answer.url, answer.status, answer.headers)

    def _ask(self, url: str, wish: Wish, sink: Sink) -> _Ask:
        limit = wish.get("max_bytes")
        return _Ask(
            url=_parse(url),
            headers=http_rules.request_headers(self._options.user_agent, wish),
            content_types=wish.get("content_types", ()),
            limit=self._options.max_body_bytes if limit is None else limit,
            budget=wish.get("budget_seconds", self._options.budget_seconds),
            sink=sink,
        )

    async def _fetch(self, ask: _Ask) -> HttpResponse:
        call = Call.start(str(ask.url), ask.budget)
        return await call.within_budget(self._follow(ask, call))

    async def _follow(self, ask: _Ask, call: Call) -> HttpResponse:
        for _ in range(_MAX_REDIRECTS + 1):
            call.url = str(ask.url)
            base = self._gate.admit(_address(ask.url))
            host = self._hosts[ask.url.raw_host, ask.url.port]
            answer = await host.run(call, partial(self._attempt, ask, base.authorization))
            if answer.status not in http_rules.REDIRECTS:
                return answer
            ask.url = _parse(answer.headers["location"], ask.url)
        raise InvalidPayloadError(f"too many redirects: {call.url}", url=call.url)

    async def _attempt(self, ask: _Ask, authorization: str) -> HttpResponse:
        ask.sink.seek(0)
        ask.sink.truncate()
        headers = {**ask.headers, "authorization": authorization} if authorization else ask.headers
        request = httpx.Request("GET", ask.url, headers=headers, extensions=self._extensions)
        try:
            response = await self._senders[ask.url.scheme](request)
            try:
                return await _take(response, ask)
            finally:
                await response.aclose()
        except (httpx.TransportError, ssl.SSLError) as error:
            url = str(ask.url)
            told = f"{type(error).__name__} {error}".strip()
            raise RegistryUnavailableError(f"{told[:200]}: {url}", url=url) from error


async def _take(response: httpx.Response, ask: _Ask) -> HttpResponse:
    url, status, headers = str(ask.url), response.status_code, dict(response.headers)
    stream = cast("httpx.AsyncByteStream", response.stream)
    if status == httpx.codes.OK or http_rules.is_wanted_part(status, headers, ask.headers):
        http_rules.check_content_type(headers, ask.content_types, url, status)
        with suppress(StopReading):
            await read_body(stream, headers, ask.sink.write, limit=ask.limit, url=url)
        return HttpResponse(url, status, headers)
    not_modified = status == httpx.codes.NOT_MODIFIED and "if-none-match" in ask.headers
    if not_modified or (http_rules.declared_length(headers) or _DRAINED_BYTES) < _DRAINED_BYTES:
        with suppress(httpx.TransportError):  # read out, so that the connection can be used again
            async for _ in stream:
                pass
    if not_modified or (status in http_rules.REDIRECTS and "location" in headers):
        return HttpResponse(url, status, headers)
    raise http_rules.error_for_status(status, headers, url, time.time())


def _parse(text: str, joined_to: httpx.URL | None = None) -> httpx.URL:
    # Without user and password: what is sent of these comes from the bases alone.
    try:
        url = httpx.URL(text) if joined_to is None else joined_to.join(text)
    except (httpx.InvalidURL, ValueError) as error:
        raise ForbiddenAddressError(f"not an address: {text.rpartition('@')[2][:200]!r}") from error
    return url.copy_with(username="", password="") if url.userinfo else url


def _address(url: httpx.URL) -> Address:
    path = url.raw_path.partition(b"?")[0].decode("ascii")
    return Address(url.scheme, url.raw_host.decode("ascii"), url.port, path, str(url))


def _base(text: str) -> Base:
    url = httpx.URL(text)
    return Base(_address(_parse(text)), http_rules.basic_authorization(url.username, url.password))


def without_login(base: str) -> str:
    """Return a base address as documents' addresses and messages may be made of it: without a login.

    The session, which is told the base itself, sends the login all the same. Raises
    ForbiddenAddressError on what is no address.
    """
    return str(_parse(base)) if "@" in base else base


@asynccontextmanager
async def http_session(
    options: HttpOptions,
    *,
    bases: Collection[str],
    transport: httpx.AsyncBaseTransport | None = None,
) -> AsyncIterator[HttpSession]:
    """Yield a session for what lies below `bases`, and close its connections afterwards.

    A user and password in a base are sent to what lies below it. `transport` replaces the network.
    """
    async with AsyncExitStack() as stack:
        senders: dict[str, _Send]
        if transport is not None:
            sender = (await stack.enter_async_context(transport)).handle_async_request
            senders = {"http": sender, "https": sender}
        else:
            limits = httpx.Limits(
                max_connections=None, max_keepalive_connections=options.concurrency
            )
            client = await stack.enter_async_context(httpx.AsyncClient(http2=True, limits=limits))
            lanes = await stack.enter_async_context(Lanes())
            senders = {
                "http": lanes.handle_async_request,
                "https": partial(client.send, stream=True),
            }
        yield HttpSession(options, bases, senders)


def user_agent(contact: str) -> str:
    """Return the User-Agent of this program, naming the operator's mail or web address."""
    return http_rules.product_token(f"securechain-ssc-ingestion/{__version__}", contact)
