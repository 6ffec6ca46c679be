"""One way to speak to the graph, whichever engine holds it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from src.schemas.errors import StoreError
from src.services.dbs.falkordb_driver import FalkorDBAddress, FalkorDBDriver
from src.services.dbs.graph_values import (
    Engine,
    Index,
    Row,
    SchemaItem,
    ServerInfo,
    UniqueConstraint,
)
from src.services.dbs.neo4j_driver import Neo4jDriver

__all__ = [
    "Engine",
    "GraphDriver",
    "Index",
    "Row",
    "SchemaItem",
    "ServerInfo",
    "UniqueConstraint",
    "open_graph",
]

FALKORDB_SCHEME = "falkordb"
BOLT_SCHEMES = {"bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc"}
DEFAULT_FALKORDB_PORT = 6379
DEFAULT_BOLT_PORT = 7687

ATTEMPTS = 8
CONNECT_TIMEOUT_SECONDS = 10.0
STATEMENT_TIMEOUT_SECONDS = 300.0


class GraphDriver(Protocol):
    """Runs statements on one graph.

    Every method raises StoreUnavailableError where the graph cannot be reached (after bounded
    retries) and StoreError where it refuses.
    """

    @property
    def engine(self) -> Engine:
        """Which engine this is."""
        ...

    async def run(self, query: str, parameters: Mapping[str, object] | None = None) -> list[Row]:
        """Run one statement, which is one transaction, and return its rows.

        Deadlocks, overload and lost connections are tried again, so the statement is idempotent.
        """
        ...

    def stream(
        self, query: str, parameters: Mapping[str, object] | None = None
    ) -> AsyncIterator[Row]:
        """Yield the rows of a reading statement, in flat memory where the engine can."""
        ...

    def scan(
        self, label: str, then: str, parameters: Mapping[str, object] | None = None
    ) -> AsyncIterator[Row]:
        """Yield the rows of `MATCH (n:label) then` in flat memory and linear time on every engine.

        `then` begins with WITH, OPTIONAL MATCH, MATCH or RETURN, and does not aggregate over `n`.
        """
        ...

    async def apply_schema(self, item: SchemaItem) -> None:
        """Make a constraint or index, whether or not it exists, and wait until it is in force."""
        ...

    async def ping(self) -> ServerInfo:
        """Return what answers, trying once only."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


@asynccontextmanager
async def open_graph(
    uri: str,
    user: str,
    password: str,
    *,
    attempts: int = ATTEMPTS,
    connect_timeout_seconds: float = CONNECT_TIMEOUT_SECONDS,
    statement_timeout_seconds: float = STATEMENT_TIMEOUT_SECONDS,
) -> AsyncIterator[GraphDriver]:
    """Yield a driver on a graph that answers, and close it afterwards.

    The scheme of `uri` chooses the engine: bolt, bolt+s, bolt+ssc, neo4j, neo4j+s, neo4j+ssc, or
    `falkordb://[user:password@]host:port/graph` (credentials in the address come first; without a
    password nobody logs in). Raises StoreUnavailableError where nothing answers, StoreError where
    the address or the credentials are wrong.
    """
    parts = _split(uri)
    driver: GraphDriver
    if parts.scheme == FALKORDB_SCHEME:
        driver = FalkorDBDriver.connect(
            _falkordb_address(parts, user, password),
            attempts=attempts,
            connect_timeout_seconds=connect_timeout_seconds,
            timeout_seconds=statement_timeout_seconds,
        )
    else:
        driver = Neo4jDriver.connect(
            uri,
            f"{parts.scheme}://{parts.hostname}:{parts.port or DEFAULT_BOLT_PORT}",
            user,
            password,
            attempts=attempts,
            connect_timeout_seconds=connect_timeout_seconds,
            timeout_seconds=statement_timeout_seconds,
        )
    try:
        await driver.ping()
        yield driver
    finally:
        await driver.close()


def _split(uri: str) -> SplitResult:
    parts = _parts(uri)
    if parts is None:
        raise StoreError("the graph address is malformed")
    if parts.scheme not in BOLT_SCHEMES | {FALKORDB_SCHEME} or not parts.hostname:
        schemes = ", ".join(sorted(BOLT_SCHEMES | {FALKORDB_SCHEME}))
        raise StoreError(f"the graph address needs a host and one of the schemes {schemes}")
    return parts


def _parts(uri: str) -> SplitResult | None:
    # The error itself goes no further: it repeats what stands in place of the port, a password perhaps.
    try:
        parts = urlsplit(uri)
        _ = parts.port  # raises where it is no number
    except ValueError:
        return None
    return parts


def _falkordb_address(parts: SplitResult, user: str, password: str) -> FalkorDBAddress:
    graph = unquote(parts.path.strip("/"))
    if not graph:
        raise StoreError("the graph address names no graph: falkordb://host:port/GRAPH")
    if parts.password is not None:
        user, password = unquote(parts.username or ""), unquote(parts.password)
    return FalkorDBAddress(
        host=parts.hostname or "",
        port=parts.port or DEFAULT_FALKORDB_PORT,
        graph=graph,
        user=user if password else "",
        password=password,
    )
