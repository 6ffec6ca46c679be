"""The npm client over real HTTP: how it pages, what it does about lag, and what it refuses."""

import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from src.cache import FileCache
from src.local_stack.replay import Document, Fault, ReplayServer, no_faults, table
from src.schemas.errors import (
    InvalidKeyError,
    InvalidPayloadError,
    PackageNotFoundError,
    PayloadTooLargeError,
    RegistryUnavailableError,
)
from src.schemas.package import KnownPackage, ListedPackage, PackageRecord
from src.services.apis.npm_api import NpmClient, NpmOptions
from src.session import HttpOptions, http_session

ROOT = "/npm-replicate/"
NAMES = "/npm-replicate/registry/_all_docs"
CHANGES = "/npm-replicate/registry/_changes"
NOTHING_KNOWN = KnownPackage()
Json = dict[str, Any]
Answer = Callable[[dict[str, str]], object]


class Registry:
    """Answers by path; a function answers by the query. Every query is kept as it was sent."""

    def __init__(self) -> None:
        self.answers: dict[str, object] = {}
        self.queries: list[tuple[str, str]] = []

    def document(self, path: str, query: str = "") -> Document | None:
        self.queries.append((path, query))
        answer = self.answers.get(path)
        if callable(answer):
            answer = answer({key: values[0] for key, values in parse_qs(query).items()})
        if answer is None:
            return None
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return Document(body, "application/json")

    def head(self, sequence: int, total: int = 0) -> None:
        self.answers[ROOT] = {"update_seq": sequence, "doc_count": total}

    def names(self, *names: str) -> None:
        """Answer pages as the service does: the start key itself comes first."""

        def page(asked: dict[str, str]) -> object:
            start = json.loads(asked.get("startkey", '""'))
            rows = [
                {"id": name, "key": name, "value": {"rev": f"{len(name)}-x"}}
                for name in names
                if name >= start
            ]
            return {"total_rows": len(names), "offset": 0, "rows": rows[: int(asked["limit"])]}

        self.answers[NAMES] = page

    def changes(self, *rows: tuple[int, str, str]) -> None:
        def page(asked: dict[str, str]) -> object:
            since = int(asked["since"])
            later = [row for row in rows if row[0] > since][: int(asked["limit"])]
            results = [{"seq": s, "id": name, "changes": [{"rev": rev}]} for s, name, rev in later]
            return {"results": results, "last_seq": later[-1][0] if later else since}

        self.answers[CHANGES] = page

    def package(self, name: str, revision: str = "1-a", **versions: Json) -> Json:
        return {"_id": name, "name": name, "_rev": revision, "versions": versions or {"1.0.0": {}}}

    def asked(self, path: str) -> list[str]:
        return [query for asked, query in self.queries if asked == path]


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest.fixture(scope="module")
def running() -> Iterator[ReplayServer]:
    """One server for all tests: to start and stop one takes longer than most of them."""
    with ReplayServer(Registry()) as server:
        yield server


@pytest.fixture
def server(running: ReplayServer, registry: Registry) -> ReplayServer:
    running.app.source = registry
    running.faults = no_faults
    running.forget_requests()
    return running


class Clients:
    """Opens clients that share one cache."""

    def __init__(self, server: ReplayServer, folder: Path) -> None:
        self.server = server
        self.now = 1_000.0
        self.cache = FileCache(folder / "cache", clock=lambda: self.now)

    @asynccontextmanager
    async def open(self, **options: Any) -> AsyncIterator[NpmClient]:
        http_options = HttpOptions(
            user_agent="tests",
            rate_per_second=0,
            timeout_seconds=5,
            max_attempts=2,
            backoff_seconds=0.01,
        )
        base, replicate = f"{self.server.url}/npm", f"{self.server.url}/npm-replicate"
        async with http_session(http_options, bases=(base, replicate)) as http:
            yield NpmClient(
                http,
                base_url=f"{base}/",
                replicate_url=f"{replicate}/",
                cache=self.cache,
                options=NpmOptions(**{"page_size": 3, "lag_seconds": 0.01, **options}),
            )


@pytest.fixture
def clients(server: ReplayServer, tmp_path: Path) -> Clients:
    return Clients(server, tmp_path)


@pytest.fixture
async def client(clients: Clients) -> AsyncIterator[NpmClient]:
    async with clients.open() as opened:
        yield opened


async def listed(client: NpmClient) -> list[tuple[str, str]]:
    return [(entry.name, entry.revision) async for entry in (await client.listing()).packages]


async def changed(client: NpmClient, since: str) -> tuple[str, list[ListedPackage]]:
    feed = await client.changes(since)
    return feed.position, [package async for package in feed.packages]


async def record(
    client: NpmClient, name: str = "foo", revision: str = "", known: KnownPackage = NOTHING_KNOWN
) -> PackageRecord:
    return client.parse(await client.fetch(ListedPackage(name, revision), known))


# The listing


async def test_a_listing_goes_through_all_pages_and_names_each_package_once(
    client: NpmClient, registry: Registry
) -> None:
    names = ["-", "@s/a", "JSONStream", "_design/app", "a b", "b", "c", "d", "jsonstream"]
    registry.names(*names)
    registry.head(77, len(names))
    listing = await client.listing()
    packages = [(package.name, package.revision) async for package in listing.packages]
    kept = [name for name in names if name not in {"_design/app", "a b"}]
    assert packages == [(name, f"{len(name)}-x") for name in kept]
    assert (listing.position, listing.total) == ("77", len(kept))
    assert registry.queries[0] == (ROOT, "")
    assert registry.asked(NAMES)[:2] == ["limit=3", "limit=3&startkey=%22JSONStream%22"]


async def test_odd_names_are_quoted_in_the_start_key(client: NpmClient, registry: Registry) -> None:
    names = ["@s/a", "@s/b&limit=1", 'a"#?', "b", "é", "~"]
    registry.names(*sorted(names))
    registry.head(1, len(names))
    assert [name for name, _ in await listed(client)] == ["@s/a", "b", "~"]
    keys = [parse_qs(query)["startkey"][0] for query in registry.asked(NAMES)[1:]]
    assert [json.loads(key) for key in keys] == ['a"#?', "~", "é"]


async def test_a_listing_is_asked_for_again_after_an_hour_only(
    clients: Clients, registry: Registry
) -> None:
    registry.names("a", "b")
    registry.head(5, 2)
    async with clients.open() as client:
        await client.listing()
    registry.names("a", "b", "c")
    registry.head(6, 3)
    asked = len(registry.queries)
    async with clients.open() as client:
        again = await client.listing()
        assert again.position == "5"
        assert [package.name async for package in again.packages] == ["a", "b"]
    assert len(registry.queries) == asked
    clients.now += 3_601
    async with clients.open() as client:
        assert len(await listed(client)) == 3


async def test_a_damaged_cache_is_replaced(
    clients: Clients, client: NpmClient, registry: Registry
) -> None:
    registry.names("a")
    registry.head(5, 1)
    await client.listing()
    cached = clients.cache.get(f"{clients.server.url}{NAMES}")
    assert cached is not None
    cached.path.write_bytes(b"x" * cached.path.stat().st_size)
    assert await listed(client) == [("a", "1-x")]


def nothing(_asked: dict[str, str]) -> object:
    return {"rows": []}


def the_first_page_always(_asked: dict[str, str]) -> object:
    return {"rows": [{"id": name, "value": {"rev": "1-x"}} for name in ("a", "b", "c")]}


def nothing_behind_the_first(asked: dict[str, str]) -> object:
    return nothing(asked) if "startkey" in asked else the_first_page_always(asked)


def round_and_round(asked: dict[str, str]) -> object:
    names = "def" if json.loads(asked.get("startkey", '""')) == "c" else "abc"
    return {"rows": [{"id": name, "value": {"rev": "1-x"}} for name in names]}


@pytest.mark.parametrize(
    "answer", [nothing, the_first_page_always, nothing_behind_the_first, round_and_round]
)
async def test_pages_that_lead_nowhere_are_never_taken_for_the_end(
    clients: Clients, client: NpmClient, registry: Registry, answer: Answer
) -> None:
    registry.head(5, 9)
    registry.answers[NAMES] = answer
    with pytest.raises(InvalidPayloadError):
        await client.listing()
    assert clients.cache.get(f"{clients.server.url}{NAMES}") is None


async def test_a_registry_of_nothing_is_a_whole_listing(
    client: NpmClient, registry: Registry
) -> None:
    registry.names()
    registry.head(5, 0)
    assert await listed(client) == []


async def test_a_listing_shorter_than_counted_is_said(
    client: NpmClient, registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    registry.names("a", "b")
    registry.head(5, 10)
    with caplog.at_level(logging.WARNING):
        assert len(await listed(client)) == 2
    assert "2 rows where the service counts 10" in caplog.text


@pytest.mark.parametrize("path", [ROOT, NAMES])
@pytest.mark.parametrize("fault", [Fault.error_page(), Fault.broken_json(), Fault(body=b"[]")])
async def test_a_page_that_is_not_the_document_is_an_error(
    client: NpmClient, registry: Registry, server: ReplayServer, path: str, fault: Fault
) -> None:
    registry.names("a")
    registry.head(5, 1)
    server.faults = table({path: [fault]})
    with pytest.raises(InvalidPayloadError):
        await client.listing()
    assert await listed(client) == [("a", "1-x")]


# The change feed


async def test_changes_are_followed_to_the_head_in_order(
    client: NpmClient, registry: Registry
) -> None:
    registry.head(90)
    rows = [(10, "a"), (20, "@s/b"), (25, "a"), (30, "c"), (50, "d"), (89, "e"), (90, "f")]
    registry.changes(*((sequence, name, f"{sequence}-x") for sequence, name in rows))
    position, packages = await changed(client, "10")
    assert position == "90"
    assert [(p.name, p.revision, p.position) for p in packages] == [
        ("@s/b", "20-x", "20"),
        ("a", "25-x", "25"),
        ("c", "30-x", "30"),
        ("d", "50-x", "50"),
        ("e", "89-x", "89"),
        ("f", "90-x", "90"),
    ]
    assert (await client.changes("10")).names is None


async def test_what_changes_behind_the_head_waits_for_the_next_time(
    client: NpmClient, registry: Registry
) -> None:
    registry.head(20)
    registry.changes((15, "a", "1-a"), (20, "b", "1-b"), (21, "c", "1-c"))
    position, packages = await changed(client, "10")
    assert (position, [package.name for package in packages]) == ("20", ["a", "b"])


async def test_nothing_new_costs_one_request(client: NpmClient, registry: Registry) -> None:
    registry.head(20)
    assert await changed(client, "20") == ("20", [])
    assert registry.queries == [(ROOT, "")]


async def test_a_page_without_rows_that_leads_on_is_read_over(
    client: NpmClient, registry: Registry
) -> None:
    registry.head(30)
    row = {"seq": 30, "id": "a", "changes": [{"rev": "1-a"}]}
    registry.answers[CHANGES] = lambda asked: (
        {"results": [], "last_seq": 20}
        if asked["since"] == "10"
        else {"results": [row], "last_seq": 30}
    )
    assert await changed(client, "10") == ("30", [ListedPackage("a", "1-a", "30")])


async def test_a_head_behind_the_last_row_is_the_end(client: NpmClient, registry: Registry) -> None:
    registry.head(40)
    registry.changes((15, "a", "1-a"))
    assert await changed(client, "10") == ("40", [ListedPackage("a", "1-a", "15")])


async def test_a_feed_that_stands_still_although_its_head_moved_is_an_error(
    client: NpmClient, registry: Registry
) -> None:
    registry.head(40)
    registry.changes()
    with pytest.raises(InvalidPayloadError, match="stands still"):
        await client.changes("10")


async def test_rows_that_do_not_move_the_feed_are_an_error(
    client: NpmClient, registry: Registry
) -> None:
    registry.head(40)
    row = {"seq": 11, "id": "a", "changes": [{"rev": "1-a"}]}
    registry.answers[CHANGES] = {"results": [row], "last_seq": 10}
    with pytest.raises(InvalidPayloadError, match="stands still"):
        await client.changes("10")


async def test_a_cursor_above_the_head_compares_everything(
    client: NpmClient, registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    registry.head(7, 2)
    registry.names("a", "b")
    with caplog.at_level(logging.WARNING):
        feed = await client.changes("5000")
    assert feed.position == "7"
    assert feed.names is not None
    assert ("a" in feed.names, "c" in feed.names) == (True, False)
    assert [(p.name, p.position) async for p in feed.packages] == [("a", ""), ("b", "")]
    assert "sequence was reset" in caplog.text
    assert registry.asked(CHANGES) == []


async def test_a_server_that_is_a_little_behind_is_asked_once_more(
    client: NpmClient, registry: Registry
) -> None:
    heads = iter([9, 12])
    registry.answers[ROOT] = lambda _: {"update_seq": next(heads), "doc_count": 1}
    registry.changes((11, "a", "1-a"), (12, "b", "1-b"))
    position, packages = await changed(client, "10")
    assert (position, [package.name for package in packages]) == ("12", ["a", "b"])


async def test_a_comparison_never_comes_from_the_cache(
    client: NpmClient, registry: Registry
) -> None:
    registry.head(7, 1)
    registry.names("a")
    await client.listing()
    registry.head(9, 2)
    registry.names("a", "b")
    position, packages = await changed(client, "")
    assert (position, [package.name for package in packages]) == ("9", ["a", "b"])


@pytest.mark.parametrize("since", ["x", "-1", "1.5", "12-abc", " 1", "\u0661", "9" * 40])
async def test_what_is_no_sequence_is_refused(client: NpmClient, since: str) -> None:
    with pytest.raises(InvalidKeyError):
        await client.changes(since)


# One package


async def test_a_scoped_package_is_one_segment_of_the_address(
    client: NpmClient, registry: Registry
) -> None:
    registry.answers["/npm/@s/a"] = registry.package("@s/a", "4-x")
    found = await record(client, "@s/a", "4-x")
    assert (found.name, found.source_revision) == ("@s/a", "4-x")
    assert registry.queries == [("/npm/@s/a", "")]


async def test_an_older_document_than_announced_is_asked_for_once_more_past_caches(
    client: NpmClient, registry: Registry
) -> None:
    registry.answers["/npm/foo"] = lambda asked: registry.package(
        "foo", "10-new" if asked else "9-old"
    )
    assert (await record(client, revision="10-new")).source_revision == "10-new"
    assert registry.asked("/npm/foo") == ["", "fresh=10-new"]
    with pytest.raises(RegistryUnavailableError):
        await record(client, revision="11-x")
    assert (await record(client, revision="8-x")).source_revision == "9-old"


async def test_a_404_of_an_announced_package_is_asked_for_once_more_past_caches(
    client: NpmClient, registry: Registry
) -> None:
    registry.answers["/npm/foo"] = lambda asked: registry.package("foo") if asked else None
    assert (await record(client, revision="1-a")).source_revision == "1-a"
    with pytest.raises(PackageNotFoundError):
        await record(client)
    registry.answers.clear()
    registry.queries.clear()
    with pytest.raises(PackageNotFoundError):
        await record(client, revision="1-a&b")
    assert registry.asked("/npm/foo") == ["", "fresh=1-a%26b"]


async def test_an_unpublished_package_is_not_found(client: NpmClient, registry: Registry) -> None:
    registry.answers["/npm/foo"] = {"name": "foo", "time": {"unpublished": {"time": "x"}}}
    with pytest.raises(PackageNotFoundError, match="unpublished"):
        await record(client)


async def test_what_is_known_is_not_given_again(client: NpmClient, registry: Registry) -> None:
    one = {"dist": {"integrity": "sha512-1"}, "dependencies": {"a": "1"}}
    two = {"dist": {"integrity": "sha512-2"}, "dependencies": {"a": "2"}}
    registry.answers["/npm/foo"] = registry.package("foo", **{"1.0.0": one, "2.0.0": two})
    first = await record(client)
    sources = {v.name: v.requirements.source for v in first.versions if v.requirements}
    again = await record(
        client, known=KnownPackage(sources, str(first.facts["import_names_source"]))
    )
    assert [version.requirements for version in again.versions] == [None, None]
    assert "import_names" not in again.facts


async def test_a_large_document_is_read_too_and_one_beyond_the_limit_refused(
    clients: Clients, registry: Registry
) -> None:
    versions = {
        f"1.0.{n}": {"dependencies": {"a": f"^{n}.0.0"}, "readme": "x" * 700} for n in range(3000)
    }
    registry.answers["/npm/foo"] = registry.package("foo", **versions)
    async with clients.open() as client:
        found = await record(client)
    assert [version.serial_number for version in found.versions] == list(range(3000))
    assert [v.requirements.required[0].constraints for v in found.versions if v.requirements] == [
        f"^{n}.0.0" for n in range(3000)
    ]
    async with clients.open(packument_bytes=1_500_000) as client:
        with pytest.raises(PayloadTooLargeError):
            await record(client)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.error_page(), InvalidPayloadError),
        (Fault.broken_json(), InvalidPayloadError),
        (Fault(body=b"{}"), InvalidPayloadError),
        (Fault(body=b'{"error": "not_found"}'), InvalidPayloadError),
        (Fault(cut_after=10), RegistryUnavailableError),
        (Fault(status=404), PackageNotFoundError),
        (Fault(status=410), PackageNotFoundError),
        (Fault(status=503), RegistryUnavailableError),
    ],
)
async def test_a_failure_is_the_error_that_it_is(
    client: NpmClient,
    registry: Registry,
    server: ReplayServer,
    fault: Fault,
    error: type[Exception],
) -> None:
    registry.answers["/npm/foo"] = registry.package("foo")
    server.faults = table({"/npm/foo": fault})
    with pytest.raises(error):
        await record(client)


async def test_no_name_or_value_of_a_document_is_ever_asked_for(
    client: NpmClient, registry: Registry, server: ReplayServer
) -> None:
    nasty = {
        "dist": {"tarball": "https://evil.test/x.tgz", "integrity": "../../x"},
        "repository": "https://evil.test/owner/name",
        "dependencies": {"../../etc": "../../passwd", "a": "https://evil.test/a.tgz"},
        "exports": {"./../../x": "./x"},
    }
    registry.answers["/npm/foo"] = registry.package("foo", **{"../../1": nasty, "1.0.0": nasty})
    found = await record(client)
    assert set(server.requests) == {"/npm/foo"}
    assert found.repository_url == "n/a"
    assert all(
        not version.requirements.required for version in found.versions if version.requirements
    )
