"""The RubyGems client over real HTTP: which documents it asks for, and what it makes of bad ones."""

import base64
import hashlib
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from src.cache import FileCache
from src.local_stack.replay import Document, Fault, ReplayServer, no_faults, table
from src.local_stack.replay.makers import archive_bytes
from src.schemas.errors import (
    InvalidKeyError,
    InvalidPayloadError,
    PackageNotFoundError,
    RegistryUnavailableError,
    RequestRefusedError,
)
from src.schemas.http import HttpOptions
from src.schemas.package import KnownPackage, ListedPackage, PackageRecord
from src.services.apis.rubygems_api import RubyGemsClient
from src.services.apis.rubygems_gem import RubyGemsOptions
from src.session import HttpSession, http_session

TEXT, JSON, BINARY = "text/plain; charset=utf-8", "application/json", "application/octet-stream"
HEAD = "created_at: 2026-11-01T00:00:05Z\n---\n"
NOTHING_KNOWN = KnownPackage()
MD5 = "0123456789abcdef0123456789abcdef"


def md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def gem_file(*paths: str) -> bytes:
    data = {"archive": "tar.gz", "entries": dict.fromkeys(paths, "")}
    return archive_bytes("tar", {"data.tar.gz": data})


class Registry:
    """Documents by path; `asked` keeps what each was asked for with."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}
        self.asked: list[str] = []

    def document(self, path: str, query: str = "") -> Document | None:
        self.asked.append(path + (f"?{query}" if query else ""))
        return self.documents.get(path)

    def add(self, path: str, body: bytes | str, kind: str = TEXT, **headers: str) -> bytes:
        data = body if isinstance(body, bytes) else body.encode()
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        self.documents[f"/rubygems{path}"] = Document(data, kind, told)
        return data

    def versions(self, *lines: str, head: str = HEAD, digest: bytes | None = None) -> None:
        body = (head + "".join(f"{line}\n" for line in lines)).encode()
        told = base64.b64encode(digest or hashlib.sha256(body).digest()).decode()
        self.add("/versions", body, repr_digest=f"sha-256=:{told}:")

    def info(self, name: str, *lines: str) -> str:
        return md5(self.add(f"/info/{name}", "---\n" + "".join(f"{line}\n" for line in lines)))

    def api(self, path: str, body: object) -> None:
        self.add(f"/api{path}", json.dumps(body), JSON)


@pytest.fixture(scope="module")
def running() -> Iterator[ReplayServer]:
    with ReplayServer(Registry()) as server:
        yield server


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest.fixture
def server(running: ReplayServer, registry: Registry) -> ReplayServer:
    running.app.source = registry
    running.faults = no_faults
    running.forget_requests()
    return running


@pytest.fixture
async def http(server: ReplayServer) -> AsyncIterator[HttpSession]:
    options = HttpOptions(
        user_agent="tests",
        rate_per_second=0,
        timeout_seconds=5,
        max_attempts=2,
        backoff_seconds=0.01,
    )
    async with http_session(options, bases=(f"{server.url}/rubygems",)) as session:
        yield session


@pytest.fixture
def cache(tmp_path: Path) -> FileCache:
    return FileCache(tmp_path / "cache")


def make_client(
    http: HttpSession, server: ReplayServer, cache: FileCache, **options: object
) -> RubyGemsClient:
    chosen = {"lag_seconds": 0.01, "artifact_bytes": 100_000, **options}
    return RubyGemsClient(
        http,
        base_url=f"{server.url}/rubygems/",
        cache=cache,
        options=RubyGemsOptions(**chosen),  # type: ignore[arg-type]
    )


@pytest.fixture
def client(http: HttpSession, server: ReplayServer, cache: FileCache) -> RubyGemsClient:
    return make_client(http, server, cache)


async def listed(client: RubyGemsClient) -> list[tuple[str, str]]:
    return [(entry.name, entry.revision) async for entry in (await client.listing()).packages]


async def changed(client: RubyGemsClient, since: str) -> tuple[list[str], str]:
    feed = await client.changes(since)
    return [entry.name async for entry in feed.packages], feed.position


async def record(
    client: RubyGemsClient, known: KnownPackage = NOTHING_KNOWN, revision: str = ""
) -> PackageRecord:
    return client.parse(await client.fetch(ListedPackage("a", revision), known))


A, B, C = (f"{name} 1.0 {MD5}" for name in "abc")


async def test_the_listing_is_fetched_once_an_hour(
    client: RubyGemsClient, registry: Registry, server: ReplayServer
) -> None:
    registry.versions(A, B)
    listing = await client.listing()
    assert listing.total == 2
    assert listing.position == f"2026-11-01T00:00:05Z#{len(HEAD) + len(A) + len(B) + 2}"
    assert await listed(client) == await listed(client) == [("a", MD5), ("b", MD5)]
    assert server.requests == {"/rubygems/versions": 1}


async def test_a_stale_copy_is_completed_by_a_range(
    http: HttpSession, server: ReplayServer, registry: Registry, tmp_path: Path
) -> None:
    client = make_client(http, server, FileCache(tmp_path, ttl_seconds=0))
    lines = [f"g{n} 1.0 {MD5}" for n in range(100)]
    registry.versions(*lines)
    assert len(await listed(client)) == 100
    registry.versions(*lines, A)
    seen: list[int] = []
    original = http.download

    async def watch(url: str, path: Path, **wish: object) -> object:
        answer = await original(url, path, **wish)  # type: ignore[arg-type]
        seen.append(answer.status)
        return answer

    http.download = watch  # type: ignore[method-assign,assignment]
    assert len(await listed(client)) == 101
    assert len(await listed(client)) == 101
    assert seen == [206, 206]


async def test_an_unchanged_copy_is_not_fetched_again(
    client: RubyGemsClient, registry: Registry, server: ReplayServer
) -> None:
    registry.versions(A, B)
    names, position = await changed(client, "")
    assert names == ["a", "b"]
    for _ in range(3):
        assert await changed(client, position) == ([], position)
    assert server.requests == {"/rubygems/versions": 4}


async def test_changes_are_what_was_appended(client: RubyGemsClient, registry: Registry) -> None:
    registry.versions(A, B)
    _, position = await changed(client, "")
    registry.versions(A, B, C, "a 1.1 " + "f" * 32)
    feed = await client.changes(position)
    packages = [entry async for entry in feed.packages]
    assert [(entry.name, entry.revision) for entry in packages] == [("c", MD5), ("a", "f" * 32)]
    assert packages[-1].position == feed.position
    assert await changed(client, packages[0].position) == (["a"], feed.position)
    assert feed.names is not None
    assert all(name in feed.names for name in "abc")


async def test_a_file_that_was_built_anew_is_compared_whole(
    client: RubyGemsClient, registry: Registry, server: ReplayServer
) -> None:
    lines = [f"g{n} 1.0 {MD5}" for n in range(100)]
    registry.versions(*lines)
    _, position = await changed(client, "")
    server.forget_requests()
    registry.versions(B, *lines, A, head=HEAD.replace("11", "12"))
    names, after = await changed(client, position)
    assert (names[0], names[-1], len(names)) == ("b", "a", 102)
    assert after.startswith("2026-12-01")
    assert server.requests["/rubygems/versions"] == 2


async def test_a_shorter_file_is_fetched_whole(client: RubyGemsClient, registry: Registry) -> None:
    registry.versions(*[f"g{n} 1.0 {MD5}" for n in range(100)])
    await changed(client, "")
    registry.versions(A, head=HEAD.replace("11", "12"))
    assert (await changed(client, ""))[0] == ["a"]


async def test_a_part_that_breaks_the_digest_has_the_file_fetched_once_more(
    client: RubyGemsClient, registry: Registry, server: ReplayServer
) -> None:
    lines = [f"g{n} 1.0 {MD5}" for n in range(100)]
    registry.versions(*lines)
    await changed(client, "")
    server.forget_requests()
    # The middle differs, the end agrees: only the digest can tell.
    registry.versions(lines[0].replace("1.0", "2.0"), *lines[1:], A)
    names, _ = await changed(client, "")
    assert names[-1] == "a"
    assert len(names) == 101
    assert server.requests["/rubygems/versions"] == 2


async def test_a_file_that_never_has_its_digest_is_given_up(
    client: RubyGemsClient, registry: Registry, server: ReplayServer
) -> None:
    registry.versions(A, digest=b"x" * 32)
    with pytest.raises(RegistryUnavailableError):
        await client.listing()
    assert server.requests["/rubygems/versions"] == 2


async def test_a_damaged_copy_is_replaced(
    client: RubyGemsClient, registry: Registry, cache: FileCache, server: ReplayServer
) -> None:
    registry.versions(A, B)
    await client.listing()
    entry = cache.get(f"{server.url}/rubygems/versions")
    assert entry is not None
    size = entry.path.stat().st_size
    entry.path.write_bytes(b"x" * size)
    assert [name for name, _ in await listed(client)] == ["a", "b"]
    entry = cache.get(f"{server.url}/rubygems/versions")
    assert entry is not None
    entry.path.write_bytes(b"x" * size)
    assert (await changed(client, ""))[0] == ["a", "b"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.error_page(), InvalidPayloadError),
        (Fault(content_type="text/html"), InvalidPayloadError),
        (Fault(body=b"nothing of the kind\n"), InvalidPayloadError),
        (Fault(body=b""), InvalidPayloadError),
        (Fault(status=404), PackageNotFoundError),
        (Fault(status=403), RequestRefusedError),
        (Fault(status=503), RegistryUnavailableError),
        (Fault(cut_after=50), RegistryUnavailableError),
    ],
)
async def test_a_listing_that_fails_is_never_an_empty_one(
    client: RubyGemsClient,
    registry: Registry,
    server: ReplayServer,
    fault: Fault,
    error: type[Exception],
) -> None:
    registry.versions(A, B)
    registry.documents["/rubygems/versions"] = Document(
        registry.documents["/rubygems/versions"].body, TEXT
    )
    server.faults = table({"/rubygems/versions": fault})
    with pytest.raises(error):
        await client.listing()
    with pytest.raises(error):
        await client.changes("")


async def test_a_copy_is_kept_when_the_registry_fails(
    client: RubyGemsClient, registry: Registry, server: ReplayServer
) -> None:
    registry.versions(A, B)
    await client.listing()
    server.faults = table({"/rubygems/versions": Fault(status=503)})
    with pytest.raises(RegistryUnavailableError):
        await client.changes("")
    assert len(await listed(client)) == 2


@pytest.mark.parametrize("since", ["5", "a#b", "2026#1#2"])
async def test_a_position_of_another_registry_is_refused(
    client: RubyGemsClient, since: str
) -> None:
    with pytest.raises(InvalidKeyError):
        await client.changes(since)


def whole_gem(registry: Registry) -> str:
    body = gem_file("lib/a.rb", "lib/a/b.rb")
    registry.add("/gems/a-2.0.gem", body, BINARY)
    registry.api(
        "/v1/versions/a.json",
        [
            {"number": "2.0", "platform": "ruby", "created_at": "2026-02-02T00:00:00.000Z"}
            | {"licenses": ["MIT"]},
            {"number": "1.0", "platform": "java", "created_at": "2025-01-01T00:00:00.000Z"},
        ],
    )
    registry.api(
        "/v1/gems/a.json",
        {
            "name": "a",
            "version": "2.0",
            "licenses": ["MIT"],
            "source_code_uri": "https://github.com/owner/a/tree/main",
            "dependencies": {"development": [{"name": "rake", "requirements": ">= 0"}]},
            "unknown": {"field": 1},
        },
    )
    checksum = hashlib.sha256(body).hexdigest()
    return registry.info(
        "a",
        "1.0-java b:>= 1&< 2|checksum:aa,created_at:2025-01-01T00:00:01Z",
        f"2.0 b:>= 2|checksum:{checksum},ruby:>= 3.0",
    )


async def test_a_gem_takes_three_documents_and_its_file(
    client: RubyGemsClient, registry: Registry, server: ReplayServer
) -> None:
    revision = whole_gem(registry)
    read = await record(client, revision=revision)
    assert read.source_revision == revision
    assert read.vendor == "owner"
    assert read.repository_url == "https://github.com/owner/a"
    assert read.facts["import_names"] == ["a"]
    assert read.facts["license"] == "MIT"
    old, new = read.versions
    assert (old.name, old.release_date) == ("1.0-java", "2025-01-01T00:00:01Z")
    assert (new.name, new.release_date) == ("2.0", "2026-02-02T00:00:00.000Z")
    assert new.facts["license"] == "MIT"
    assert new.requirements is not None
    assert [entry.name for entry in new.requirements.development or ()] == ["rake"]
    assert sum(server.requests.values()) == 4


async def test_what_is_known_is_neither_told_nor_fetched_again(
    client: RubyGemsClient, registry: Registry, server: ReplayServer
) -> None:
    whole_gem(registry)
    first = await record(client)
    sources = {
        version.name: version.requirements.source
        for version in first.versions
        if version.requirements is not None
    }
    known = KnownPackage(sources, str(first.facts["import_names_source"]))
    server.forget_requests()
    again = await record(client, known)
    assert [version.requirements for version in again.versions] == [None, None]
    assert "import_names" not in again.facts
    assert "/rubygems/gems/a-2.0.gem" not in server.requests


async def test_without_the_api_one_document_is_enough(
    http: HttpSession, server: ReplayServer, cache: FileCache, registry: Registry
) -> None:
    whole_gem(registry)
    client = make_client(http, server, cache, read_api=False, artifact_bytes=0)
    read = await record(client)
    assert [version.release_date for version in read.versions] == ["2025-01-01T00:00:01Z", ""]
    assert server.requests == {"/rubygems/info/a": 1}


async def test_a_gem_that_the_api_does_not_know_is_read_all_the_same(
    client: RubyGemsClient, registry: Registry
) -> None:
    registry.info("a", "1.0 |checksum:aa")
    read = await record(client)
    assert [version.name for version in read.versions] == ["1.0"]
    assert read.counts == {"import_names_skipped": 1, "missing_api_documents": 2}


async def test_development_dependencies_are_asked_for_where_wished(
    http: HttpSession, server: ReplayServer, cache: FileCache, registry: Registry
) -> None:
    whole_gem(registry)
    registry.api(
        "/v2/rubygems/a/versions/1.0.json",
        {
            "name": "a",
            "version": "1.0",
            "platform": "java",
            "dependencies": {"development": [{"name": "rspec", "requirements": "~> 3"}]},
        },
    )
    client = make_client(http, server, cache, development=True)
    read = await record(client)
    told = {
        version.name: [entry.name for entry in version.requirements.development or ()]
        for version in read.versions
        if version.requirements is not None
    }
    assert told == {"1.0-java": ["rspec"], "2.0": ["rake"]}
    assert "/rubygems/api/v2/rubygems/a/versions/1.0.json?platform=java" in registry.asked
    registry.asked.clear()
    await record(client, KnownPackage({"1.0-java": "sha256:aa"}))
    assert [path for path in registry.asked if "/v2/" in path] == [
        "/rubygems/api/v2/rubygems/a/versions/2.0.json"
    ]


async def test_a_gem_without_a_version_is_gone(client: RubyGemsClient, registry: Registry) -> None:
    revision = registry.info("a")
    with pytest.raises(PackageNotFoundError):
        await record(client, revision=revision)


@pytest.mark.parametrize("status", [404, 410])
async def test_a_gem_that_the_registry_does_not_have_is_not_found(
    client: RubyGemsClient, registry: Registry, server: ReplayServer, status: int
) -> None:
    registry.info("a", "1.0 |")
    server.faults = table({"/rubygems/info/a": Fault(status=status)})
    with pytest.raises(PackageNotFoundError):
        await record(client)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.error_page(), InvalidPayloadError),
        (Fault(content_type="text/html"), InvalidPayloadError),
        (Fault(body=b"<html>\n"), InvalidPayloadError),
        (Fault(body=b""), InvalidPayloadError),
        (Fault(cut_after=5), RegistryUnavailableError),
        (Fault(status=500), RegistryUnavailableError),
        (Fault(headers={"repr-digest": f"sha-256=:{'A' * 43}=:"}), RegistryUnavailableError),
    ],
)
async def test_a_bad_info_document_is_an_error(
    client: RubyGemsClient,
    registry: Registry,
    server: ReplayServer,
    fault: Fault,
    error: type[Exception],
) -> None:
    whole_gem(registry)
    server.faults = table({"/rubygems/info/a": fault})
    with pytest.raises(error):
        await record(client)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.error_page(), InvalidPayloadError),
        (Fault.broken_json(), InvalidPayloadError),
        (Fault(body=b"7"), InvalidPayloadError),
        (Fault(status=503), RegistryUnavailableError),
        (Fault(status=429, headers={"retry-after": "0"}), RegistryUnavailableError),
    ],
)
async def test_a_bad_api_document_is_an_error_and_not_a_missing_fact(
    client: RubyGemsClient,
    registry: Registry,
    server: ReplayServer,
    fault: Fault,
    error: type[Exception],
) -> None:
    whole_gem(registry)
    for path in ("/rubygems/api/v1/gems/a.json", "/rubygems/api/v1/versions/a.json"):
        server.faults = table({path: fault})
        with pytest.raises(error):
            await record(client)


async def test_an_info_document_that_lags_behind_is_asked_for_once_more(
    client: RubyGemsClient, registry: Registry, server: ReplayServer
) -> None:
    revision = whole_gem(registry)
    stale = Fault(body=b"---\n1.0 |checksum:old\n")
    server.faults = table({"/rubygems/info/a": [stale, None]})
    assert (await record(client, revision=revision)).source_revision == revision
    assert server.requests["/rubygems/info/a"] == 2


async def test_an_info_document_that_is_never_the_announced_one_is_given_up(
    client: RubyGemsClient, registry: Registry, server: ReplayServer
) -> None:
    whole_gem(registry)
    registry.versions(f"a 1.0,2.0 {MD5}")
    for _ in range(2):
        server.forget_requests()
        with pytest.raises(RegistryUnavailableError):
            await record(client, revision=MD5)
        assert server.requests["/rubygems/info/a"] == 2
    assert "/rubygems/versions" not in server.requests  # looked at once in a while only


@pytest.mark.parametrize("status", [404, 403, 500])
async def test_a_missing_versions_file_never_makes_a_gem_a_missing_one(
    client: RubyGemsClient, registry: Registry, server: ReplayServer, status: int
) -> None:
    whole_gem(registry)
    server.faults = table({"/rubygems/versions": Fault(status=status)})
    with pytest.raises(RegistryUnavailableError):
        await record(client, revision=MD5)


async def test_an_info_document_newer_than_the_listing_is_taken_for_what_it_is(
    client: RubyGemsClient, registry: Registry
) -> None:
    revision = whole_gem(registry)
    registry.versions(f"a 1.0 {MD5}", f"a 2.0 {revision}")
    assert (await record(client, revision=MD5)).source_revision == revision


@pytest.mark.parametrize(
    ("fault", "count"),
    [
        (Fault(status=404), "import_names_skipped"),
        (Fault(status=403), "import_names_skipped"),
        (Fault(body=b"x" * 200_000), "import_names_skipped"),
        (Fault(body=b"no gem"), "import_names_refused"),
    ],
)
async def test_a_gem_file_that_cannot_be_read_costs_the_import_names_only(
    client: RubyGemsClient, registry: Registry, server: ReplayServer, fault: Fault, count: str
) -> None:
    whole_gem(registry)
    server.faults = table({"/rubygems/gems/a-2.0.gem": fault})
    read = await record(client)
    assert len(read.versions) == 2
    assert "import_names" not in read.facts
    assert read.counts == {count: 1}


@pytest.mark.parametrize("name", ["a/../b", "", "a b", "a" * 1025, ".."])
def test_what_is_no_name_never_becomes_an_address(client: RubyGemsClient, name: str) -> None:
    with pytest.raises(InvalidKeyError):
        client.canonical_name(name)
