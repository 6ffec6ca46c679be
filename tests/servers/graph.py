"""The graph, on each engine in turn."""

import os
from collections.abc import AsyncIterator, Iterator

import neo4j
import pytest
import redis

from src.services.dbs.graph_driver import GraphDriver, open_graph
from src.services.graph import migrations

# The first of these tests may have to fetch the server and start it.
NEO4J = [pytest.mark.xdist_group("neo4j"), pytest.mark.timeout(960)]


@pytest.fixture(params=["falkordb", pytest.param("neo4j", marks=NEO4J)])
def graph_address(request: pytest.FixtureRequest) -> Iterator[tuple[str, str, str]]:
    """Address, user and password of an empty graph, which has no schema on FalkorDB."""
    if request.param == "neo4j":
        address = request.getfixturevalue("neo4j_server")
        _wipe(*address)
        yield address
        return
    server = request.getfixturevalue("falkordb_server")
    name = f"test-{os.urandom(6).hex()}"
    yield server.uri(name), "", ""
    with redis.Redis(server.host, server.port) as client:
        client.delete(name)


@pytest.fixture
async def bare_graph(graph_address: tuple[str, str, str]) -> AsyncIterator[GraphDriver]:
    """An empty graph to which no migration was applied."""
    async with open_graph(*graph_address) as driver:
        yield driver


@pytest.fixture
async def graph(bare_graph: GraphDriver) -> GraphDriver:
    """An empty graph with its schema."""
    await migrations.apply(bare_graph)
    return bare_graph


def _wipe(uri: str, user: str, password: str) -> None:
    with neo4j.GraphDatabase.driver(uri, auth=(user, password)) as driver:
        driver.execute_query("MATCH (n) DETACH DELETE n")
