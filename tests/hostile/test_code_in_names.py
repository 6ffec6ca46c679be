"""Names and fields that try to be code are data, or refused; never statements, operators or paths."""

from pathlib import Path

import pytest

from src.processes.extractors.pipeline import PipelineOptions
from src.schemas.ecosystem import Ecosystem
from tests.contract.registry import Published
from tests.e2e.advisory_world import affected, attributions, record
from tests.e2e.queue.queue_world import queue_for
from tests.e2e.world import open_world
from tests.hostile.fates import drained, undisturbed
from tests.hostile.sources import two_packages

CYPHER = (
    "'}) DETACH DELETE n //",
    "'}) MATCH (n) DETACH DELETE n //",
    '"}) MATCH (n) DETACH DELETE n //',
    "`) MATCH (n) DETACH DELETE n //",
    "\\'}) MATCH (n) DETACH DELETE n //",
    "\\u0027}) MATCH (n) DETACH DELETE n //",
    "lib'}) CREATE (:Hacked) //",
    "lib} RETURN 1 UNION MATCH (n) DETACH DELETE n RETURN 1 //",
    "1; MATCH (n) DETACH DELETE n",
    "$name",
    "CYPHER name='lib' MATCH (n) DETACH DELETE n",
    "lib:Hacked",
    "lib /* */ //",
)

NODES = """
MATCH (n) WHERE NOT n:SchemaMigration
RETURN labels(n)[0] AS label, coalesce(n.name, '') AS name ORDER BY label, name
"""
EDGES = "MATCH (n)-[r]->(m) RETURN n.name AS source, type(r) AS type, m.name AS target ORDER BY source, target"

LIB = {("Canary", "bird"), ("RequirementFile", "f"), ("PyPIPackage", "lib"), ("Version", "1.0")}


@pytest.fixture
async def canary(world) -> str:
    """A stranger's node, and a parent: what must be left of the graph, whatever is asked."""
    await world.graph.run("CREATE (:Canary {name: 'bird'})")
    await world.graph.run("CREATE (:RequirementFile {name: 'f'})")
    function = "elementId" if world.graph.engine == "neo4j" else "ID"
    [row] = await world.graph.run(f"MATCH (n:RequirementFile) RETURN {function}(n) AS id")
    return str(row["id"])


async def nodes(world) -> set[tuple[str, str]]:
    rows = await world.graph.run(NODES)
    found = [(str(row["label"]), str(row["name"])) for row in rows]
    return {node for node in found if "Failure" not in node[0]}


async def edges(world) -> list[tuple[str, str, str]]:
    return [(row["source"], row["type"], row["target"]) for row in await world.graph.run(EDGES)]


@pytest.mark.parametrize("field", ["package", "node_type"])
@pytest.mark.usefixtures("canary")
async def test_cypher_in_what_names_a_node_is_refused(queue, world, field):
    request = {"node_type": "PyPIPackage", "package": "lib"}
    for code in CYPHER:
        await queue.push(**{**request, field: code})
        if field == "node_type":
            await queue.push(**{**request, field: f"PyPIPackage {code}"})
    ended = await drained(queue, pushed=len(CYPHER) * (2 if field == "node_type" else 1))
    reasons = {"package": "validation_error", "node_type": "unsupported_type"}
    assert set(ended.dead) == {reasons[field]}
    assert not world.server.requests
    assert await nodes(world) == {("Canary", "bird"), ("RequirementFile", "f")}


@pytest.mark.parametrize("field", ["parent_id", "parent_version"])
@pytest.mark.usefixtures("canary")
async def test_cypher_in_what_names_a_parent_finds_none(queue, world, field):
    request = {"node_type": "PyPIPackage", "package": "lib"}
    expected = await fingerprint_of_lib(queue, world)
    parent = {"parent_id": await package_id(world)} if field == "parent_version" else {}
    for code in CYPHER:
        await queue.push(**{**request, **parent, field: code})
    ended = await drained(queue, pushed=len(CYPHER))
    assert ended.dead == {"parent_not_found": len(CYPHER)}
    assert await nodes(world) == LIB
    assert await edges(world) == [("lib", "HAVE", "1.0")]
    assert await world.fingerprint() == expected


async def fingerprint_of_lib(queue, world) -> str:
    await queue.push(node_type="PyPIPackage", package="lib")
    assert (await queue.drain()).successful == 1
    return await world.fingerprint()


async def package_id(world) -> str:
    function = "elementId" if world.graph.engine == "neo4j" else "ID"
    [row] = await world.graph.run(f"MATCH (n:PyPIPackage) RETURN {function}(n) AS id")
    return str(row["id"])


@pytest.mark.parametrize("code", CYPHER)
async def test_cypher_in_any_other_field_is_stored_as_the_text_that_it_is(
    queue, world, canary, code
):
    told = {"vendor": code, "repository_url": f"https://forge.test/{code}", "constraints": code}
    await queue.push(node_type="PyPIPackage", package="lib", parent_id=canary, **told)
    ended = await drained(queue, pushed=1)
    assert ended.successful == 1
    assert await nodes(world) == LIB
    assert await edges(world) == [("f", "REQUIRE", "lib"), ("lib", "HAVE", "1.0")]
    [found] = await world.graph.run(
        "MATCH (:RequirementFile)-[r]->(p) RETURN p.vendor AS vendor,"
        " p.repository_url AS repository_url, r.constraints AS constraints"
    )
    assert found == told


@pytest.mark.usefixtures("canary")
async def test_cypher_in_a_registrys_own_documents_is_text_too(queue, world, shelf):
    codes = [code.replace(" ", "") for code in CYPHER if ";" not in code]
    shelf.put("evil", v1_0=[f"lib==={code}" for code in codes])
    await queue.push(node_type="PyPIPackage", package="evil")
    ended = await drained(queue, pushed=1)
    assert (ended.successful, ended.dead.total()) == (1 + ended.discovered, 0)
    assert await nodes(world) <= LIB | {("PyPIPackage", "evil")}
    labels = await world.graph.run("MATCH (n:Hacked) RETURN count(n) AS n")
    assert labels == [{"n": 0}]


OPERATORS = (
    "$where",
    "$gt",
    '{"$gt": ""}',
    "a.b",
    "$",
    ".",
    "x.$.y",
    "__proto__",
    "1; return true",
)


async def test_operators_in_advisories_are_data_or_left_out(advisory_world):
    """MongoDB would take them for code only in a query, or as the name of a field."""
    world = advisory_world
    await world.ingest(names=("idna",))
    world.shelf.publish(record("GHSA-good", affected(Ecosystem.PYPI, "idna")))
    await world.sync()
    hit = await attributions(world.graph, Ecosystem.PYPI, "idna")
    assert all(said is not None and said.vulnerabilities == ("GHSA-good",) for said in hit.values())
    known = await world.fingerprint()
    for number, code in enumerate(OPERATORS):
        hostile = record(f"GHSA-{number}", affected(Ecosystem.PYPI, code))
        hostile["database_specific"] = {code: {code: 1}, "deep": [{code: None}]}
        hostile["aliases"] = [code, {"$ne": 1}]
        world.shelf.publish(hostile)
    for identity in ("$where", "$gt", "a.b$c", '{"$gt": ""}'):
        world.shelf.publish(record(identity, affected(Ecosystem.PYPI, "idna", "99")))
    for process in (world.sync, world.reconcile, world.sync):
        summary = await process()
        assert not summary.failures
    assert await attributions(world.graph, Ecosystem.PYPI, "idna") == hit
    assert await world.fingerprint() == known


PATHS = (
    "../../etc/passwd",
    "..",
    ".",
    "...",
    "%2e%2e/%2e%2e/x",
    "..%2f..%2fetc",
    "..%252f..%252fetc",
    "a/../../b",
    "a\\..\\..\\b",
    "/etc/passwd",
    "//127.0.0.1/x",
    "a/%2e%2e/b",
    "a?x=1",
    "a#b",
    "@../x",
    "@./x",
    "@a/..",
    "@a/../../b",
    "@a/b/c",
    "..:..",
    "a:..",
    "..:a",
    "a..b:c",
    "a/../b:c",
    "org.x:../..",
    "org/../../x:a",
    "file:///etc/passwd",
    "http://127.0.0.1/x",
    "a\x00b",
    "a\nb",
    "CON",
    "~root",
    "a;b",
    "a|b",
    "$(id)",
    "`id`",
)
ONE_ENGINE = pytest.mark.parametrize("graph_address", ["falkordb"], indirect=True)
EVERY = pytest.mark.parametrize("ecosystem", list(Ecosystem), ids=str)


def files_of(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def climbing(paths) -> list[str]:
    """Paths that step upwards; the server has decoded them as it would before it looks."""
    return [path for path in paths if {".", ".."} & set(path.replace("\\", "/").split("/"))]


@ONE_ENGINE
@EVERY
async def test_a_path_in_place_of_a_name_leads_nowhere(graph, redis_address, tmp_path, ecosystem):
    registry, good, _ = two_packages(ecosystem)
    inside = tmp_path / "inside"
    inside.mkdir()
    async with (
        open_world(graph, inside / "cache", source=registry, ecosystem=ecosystem) as world,
        queue_for(redis_address, world) as queue,
    ):
        expected = await undisturbed(queue, [{"node_type": ecosystem.label, "package": good}])
        world.server.forget_requests()
        for path in (*PATHS, good):
            await queue.push(node_type=ecosystem.label, package=path)
        ended = await drained(queue, pushed=len(PATHS) + 1)
        assert ended.successful == 1
        assert set(ended.dead) <= {"validation_error", "package_not_found"}
        assert ended.dead["validation_error"] >= len(PATHS) - 6
        asked = list(world.server.requests)
        assert all(path.startswith(f"/{ecosystem}") for path in asked)
        assert climbing(asked) == []
        assert await world.fingerprint() == expected
    assert {name.partition("/")[0] for name in files_of(tmp_path)} <= {"inside"}
    assert {name.partition("/")[0] for name in files_of(inside)} <= {"cache"}


@ONE_ENGINE
@EVERY
async def test_a_path_in_place_of_a_version_leads_nowhere(graph, tmp_path, ecosystem):
    registry, good, bad = two_packages(ecosystem)
    hostile = [path for path in PATHS if path.isprintable()]
    inside = tmp_path / "inside"
    inside.mkdir()
    async with open_world(graph, inside / "cache", source=registry, ecosystem=ecosystem) as world:
        world.options = PipelineOptions(max_error_rate=100)
        for number, path in enumerate(hostile):
            registry.publish(
                bad, {"1.0.0": Published(), path: Published(), f"1.{number}.1": Published()}
            )
            await world.ingest(names=(good, bad), refresh=True)
        asked = list(world.server.requests)
        assert climbing(asked) == []
        assert all(path.startswith(f"/{ecosystem}") for path in asked)
        rows = await world.graph.run(
            f"MATCH (p:{ecosystem.label} {{name: $name}})-[:HAVE]->(v) RETURN count(v) AS n",
            {"name": good},
        )
        assert rows == [{"n": 1}]
    assert {name.partition("/")[0] for name in files_of(tmp_path)} <= {"inside"}
    assert {name.partition("/")[0] for name in files_of(inside)} <= {"cache"}
