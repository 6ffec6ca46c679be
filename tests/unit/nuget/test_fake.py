"""The fake registry of the contract suite says what it is told."""

from pathlib import Path

from src.cache import FileCache
from src.local_stack.replay import ReplayServer
from src.schemas.http import HttpOptions
from src.schemas.package import KnownPackage, ListedPackage
from tests.contract.nuget_registry import FakeNuGet
from tests.contract.registry import FakeRegistry, Published


async def test_what_is_published_is_read_and_what_is_deleted_is_not(tmp_path: Path) -> None:
    fake: FakeRegistry = FakeNuGet()
    fake.publish("a", {"1.0.0": Published(((fake.names[0], "[1.0, )"),)), "2.0": Published()})
    fake.publish("b", {"1.0.0": Published(yanked=True)})
    fake.delete("b")
    options = HttpOptions(user_agent="tests", rate_per_second=0)
    with ReplayServer(fake) as server:
        async with fake.open_client(server.url, options, FileCache(tmp_path)) as client:
            assert [entry.name async for entry in (await client.listing()).packages] == ["a"]
            documents = await client.fetch(ListedPackage("a"), KnownPackage())
            first = client.parse(documents).versions[0]
    assert first.requirements is not None
    assert [need.name for need in first.requirements.required] == [fake.names[0]]
