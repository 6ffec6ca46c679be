"""The graph: scheme, reachability, login, version, and which migrations wait."""

from urllib.parse import SplitResult, unquote, urlsplit

import neo4j
import redis
from neo4j.exceptions import AuthError, DriverError, Neo4jError

from src.local_stack.doctor.finding import Finding, Level, ok, problem
from src.local_stack.doctor.migrations import check_migrations
from src.local_stack.doctor.network import unreachable
from src.local_stack.redis_once import ask_once
from src.settings import Settings

PART = "graph"
NEO4J_SCHEMES = frozenset({"bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc"})
FALKORDB_SCHEME = "falkordb"
DEFAULT_PORTS = {FALKORDB_SCHEME: 6379}
NEO4J_PORT = 7687
OLDEST_NEO4J = 5
ANSWER_SECONDS = 3.0
_START = "start it, or run `ssc up` for a local one, or correct GRAPH_DB_URI"


def check_graph(settings: Settings) -> list[Finding]:
    """Look at the graph that GRAPH_DB_URI names."""
    try:
        uri = urlsplit(settings.graph_db_uri)
        port = uri.port or DEFAULT_PORTS.get(uri.scheme, NEO4J_PORT)
    except ValueError:
        return [_wrong_address("it is no address")]
    if uri.scheme not in NEO4J_SCHEMES | {FALKORDB_SCHEME}:
        return [_wrong_address(f"the scheme {uri.scheme!r} is none that we speak")]
    if not uri.hostname:
        return [_wrong_address("it names no host")]
    if (silent := unreachable(PART, uri.hostname, port, _START)) is not None:
        return [silent]
    if uri.scheme == FALKORDB_SCHEME:
        found = _ask_falkordb(uri, uri.hostname, port)
    else:
        found = _ask_neo4j(settings, f"{uri.hostname}:{port}")
    return [found, check_migrations(settings)] if found.level is Level.OK else [found]


def _wrong_address(why: str) -> Finding:
    return problem(
        PART,
        f"GRAPH_DB_URI is wrong: {why}",
        "write bolt://host:7687 (or bolt+s, neo4j, neo4j+s), or falkordb://host:6379/securechain",
    )


def _ask_falkordb(uri: SplitResult, host: str, port: int) -> Finding:
    where = f"{host}:{port}"
    user, password = unquote(uri.username or ""), unquote(uri.password or "")
    with ask_once(host, port, user=user, password=password) as client:
        try:
            client.ping()
            client.execute_command("GRAPH.LIST")
        except (redis.exceptions.AuthenticationError, redis.exceptions.NoPermissionError):
            return problem(
                PART,
                f"FalkorDB at {where} refuses the login",
                "correct user and password: falkordb://user:password@host:port/graph",
            )
        except redis.exceptions.ResponseError:
            return problem(
                PART,
                f"the server at {where} is a Redis without the FalkorDB module",
                "point GRAPH_DB_URI to a FalkorDB server",
            )
        except (redis.RedisError, OSError):
            return problem(
                PART,
                f"something listens at {where} but does not answer as FalkorDB does",
                "look what runs there, and at its log",
            )
    if not uri.path.strip("/"):
        return _wrong_address("it names no graph (falkordb://host:port/GRAPH)")
    return ok(PART, f"FalkorDB answers at {where}")


def _ask_neo4j(settings: Settings, where: str) -> Finding:
    login = (settings.graph_db_user, settings.graph_db_password.get_secret_value())
    try:
        with neo4j.GraphDatabase.driver(
            settings.graph_db_uri,
            auth=login,
            connection_timeout=ANSWER_SECONDS,
            connection_acquisition_timeout=ANSWER_SECONDS,
        ) as driver:
            agent = driver.get_server_info().agent
    except AuthError:
        return problem(
            PART,
            f"Neo4j at {where} refuses the user {settings.graph_db_user}",
            "correct GRAPH_DB_USER and GRAPH_DB_PASSWORD",
        )
    except (DriverError, Neo4jError, OSError, ValueError) as error:
        return problem(
            PART,
            f"something listens at {where} but no Bolt session begins ({type(error).__name__})",
            "see that the port is Bolt's (7687, not 7474), and whether it wants encryption (+s)",
        )
    version = agent.removeprefix("Neo4j/")
    major = version.split(".", 1)[0]
    # Since 2025 versions begin with the year.
    if major.isdigit() and int(major) < OLDEST_NEO4J:
        return problem(
            PART, f"Neo4j at {where} is {version}", f"upgrade it to {OLDEST_NEO4J} or newer"
        )
    return ok(PART, f"Neo4j {version} answers at {where}")
