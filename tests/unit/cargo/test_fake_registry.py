"""The fake of the contract suite is itself a registry that the client can read."""

import csv
import gzip
import io
import json
import tarfile
from pathlib import Path

from src.cache import FileCache
from src.local_stack.replay import ReplayServer
from src.schemas.http import HttpOptions
from src.schemas.package import KnownPackage, ListedPackage
from tests.contract.cargo_registry import FakeCargo
from tests.contract.registry import FakeRegistry, Published

OPTIONS = HttpOptions(user_agent="tests", rate_per_second=0)


def dumped(fake: FakeCargo, table: str) -> list[dict[str, str]]:
    document = fake.document(fake.listing_path())
    assert document is not None
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(document.body))) as archive:
        path = next(name for name in archive.getnames() if name.endswith(f"/data/{table}.csv"))
        content = archive.extractfile(path)
        assert content is not None
        return list(csv.DictReader(io.TextIOWrapper(content, encoding="utf-8", newline="")))


def test_what_is_published_stands_in_index_and_dump_and_goes_again() -> None:
    fake = FakeCargo()
    registry: FakeRegistry = fake
    registry.publish("serde", {"1.0.0": Published(), "1.1.0": Published((("log", ">=1"),), True)})
    registry.publish("log", {"1.0.0": Published()})
    document = registry.document(registry.package_path("serde"))
    assert document is not None
    lines = [json.loads(line) for line in document.body.splitlines()]
    assert [(line["vers"], line["yanked"]) for line in lines] == [("1.0.0", False), ("1.1.0", True)]
    assert [row["num"] for row in dumped(fake, "versions")] == ["1.0.0", "1.1.0", "1.0.0"]
    assert [row["req"] for row in dumped(fake, "dependencies")] == [">=1"]
    registry.delete("serde")
    assert registry.document(registry.package_path("serde")) is None
    assert [row["name"] for row in dumped(fake, "crates")] == ["log"]


def test_its_quirks_change_the_documents() -> None:
    fake = FakeCargo()
    fake.publish("log", {"1.0.0": Published()})
    plain = fake.document(fake.listing_path()), fake.document(fake.package_path("log"))
    for quirk in ("repeated_page", "unknown_fields"):
        fake.quirks = {quirk}
        odd = fake.document(fake.listing_path()), fake.document(fake.package_path("log"))
        assert odd[0] != plain[0]
        assert odd[1] != plain[1]


async def test_its_client_reads_it(tmp_path: Path) -> None:
    fake = FakeCargo()
    for name in fake.names:
        fake.publish(name, {"1.0.0": Published((("log", ">=1"),))})
    with ReplayServer(fake) as server:
        async with fake.open_client(server.url, OPTIONS, FileCache(tmp_path)) as client:
            listing = await client.listing()
            listed = {package.name: package async for package in listing.packages}
            assert listed.keys() == set(fake.names)
            for package in (listed["serde"], ListedPackage("serde")):
                record = client.parse(await client.fetch(package, KnownPackage()))
                assert record.source_revision == listed["serde"].revision
                (version,) = record.versions
                assert version.requirements is not None
                assert [need.name for need in version.requirements.required] == ["log"]
