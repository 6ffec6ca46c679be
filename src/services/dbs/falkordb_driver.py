"""The graph on FalkorDB: one graph in a Redis server, one statement a command.

Spoken to by the redis client that the `falkordb` client wraps: whenever a wrapper is made, it asks
over a blocking connection, with retries of its own, whether the server is a cluster, and it encodes
parameters that the graph cannot hold (see cypher_literals).
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Literal

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    RedisError,
)
from redis.exceptions import (
    ConnectionError as RedisConnectionError,
)
from redis.exceptions import (
    TimeoutError as RedisTimeoutError,
)

from src.schemas.errors import StoreError, StoreUnavailableError
from src.services.dbs.cypher_literals import parameter_header
from src.services.dbs.falkordb_rows import decode_rows
from src.services.dbs.falkordb_schema import FalkorDBSchema
from src.services.dbs.graph_retry import retried
from src.services.dbs.graph_values import Row, SchemaItem, ServerInfo, identifier
from src.utils.cancellation import cancellation_kept

SCAN_IDS = 10_000
"""Node ids a slice of a scan: paging by SKIP or by name is quadratic here, by id it is not."""


@dataclass(frozen=True, slots=True)
class FalkorDBAddress:
    """Where a graph is and who asks; `user` and `password` are "" where none are needed."""

    host: str
    port: int
    graph: str
    user: str = ""
    password: str = ""

    def __str__(self) -> str:
        """Return the address without credentials."""
        return f"falkordb://{self.host}:{self.port}/{self.graph}"


class FalkorDBDriver:
    """A GraphDriver on FalkorDB."""

    engine: Literal["falkordb"] = "falkordb"

    def __init__(
        self, client: Redis, address: FalkorDBAddress, attempts: int, timeout_seconds: float
    ) -> None:
        """Use `client`; a statement is tried `attempts` times, schema waits `timeout_seconds`."""
        self._client = client
        self._address = address
        self._attempts = attempts
        self._schema = FalkorDBSchema(address.graph, self.run, self._command, timeout_seconds)

    @classmethod
    def connect(
        cls,
        address: FalkorDBAddress,
        *,
        attempts: int,
        connect_timeout_seconds: float,
        timeout_seconds: float,
    ) -> "FalkorDBDriver":
        """Prepare a driver; nothing is sent before the first statement."""
        client = Redis(
            host=address.host,
            port=address.port,
            username=address.user or None,
            password=address.password or None,
            decode_responses=True,
            socket_connect_timeout=connect_timeout_seconds,
            socket_timeout=timeout_seconds,
            retry=Retry(NoBackoff(), 0),  # graph_retry repeats, for both engines alike
            protocol=2,
        )
        return cls(client, address, attempts, timeout_seconds)

    async def run(self, query: str, parameters: Mapping[str, object] | None = None) -> list[Row]:
        """Run one statement, which is one transaction, and return its rows."""
        statement = parameter_header(parameters) + query

        async def once() -> list[Row]:
            answer = await self._once("GRAPH.QUERY", self._address.graph, statement, "--compact")
            try:
                return decode_rows(answer)
            except RedisError as error:
                raise _translated(error, self._address) from error

        return await retried(self._attempts, once)

    async def stream(
        self, query: str, parameters: Mapping[str, object] | None = None
    ) -> AsyncIterator[Row]:
        """Yield the rows of a reading statement; this engine sends them all at once."""
        for row in await self.run(query, parameters):
            yield row

    async def scan(
        self, label: str, then: str, parameters: Mapping[str, object] | None = None
    ) -> AsyncIterator[Row]:
        """Yield the rows of `MATCH (n:label) then`, a slice of node ids at a time."""
        last = (await self.run("MATCH (n) RETURN max(id(n)) AS id"))[0]["id"]
        query = (
            f"MATCH (n:{identifier(label)}) WHERE id(n) >= $scan_low AND id(n) < $scan_high {then}"
        )
        for low in range(0, last + 1 if isinstance(last, int) else 0, SCAN_IDS):
            slice_of = {"scan_low": low, "scan_high": low + SCAN_IDS}
            for row in await self.run(query, {**(parameters or {}), **slice_of}):
                yield row

    async def apply_schema(self, item: SchemaItem) -> None:
        """Make a constraint or index and wait until it is in force."""
        await self._schema.apply(item)

    async def ping(self) -> ServerInfo:
        """Return what answers; raises StoreError where the server lacks the graph module."""
        modules = await self._once("MODULE", "LIST")
        for module in modules if isinstance(modules, list) else ():
            named = _pairs(module)
            if named.get("name") == "graph":
                number = int(str(named["ver"]))
                version = f"{number // 10_000}.{number // 100 % 100}.{number % 100}"
                return ServerInfo(self.engine, version, str(self._address))
        raise StoreError(f"{self._address} answers, but has no FalkorDB module")

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def _command(self, *parts: str | int) -> object:
        return await retried(self._attempts, lambda: self._once(*parts))

    async def _once(self, *parts: str | int) -> object:
        try:
            with cancellation_kept():
                answer: object = await self._client.execute_command(*parts)  # type: ignore[no-untyped-call]
        except (RedisError, OSError) as error:
            raise _translated(error, self._address) from error
        return answer


def _pairs(module: object) -> dict[object, object]:
    if isinstance(module, dict):
        return module
    flat = module if isinstance(module, list) else []
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _translated(error: Exception, address: FalkorDBAddress) -> StoreError:
    """Return our error for one of the client's; its text tells the reason and no secret."""
    if isinstance(error, AuthenticationError | AuthorizationError):
        return StoreError(f"{address} refuses the user or password")
    if isinstance(error, RedisTimeoutError):
        return StoreUnavailableError(f"{address} did not answer in time")
    if isinstance(error, RedisConnectionError | OSError):
        return StoreUnavailableError(f"{address} cannot be reached: {type(error).__name__}")
    text = str(error)
    if "NOAUTH" in text or "WRONGPASS" in text:
        return StoreError(f"{address} refuses the user or password")
    if "Max pending queries" in text:
        return StoreUnavailableError(f"{address} is overloaded: {text[:500]}")
    return StoreError(f"{address} refused a statement: {text[:500]}")
