"""The rules beneath the HTTP session, without any network."""

import gzip
import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.errors import (
    ForbiddenAddressError,
    InvalidPayloadError,
    PackageNotFoundError,
    PayloadTooLargeError,
    RegistryUnavailableError,
    RequestRefusedError,
)
from src.schemas.http import HttpOptions
from src.utils.address_gate import Address, AddressGate, Base
from src.utils.circuit_breaker import CircuitBreaker
from src.utils.http_body import BodyReader
from src.utils.http_rules import basic_authorization, declared_length, error_for_status
from src.utils.retry_after import retry_after_seconds

NOON = "Sun, 06 Nov 1994 12:00:00 GMT"
NOON_EPOCH = 784_123_200.0


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": " 120 "}, 120.0),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "1.5"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "٣"}, None),
        ({"retry-after": "Sun, 06 Nov 1994 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Sunday, 06-Nov-94 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Sun Nov  6 12:00:30 1994"}, 30.0),
        ({"retry-after": "Sun, 06 Nov 1994 11:00:00 GMT"}, 0.0),
        ({"retry-after": NOON, "date": "Sun, 06 Nov 1994 11:59:00 GMT"}, 60.0),
        ({"retry-after": NOON, "date": "nonsense"}, 0.0),
        ({"retry-after": "Sun, 99 Nov 1994 12:00:30 GMT"}, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_any_http_date(headers, expected):
    assert retry_after_seconds(headers, NOON_EPOCH) == expected


@given(st.dictionaries(st.sampled_from(["retry-after", "date"]), st.text()))
def test_no_retry_after_value_breaks_the_parser_or_asks_for_negative_time(headers):
    seconds = retry_after_seconds(headers, NOON_EPOCH)
    assert seconds is None or seconds >= 0


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, PackageNotFoundError),
        (410, PackageNotFoundError),
        (408, RegistryUnavailableError),
        (429, RegistryUnavailableError),
        (500, RegistryUnavailableError),
        (503, RegistryUnavailableError),
        (400, RequestRefusedError),
        (401, RequestRefusedError),
        (403, RequestRefusedError),
        (451, RequestRefusedError),
        (204, InvalidPayloadError),
        (206, InvalidPayloadError),
        (304, InvalidPayloadError),
        (302, InvalidPayloadError),
    ],
)
def test_each_status_stands_for_one_error(status, error):
    raised = error_for_status(status, {}, "http://r.test/x", 0.0)
    assert type(raised) is error
    assert (raised.url, raised.status) == ("http://r.test/x", status)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("", None), ("12", 12), ("-1", None), ("1e3", None), ("9" * 5000, None), ("٣", None)],
)
def test_a_declared_length_is_plain_digits_or_unknown(value, expected):
    assert declared_length({"content-length": value}) == expected


def test_credentials_become_a_basic_header_only_where_there_are_some():
    assert basic_authorization("", "") == ""
    assert basic_authorization("Aladdin", "open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="


def address(url: str) -> Address:
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    name, _, port = host.partition(":")
    return Address(scheme, name, int(port) if port else None, slash + path, url)


GATE = AddressGate(
    [Base(address("https://r.test")), Base(address("http://m.test:81/pypi/"), "Basic x")]
)


@pytest.mark.parametrize(
    "url",
    [
        "https://r.test/",
        "https://r.test/simple/a..b/",
        "https://r.test/x/.well-known",
        "http://m.test:81/pypi",
        "http://m.test:81/pypi/simple/",
        "http://m.test:81/pypi/a%20b",
    ],
)
def test_what_lies_below_a_base_is_admitted(url):
    assert GATE.admit(address(url)) in (GATE._bases[0], GATE._bases[1])


@pytest.mark.parametrize(
    "url",
    [
        "http://r.test/",
        "https://r.test:444/",
        "https://r.test.evil.test/",
        "https://evil.test/r.test/",
        "http://m.test:81/",
        "http://m.test:81/pypi2/x",
        "http://m.test:81/pypi/../x",
        "http://m.test:81/pypi/%2e%2e/x",
        "http://m.test:81/pypi/a%2f..%2f..%2fx",
        "http://m.test:81/pypi/..%5cx",
        "file:///etc/passwd",
    ],
)
def test_what_lies_elsewhere_or_climbs_out_of_its_base_is_forbidden(url):
    with pytest.raises(ForbiddenAddressError):
        GATE.admit(address(url))


def test_the_circuit_opens_lets_one_trial_through_and_closes_on_its_success():
    now = [0.0]
    breaker = CircuitBreaker(2, 10.0, lambda: now[0])
    breaker.failed()
    assert breaker.admit() == 0
    breaker.failed()
    assert breaker.admit() == 10.0
    now[0] = 10.0
    assert breaker.admit() == 0  # the trial
    assert breaker.admit() > 0  # nobody beside it
    breaker.failed(counted=False)
    assert breaker.admit() == 10.0
    now[0] = 20.0
    assert breaker.admit() == 0
    breaker.succeeded()
    assert breaker.admit() == breaker.admit() == 0


def test_a_trial_that_is_cancelled_makes_room_for_the_next():
    now = [0.0]
    breaker = CircuitBreaker(1, 10.0, lambda: now[0])
    breaker.failed()
    now[0] = 11.0
    assert breaker.admit() == 0
    breaker.abandoned()
    assert breaker.admit() == 0


def test_a_success_in_between_forgets_the_failures_and_uncounted_ones_never_open():
    breaker = CircuitBreaker(2, 10.0, lambda: 0.0)
    for _ in range(5):
        breaker.failed()
        breaker.succeeded()
    for _ in range(5):
        breaker.failed(counted=False)
    assert breaker.admit() == 0


def reader(out: list[bytes], coding: str = "gzip", limit: int = 10**7) -> BodyReader:
    return BodyReader(out.append, coding=coding, limit=limit, url="http://r.test/x")


@given(
    st.lists(st.binary(max_size=3000), min_size=1, max_size=3),
    st.integers(1, 500),
    st.integers(0, 2**32),
)
def test_gzip_in_any_number_of_members_and_chunks_comes_out_as_it_was(parts, step, seed):
    content = [part + random.Random(seed).randbytes(100) + part * 50 for part in parts]
    packed = b"".join(gzip.compress(part) for part in content)
    out: list[bytes] = []
    body = reader(out)
    for start in range(0, len(packed), step):
        body.feed(packed[start : start + step])
    assert b"".join(out) == b"".join(content)
    assert body.complete(len(packed))


@pytest.mark.parametrize("size", [256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, 1024 * 1024])
def test_output_that_just_fills_the_decoders_step_is_whole(size):
    out: list[bytes] = []
    body = reader(out)
    body.feed(gzip.compress(b"a" * size))
    assert sum(map(len, out)) == size
    assert body.complete(None)


@given(st.binary(min_size=1, max_size=5000), st.data())
def test_gzip_cut_off_anywhere_is_never_taken_for_whole(content, data):
    packed = gzip.compress(content)
    cut = data.draw(st.integers(1, len(packed) - 1))
    body = reader([])
    body.feed(packed[:cut])
    assert not body.complete(None)


def test_a_gzip_bomb_stops_at_the_limit_and_is_never_inflated_whole():
    squeeze = zlib.compressobj(wbits=31)
    bomb = b"".join(squeeze.compress(bytes(1 << 20)) for _ in range(64)) + squeeze.flush()
    out: list[bytes] = []
    with pytest.raises(PayloadTooLargeError):
        reader(out, limit=1_000_000).feed(bomb)
    assert sum(map(len, out)) <= 1_000_000


def test_a_short_body_broken_gzip_and_an_unknown_coding_are_told_apart():
    body = reader([], coding="")
    body.feed(b"abc")
    assert (body.complete(None), body.complete(3), body.complete(4)) == (True, True, False)
    with pytest.raises(InvalidPayloadError):
        reader([]).feed(b"<html>no gzip</html>")
    with pytest.raises(InvalidPayloadError):
        reader([], coding="br")


@pytest.mark.parametrize(
    "wrong",
    [
        {"user_agent": "a\r\nx: y"},
        {"user_agent": "é"},
        {"concurrency": 0},
        {"max_attempts": 0},
        {"budget_seconds": 0.0},
        {"rate_per_second": -1.0},
    ],
)
def test_options_that_make_no_sense_are_refused_at_once(wrong):
    with pytest.raises(ValueError, match=r"must|start at|more than|negative"):
        HttpOptions(**{"user_agent": "x", **wrong})
