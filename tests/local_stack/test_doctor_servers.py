"""The doctor in front of the real servers of production, with the right login and with wrong ones."""

import asyncio

import pytest

from src.local_stack.doctor.finding import Level
from src.local_stack.doctor.graph import check_graph
from src.local_stack.doctor.postgres import check_postgres
from src.local_stack.doctor.stream import check_stream
from src.services.dbs.graph_driver import open_graph
from src.services.graph import migrations
from src.settings import Settings

SECRET = "hunter2-never-shown"


@pytest.fixture(autouse=True)
def without_a_file_of_settings(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def graph_settings(address, **other) -> Settings:
    uri, user, password = address
    return Settings(
        **{"graph_db_uri": uri, "graph_db_user": user, "graph_db_password": password, **other}
    )


def postgres_settings(server, **other) -> Settings:
    return Settings(
        **{
            "postgres_user": server.user,
            "postgres_password": server.password,
            "postgres_db": server.db,
            "postgres_host": server.host,
            "postgres_port": server.port,
            **other,
        }
    )


def test_waiting_migrations_are_told_until_they_are_applied(graph_address, request):
    settings = graph_settings(graph_address)
    if "falkordb" in request.node.name:  # a Neo4j that other tests used keeps its schema
        answers, waiting = check_graph(settings)
        assert (answers.level, waiting.level) == (Level.OK, Level.WARNING)
        assert all(str(migration) in waiting.says for migration in migrations.MIGRATIONS)
        assert "ssc graph migrate" in waiting.advice

    async def migrate() -> None:
        async with open_graph(*graph_address) as graph:
            await migrations.apply(graph)

    asyncio.run(migrate())
    answers, applied = check_graph(settings)
    assert (answers.level, applied.level) == (Level.OK, Level.OK)
    assert applied.says == "all migrations are applied"


@pytest.mark.xdist_group("neo4j")
@pytest.mark.timeout(960)
def test_neo4j_tells_its_version_and_refuses_a_wrong_login(neo4j_server):
    answers, _ = check_graph(graph_settings(neo4j_server))
    assert (answers.level, "Neo4j 5." in answers.says) == (Level.OK, True)
    for wrong in ({"graph_db_password": SECRET}, {"graph_db_user": "nobody"}):
        (refused,) = check_graph(graph_settings(neo4j_server, **wrong))
        assert (refused.level, "refuses the user" in refused.says) == (Level.PROBLEM, True)
        assert SECRET not in refused.says + refused.advice


def test_postgres_answers_with_the_right_login(postgres_server):
    (found,) = check_postgres(postgres_settings(postgres_server))
    assert (found.level, "PostgreSQL answers" in found.says) == (Level.OK, True)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"postgres_password": SECRET}, "refuses the user dagster"),
        ({"postgres_password": ""}, "refuses the user dagster"),
        ({"postgres_user": "nobody"}, "refuses the user nobody"),
        ({"postgres_db": "absent"}, "has no database absent"),
    ],
)
def test_postgres_with_a_wrong_login_is_explained(postgres_server, wrong, says):
    (found,) = check_postgres(postgres_settings(postgres_server, **wrong))
    assert (found.level, says in found.says) == (Level.PROBLEM, True)
    assert SECRET not in found.says + found.advice


def test_the_redis_of_production_is_fine(redis_address):
    host, port = redis_address
    version, stream = check_stream(Settings(redis_host=host, redis_port=port))
    assert (version.level, stream.level) == (Level.OK, Level.OK)
    assert "is empty" in stream.says
