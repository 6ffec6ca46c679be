"""Migrations, on every engine."""

import asyncio

import pytest

from src.schemas.errors import StoreError
from src.services.dbs.graph_driver import Index, UniqueConstraint
from src.services.graph import migrations
from src.services.graph.package_cypher import bare_names
from tests.graph.builders import PYPI


async def test_migrations_are_applied_once_and_noted(bare_graph):
    everything = list(migrations.MIGRATIONS)
    assert await migrations.pending(bare_graph) == everything
    assert await migrations.apply(bare_graph) == everything
    assert await migrations.pending(bare_graph) == []
    assert await migrations.apply(bare_graph) == []
    rows = await bare_graph.run(
        "MATCH (m:SchemaMigration) WHERE m.applied_at > 0 RETURN m.number AS n, m.name AS name ORDER BY n"
    )
    assert [(row["n"], row["name"]) for row in rows] == [(m.number, m.name) for m in everything]


async def test_two_processes_may_migrate_at_once(bare_graph):
    await asyncio.gather(*(migrations.apply(bare_graph) for _ in range(3)))
    rows = await bare_graph.run("MATCH (m:SchemaMigration) RETURN count(m) AS n")
    assert rows == [{"n": len(migrations.MIGRATIONS)}]


def test_numbers_count_up_from_one():
    assert [m.number for m in migrations.MIGRATIONS] == list(
        range(1, len(migrations.MIGRATIONS) + 1)
    )


@pytest.mark.parametrize(
    ("label", "key"), [("PyPIPackage", "name"), ("NuGetPackage", "name"), ("Version", "purl")]
)
async def test_no_key_can_be_there_twice(graph, label, key):
    query = f"CREATE (:{label} {{{key}: 'same'}})"
    await graph.run(query)
    with pytest.raises(StoreError):
        await graph.run(query)


async def test_a_constraint_that_the_data_forbid_is_told_and_can_be_made_once_they_are_clean(
    bare_graph,
):
    label = f"Dirty{id(bare_graph)}"
    await bare_graph.run(f"CREATE (:{label} {{key: 'twice'}}), (:{label} {{key: 'twice'}})")
    with pytest.raises(StoreError, match="twice"):
        await bare_graph.apply_schema(UniqueConstraint(label, "key"))
    await bare_graph.run(f"MATCH (n:{label}) WITH n LIMIT 1 DELETE n")
    for _ in range(2):
        await bare_graph.apply_schema(UniqueConstraint(label, "key"))
    with pytest.raises(StoreError):
        await bare_graph.run(f"CREATE (:{label} {{key: 'twice'}})")


async def test_labels_and_properties_are_identifiers_or_refused(bare_graph):
    for item in (Index("A) DETACH DELETE (n", "x"), UniqueConstraint("A", "x; y"), Index("", "x")):
        with pytest.raises(StoreError):
            await bare_graph.apply_schema(item)


async def test_bare_nodes_are_found_by_an_index(graph):
    rows = "UNWIND range(1, 300) AS i CREATE (:PyPIPackage {name: toString(i), moment: 1})"
    await graph.run(rows)
    plan = await plan_of(graph, bare_names(PYPI), {"limit": 3})
    assert "NodeIndexSeek" in plan or "Node By Index Scan" in plan


async def plan_of(graph, query, parameters):
    """How the engine would run a statement, as text."""
    if graph.engine == "falkordb":
        header = "".join(f"{key}={value!r} " for key, value in parameters.items())
        explained = f"CYPHER {header}{query}"
        return str(await graph._command("GRAPH.EXPLAIN", graph._address.graph, explained))
    # A plan made while the label was empty reads the label; statistics lag behind the rows.
    await graph.run("CALL db.prepareForReplanning(60)")
    async with graph._driver.session() as session:
        result = await session.run(f"EXPLAIN {query}", parameters)
        return str((await result.consume()).plan)
