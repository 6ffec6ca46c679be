"""The Maven client over real HTTP: which documents it asks for, and what it makes of bad ones."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from src.cache import FileCache
from src.local_stack.replay import Document, Fault, ReplayServer, no_faults, table
from src.schemas.errors import (
    InvalidPayloadError,
    PackageNotFoundError,
    RegistryUnavailableError,
    RequestRefusedError,
)
from src.schemas.package import KnownPackage, ListedPackage, PackageRecord, VersionRecord
from src.services.apis.maven_api import MavenClient
from src.services.apis.maven_package import MavenOptions
from src.session import HttpOptions, http_session
from tests.contract.maven_registry import FakeMaven
from tests.contract.registry import Published

NOTHING_KNOWN = KnownPackage()
NAME = "org.example:tool"
FOLDER = "/maven/org/example/tool"
METADATA = f"{FOLDER}/maven-metadata.xml"
OPTIONS = HttpOptions(
    user_agent="tests", rate_per_second=0, timeout_seconds=5, max_attempts=2, backoff_seconds=0.01
)


class Repository(FakeMaven):
    """The fake of the contract, with documents put in by hand."""

    def put(self, path: str, body: str | bytes, kind: str = "text/xml", **headers: str) -> None:
        data = body if isinstance(body, bytes) else body.encode()
        self.fixed[path] = Document(data, kind, headers)

    def pom(self, version: str, body: str = "", name: str = NAME, **headers: str) -> None:
        group, artifact = name.split(":")
        ids = f"<groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version>"
        path = f"/maven/{group.replace('.', '/')}/{artifact}/{version}/{artifact}-{version}.pom"
        self.put(path, f"<project>{body}{ids}</project>", **headers)

    def metadata(self, *versions: str) -> None:
        listed = "".join(f"<version>{version}</version>" for version in versions)
        self.put(
            METADATA, f"<metadata><versioning><versions>{listed}</versions></versioning></metadata>"
        )


class Shown:
    """Serves the repository of the test that runs: starting a server takes longer than a test."""

    registry = Repository()

    def document(self, path: str, query: str = "") -> Document | None:
        return self.registry.document(path, query)


@pytest.fixture
def registry() -> Repository:
    return Repository()


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[ReplayServer, Shown]]:
    shown = Shown()
    with ReplayServer(shown) as running:
        yield running, shown


@pytest.fixture
def server(shared: tuple[ReplayServer, Shown], registry: Repository) -> ReplayServer:
    server, shown = shared
    shown.registry = registry
    server.faults = no_faults
    server.forget_requests()
    return server


@pytest.fixture
async def client(server: ReplayServer, tmp_path: Path) -> AsyncIterator[MavenClient]:
    base = f"{server.url}/maven"
    async with http_session(OPTIONS, bases=[base]) as http:
        yield MavenClient(http, base_url=f"{base}/", cache=FileCache(tmp_path / "cache"))


@pytest.fixture
def reading(
    registry: Repository, server: ReplayServer, client: MavenClient
) -> tuple[Repository, ReplayServer, MavenClient]:
    return registry, server, client


async def read(client: MavenClient, known: KnownPackage = NOTHING_KNOWN) -> PackageRecord:
    return client.parse(await client.fetch(ListedPackage(NAME), known))


def version_of(record: PackageRecord, name: str) -> VersionRecord:
    return next(version for version in record.versions if version.name == name)


def jar(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(name, "")
    return packed.getvalue()


async def test_versions_come_from_the_metadata_and_requirements_from_their_poms(registry, client):
    registry.publish(
        NAME, {"1.0": Published((("g:a", "[1,2)"),)), "1.1": Published((("g:b", "3"),))}
    )
    record = await read(client)
    needed = {
        version.name: [
            (need.name, need.constraints, need.kind) for need in version.requirements.required
        ]
        for version in record.versions
        if version.requirements
    }
    assert needed == {"1.0": [("g:a", "[1,2)", "compile")], "1.1": [("g:b", "3", "compile")]}
    assert {version.requirements.source for version in record.versions if version.requirements} == {
        "pom"
    }


async def test_what_is_known_is_not_asked_for_but_for_the_newest(registry, server, client):
    registry.publish(NAME, {"1.0": Published(), "1.1": Published(), "1.2": Published()})
    known = KnownPackage({"1.0": "pom", "1.1": "missing", "1.2": "pom"})
    record = await read(client, known)
    assert [version.requirements is None for version in record.versions] == [True, False, True]
    assert f"{FOLDER}/1.0/tool-1.0.pom" not in server.requests
    assert server.requests[f"{FOLDER}/1.2/tool-1.2.pom"] == 1
    assert "license" in record.facts


async def test_a_version_without_a_pom_is_kept_and_asked_again(registry, server, client):
    registry.metadata("1.0", "1.1")
    registry.pom("1.1")
    for _ in range(2):
        record = await read(client, KnownPackage({"1.0": "missing"}))
        missing = version_of(record, "1.0").requirements
        assert missing is not None
        assert missing.source == "missing"
        assert record.counts["missing_poms_of_versions"] == 1
    assert server.requests[f"{FOLDER}/1.0/tool-1.0.pom"] == 2
    registry.pom("1.0")
    assert version_of(await read(client), "1.0").requirements.source == "pom"


async def test_a_pom_that_was_published_broken_is_kept_and_counted(registry, client):
    registry.metadata("1.0", "1.1")
    registry.pom("1.0")
    registry.put(f"{FOLDER}/1.1/tool-1.1.pom", "<project><a></project>")
    record = await read(client)
    assert version_of(record, "1.1").requirements.source == "unreadable"
    assert record.counts["unreadable_poms_of_versions"] == 1


@pytest.mark.parametrize(
    ("body", "kind"),
    [("<!DOCTYPE html><p>Sorry</p>", "text/xml"), ("<html/>", "text/xml"), ("sorry", "text/html")],
)
async def test_a_page_in_place_of_a_pom_is_an_error(registry, client, body, kind):
    registry.metadata("1.0")
    registry.put(f"{FOLDER}/1.0/tool-1.0.pom", body, kind)
    with pytest.raises(InvalidPayloadError):
        await read(client)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=403), RequestRefusedError),
        (Fault(status=429), RegistryUnavailableError),
        (Fault(cut_after=9), RegistryUnavailableError),
    ],
)
@pytest.mark.parametrize("path", [METADATA, f"{FOLDER}/1.0/tool-1.0.pom"])
async def test_a_refusal_is_never_an_empty_result(reading, path, fault, error):
    registry, server, client = reading
    registry.publish(NAME, {"1.0": Published(), "1.1": Published()})
    server.faults = table({path: fault})
    with pytest.raises(error):
        await read(client)


async def test_a_host_that_blocks_us_is_left_alone(registry, server, tmp_path):
    registry.publish(NAME, {f"1.{number}": Published() for number in range(30)})
    server.faults = table(
        {f"{FOLDER}/1.{number}/tool-1.{number}.pom": Fault(status=403) for number in range(30)}
    )
    base = f"{server.url}/maven"
    blocked = replace(OPTIONS, breaker_statuses=frozenset({403}))
    async with http_session(blocked, bases=[base]) as http:
        client = MavenClient(http, base_url=base, cache=FileCache(tmp_path))
        with pytest.raises(RegistryUnavailableError):
            await read(client)
        with pytest.raises(RegistryUnavailableError):
            await read(client)
    assert sum(server.requests.values()) < 12


async def test_parents_and_boms_are_fetched_once_for_all_packages(registry, server, client):
    parent = "<parent><groupId>org.example</groupId><artifactId>parent</artifactId><version>5</version></parent>"
    need = "<dependencies><dependency><groupId>g</groupId><artifactId>a</artifactId></dependency></dependencies>"
    bom = (
        "<dependencyManagement><dependencies><dependency><groupId>org.example</groupId>"
        "<artifactId>bom</artifactId><version>6</version><type>pom</type><scope>import</scope>"
        "</dependency></dependencies></dependencyManagement>"
    )
    managed = (
        bom.replace("org.example", "g")
        .replace("bom", "a")
        .replace(
            "<version>6</version><type>pom</type><scope>import</scope>", "<version>7</version>"
        )
    )
    registry.metadata(*(f"1.{number}" for number in range(10)))
    for number in range(10):
        registry.pom(f"1.{number}", parent + need)
    registry.pom("5", bom, "org.example:parent")
    registry.pom("6", managed, "org.example:bom")
    record, again = await asyncio.gather(read(client), read(client))
    for version in (*record.versions, *again.versions):
        assert [(n.name, n.constraints) for n in version.requirements.required] == [("g:a", "7")]
    assert server.requests["/maven/org/example/parent/5/parent-5.pom"] == 1
    assert server.requests["/maven/org/example/bom/6/bom-6.pom"] == 1
    assert server.requests[f"{FOLDER}/1.0/tool-1.0.pom"] == 1


async def test_a_parent_that_is_not_there_is_asked_for_once_and_counted(registry, server, client):
    parent = "<parent><groupId>x</groupId><artifactId>p</artifactId><version>1</version></parent>"
    registry.metadata("1.0", "1.1")
    registry.pom("1.0", parent)
    registry.pom("1.1", parent)
    record = await read(client)
    assert record.counts["missing_poms"] == 2
    assert server.requests["/maven/x/p/1/p-1.pom"] == 1


async def test_poms_leave_memory_when_there_are_too_many(registry, server, tmp_path):
    registry.publish(NAME, {"1.0": Published(), "1.1": Published()})
    base = f"{server.url}/maven"
    options = MavenOptions(pom_memory_bytes=10, artifact_bytes=0)
    async with http_session(OPTIONS, bases=[base]) as http:
        client = MavenClient(http, base_url=base, cache=FileCache(tmp_path), options=options)
        assert (await read(client)).versions == (await read(client)).versions
    assert server.requests[f"{FOLDER}/1.0/tool-1.0.pom"] == 2


async def test_a_pom_of_another_package_is_counted(registry, client):
    registry.metadata("1.0")
    registry.put(f"{FOLDER}/1.0/tool-1.0.pom", "<project><artifactId>other</artifactId></project>")
    record = await read(client)
    assert record.counts["misnamed_poms"] == 1


async def test_metadata_of_another_package_is_refused(registry, client):
    registry.publish("org.example:other", {"1.0": Published()})
    registry.fixed[METADATA] = registry.document("/maven/org/example/other/maven-metadata.xml")
    with pytest.raises(InvalidPayloadError):
        await read(client)


@pytest.mark.parametrize("versions", [(), ("${revision}",)])
async def test_metadata_without_a_usable_version_is_refused(registry, client, versions):
    registry.metadata(*versions)
    with pytest.raises(InvalidPayloadError):
        await read(client)


async def test_a_version_that_may_be_no_path_is_left_out_and_counted(registry, client):
    registry.metadata("1.0", "${revision}", "../1")
    registry.pom("1.0")
    record = await read(client)
    assert [version.name for version in record.versions] == ["1.0"]
    assert record.counts["refused_versions"] == 2


async def test_dates_are_those_of_the_index_else_of_the_pom(registry, client):
    registry.publish(NAME, {"1.0": Published()})
    await client.listing()
    registry.metadata("1.0", "1.1", "1.2")
    registry.pom("1.1", **{"last-modified": "Wed, 15 Nov 2023 10:00:00 GMT"})
    registry.pom("1.2", **{"last-modified": "yesterday"})
    record = await read(client)
    assert {version.name: version.release_date for version in record.versions} == {
        "1.0": "2023-11-14T22:13:20Z",
        "1.1": "2023-11-15T10:00:00Z",
        "1.2": "",
    }


async def test_metadata_that_forgot_versions_loses_none_that_the_index_has(registry, client):
    registry.publish(NAME, {"1.0": Published(), "1.1": Published(), "1.2": Published()})
    await client.listing()
    registry.metadata("1.2")
    record = await read(client)
    assert [version.name for version in record.versions] == ["1.0", "1.1", "1.2"]


async def test_a_version_of_the_index_alone_needs_a_pom(registry, client):
    registry.publish(NAME, {"1.0": Published(), "1.1": Published()})
    await client.listing()
    registry.metadata("1.1")
    registry.packages[NAME].pop("1.0")
    record = await read(client)
    assert [version.name for version in record.versions] == ["1.1"]
    assert record.counts["versions_of_the_index_only_and_gone"] == 1


async def test_a_package_without_metadata_is_there_as_long_as_the_index_and_a_pom_say_so(
    registry, server, client
):
    registry.publish(NAME, {"1.0": Published(), "1.1": Published()})
    await client.listing()
    server.faults = table({METADATA: Fault(status=404)})
    assert len((await read(client, KnownPackage({"1.0": "pom", "1.1": "pom"}))).versions) == 2


@pytest.mark.parametrize("known", [NOTHING_KNOWN, KnownPackage({"1.0": "pom", "1.1": "pom"})])
async def test_a_package_without_metadata_and_poms_is_gone_whatever_the_index_says(
    registry, client, known
):
    registry.publish(NAME, {"1.0": Published(), "1.1": Published()})
    await client.listing()
    registry.delete(NAME)
    with pytest.raises(PackageNotFoundError):
        await read(client, known)


async def test_the_newest_version_with_a_pom_speaks_for_the_package(registry, client):
    registry.metadata("1.0", "1.1", "2.0-rc1", "20040616")
    for version, name in (("1.0", "old"), ("1.1", "new"), ("2.0-rc1", "rc")):
        registry.pom(version, f"<scm><url>https://github.com/{name}/x</url></scm>")
    record = await read(client)
    assert record.repository_url == "https://github.com/new/x"


async def test_import_names_come_from_the_newest_jar_once(registry, server, client):
    registry.publish(NAME, {"1.0": Published(), "1.1": Published(), "2.0-rc1": Published()})
    path = f"{FOLDER}/1.1/tool-1.1.jar"
    registry.put(path, jar("org/example/A.class"), "application/java-archive")
    record = await read(client)
    assert record.facts["import_names"] == ["org.example"]
    assert record.facts["import_names_source"] == "tool-1.1.jar"
    again = await read(client, KnownPackage(artifact_source="tool-1.1.jar"))
    assert "import_names" not in again.facts
    assert server.requests[path] == 1


@pytest.mark.parametrize(
    ("jar_body", "body", "counted"),
    [
        (None, "", "import_names_skipped"),
        (b"no archive", "", "import_names_refused"),
        (b"PK" + b"\0" * 3000, "", "import_names_skipped"),
        (b"", "<packaging>pom</packaging>", "import_names_skipped"),
        (b"", "<packaging>war</packaging>", "import_names_skipped"),
    ],
)
async def test_a_jar_that_cannot_be_read_is_counted_and_nothing_more(
    small_jars, jar_body, body, counted
):
    registry, client = small_jars
    registry.metadata("1.0")
    registry.pom("1.0", body)
    if jar_body is not None:
        registry.put(f"{FOLDER}/1.0/tool-1.0.jar", jar_body, "application/java-archive")
    record = await read(client)
    assert record.counts == {counted: 1}
    assert "import_names" not in record.facts
    assert len(record.versions) == 1


@pytest.fixture
async def small_jars(
    registry: Repository, server: ReplayServer, tmp_path: Path
) -> AsyncIterator[tuple[Repository, MavenClient]]:
    """A client that reads no jar above 2,000 bytes."""
    base = f"{server.url}/maven"
    options = MavenOptions(artifact_bytes=2000)
    async with http_session(OPTIONS, bases=[base]) as http:
        yield registry, MavenClient(http, base_url=base, cache=FileCache(tmp_path), options=options)


async def test_no_jar_is_asked_for_where_none_is_wanted(registry, server, tmp_path):
    registry.publish(NAME, {"1.0": Published()})
    base = f"{server.url}/maven"
    async with http_session(OPTIONS, bases=[base]) as http:
        options = MavenOptions(artifact_bytes=0)
        client = MavenClient(http, base_url=base, cache=FileCache(tmp_path), options=options)
        assert (await read(client)).counts == {}
    assert not any(path.endswith(".jar") for path in server.requests)
