"""The HTTP session against real servers on the loopback interface."""

import asyncio
import gzip
import time
import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from src.schemas.errors import (
    ForbiddenAddressError,
    InvalidPayloadError,
    PackageNotFoundError,
    PayloadTooLargeError,
    RegistryError,
    RegistryUnavailableError,
    RequestRefusedError,
)
from src.session import HttpOptions, HttpSession, http_session, user_agent

Answer = Callable[[str, dict[str, str], asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Speaks HTTP/1.1 byte by byte as told, and notes what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.times: list[float] = []
        self.connections = 0
        self.active = 0
        self.most_active = 0
        self.asked = asyncio.Event()
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while line := await reader.readline():
                headers = {}
                while (header := await reader.readline()) not in (b"\r\n", b""):
                    name, _, value = header.decode().partition(":")
                    headers[name.lower()] = value.strip()
                path = line.split()[1].decode()
                self.requests.append((path, headers))
                self.times.append(time.monotonic())
                self.asked.set()
                self.active += 1
                self.most_active = max(self.most_active, self.active)
                try:
                    await self.answer(path, headers, writer)
                    await writer.drain()
                finally:
                    self.active -= 1
                if writer.is_closing():
                    return
        except ConnectionError:
            return
        finally:
            writer.close()

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.requests]


@asynccontextmanager
async def served(answer: Answer) -> AsyncIterator[Server]:
    server = Server(answer)
    tasks: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(server.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    listener = await asyncio.start_server(connected, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listener.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def reply(status: int = 200, body: bytes = b"ok", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def always(raw: bytes) -> Answer:
    async def answer(_path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        writer.write(raw)

    return answer


def one_after_another(*raws: bytes | None) -> Answer:
    """The last answer stays; None cuts the connection without a word."""
    left = list(raws)

    async def answer(_path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        raw = left.pop(0) if len(left) > 1 else left[0]
        if raw is None:
            writer.close()
        else:
            writer.write(raw)
            if len(raw.partition(b"\r\n\r\n")[2]) < int(
                raw.split(b"content-length: ")[1].split()[0]
            ):
                writer.close()

    return answer


async def hang(_path: str, _headers: dict[str, str], _writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


def options(**changes: float) -> HttpOptions:
    quick = {"rate_per_second": 0.0, "backoff_seconds": 0.01, "timeout_seconds": 5.0}
    return HttpOptions(user_agent="test/1", **{**quick, **changes})


@asynccontextmanager
async def talking(answer: Answer, **changes: float) -> AsyncIterator[tuple[Server, HttpSession]]:
    async with (
        served(answer) as server,
        http_session(options(**changes), bases=[f"{server.url}/base"]) as http,
    ):
        yield server, http


CUT = b"HTTP/1.1 200 X\r\ncontent-length: 100\r\n\r\nonly this"


async def test_an_answer_carries_its_parts_and_one_connection_serves_many_requests():
    raw = reply(body=b"{}", content_type="Application/JSON; charset=utf-8", ETag='"1"')
    async with talking(always(raw)) as (server, http):
        for _ in range(5):
            answer = await http.get(
                f"{server.url}/base/x?y=1", accept="a/b", content_types=("application/json",)
            )
    assert (answer.status, answer.body, answer.etag) == (200, b"{}", '"1"')
    assert (answer.content_type, answer.not_modified) == ("application/json", False)
    assert answer.url == f"{server.url}/base/x?y=1"
    assert server.connections == 1
    path, headers = server.requests[0]
    assert path == "/base/x?y=1"
    assert (headers["user-agent"], headers["accept"]) == ("test/1", "a/b")
    assert headers["accept-encoding"] == "gzip"


async def test_a_304_comes_back_as_such_and_is_only_asked_for_with_a_tag():
    async with talking(always(b'HTTP/1.1 304 X\r\netag: "1"\r\n\r\n')) as (server, http):
        answer = await http.get(f"{server.url}/base/x", etag='"1"')
        assert answer.not_modified
        assert answer.body == b""
        assert server.requests[0][1]["if-none-match"] == '"1"'
        with pytest.raises(InvalidPayloadError):
            await http.get(f"{server.url}/base/x")


async def test_gzip_is_unpacked_and_its_limit_counts_what_comes_out():
    packed = gzip.compress(b"a" * 1_000_000)
    async with talking(always(reply(body=packed, content_encoding="gzip"))) as (server, http):
        assert (await http.get(f"{server.url}/base/x")).body == b"a" * 1_000_000
        with pytest.raises(PayloadTooLargeError):
            await http.get(f"{server.url}/base/x", max_bytes=999_999)
        assert len(server.requests) == 2


async def test_a_declared_length_above_the_limit_is_refused_before_the_body_comes():
    raw = b"HTTP/1.1 200 X\r\ncontent-length: 1000000000\r\n\r\n"
    async with talking(always(raw), max_body_bytes=100) as (server, http):
        with pytest.raises(PayloadTooLargeError):
            await http.get(f"{server.url}/base/x")


async def test_an_endless_chunked_body_stops_at_the_limit():
    async def endless(_path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"1000\r\n" + b"a" * 0x1000 + b"\r\n")
            await writer.drain()

    async with talking(endless, max_body_bytes=1_000_000) as (server, http):
        with pytest.raises(PayloadTooLargeError):
            await http.get(f"{server.url}/base/x")


@pytest.mark.parametrize(
    "trouble",
    [
        None,
        CUT,
        *(reply(status) for status in (408, 429, 500, 502)),
        reply(503, retry_after="0"),
        reply(body=gzip.compress(b"whole", mtime=0)[:-3], content_encoding="gzip"),
    ],
)
async def test_what_may_pass_is_tried_again(trouble):
    async with talking(one_after_another(trouble, trouble, reply())) as (server, http):
        assert (await http.get(f"{server.url}/base/x")).body == b"ok"
        assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (reply(404), PackageNotFoundError),
        (reply(410), PackageNotFoundError),
        (reply(401), RequestRefusedError),
        (reply(403), RequestRefusedError),
        (reply(400), RequestRefusedError),
        (reply(204, b""), InvalidPayloadError),
        (reply(302), InvalidPayloadError),
        (reply(content_type="text/html"), InvalidPayloadError),
        (reply(), InvalidPayloadError),
        (reply(content_type="application/json", content_encoding="br"), InvalidPayloadError),
        (reply(content_type="application/json", content_encoding="gzip"), InvalidPayloadError),
    ],
)
async def test_a_definite_answer_is_never_asked_for_twice(raw, error):
    async with talking(always(raw), breaker_failures=1) as (server, http):
        for asked in (1, 2):
            with pytest.raises(RegistryError) as caught:
                await http.get(f"{server.url}/base/x", content_types=("application/json",))
            assert type(caught.value) is error
            assert caught.value.url == f"{server.url}/base/x"
            assert len(server.requests) == asked


async def test_a_404_keeps_the_connection_for_the_next_request():
    async with talking(one_after_another(reply(404, b"no" * 500), reply())) as (server, http):
        with pytest.raises(PackageNotFoundError):
            await http.get(f"{server.url}/base/x")
        await http.get(f"{server.url}/base/y")
        assert server.connections == 1


async def test_the_last_failure_is_raised_with_its_cause_after_all_attempts():
    async with talking(always(reply(500)), max_attempts=3) as (server, http):
        with pytest.raises(RegistryUnavailableError, match="HTTP 500") as caught:
            await http.get(f"{server.url}/base/x")
        assert (len(server.requests), caught.value.status) == (3, 500)
    async with talking(one_after_another(CUT), max_attempts=2) as (server, http):
        with pytest.raises(RegistryUnavailableError, match="RemoteProtocolError") as caught:
            await http.get(f"{server.url}/base/x")
        assert isinstance(caught.value.__cause__, httpx.RemoteProtocolError)


async def test_nobody_listening_is_a_passing_failure(unused_tcp_port: int):
    url = f"http://127.0.0.1:{unused_tcp_port}"
    async with http_session(options(max_attempts=2), bases=[url]) as http:
        with pytest.raises(RegistryUnavailableError, match="ConnectError"):
            await http.get(f"{url}/x")


async def test_silence_ends_an_attempt_after_the_timeout():
    async with talking(hang, timeout_seconds=0.1, max_attempts=2) as (server, http):
        started = time.monotonic()
        with pytest.raises(RegistryUnavailableError, match="ReadTimeout"):
            await http.get(f"{server.url}/base/x")
        assert time.monotonic() - started < 2
        assert len(server.requests) == 2


async def test_the_budget_ends_a_call_whatever_it_waits_for():
    async with talking(hang, budget_seconds=0.2) as (server, http):
        started = time.monotonic()
        with pytest.raises(RegistryUnavailableError, match=r"within 0\.2 s"):
            await http.get(f"{server.url}/base/x")
        assert time.monotonic() - started < 2
    async with talking(
        always(reply(500)), budget_seconds=0.3, backoff_seconds=60, max_attempts=9
    ) as (
        server,
        http,
    ):
        with pytest.raises(RegistryUnavailableError, match="500"):
            await http.get(f"{server.url}/base/x")


async def test_retry_after_is_waited_for_by_the_call_and_by_others_to_the_host():
    busy = reply(429, retry_after="1")
    async with talking(one_after_another(busy, reply())) as (server, http):
        first = asyncio.create_task(http.get(f"{server.url}/base/1"))
        await server.asked.wait()
        await asyncio.sleep(0.1)
        await asyncio.gather(first, http.get(f"{server.url}/base/2"))
        assert sorted(server.paths) == ["/base/1", "/base/1", "/base/2"]
        assert min(server.times[1:]) - server.times[0] >= 0.95


async def test_a_retry_after_beyond_the_budget_fails_at_once():
    async with talking(always(reply(503, retry_after="3600")), budget_seconds=10) as (server, http):
        started = time.monotonic()
        with pytest.raises(RegistryUnavailableError) as caught:
            await http.get(f"{server.url}/base/x")
        assert caught.value.retry_after == 3600
        with pytest.raises(RegistryUnavailableError, match="pause"):
            await http.get(f"{server.url}/base/y")
        assert time.monotonic() - started < 2
        assert len(server.requests) == 1


async def test_a_host_that_keeps_failing_is_left_alone_and_then_tried_once():
    failing = True

    async def answer(_path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        writer.write(reply(500) if failing else reply())

    limits = {"max_attempts": 1, "breaker_failures": 3, "breaker_seconds": 0.3}
    async with talking(answer, **limits) as (server, http):
        for _ in range(3):
            with pytest.raises(RegistryUnavailableError, match="HTTP 500"):
                await http.get(f"{server.url}/base/x")
        with pytest.raises(RegistryUnavailableError, match="too often") as caught:
            await http.get(f"{server.url}/base/x")
        assert 0 < caught.value.retry_after <= 0.3
        assert len(server.requests) == 3
        await asyncio.sleep(0.35)
        with pytest.raises(RegistryUnavailableError, match="HTTP 500"):
            await http.get(f"{server.url}/base/x")
        failing = False
        await asyncio.sleep(0.35)
        await http.get(f"{server.url}/base/x")
        assert (await http.get(f"{server.url}/base/x")).body == b"ok"


async def test_a_circuit_is_not_opened_by_many_calls_that_each_fail_once():
    seen: set[str] = set()

    async def answer(path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        writer.write(reply() if path in seen else reply(503))
        seen.add(path)

    async with talking(answer, breaker_failures=5) as (server, http):
        answers = await asyncio.gather(*(http.get(f"{server.url}/base/{n}") for n in range(60)))
        assert [a.body for a in answers] == [b"ok"] * 60
        assert len(server.requests) == 120


async def test_no_more_requests_than_allowed_run_at_once():
    async def slow(_path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.02)
        writer.write(reply())

    async with talking(slow, concurrency=3) as (server, http):
        await asyncio.gather(*(http.get(f"{server.url}/base/{n}") for n in range(20)))
        assert server.most_active == 3
        assert server.connections <= 3


@pytest.mark.parametrize(("rate", "calls", "least"), [(20.0, 30, 0.45), (0.9, 1, 0.0)])
async def test_requests_keep_the_rate_after_a_burst_of_one_second(rate, calls, least):
    async with talking(always(reply()), rate_per_second=rate) as (server, http):
        await asyncio.gather(*(http.get(f"{server.url}/base/{n}") for n in range(calls)))
        assert server.times[-1] - server.times[0] >= least


async def test_a_cancelled_call_gives_back_its_slot_and_its_trial():
    asked = asyncio.Event()

    async def answer(path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        if path == "/base/hang":
            asked.set()
            await asyncio.sleep(30)
        writer.write(reply(500) if path == "/base/fail" else reply())

    limits = {"concurrency": 1, "max_attempts": 1, "breaker_failures": 1, "breaker_seconds": 0.05}
    async with talking(answer, **limits) as (server, http):
        with pytest.raises(RegistryUnavailableError):
            await http.get(f"{server.url}/base/fail")
        await asyncio.sleep(0.1)
        trial = asyncio.create_task(http.get(f"{server.url}/base/hang"))
        await asked.wait()
        trial.cancel()
        with pytest.raises(asyncio.CancelledError):
            await trial
        assert (await http.get(f"{server.url}/base/x")).body == b"ok"


async def test_redirects_are_followed_inside_the_bases_only():
    async def answer(path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        goal = {
            "/base/a": "b",
            "/base/b": "/base/c",
            "/base/out": "/elsewhere",
            "/base/evil": "http://evil.test/base/x",
            "/base/bad": "http://[",
            "/base/loop": "/base/loop",
        }.get(path)
        writer.write(reply(302, b"", location=goal) if goal else reply(body=path.encode()))

    async with talking(answer) as (server, http):
        answered = await http.get(f"{server.url}/base/a")
        assert (answered.body, answered.url) == (b"/base/c", f"{server.url}/base/c")
        for wrong in ("out", "evil", "bad"):
            with pytest.raises(ForbiddenAddressError):
                await http.get(f"{server.url}/base/{wrong}")
        with pytest.raises(InvalidPayloadError, match="redirects"):
            await http.get(f"{server.url}/base/loop")
        assert server.paths.count("/base/loop") == 6
        assert "/elsewhere" not in server.paths


@pytest.mark.parametrize(
    "tail",
    ["/other/x", "/base/../x", "/base/%2e%2e/x", "/baseline", "@evil.test/base/x", ":99999999/"],
)
async def test_an_address_outside_the_bases_is_never_fetched(tail):
    async with talking(always(reply())) as (server, http):
        with pytest.raises(ForbiddenAddressError):
            await http.get(server.url + tail)
        assert server.requests == []


async def test_credentials_come_from_the_base_and_never_show_in_an_error():
    async with served(one_after_another(reply(), reply(500))) as server:
        base = server.url.replace("//", "//user:s3cret%40@")
        async with http_session(options(max_attempts=1), bases=[base]) as http:
            await http.get(f"{base}/x")
            with pytest.raises(RegistryUnavailableError) as caught:
                await http.get(f"{base}/x")
            with pytest.raises(ForbiddenAddressError) as forbidden:
                await http.get("http://user:s3cret@evil.test/x")
    assert server.requests[0][1]["authorization"] == "Basic dXNlcjpzM2NyZXRA"
    for error in (caught.value, forbidden.value):
        assert "s3cret" not in f"{error} {error.url}"


async def test_a_download_holds_the_whole_document_or_leaves_the_file_alone(tmp_path):
    path = tmp_path / "listing"
    big = bytes(range(256)) * 4096
    packed = reply(body=gzip.compress(big), content_encoding="gzip", etag='"2"')
    cut = gzip.compress(big[:-1])[:-9]
    async with talking(
        one_after_another(
            reply(body=cut, content_encoding="gzip"), packed, reply(304, b""), reply(404)
        )
    ) as (server, http):
        answer = await http.download(f"{server.url}/base/x", path)
        assert (answer.body, answer.etag, path.read_bytes()) == (b"", '"2"', big)
        assert (await http.download(f"{server.url}/base/x", path, etag='"2"')).not_modified
        with pytest.raises(PackageNotFoundError):
            await http.download(f"{server.url}/base/x", path)
    assert path.read_bytes() == big
    assert list(tmp_path.iterdir()) == [path]


async def test_a_cancelled_download_leaves_nothing_behind(tmp_path):
    async def answer(_path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 X\r\ncontent-length: 100\r\n\r\nhalf")
        await writer.drain()
        await asyncio.sleep(30)

    async with talking(answer) as (server, http):
        task = asyncio.create_task(http.download(f"{server.url}/base/x", tmp_path / "file"))
        await server.asked.wait()
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert list(tmp_path.iterdir()) == []


async def test_a_transport_can_stand_in_for_the_network():
    transport = httpx.MockTransport(lambda request: httpx.Response(200, text=str(request.url)))
    async with http_session(options(), bases=["https://r.test"], transport=transport) as http:
        assert (await http.get("https://r.test/x")).body == b"https://r.test/x"


async def test_a_server_that_closes_idle_connections_costs_no_attempt():
    async def answer(_path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        writer.write(reply())
        await writer.drain()
        writer.close()

    async with talking(answer, max_attempts=1) as (server, http):
        for _ in range(3):
            await http.get(f"{server.url}/base/x")
            await asyncio.sleep(0.02)
        assert server.connections == 3


@pytest.mark.parametrize(
    ("contact", "expected"),
    [
        ("", ""),
        ("ops@example.test", " (+ops@example.test)"),
        ("a\r\nX-Evil: 1", " (+aX-Evil: 1)"),
        ("(a) \\é", " (+a)"),
        ("()", ""),
    ],
)
def test_the_user_agent_names_program_version_and_contact(contact, expected):
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    assert user_agent(contact) == f"{project['name']}/{project['version']}{expected}"
    assert HttpOptions(user_agent=user_agent(contact)).user_agent
