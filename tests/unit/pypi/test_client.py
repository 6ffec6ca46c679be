"""The PyPI client over real HTTP: which documents it asks for, and what it makes of bad ones."""

import hashlib
import io
import json
import time
import zipfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from src.cache import FileCache
from src.local_stack.replay import Document, Fault, ReplayServer, table
from src.schemas.errors import (
    InvalidKeyError,
    InvalidPayloadError,
    PackageNotFoundError,
    RegistryUnavailableError,
)
from src.schemas.package import KnownPackage, ListedPackage, PackageRecord, VersionRecord
from src.services.apis.pypi_api import PyPIClient
from src.services.apis.pypi_project import PyPIOptions
from src.session import HttpOptions, http_session

SIMPLE = "application/vnd.pypi.simple.v1+json"
NOTHING_KNOWN = KnownPackage()


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def wheel(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "")
    return buffer.getvalue()


class Registry:
    """A registry of a test: documents by path, below /pypi and /files as behind the settings."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}

    def document(self, path: str, _query: str = "") -> Document | None:
        return self.documents.get(path)

    def add(self, path: str, body: object, kind: str = "application/json") -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.documents[path] = Document(data, kind)

    def index(self, serial: int, **projects: int) -> None:
        entries = [{"name": name, "_last-serial": own} for name, own in projects.items()]
        self.add("/pypi/simple/", {"meta": {"_last-serial": serial}, "projects": entries}, SIMPLE)

    def page(
        self, name: str, files: list[dict[str, object]], serial: int = 7, **more: object
    ) -> None:
        page = {"name": name, "meta": {"_last-serial": serial}, "files": files, **more}
        self.add(f"/pypi/simple/{name}/", page, SIMPLE)

    def file(
        self, name: str, body: bytes = b"", metadata: str = "", **more: object
    ) -> dict[str, object]:
        url = f"https://files.test/packages/{name}"
        entry: dict[str, object] = {
            "filename": name,
            "url": url,
            "hashes": {"sha256": sha256(body)},
        }
        self.add(f"/files/packages/{name}", body, "application/octet-stream")
        if metadata:
            text = f"Metadata-Version: 2.1\nName: foo\n{metadata}\n\n".encode()
            self.add(f"/files/packages/{name}.metadata", text, "application/octet-stream")
            entry["core-metadata"] = {"sha256": sha256(text)}
        return {**entry, **more}

    def version(self, name: str, version: str, *requires: str) -> None:
        info = {"name": name, "version": version, "requires_dist": list(requires)}
        self.add(f"/pypi/pypi/{name}/{version}/json", {"info": info, "last_serial": 7})


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest.fixture
def server(registry: Registry) -> Iterator[ReplayServer]:
    with ReplayServer(registry) as running:
        yield running


@pytest.fixture
async def client(server: ReplayServer, tmp_path: Path) -> AsyncIterator[PyPIClient]:
    options = HttpOptions(
        user_agent="tests",
        rate_per_second=0,
        timeout_seconds=5,
        max_attempts=2,
        backoff_seconds=0.01,
    )
    base, files = f"{server.url}/pypi", f"{server.url}/files"
    async with http_session(options, bases=(base, files)) as http:
        yield PyPIClient(
            http,
            base_url=base,
            files_url=files,
            cache=FileCache(tmp_path / "cache"),
            options=PyPIOptions(lag_seconds=0.01, artifact_bytes=100_000),
        )


async def record(
    client: PyPIClient, name: str = "foo", known: KnownPackage = NOTHING_KNOWN, revision: str = ""
) -> PackageRecord:
    return client.parse(await client.fetch(ListedPackage(name, revision), known))


def required(version: VersionRecord) -> list[str]:
    assert version.requirements is not None
    return [entry.name for entry in version.requirements.required]


async def listed(client: PyPIClient) -> list[tuple[str, str]]:
    return [(entry.name, entry.revision) async for entry in (await client.listing()).packages]


async def test_requirements_come_from_the_wheel_else_from_the_version_document(
    client: PyPIClient, registry: Registry, server: ReplayServer
) -> None:
    one = registry.file("foo-1.0-py3-none-any.whl", metadata="Requires-Dist: from-wheel>1")
    gone = registry.file("foo-2.0-py3-none-any.whl", metadata="Requires-Dist: never")
    del registry.documents["/files/packages/foo-2.0-py3-none-any.whl.metadata"]
    sdist = registry.file("foo-3.0.tar.gz")
    latest = registry.file("foo-4.0.tar.gz")
    registry.page("foo", [one, gone, sdist, latest], versions=["1.0", "2.0", "3.0", "4.0"])
    registry.version("foo", "2.0", "from-document-2")
    registry.version("foo", "3.0", "from-document-3")
    info = {"name": "foo", "version": "4.0", "requires_dist": ["from-project"]}
    registry.add("/pypi/pypi/foo/json", {"info": info, "last_serial": 7})
    found = await record(client)
    assert [required(version) for version in found.versions] == [
        ["from-wheel"],
        ["from-document-2"],
        ["from-document-3"],
        ["from-project"],
    ]
    assert found.versions[0].requirements is not None
    assert found.versions[0].requirements.source == f"foo-1.0-py3-none-any.whl#sha256={sha256(b'')}"
    assert found.counts["missing_metadata_files"] == 1
    assert "/pypi/pypi/foo/4.0/json" not in server.requests


async def test_what_is_known_is_not_asked_for_again(
    client: PyPIClient, registry: Registry, server: ReplayServer
) -> None:
    body = wheel("foo.py")
    files = [
        registry.file("foo-1.0-py3-none-any.whl", metadata="Requires-Dist: a"),
        registry.file("foo-2.0-py3-none-any.whl", body, metadata="Requires-Dist: b"),
    ]
    registry.page("foo", files)
    first = await record(client)
    sources = {v.name: v.requirements.source for v in first.versions if v.requirements}
    artifact = first.facts["import_names_source"]
    server.forget_requests()
    again = await record(client, known=KnownPackage(sources, str(artifact)))
    assert set(server.requests) == {"/pypi/simple/foo/", "/pypi/pypi/foo/json"}
    assert [version.requirements for version in again.versions] == [None, None]
    assert "import_names" not in again.facts
    sources["1.0"] = "foo-1.0-py3-none-any.whl#sha256=other"
    changed = await record(client, known=KnownPackage(sources, str(artifact)))
    assert [version.requirements is None for version in changed.versions] == [False, True]


async def test_a_version_without_any_document_is_counted_and_tried_again(
    client: PyPIClient, registry: Registry
) -> None:
    registry.page("foo", [registry.file("foo-1.0.tar.gz")])
    found = await record(client)
    assert found.versions[0].requirements is not None
    assert found.versions[0].requirements.source == "no document"
    assert found.counts["versions_without_document"] == 1
    known = KnownPackage({"1.0": "foo-1.0.tar.gz#sha256=old"})
    kept = await record(client, known=known)
    assert kept.versions[0].requirements is None
    assert kept.counts["versions_without_document"] == 1


async def test_a_project_without_files_is_a_package_without_versions(
    client: PyPIClient, registry: Registry
) -> None:
    registry.page("foo", [], **{"project-status": {"status": "quarantined", "reason": "malware"}})
    found = await record(client)
    assert (found.versions, found.source_revision) == ((), "7")
    assert found.facts == {"status": "quarantined", "status_reason": "malware"}


async def test_a_project_of_3_000_versions_is_read_whole(
    client: PyPIClient, registry: Registry
) -> None:
    names = [f"0.{number}" for number in range(3000)]
    files = [
        registry.file(f"foo-{name}-py3-none-any.whl", metadata=f"Requires-Dist: a=={name}")
        for name in names
    ]
    registry.page("foo", files, versions=names)
    found = await record(client)
    assert [version.name for version in found.versions] == names
    assert [version.serial_number for version in found.versions] == list(range(3000))
    constraints = [v.requirements.required[0].constraints for v in found.versions if v.requirements]
    assert constraints == [f"=={name}" for name in names]


async def test_documents_older_than_announced_are_asked_for_once_more_and_then_refused(
    client: PyPIClient, registry: Registry, server: ReplayServer
) -> None:
    registry.page("foo", [], serial=7)
    with pytest.raises(RegistryUnavailableError):
        await record(client, revision="8")
    assert server.requests["/pypi/simple/foo/"] == 2
    assert (await record(client, revision="6")).source_revision == "7"


@pytest.mark.parametrize("fault", [Fault.error_page(), Fault.broken_json(), Fault(body=b"{}")])
@pytest.mark.parametrize(
    "path", ["/pypi/simple/foo/", "/pypi/pypi/foo/json", "/pypi/pypi/foo/1.0/json"]
)
async def test_a_page_that_is_not_the_document_is_never_taken_for_an_empty_one(
    client: PyPIClient, registry: Registry, server: ReplayServer, path: str, fault: Fault
) -> None:
    registry.page("foo", [registry.file("foo-1.0.tar.gz")])
    registry.add("/pypi/pypi/foo/json", {"info": {"name": "foo"}, "last_serial": 7})
    registry.version("foo", "1.0")
    server.faults = table({path: fault})
    with pytest.raises(InvalidPayloadError):
        await record(client)


async def test_a_metadata_file_with_another_hash_is_refused(
    client: PyPIClient, registry: Registry
) -> None:
    file = registry.file("foo-1.0-py3-none-any.whl", metadata="Requires-Dist: a")
    registry.page("foo", [{**file, "core-metadata": {"sha256": "0" * 64}}])
    with pytest.raises(InvalidPayloadError):
        await record(client)


async def test_the_document_of_another_project_is_refused(
    client: PyPIClient, registry: Registry
) -> None:
    registry.page("bar", [])
    registry.documents["/pypi/simple/foo/"] = registry.documents["/pypi/simple/bar/"]
    with pytest.raises(InvalidPayloadError):
        await record(client)


async def test_an_unknown_project_is_not_found(client: PyPIClient) -> None:
    with pytest.raises(PackageNotFoundError):
        await record(client, "unknown")


async def test_no_address_in_a_document_leads_off_the_registry(
    client: PyPIClient, registry: Registry, server: ReplayServer
) -> None:
    urls = [
        "https://user:secret@evil.test/packages/foo-0-py3-none-any.whl",
        "//evil.test/packages/foo-1-py3-none-any.whl",
        "../../packages/foo-2-py3-none-any.whl",
        "https://evil.test/../../secret",
        "https://evil.test/%2e%2e/secret",
        "file:///etc/passwd",
        "https://[broken/",
        "",
    ]
    files = []
    for number, url in enumerate(urls):
        file = registry.file(
            f"foo-{number}-py3-none-any.whl", metadata=f"Requires-Dist: a=={number}"
        )
        files.append({**file, "url": url})
        registry.version("foo", str(number), f"from-document=={number}")
    registry.page("foo", files)
    found = await record(client)
    names = [required(version)[0] for version in found.versions]
    assert names == ["a"] * 3 + ["from-document"] * 5
    assert all(path.startswith(("/pypi/", "/files/packages/")) for path in server.requests)


async def test_a_version_that_would_climb_the_path_is_never_asked_for(
    client: PyPIClient, registry: Registry, server: ReplayServer
) -> None:
    registry.page("foo", [registry.file("foo-...zip")], versions=[".."])
    assert [version.name for version in (await record(client)).versions] == [".."]
    assert set(server.requests) <= {
        "/pypi/simple/foo/",
        "/pypi/pypi/foo/json",
        "/files/packages/foo-...zip",
    }


async def test_import_names_come_from_the_newest_wheel(
    client: PyPIClient, registry: Registry
) -> None:
    body = wheel("foo/__init__.py", "bar.py")
    registry.page(
        "foo",
        [
            registry.file("foo-1.0-py3-none-any.whl", body, metadata="x: y"),
            registry.file("foo-2.0rc1-py3-none-any.whl", b"never read", metadata="x: y"),
        ],
    )
    found = await record(client)
    assert found.facts["import_names"] == ["bar", "foo"]
    assert found.facts["import_names_source"] == f"foo-1.0-py3-none-any.whl#sha256={sha256(body)}"


@pytest.mark.parametrize(
    ("body", "more", "count"),
    [
        (wheel("../up.py"), {}, "import_names_refused"),
        (b"no archive", {}, "import_names_refused"),
        (wheel("foo.py"), {"hashes": {"sha256": "0" * 64}}, "import_names_refused"),
        (b"x" * 100_001, {}, "import_names_skipped"),
        (wheel("foo.py"), {"size": 100_001}, "import_names_skipped"),
        (wheel("foo.py"), {"url": "https://files.test/absent"}, "import_names_skipped"),
    ],
    ids=["hostile", "broken", "other hash", "too large", "says too large", "absent"],
)
async def test_an_artifact_that_cannot_be_read_is_counted_and_the_package_kept(
    client: PyPIClient, registry: Registry, body: bytes, more: dict[str, object], count: str
) -> None:
    registry.version("foo", "1.0", "a")
    registry.page("foo", [registry.file("foo-1.0-py3-none-any.whl", body, **more)])
    found = await record(client)
    assert required(found.versions[0]) == ["a"]
    assert found.counts[count] == 1
    assert not {"import_names", "import_names_source"} & set(found.facts)


async def test_the_listing_is_kept_for_an_hour_and_then_revalidated(
    client: PyPIClient, registry: Registry, server: ReplayServer, tmp_path: Path
) -> None:
    registry.index(9, Foo_Bar=9, six=3)
    assert await listed(client) == [("foo-bar", "9"), ("six", "3")]
    assert (await client.listing()).position == "9"
    assert server.requests["/pypi/simple/"] == 1
    client._cache = FileCache(tmp_path / "cache", clock=lambda: time.time() + 3601)
    assert await listed(client) == [("foo-bar", "9"), ("six", "3")]
    assert server.requests["/pypi/simple/"] == 2
    registry.index(10, six=10)
    client._cache = FileCache(tmp_path / "cache", clock=lambda: time.time() + 7300)
    assert await listed(client) == [("six", "10")]


@pytest.mark.parametrize(
    "fault",
    [
        Fault.error_page(),
        Fault.broken_json(),
        Fault(body=b'{"meta": {"_last-serial": 9}, "projects": [{"name": "six"}'),
    ],
)
async def test_a_broken_listing_is_an_error_and_is_not_kept(
    client: PyPIClient, registry: Registry, server: ReplayServer, fault: Fault
) -> None:
    registry.index(9, six=3)
    server.faults = table({"/pypi/simple/": [fault]})
    with pytest.raises(InvalidPayloadError):
        await client.listing()
    assert await listed(client) == [("six", "3")]


async def test_changes_are_read_past_the_cache_in_the_order_of_their_serials(
    client: PyPIClient, registry: Registry
) -> None:
    registry.index(9, a=9, b=3, c=5)
    await client.listing()
    registry.index(12, a=9, b=11, d=12)
    feed = await client.changes("5")
    packages = [package async for package in feed.packages]
    assert packages == [
        ListedPackage("a", "9", "9"),
        ListedPackage("b", "11", "11"),
        ListedPackage("d", "12", "12"),
    ]
    assert feed.position == "12"
    assert feed.names is not None
    assert ("a" in feed.names, "c" in feed.names) == (True, False)
    assert (await client.changes("20")).position == "20"
    with pytest.raises(InvalidKeyError):
        await client.changes("yesterday")


@pytest.mark.parametrize(
    ("name", "canonical"),
    [("Zope.Interface", "zope-interface"), ("a__b--c..d", "a-b-c-d"), ("X", "x")],
)
def test_names_have_one_spelling(name: str, canonical: str) -> None:
    assert PyPIClient.canonical_name(None, name) == canonical  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["", "-a", "a-", "a b", "a/b", "ä", "a\n", "../a", "a" * 2000])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidKeyError):
        PyPIClient.canonical_name(None, name)  # type: ignore[arg-type]
