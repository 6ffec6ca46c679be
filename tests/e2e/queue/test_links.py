"""Parents that messages name, and the packages that a message brings in."""

import pytest

EDGES = """
MATCH (n)-[r:REQUIRE]->(p:PyPIPackage)
WHERE r.kind IS NULL OR r.kind = 'message'
RETURN coalesce(n.name, '') AS parent, p.name AS package, properties(r) AS properties
ORDER BY parent, package, properties.constraints
"""


async def id_of(world, match: str) -> str:
    """The engine's own id of a node, as other programs name it."""
    function = "elementId" if world.graph.engine == "neo4j" else "ID"
    [row] = await world.graph.run(f"MATCH {match} RETURN {function}(n) AS id")
    return str(row["id"])


async def edges(world):
    return [
        (row["parent"], row["package"], row["properties"]) for row in await world.graph.run(EDGES)
    ]


async def test_a_file_requires_a_package_once_and_its_constraints_are_set_once(queue, world):
    await world.graph.run("CREATE (:RequirementFile {name: 'requirements.txt'})")
    file = await id_of(world, "(n:RequirementFile)")
    for constraints in (">=1", ">=1", "<9"):
        message = {"package": "lib", "parent_id": file, "constraints": constraints}
        await queue.push(node_type="PyPIPackage", **message)
    summary = await queue.drain()
    assert (summary.successful, summary.linked) == (3, 3)
    assert await edges(world) == [("requirements.txt", "lib", {"constraints": ">=1"})]


MADE = {
    "constraints": ">=1",
    "kind": "message",
    "condition": "",
    "variant": "",
    "parent_version_name": "pkg:pypi/app",
}


async def test_a_version_requires_a_package_once_by_a_message(queue, world):
    await world.ingest(names=("app",))
    parent = await id_of(world, "(n:Version {name: '2.0'})")
    for _ in range(3):
        message = {"package": "lib", "parent_id": parent, "constraints": ">=1"}
        await queue.push(node_type="PyPIPackage", **message)
    assert (await queue.drain()).successful == 3
    assert await edges(world) == [("2.0", "lib", MADE)]


async def test_a_version_may_be_named_by_its_package_and_its_name(queue, world):
    await world.ingest(names=("app",))
    parent = await id_of(world, "(n:PyPIPackage {name: 'app'})")
    message = {"package": "lib", "parent_id": parent, "parent_version": "2.0", "constraints": ">=1"}
    await queue.push(node_type="PyPIPackage", **message)
    assert (await queue.drain()).successful == 1
    assert await edges(world) == [("2.0", "lib", MADE)]


async def test_the_edge_of_a_message_outlives_a_refresh(queue, world):
    await test_a_version_requires_a_package_once_by_a_message(queue, world)
    await world.ingest(refresh=True)
    assert await edges(world) == [("2.0", "lib", MADE)]


async def test_without_constraints_any_version_is_required(queue, world):
    await world.graph.run("CREATE (:RequirementFile {name: 'f'})")
    file = await id_of(world, "(n:RequirementFile)")
    await queue.push(node_type="PyPIPackage", package="lib", parent_id=file)
    await queue.drain()
    assert await edges(world) == [("f", "lib", {"constraints": "any"})]


@pytest.mark.parametrize(
    ("parent", "version"),
    [
        ("4:00000000-0000-0000-0000-000000000000:1", ""),
        ("999999999", ""),
        ("-1", ""),
        ("99999999999999999999999999", ""),
        ("1 OR 1=1", ""),
        ("x' RETURN 1 //", ""),
        ("the package", ""),
        ("the package", "9.9"),
        ("a node of another kind", ""),
    ],
)
async def test_a_parent_that_is_not_there_is_told_and_the_package_comes_all_the_same(
    queue, world, parent, version
):
    await world.ingest(names=("app",))
    await world.graph.run("CREATE (:Stranger {name: 'stranger'})")
    named = {
        "the package": "(n:PyPIPackage {name: 'app'})",
        "a node of another kind": "(n:Stranger)",
    }
    parent_id = await id_of(world, named[parent]) if parent in named else parent
    message = {"package": "lib", "parent_id": parent_id, "parent_version": version}
    await queue.push(node_type="PyPIPackage", refresh=True, **message)
    summary = await queue.drain()
    assert (summary.failed, summary.linked) == (1, 0)
    [letter] = await queue.dead()
    assert letter["reason"] == "parent_not_found"
    assert await edges(world) == []
    assert world.server.requests["/pypi/simple/lib/"] >= 1


async def chain(shelf, length: int) -> None:
    for number in range(length):
        shelf.put(f"c{number}", v1_0=[f"c{number + 1}"])
    shelf.put(f"c{length}", v1_0=["c0"])


async def extracted(world) -> list[str]:
    query = "MATCH (p:PyPIPackage) WHERE p.moment IS NOT NULL RETURN p.name AS name ORDER BY name"
    return [row["name"] for row in await world.graph.run(query)]


async def test_a_cycle_of_requirements_is_brought_in_once(queue, world, shelf):
    await chain(shelf, 5)
    await queue.push(node_type="PyPIPackage", package="c0")
    summary = await queue.drain()
    assert (summary.successful, summary.discovered) == (6, 5)
    assert await extracted(world) == [f"c{n}" for n in range(6)]
    assert all(world.server.requests[f"/pypi/simple/c{n}/"] == 1 for n in range(6))


async def test_discovery_ends_at_its_depth_and_the_next_update_goes_on(queue, world, shelf):
    await world.ingest()
    await chain(shelf, 5)
    queue.set(discovery_depth=2)
    await queue.push(node_type="PyPIPackage", package="c0")
    assert (await queue.drain()).discovered == 2
    assert await extracted(world) == ["app", "c0", "c1", "c2", "lib"]
    await world.update()
    assert await extracted(world) == ["app", *(f"c{n}" for n in range(6)), "lib"]


async def test_discovery_ends_with_its_budget(queue, world, shelf):
    shelf.put("wide", v1_0=[f"w{n}" for n in range(9)])
    for number in range(9):
        shelf.put(f"w{number}", v1_0=[])
    queue.set(discovery_budget=4)
    await queue.push(node_type="PyPIPackage", package="wide")
    assert (await queue.drain()).discovered == 4
    assert len(await extracted(world)) == 5


async def test_a_required_package_that_does_not_exist_is_no_dead_letter(queue, world, shelf):
    shelf.put("app", v3_0=["no-such-thing"])
    await queue.push(node_type="PyPIPackage", package="app")
    summary = await queue.drain()
    assert (summary.failed, summary.successful) == (0, 3)
    status = "MATCH (p:PyPIPackage {name: 'no-such-thing'}) RETURN p.status AS status"
    assert await world.graph.run(status) == [{"status": "removed"}]
