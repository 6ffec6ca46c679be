"""The client of the OSV export over real HTTP: what it asks for, and what it makes of bad documents."""

import io
import json
import zipfile

import pytest

from src.cache import FileCache
from src.local_stack.replay import Document, Fault, ReplayServer, no_faults, table
from src.schemas.errors import (
    InvalidKeyError,
    InvalidPayloadError,
    PackageNotFoundError,
    PayloadTooLargeError,
    RegistryError,
    RegistryUnavailableError,
)
from src.schemas.http import HttpOptions
from src.services.apis.osv_api import ArchiveLimits, OSVClient, OSVOptions
from src.session import http_session

FEED = "/osv/npm/modified_id.csv"
ARCHIVE = "/osv/npm/all.zip"
ROWS = (
    "2024-05-03T00:00:00.5Z,GHSA-3\n2024-05-03T00:00:00Z,GHSA-2\n"
    "2024-05-02T00:00:00.123456Z,MAL-2024-1\n2024-05-01T00:00:00Z,GHSA-1\n"
)
ALL = [
    ("GHSA-1", "2024-05-01T00:00:00Z"),
    ("MAL-2024-1", "2024-05-02T00:00:00.123456Z"),
    ("GHSA-2", "2024-05-03T00:00:00Z"),
    ("GHSA-3", "2024-05-03T00:00:00.5Z"),
]


class Export:
    """What the server has, by path."""

    def __init__(self):
        self.documents = {}

    def document(self, path, query=""):  # noqa: ARG002
        return self.documents.get(path)

    def feed(self, text):
        self.documents[FEED] = Document(text.encode(), "text/csv")

    def record(self, identity, body):
        self.documents[f"/osv/npm/{identity}.json"] = Document(body, "application/json")

    def archive(self, entries, method=zipfile.ZIP_DEFLATED):
        self.documents[ARCHIVE] = Document(packed(entries, method), "application/zip")


def packed(entries, method=zipfile.ZIP_DEFLATED):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return written.getvalue()


def records(*identities):
    return {f"{one}.json": json.dumps({"id": one, "modified": "2024"}) for one in identities}


@pytest.fixture(scope="module")
def running():
    export = Export()
    with ReplayServer(export) as server:
        yield server, export


@pytest.fixture
def server(running):
    server, export = running
    export.documents.clear()
    server.faults = no_faults
    server.forget_requests()
    return server


@pytest.fixture
def export(running, server):  # noqa: ARG001 - which forgets the test before
    return running[1]


@pytest.fixture
def options():
    return OSVOptions()


@pytest.fixture
async def client(server, tmp_path, options):
    base = f"{server.url}/osv"
    manners = HttpOptions("test", rate_per_second=0, max_attempts=2, backoff_seconds=0.01)
    async with http_session(manners, bases=[base]) as http:
        yield OSVClient(http, base_url=base, cache=FileCache(tmp_path / "cache"), options=options)


async def read(archive):
    return [record["id"] async for record in archive]


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        ("", ALL),
        ("2024-05-04T00:00:00Z", []),
        ("2024-05-03T00:00:00.6Z", []),
        # As texts, "…:00Z" is behind "…:00.5Z".
        ("2024-05-03T00:00:00.500000Z", ALL[3:]),
        ("2024-05-03T00:00:00.4Z", ALL[3:]),
        ("2024-05-03T00:00:00Z", ALL[2:]),
        ("2024-05-03T02:00:00+02:00", ALL[2:]),
        ("2024-05-02T00:00:00.123456789Z", ALL[1:]),
        ("2024-05-02T00:00:00.1234561Z", ALL[1:]),
        ("2020-01-01T00:00:00Z", ALL),
    ],
)
async def test_what_changed_since_a_moment_comes_oldest_first(client, export, since, expected):
    export.feed(ROWS)
    changes = await client.changed_since("npm", since)
    assert changes == expected
    assert (changes.newest, changes.broken_rows) == ("2024-05-03T00:00:00.5Z", 0)


async def test_the_list_is_not_read_beyond_what_is_new(client, export):
    old = "".join(f"2020-01-01T00:00:00Z,GHSA-old-{n}\n" for n in range(200_000))
    # What stands behind the first old row is not even looked at.
    export.feed(f"{ROWS}{old}half a ro")
    assert await client.changed_since("npm", "2024-05-03T00:00:00Z") == ALL[2:]


@pytest.mark.parametrize(
    "row",
    [
        "2024-05-02T12:00:00Z,../../etc/passwd",
        "2024-05-02T12:00:00Z,..",
        "2024-05-02T12:00:00Z,a/b",
        "2024-05-02T12:00:00Z,a\\b",
        "2024-05-02T12:00:00Z,%2e%2e",
        "2024-05-02T12:00:00Z,.hidden",
        "2024-05-02T12:00:00Z,a b",
        "2024-05-02T12:00:00Z,GHSA-1?x=1",
        "2024-05-02T12:00:00Z,GHSA-1#x",
        "2024-05-02T12:00:00Z," + "x" * 300,
        "2024-05-02T12:00:00Z,",
        "2024-05-02T12:00:00Z",
        "yesterday,GHSA-9",
        ",GHSA-9",
        "2024-13-45T00:00:00Z,GHSA-9",
        "2024-05-02T12:00:00Z,GHSA-é",
    ],
)
async def test_a_row_that_cannot_be_read_is_counted_and_the_others_are_taken(client, export, row):
    first, rest = ROWS.split("\n", 1)
    export.feed(f"{first}\n{row}\n{rest}")
    changes = await client.changed_since("npm", "")
    assert (changes, changes.broken_rows) == (ALL, 1)


async def test_carriage_returns_and_empty_lines_are_nothing(client, export):
    export.feed(ROWS.replace("\n", "\r\n") + "\n\n")
    changes = await client.changed_since("npm", "")
    assert (changes, changes.broken_rows) == (ALL, 0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        ROWS[:-5],
        ROWS[:-1],
        "<html>\nnot\nthis\n</html>\n",
        "x" * 5000,
        "2024-05-03T00:00:00Z," + "y" * 5000 + "\n",
    ],
    ids=["empty", "blank", "cut", "cut at the end", "page", "noise", "long row"],
)
async def test_a_list_that_is_cut_off_or_none_is_refused(client, export, text):
    export.feed(text)
    with pytest.raises(InvalidPayloadError):
        await client.changed_since("npm", "")


async def test_a_connection_that_breaks_in_the_list_is_tried_again_from_its_beginning(
    client, export, server
):
    export.feed(ROWS)
    server.faults = table({FEED: [Fault(cut_after=40), None]})
    assert await client.changed_since("npm", "") == ALL
    assert server.requests[FEED] == 2


@pytest.mark.parametrize("since", ["soon", "GHSA-1", "2024-99-01"])
async def test_a_position_that_is_no_time_is_refused_before_anything_is_asked(
    client, server, since
):
    with pytest.raises(InvalidKeyError):
        await client.changed_since("npm", since)
    assert not server.requests


async def test_a_record_comes_as_published(client, export):
    body = {"id": "GHSA-1", "modified": "2024", "details": "é", "unknown": [1.5, None]}
    export.record("GHSA-1", json.dumps(body).encode())
    assert await client.record("npm", "GHSA-1") == body


async def test_a_record_that_is_not_there_is_told(client):
    with pytest.raises(PackageNotFoundError):
        await client.record("npm", "GHSA-1")


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"<html>", b"[]", b"null", b"\xff\xfe", b"[" * 200_000),
        *(b'{"id": "GHSA-2"}', b"{}", b'{"id": "GHSA-1"'),
    ],
)
async def test_a_document_that_is_not_the_record_is_refused(client, export, body):
    export.record("GHSA-1", body)
    with pytest.raises(InvalidPayloadError):
        await client.record("npm", "GHSA-1")


@pytest.mark.parametrize("identity", ["", "..", "../x", "a/b", "a?b", "a b", ".x", "é", "x" * 201])
async def test_what_can_be_no_id_is_never_asked_for(client, server, identity):
    with pytest.raises(InvalidKeyError):
        await client.record("npm", identity)
    with pytest.raises(InvalidKeyError):
        await client.changed_since(identity, "")
    assert not server.requests


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
async def test_an_archive_yields_every_record(client, export, method):
    names = [f"GHSA-{n}" for n in range(1200)]
    export.archive({"folder/": "", **records(*names)}, method)
    archive = client.archive("npm")
    assert await read(archive) == names
    assert archive.broken == {}


async def test_an_archive_is_fetched_again_only_where_it_changed(client, export, server):
    export.archive(records("GHSA-1"))
    assert await read(client.archive("npm")) == ["GHSA-1"]
    server.faults = table({ARCHIVE: [None, Fault(status=200, body=b"not asked for")]})
    assert await read(client.archive("npm")) == ["GHSA-1"]
    server.faults = table({})
    export.archive(records("GHSA-2"))
    assert await read(client.archive("npm")) == ["GHSA-2"]


async def test_a_damaged_archive_in_the_cache_is_fetched_anew(client, export, tmp_path):
    export.archive(records("GHSA-1"))
    assert await read(client.archive("npm")) == ["GHSA-1"]
    (data,) = (tmp_path / "cache").glob("*.data")
    size = data.stat().st_size
    data.write_bytes(b"x" * size)
    assert await read(client.archive("npm")) == ["GHSA-1"]


BROKEN = {
    "not-json.json": "{",
    "no-object.json": "[1]",
    "no-id.json": "{}",
    "other.json": '{"id": "GHSA-1"}',
    "a b.json": '{"id": "a b"}',
    "../up.json": '{"id": "../up"}',
    "deep.json": "[" * 200_000,
    "number.json": '{"id": 7}',
    "readme.txt": "hello",
}


async def test_an_entry_that_cannot_be_read_is_told_and_the_others_are_read(client, export):
    entries = records("GHSA-1", "GHSA-2")
    middle = dict(list(entries.items())[:1]) | BROKEN | dict(list(entries.items())[1:])
    export.archive(middle)
    archive = client.archive("npm")
    assert await read(archive) == ["GHSA-1", "GHSA-2"]
    assert set(archive.broken) == set(BROKEN)


async def test_an_entry_with_a_wrong_checksum_is_told(client, export):
    body = packed(records("GHSA-1", "GHSA-2"), zipfile.ZIP_STORED)
    damaged = body.replace(b'"id": "GHSA-1"', b'"id": "GHSA-9"', 1)
    assert damaged != body
    export.documents[ARCHIVE] = Document(damaged, "application/zip")
    archive = client.archive("npm")
    assert await read(archive) == ["GHSA-2"]
    assert list(archive.broken) == ["GHSA-1.json"]


@pytest.mark.parametrize("left", [0, 4, 100, -1, -22, -60])
async def test_an_archive_that_is_cut_off_is_refused_and_not_kept(client, export, left):
    body = packed(records(*(f"GHSA-{n}" for n in range(50))))
    export.documents[ARCHIVE] = Document(body[:left], "application/zip")
    with pytest.raises(InvalidPayloadError):
        await read(client.archive("npm"))
    export.documents[ARCHIVE] = Document(body, "application/zip")
    assert len(await read(client.archive("npm"))) == 50


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=404), PackageNotFoundError),
        (Fault(status=503), RegistryUnavailableError),
        (Fault.error_page(), InvalidPayloadError),
        (Fault(status=403), RegistryError),
    ],
)
async def test_a_failure_is_never_an_empty_archive(client, export, server, fault, error):
    export.archive(records("GHSA-1"))
    server.faults = table({ARCHIVE: fault})
    with pytest.raises(error):
        await read(client.archive("npm"))


@pytest.mark.parametrize(
    ("limits", "error"),
    [
        (ArchiveLimits(bytes=100), PayloadTooLargeError),
        (ArchiveLimits(entries=2), InvalidPayloadError),
        (ArchiveLimits(unpacked_bytes=100), InvalidPayloadError),
    ],
)
async def test_an_archive_beyond_a_limit_is_refused(client, export, limits, error):
    client._options = OSVOptions(archive=limits)
    export.archive(records("GHSA-1", "GHSA-2", "GHSA-3"))
    with pytest.raises(error):
        await read(client.archive("npm"))


async def test_an_entry_beyond_its_limit_is_told(client, export):
    client._options = OSVOptions(archive=ArchiveLimits(entry_bytes=100))
    export.archive(records("GHSA-1") | {"GHSA-2.json": '{"id": "GHSA-2"}' + " " * 1000})
    archive = client.archive("npm")
    assert await read(archive) == ["GHSA-1"]
    assert "larger than" in archive.broken["GHSA-2.json"]
