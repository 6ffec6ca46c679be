"""Reaching a graph, losing it, and being refused by it, on every engine."""

import asyncio
import socket

import pytest
import redis

from src.schemas.errors import StoreError, StoreUnavailableError
from src.services.dbs.graph_driver import open_graph
from src.services.graph.fingerprint import fingerprint
from tests.graph.builders import need, package, store, version
from tests.graph.proxy import proxied
from tests.graph.test_versions import two_packages

VALUES = {
    "null": None,
    "true": True,
    "false": False,
    "zero": 0,
    "largest": 2**63 - 1,
    "smallest": -(2**63),
    "fraction": 0.1,
    "tiny": 1e-7,
    "huge": 1e22,
    "text": "x",
    "empty": [],
    "numbers": [1, 2, 3],
    "nested": [[1, [2]], ["a", []]],
    "maps": [{"a": 1, "b": [{"c": "}"}]}, {}],
    "map": {"key": {"inner": [None, True]}},
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
async def test_parameters_come_back_as_they_were(graph, value):
    [row] = await graph.run("RETURN $value AS value", {"value": value})
    assert row["value"] == value
    assert type(row["value"]) is type(value)


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, "\ud800", object(), {1}])
async def test_what_no_graph_holds_is_a_store_error(graph, value):
    for carrier in (value, [value], [[value]], {"key": value}):
        with pytest.raises(StoreError) as caught:
            await graph.run("RETURN $value AS value", {"value": carrier})
        assert not caught.value.transient


async def test_ping_tells_engine_version_and_an_address_without_credentials(graph, graph_address):
    info = await graph.ping()
    uri, _, password = graph_address
    assert (info.engine, info.address) == (graph.engine, uri)
    assert info.version[0].isdigit()
    assert not password or password not in repr(info)


async def test_a_broken_statement_is_a_store_error_and_not_tried_again(graph):
    with pytest.raises(StoreError) as caught:
        await graph.run("THIS IS NO CYPHER")
    assert not caught.value.transient
    with pytest.raises(StoreError):
        _ = [row async for row in graph.stream("THIS IS NO CYPHER")]


async def test_a_statement_that_fails_leaves_nothing_behind(graph):
    await graph.run("CREATE (:PyPIPackage {name: 'b'})")
    with pytest.raises(StoreError):
        await graph.run("UNWIND ['a', 'b'] AS name CREATE (:PyPIPackage {name: name})")
    assert await graph.run("MATCH (p:PyPIPackage) RETURN p.name AS n") == [{"n": "b"}]


async def test_streams_and_scans_yield_every_row(graph):
    await graph.run("UNWIND range(1, 25000) AS i CREATE (:Version {purl: toString(i), number: i})")
    await graph.run("MATCH (v:Version) WHERE v.number % 2 = 0 DELETE v")
    wanted = sorted(range(1, 25000, 2))
    query = "MATCH (n:Version) WHERE n.number > $low RETURN n.number AS number"
    assert sorted([row["number"] async for row in graph.stream(query, {"low": 0})]) == wanted
    scan = graph.scan(
        "Version", "WITH n WHERE n.number > $low RETURN n.number AS number", {"low": 0}
    )
    assert sorted([row["number"] async for row in scan]) == wanted
    assert [row async for row in graph.scan("NPMPackage", "RETURN n.name AS name")] == []
    with pytest.raises(StoreError):
        _ = [row async for row in graph.scan("A) DETACH DELETE (n", "RETURN 1 AS one")]


async def test_lost_answers_are_made_up_for(graph, graph_address):
    await store(graph, *two_packages())
    expected = await fingerprint(graph)
    await graph.run("MATCH (n) DETACH DELETE n")
    uri, user, password = graph_address
    async with proxied(uri) as (proxy, through), open_graph(through, user, password) as driver:
        run = driver.run

        async def unlucky(query, parameters=None):
            proxy.lose_answers = 1
            return await run(query, parameters)

        driver.run = unlucky
        await store(driver, *two_packages())
        assert proxy.lost >= 6
    assert await fingerprint(graph) == expected


async def test_a_short_outage_is_waited_for_and_a_long_one_is_told(graph_address):
    uri, user, password = graph_address
    async with proxied(uri) as (proxy, through), open_graph(through, user, password) as driver:
        proxy.refuse = True
        proxy.drop()
        asyncio.get_running_loop().call_later(0.3, setattr, proxy, "refuse", False)
        assert await driver.run("RETURN 1 AS one") == [{"one": 1}]
    async with (
        proxied(uri) as (proxy, through),
        open_graph(through, user, password, attempts=2) as driver,
    ):
        proxy.refuse = True
        proxy.drop()
        with pytest.raises(StoreUnavailableError):
            await driver.run("RETURN 1 AS one")
        with pytest.raises(StoreUnavailableError):
            await driver.ping()


async def test_a_connection_cut_in_the_middle_of_a_stream_is_told(graph_address):
    uri, user, password = graph_address
    async with (
        proxied(uri) as (proxy, through),
        open_graph(through, user, password, attempts=1) as driver,
    ):

        async def read_and_cut():
            rows = 0
            async for _ in driver.stream("UNWIND range(1, 200000) AS i RETURN i, toString(i) AS t"):
                rows += 1
                proxy.drop()
                proxy.refuse = True
            return rows

        if driver.engine == "falkordb":  # it sends everything before the first row comes out
            assert await read_and_cut() == 200_000
        else:
            with pytest.raises(StoreUnavailableError):
                await read_and_cut()


@pytest.mark.parametrize("scheme", ["bolt", "neo4j", "falkordb"])
async def test_where_nothing_listens_the_graph_is_unavailable_at_once(scheme):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        uri = f"{scheme}://127.0.0.1:{taken.getsockname()[1]}/graph".removesuffix(
            "" if scheme == "falkordb" else "/graph"
        )
        with pytest.raises(StoreUnavailableError) as caught:
            async with asyncio.timeout(15), open_graph(uri, "user", "a-secret"):
                pass
    assert "a-secret" not in str(caught.value)


@pytest.mark.parametrize(
    "uri",
    ["", "neo4j", "bolt://", "http://host.test", "falkordb://host.test:6379", "bolt://host.test:x"],
)
async def test_an_address_of_no_graph_is_refused(uri):
    with pytest.raises(StoreError) as caught:
        async with open_graph(uri, "", ""):
            pass
    assert not caught.value.transient


async def test_a_wrong_password_is_refused_on_neo4j(neo4j_server):
    uri, user, _ = neo4j_server
    with pytest.raises(StoreError, match="refuses the user or password") as caught:
        async with open_graph(uri, user, "wrong-secret"):
            pass
    assert not caught.value.transient
    assert "wrong-secret" not in str(caught.value)


test_a_wrong_password_is_refused_on_neo4j = pytest.mark.xdist_group("neo4j")(
    pytest.mark.timeout(960)(test_a_wrong_password_is_refused_on_neo4j)
)


async def test_credentials_of_falkordb_stand_in_the_address_or_beside_it(falkordb_server):
    host, port = falkordb_server.host, falkordb_server.port
    with redis.Redis(host, port) as admin:
        admin.execute_command("ACL", "SETUSER", "reader", "on", ">p@ss/w:rd", "~*", "+@all")
        try:
            async with open_graph(f"falkordb://{host}:{port}/g", "reader", "p@ss/w:rd") as graph:
                assert await graph.run("RETURN 1 AS one") == [{"one": 1}]
            told = f"falkordb://reader:p%40ss%2Fw%3Ard@{host}:{port}/g"
            async with open_graph(told, "neo4j", "ignored") as graph:
                assert await graph.run("RETURN 1 AS one") == [{"one": 1}]
                assert "ss" not in (await graph.ping()).address
            with pytest.raises(StoreError, match="refuses the user or password") as caught:
                async with open_graph(f"falkordb://reader:wrong-secret@{host}:{port}/g", "", ""):
                    pass
            assert not caught.value.transient
            assert "wrong-secret" not in str(caught.value)
        finally:
            admin.execute_command("ACL", "DELUSER", "reader")


async def test_a_redis_without_the_graph_module_is_told(redis_address):
    host, port = redis_address
    with pytest.raises(StoreError, match="no FalkorDB module"):
        async with open_graph(f"falkordb://{host}:{port}/g", "", ""):
            pass


async def test_writers_that_share_bare_packages_do_not_disturb_each_other(graph, graph_address):
    def records(writer):
        return [
            package(
                f"w{writer}-p{i}",
                *(
                    version(
                        f"w{writer}-p{i}",
                        f"{k}",
                        k,
                        *(need(f"shared-{(i + k + j) % 12}") for j in range(6)),
                    )
                    for k in range(4)
                ),
            )
            for i in range(12)
        ]

    for writer in range(3):
        await store(graph, *records(writer))
    expected = await fingerprint(graph)
    await graph.run("MATCH (n) DETACH DELETE n")

    async def work(writer):
        async with open_graph(*graph_address) as driver:
            written = records(writer)
            for start in range(0, len(written), 4):
                await store(driver, *written[start : start + 4])

    async with asyncio.TaskGroup() as group:
        for writer in range(3):
            group.create_task(work(writer))
    assert await fingerprint(graph) == expected


async def test_a_cancellation_arrives_at_whatever_step_of_a_statement_it_comes(graph):
    async def work():
        await graph.run("RETURN 1 AS one")
        await asyncio.Event().wait()

    await graph.run("RETURN 1 AS one")
    for steps in range(1, 30):
        task = asyncio.create_task(work())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        done, _ = await asyncio.wait([task], timeout=5)
        assert done, f"cancelled after {steps} steps, and goes on"
        assert task.cancelled()
