"""The replay server over real HTTP: what it answers, how it fails when told to, how it ends."""

import gzip
import json
from collections.abc import Iterator
from threading import Thread
from time import monotonic, sleep

import httpx
import pytest

from src.local_stack.replay import Document, Fault, ReplayServer, every_request_fails_once, table

SIMPLE = "application/vnd.pypi.simple.v1+json"
PAGE = {"files": [{"filename": "six-1.0.tar.gz", "url": "https://files.test/a/six-1.0.tar.gz"}]}
INDEX = {"projects": [{"name": "six", "_last-serial": 3}, {"name": "a<b", "_last-serial": 1}]}


class Shelf:
    """A source with a few documents."""

    def __init__(self) -> None:
        self.documents = {
            "/pypi/simple/six/": Document(
                json.dumps(PAGE).encode(), SIMPLE, {"X-PyPI-Last-Serial": "3"}
            ),
            "/pypi/simple/": Document(json.dumps(INDEX).encode(), SIMPLE),
            "/pypi/pypi/six/json": Document(b'{"info":{}}', "application/json"),
            "/large": Document(b"0123456789" * 10_000, "text/plain"),
            "/odd name/ü": Document(b"odd", "text/plain"),
        }

    def document(self, path: str, _query: str = "") -> Document | None:
        return self.documents.get(path)


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    with ReplayServer(Shelf()) as running:
        yield running


@pytest.fixture
def client(server: ReplayServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=10) as opened:
        yield opened


def test_it_listens_on_the_loopback_address_only(server: ReplayServer) -> None:
    assert server.url.startswith("http://127.0.0.1:")


def test_a_document_comes_with_its_type_headers_and_tag(client: httpx.Client) -> None:
    answer = client.get("/pypi/simple/six/", headers={"accept": SIMPLE})
    assert (answer.status_code, answer.json()) == (200, PAGE)
    assert answer.headers["content-type"] == SIMPLE
    assert answer.headers["x-pypi-last-serial"] == "3"
    assert answer.headers["etag"].startswith('"')


@pytest.mark.parametrize("accept", ["*/*", "text/html", "application/json"])
def test_an_index_page_is_html_unless_its_json_is_asked_for(
    client: httpx.Client, accept: str
) -> None:
    project = client.get("/pypi/simple/six/", headers={"accept": accept})
    index = client.get("/pypi/simple/", headers={"accept": accept})
    assert project.headers["content-type"] == "text/html"
    assert '<a href="https://files.test/a/six-1.0.tar.gz">six-1.0.tar.gz</a>' in project.text
    assert '<a href="six/">six</a>' in index.text
    assert "a&lt;b" in index.text


def test_the_two_forms_of_a_page_have_different_tags(client: httpx.Client) -> None:
    forms = [client.get("/pypi/simple/", headers={"accept": a}) for a in ("*/*", SIMPLE)]
    assert forms[0].headers["etag"] != forms[1].headers["etag"]


@pytest.mark.parametrize("form", ['"{}"', 'W/"{}"', '"other", "{}"'])
def test_a_client_that_has_the_document_gets_304_and_no_body(
    client: httpx.Client, form: str
) -> None:
    tag = client.get("/pypi/pypi/six/json").headers["etag"].strip('"')
    answer = client.get("/pypi/pypi/six/json", headers={"if-none-match": form.format(tag)})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == f'"{tag}"'


def test_a_client_with_an_old_tag_gets_the_document(client: httpx.Client) -> None:
    answer = client.get("/pypi/pypi/six/json", headers={"if-none-match": '"old"'})
    assert (answer.status_code, answer.json()) == (200, {"info": {}})


def test_an_unknown_path_is_a_404_in_json(client: httpx.Client) -> None:
    answer = client.get("/pypi/simple/none/", headers={"if-none-match": "*"})
    assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})


def test_head_has_the_headers_of_get_and_no_body(client: httpx.Client) -> None:
    head, get = client.head("/large"), client.get("/large")
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-length", "etag"):
        assert head.headers[name] == get.headers[name]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_other_methods_are_refused(client: httpx.Client, method: str) -> None:
    answer = client.request(method, "/pypi/pypi/six/json")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_large_bodies_are_packed_for_those_who_take_gzip(client: httpx.Client) -> None:
    with client.stream("GET", "/large", headers={"accept-encoding": "gzip"}) as answer:
        packed = b"".join(answer.iter_raw())
    plain = client.get("/large", headers={"accept-encoding": "identity"})
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed) == plain.content
    assert "content-encoding" not in plain.headers
    assert answer.headers["etag"] == f"W/{plain.headers['etag']}"


def test_escaped_paths_and_query_strings_find_their_document(client: httpx.Client) -> None:
    assert client.get("/odd%20name/%C3%BC?nocache=1").content == b"odd"


def test_health_is_answered_uncounted_and_whatever_is_planned(
    server: ReplayServer, client: httpx.Client
) -> None:
    server.faults = lambda _path, _time: Fault(status=500)
    assert client.get("/health").status_code == 200
    assert not server.requests


def test_requests_are_counted_by_path(server: ReplayServer, client: httpx.Client) -> None:
    for path in ("/large", "/large", "/none"):
        client.get(path)
    assert server.requests == {"/large": 2, "/none": 1}
    server.forget_requests()
    assert server.requests == {}


def test_answers_are_late_where_a_delay_is_set(server: ReplayServer, client: httpx.Client) -> None:
    server.delay_seconds = 0.1
    begun = monotonic()
    assert client.get("/pypi/pypi/six/json").status_code == 200
    assert monotonic() - begun >= 0.1


def test_a_delay_as_fault_leaves_the_answer_whole(
    server: ReplayServer, client: httpx.Client
) -> None:
    server.faults = table({"/large": Fault(delay_seconds=0.1)})
    begun = monotonic()
    assert len(client.get("/large").content) == 100_000
    assert monotonic() - begun >= 0.1


def test_every_request_fails_once_and_then_succeeds(
    server: ReplayServer, client: httpx.Client
) -> None:
    server.faults = every_request_fails_once()
    for path in server.app.source.documents:  # type: ignore[attr-defined]
        try:
            failed = client.get(path).status_code
            assert failed in {429, 500, 503}, path
        except httpx.RemoteProtocolError:
            pass
        assert client.get(path).status_code == 200, path


def test_a_planned_status_carries_its_headers(server: ReplayServer, client: httpx.Client) -> None:
    server.faults = table({"/large": Fault(status=429, headers={"Retry-After": "7"})})
    answer = client.get("/large")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert "etag" not in answer.headers


@pytest.mark.parametrize("size", [0, 1, 50_000, 10**9])
def test_a_body_is_cut_off_after_so_many_bytes(
    server: ReplayServer, client: httpx.Client, size: int
) -> None:
    server.faults = table({"/large": Fault(cut_after=size)})
    received: list[bytes] = []
    with client.stream("GET", "/large", headers={"accept-encoding": "identity"}) as answer:
        assert answer.headers["content-length"] == "100000"
        with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message"):
            received.extend(answer.iter_raw())
    assert sum(map(len, received)) == min(size, 99_999)


def test_broken_json_keeps_the_promised_type(server: ReplayServer, client: httpx.Client) -> None:
    server.faults = table({"/pypi/simple/six/": Fault.broken_json()})
    answer = client.get("/pypi/simple/six/", headers={"accept": SIMPLE})
    assert (answer.status_code, answer.headers["content-type"]) == (200, SIMPLE)
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_an_error_page_comes_with_200_and_as_html(
    server: ReplayServer, client: httpx.Client
) -> None:
    server.faults = table({"/pypi/pypi/six/json": Fault.error_page()})
    answer = client.get("/pypi/pypi/six/json")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html")


def test_a_hanging_request_is_never_answered(server: ReplayServer, client: httpx.Client) -> None:
    server.faults = table({"/large": Fault(hang=True)})
    with pytest.raises(httpx.ReadTimeout):
        client.get("/large", timeout=0.3)
    assert client.get("/pypi/pypi/six/json").status_code == 200


def test_new_faults_count_from_the_first_request_again(
    server: ReplayServer, client: httpx.Client
) -> None:
    client.get("/large")
    server.faults = every_request_fails_once([Fault(status=503)])
    assert [client.get("/large").status_code for _ in range(2)] == [503, 200]
    server.faults = every_request_fails_once([Fault(status=500)])
    assert [client.get("/large").status_code for _ in range(2)] == [500, 200]


def test_it_stops_at_once_though_a_request_hangs_and_another_is_kept_alive() -> None:
    with ReplayServer(Shelf()) as server, httpx.Client(base_url=server.url) as client:
        client.get("/health")
        server.faults = table({"/large": Fault(hang=True)})
        outcomes: list[str] = []

        def ask() -> None:
            try:
                outcomes.append(str(httpx.get(f"{server.url}/large", timeout=20).status_code))
            except httpx.HTTPError as error:
                outcomes.append(type(error).__name__)

        asking = Thread(target=ask)
        asking.start()
        while not server.requests:
            sleep(0.01)
        begun = monotonic()
        server.__exit__(None, None, None)
        assert monotonic() - begun < 2
        asking.join(timeout=5)
        assert outcomes == ["500"]
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{server.url}/health")
