"""Documents and artifacts made to explode cost one package, a bounded time, and nothing else."""

import io
import tarfile
import time
import zipfile
import zlib
from functools import cache
from pathlib import Path

import pytest

from src.local_stack.replay import Document
from src.processes.extractors.pipeline import PipelineOptions
from src.schemas.ecosystem import Ecosystem
from tests.e2e.queue.queue_world import queue_for
from tests.e2e.world import World, open_world
from tests.hostile.fates import drained, undisturbed
from tests.hostile.loopback import Silent
from tests.hostile.sources import Tampered, body, two_packages

pytestmark = pytest.mark.parametrize("graph_address", ["falkordb"], indirect=True)

EVERY = pytest.mark.parametrize("ecosystem", list(Ecosystem), ids=str)
MIB = 1024 * 1024
LARGE = 1_100
"""Mebibytes unpacked: more than any limit of what is read out of one artifact."""
SECONDS = 60.0
"""A bomb that explodes takes minutes, or all memory."""


@pytest.fixture
async def opened(graph, tmp_path, ecosystem):
    """A world of two packages whose second one can be tampered with, and the path of its document."""
    registry, good, bad = two_packages(ecosystem)
    source = Tampered(registry)
    async with open_world(graph, tmp_path / "cache", source=source, ecosystem=ecosystem) as world:
        world.options = PipelineOptions(max_error_rate=100)
        world.attempts = 2
        yield world, source, good, bad, registry.package_path(bad)


async def failures(world: World) -> dict[str, str]:
    return {f.name: f.reason for f in await world.stores.state.failures(world.ecosystem)}


class Exploding(Document):
    """A small body that says it is the packed form of a large one."""

    def __init__(self, document: Document, packed: bytes) -> None:
        super().__init__(bytes(32 * 1024), document.content_type)
        self.__dict__["packed"] = packed


@cache
def gzip_of_zeros(mebibytes: int) -> bytes:
    packer = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    zeros = bytes(MIB)
    return b"".join(packer.compress(zeros) for _ in range(mebibytes)) + packer.flush()


DEEP = 2_000_000
XML_HEAD = b'<?xml version="1.0"?>'
LAUGHS = (
    XML_HEAD
    + b'<!DOCTYPE x [<!ENTITY a "'
    + b"ha" * 100
    + b'">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 50) for n in range(9))
    + b"]><metadata><versioning><versions><version>&j;</version></versions></versioning></metadata>"
)
EXTERNAL = (
    XML_HEAD
    + b'<!DOCTYPE x [<!ENTITY a SYSTEM "http://127.0.0.1:%d/x"><!ENTITY f SYSTEM "file:///etc/passwd">'
    b'<!ENTITY %% p SYSTEM "http://127.0.0.1:%d/x.dtd">%%p;]>'
)
METADATA = (
    b"<metadata><groupId>&f;</groupId><versioning><versions><version>&a;</version>"
    b"</versions></versioning></metadata>"
)

JSON_BOMBS = {
    "deep lists": b"[" * DEEP,
    "deep objects": b'{"a":' * DEEP,
    "a deep field": b'{"name":"x","items":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "a number of a million digits": b'{"name":"x","items":' + b"9" * 1_000_000 + b"}",
    "a lone surrogate": b'{"name":"\\ud800","items":["\\udfff"]}',
    "a key a million times": b"{" + b'"a":1,' * 1_000_000 + b'"a":1}',
}


@EVERY
@pytest.mark.parametrize("bomb", JSON_BOMBS)
async def test_json_that_is_deep_huge_or_broken_is_one_recorded_failure(opened, bomb):
    world, source, good, bad, path = opened
    source.instead[path] = body(JSON_BOMBS[bomb])
    begun = time.monotonic()
    summary = await world.ingest(names=(good, bad))
    assert time.monotonic() - begun < SECONDS
    assert await failures(world) == {bad: "invalid_payload"}
    assert (summary.counts.stored, summary.counts.errors) == (1, 1)


@EVERY
async def test_a_gzip_bomb_stops_at_the_limit_of_the_body(opened, redis_address, ecosystem):
    world, source, good, bad, path = opened
    packed = gzip_of_zeros(200)
    assert len(packed) < MIB
    async with queue_for(redis_address, world) as queue:
        message = {"node_type": ecosystem.label, "package": good}
        expected = await undisturbed(queue, [message])
        source.instead[path] = lambda document: Exploding(document, packed)
        await queue.push(node_type=ecosystem.label, package=bad)
        await queue.push(**message)
        begun = time.monotonic()
        ended = await drained(queue, pushed=2)
        assert time.monotonic() - begun < SECONDS
        assert (ended.successful, ended.dead) == (1, {"extraction_failed": 1})
        [letter] = await queue.dead()
        assert letter["details"].startswith("payload_too_large: ")
        assert await world.fingerprint() == expected


@pytest.mark.parametrize("ecosystem", [Ecosystem.MAVEN])
async def test_entities_of_xml_are_refused_in_metadata(opened):
    world, source, good, bad, path = opened
    with Silent() as silent:
        external = EXTERNAL % (silent.port, silent.port) + METADATA
        for bomb in (LAUGHS, external, XML_HEAD + b"<a>" * DEEP):
            source.instead[path] = body(bomb)
            begun = time.monotonic()
            await world.ingest(names=(good, bad), refresh=True)
            assert time.monotonic() - begun < SECONDS
            assert await failures(world) == {bad: "invalid_payload"}
        assert silent.visits == []


@pytest.mark.parametrize("ecosystem", [Ecosystem.MAVEN])
async def test_entities_of_xml_in_a_pom_make_it_unreadable_and_nothing_else(opened):
    world, source, good, bad, path = opened
    folder = path.removesuffix("/maven-metadata.xml")
    name = folder.rpartition("/")[2]
    pom = b"<project><groupId>&f;</groupId><artifactId>&a;</artifactId><version>&b;</version></project>"
    with Silent() as silent:
        bombs = (EXTERNAL % (silent.port, silent.port) + pom, LAUGHS, XML_HEAD + b"<a>" * DEEP)
        for minor, bomb in enumerate(bombs):
            source.instead[f"{folder}/1.{minor}.0/{name}-1.{minor}.0.pom"] = body(bomb)
        summary = await world.ingest(names=(good, bad))
        assert silent.visits == []
    assert summary.counts.errors == 0
    rows = await world.graph.run(
        f"MATCH (p:MavenPackage {{name: '{bad}'}})-[:HAVE]->(v)"
        " OPTIONAL MATCH (v)-[r:REQUIRE]->() RETURN v.name AS name, count(r) AS required ORDER BY name"
    )
    assert [(row["name"], row["required"]) for row in rows] == [
        *((f"1.{minor}.0", 0) for minor in range(3)),
        *((f"1.{minor}.0", 1) for minor in range(3, 6)),
    ]


@cache
def zip_of_zeros(mebibytes: int) -> bytes:
    return zip_of({f"pkg/{number}.py": bytes(MIB) for number in range(mebibytes)})


@cache
def tar_of_zeros(mebibytes: int) -> bytes:
    header = tarfile.TarInfo("pkg/zeros.py")
    header.size = mebibytes * MIB
    packer = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    packed = [packer.compress(header.tobuf())]
    packed += [packer.compress(bytes(MIB)) for _ in range(mebibytes)]
    return b"".join((*packed, packer.flush()))


def zip_of(entries: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return stream.getvalue()


def tar_of(entries: dict[str, bytes], links: dict[str, str], mode: str = "w:gz") -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:
        for name, content in entries.items():
            header = tarfile.TarInfo(name)
            header.size = len(content)
            archive.addfile(header, io.BytesIO(content))
        for name, target in links.items():
            header = tarfile.TarInfo(name)
            header.type, header.linkname = tarfile.SYMTYPE, target
            archive.addfile(header)
    return stream.getvalue()


def artifacts(outside: Path) -> dict[str, bytes]:
    """Artifacts that would fill the disk or leave their folder; `outside` is a file they aim at."""
    climb = f"../../../../../../../..{outside}"
    return {
        "a zip bomb": zip_of_zeros(LARGE),
        "a zip that climbs": zip_of({climb: b"x", "pkg/__init__.py": b""}),
        "an absolute zip": zip_of({str(outside): b"x"}),
        "a tar bomb": tar_of_zeros(LARGE),
        "a tar that climbs": tar_of({climb: b"x"}, {}),
        "a link that leads out": tar_of({}, {"pkg": str(outside.parent), "b": climb}),
        "a gem that climbs": tar_of({climb: b"x", "data.tar.gz": tar_of_zeros(LARGE)}, {}, "w"),
        "nothing": b"",
        "noise": bytes(range(256)) * 64,
    }


ARTIFACTS = tuple(artifacts(Path("/x")))
READ_FOR_NAMES = (
    Ecosystem.PYPI,
    Ecosystem.MAVEN,
    Ecosystem.CARGO,
    Ecosystem.RUBYGEMS,
    Ecosystem.NUGET,
)
"""All but npm, whose document tells everything."""


@pytest.mark.parametrize("ecosystem", READ_FOR_NAMES, ids=str)
@pytest.mark.parametrize("kind", ARTIFACTS)
async def test_a_hostile_artifact_is_refused_and_its_package_stored(opened, tmp_path, kind):
    world, source, good, bad, _ = opened
    outside = tmp_path / "outside" / "evil.py"
    outside.parent.mkdir()
    source.artifact = artifacts(outside)[kind]
    begun = time.monotonic()
    summary = await world.ingest(names=(good, bad))
    assert time.monotonic() - begun < SECONDS
    assert (summary.counts.stored, summary.counts.errors) == (2, 0)
    assert summary.counts.notes["import_names_refused"] == 2
    assert not list(outside.parent.iterdir())
    rows = await world.graph.run(
        f"MATCH (p:{world.ecosystem.label}) RETURN DISTINCT coalesce(p.import_names, []) AS names"
    )
    assert [row["names"] for row in rows] == [[]]
