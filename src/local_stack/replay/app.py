"""The replay server's ASGI application: raw, because a framework would halve its speed."""

import asyncio
import re
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any

from src.local_stack.replay.documents import SIMPLE_JSON, Document, Source
from src.local_stack.replay.faults import Fault, FaultPlan, no_faults

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

GZIP_FROM_BYTES = 16 * 1024
"""Bodies from this size on are packed for a client that takes gzip."""

_JSON = "application/json"
_RANGE = re.compile(r"bytes=(\d+)-")
_HEALTHY = Document(b'{"status":"ok"}', _JSON)
_NOT_FOUND = Document(b'{"message":"Not Found"}', _JSON, status=404)
_NOT_ALLOWED = Document(b'{"message":"Method Not Allowed"}', _JSON, {"allow": "GET, HEAD"}, 405)


class ReplayApp:
    """Answers GET and HEAD from a source, late or wrongly where told to.

    Counting and settings may be used from another thread than the server's.
    """

    def __init__(self, source: Source) -> None:
        """Serve `source` at once and without faults."""
        self.source = source
        self.delay_seconds = 0.0
        self._plan: FaultPlan = no_faults
        self._served: Counter[str] = Counter()
        self._tries: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def faults(self) -> FaultPlan:
        """What goes wrong; setting it counts the requests for each path from 1 again."""
        return self._plan

    @faults.setter
    def faults(self, plan: FaultPlan) -> None:
        with self._lock:
            self._plan = plan
            self._tries.clear()

    @property
    def requests(self) -> Counter[str]:
        """How often each path was asked for, failed requests included, /health left out."""
        with self._lock:
            return self._served.copy()

    def forget_requests(self) -> None:
        """Count from nothing again."""
        with self._lock:
            self._served.clear()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI 3)."""
        if scope["type"] != "http":
            return
        headers = dict(scope["headers"])
        answer = _Answer(send, headers, is_head=scope["method"] == "HEAD")
        if scope["method"] not in {"GET", "HEAD"}:
            await answer.send(_NOT_ALLOWED)
            return
        path: str = scope["path"]
        if path == "/health":
            await answer.send(_HEALTHY)
            return
        fault = self._count(path)
        delay = self.delay_seconds + (fault.delay_seconds if fault else 0.0)
        if delay:
            await asyncio.sleep(delay)
        if fault and fault.hang:
            await _until_disconnected(receive)
            return
        query = scope["query_string"].decode("latin-1")
        found = self.source.document(path, query) or _NOT_FOUND
        document = negotiate(found, headers.get(b"accept", b""))
        if fault is None or fault == Fault(delay_seconds=fault.delay_seconds):
            await answer.send(document)
        elif fault.cut_after is not None:
            await answer.cut(document, fault.cut_after)
        else:
            await answer.send(spoil(document, fault))

    def _count(self, path: str) -> Fault | None:
        with self._lock:
            self._served[path] += 1
            self._tries[path] += 1
            return self._plan(path, self._tries[path])


def negotiate(document: Document, accept: bytes) -> Document:
    """Return the HTML form of an index page unless the client asked for JSON, as PEP 691 has it."""
    if document.content_type == SIMPLE_JSON and SIMPLE_JSON.encode() not in accept:
        return document.as_html
    return document


def spoil(document: Document, fault: Fault) -> Document:
    """Return the document with the fault's status, headers and body in place of its own."""
    if fault.body is not None:
        body = fault.body
    else:
        body = b'{"message":"planned fault"}' if fault.status else document.body
    return Document(
        body,
        fault.content_type or document.content_type,
        {**document.headers, **fault.headers},
        fault.status or document.status,
    )


def part_of(document: Document, start: int) -> Document:
    """Return what stands from byte `start` on, as RFC 9110, section 14 has it."""
    size = len(document.body)
    if start >= size:
        return Document(b"", document.content_type, {"content-range": f"bytes */{size}"}, 416)
    headers = {**document.headers, "content-range": f"bytes {start}-{size - 1}/{size}"}
    return Document(document.body[start:], document.content_type, headers, 206)


class _Answer:
    """Sends one answer in the form that this client takes."""

    def __init__(self, send: Send, headers: dict[bytes, bytes], *, is_head: bool) -> None:
        self._send = send
        self._takes_gzip = b"gzip" in headers.get(b"accept-encoding", b"")
        self._known_tags = headers.get(b"if-none-match", b"").decode("latin-1")
        self._range = _RANGE.fullmatch(headers.get(b"range", b"").decode("latin-1"))
        self._is_head = is_head

    async def send(self, document: Document) -> None:
        """Send the document whole, or 304 where the client has it already."""
        if document.status == HTTPStatus.OK and self._client_has(document):
            await self._start(document, 304, None)
            await self._send({"type": "http.response.body", "body": b""})
            return
        if document.status == HTTPStatus.OK and self._range is not None:
            document = part_of(document, int(self._range[1]))
        whole = document.status != HTTPStatus.PARTIAL_CONTENT
        packed = whole and self._takes_gzip and len(document.body) >= GZIP_FROM_BYTES
        body = document.packed if packed else document.body
        await self._start(document, document.status, len(body), packed=packed)
        await self._send({"type": "http.response.body", "body": b"" if self._is_head else body})

    async def cut(self, document: Document, size: int) -> None:
        """Promise the whole body, send less: uvicorn closes a connection left like this."""
        await self._start(document, document.status, len(document.body))
        body = document.body[: min(size, len(document.body) - 1)]
        await self._send({"type": "http.response.body", "body": body, "more_body": True})

    def _client_has(self, document: Document) -> bool:
        # Weak comparison: RFC 9110, section 13.1.2.
        tags = {tag.strip().removeprefix("W/") for tag in self._known_tags.split(",")}
        return self._known_tags != "" and not tags.isdisjoint({document.etag, "*"})

    async def _start(
        self, document: Document, status: int, size: int | None, *, packed: bool = False
    ) -> None:
        headers = [(b"vary", b"Accept, Accept-Encoding")]
        headers += [(k.lower().encode(), v.encode()) for k, v in document.headers.items()]
        if document.status == HTTPStatus.OK:
            # Another form of the same content may only share its tag as a weak one.
            headers.append((b"etag", f"{'W/' if packed else ''}{document.etag}".encode()))
        if size is not None:
            headers.append((b"content-type", document.content_type.encode()))
            headers.append((b"content-length", str(size).encode()))
        if packed:
            headers.append((b"content-encoding", b"gzip"))
        await self._send({"type": "http.response.start", "status": status, "headers": headers})


async def _until_disconnected(receive: Receive) -> None:
    """Keep a request unanswered until its client leaves; a server that ends answers it with 500."""
    while (await receive())["type"] != "http.disconnect":
        pass
