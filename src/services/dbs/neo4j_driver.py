"""The graph on Neo4j, over Bolt."""

from collections.abc import AsyncIterator, Mapping
from typing import Literal

from neo4j import READ_ACCESS, AsyncDriver, AsyncGraphDatabase, AsyncManagedTransaction
from neo4j.exceptions import (
    AuthError,
    ConfigurationError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
)

from src.schemas.errors import StoreError, StoreUnavailableError
from src.services.dbs.graph_retry import retried
from src.services.dbs.graph_values import (
    Row,
    SchemaItem,
    ServerInfo,
    UniqueConstraint,
    identifier,
)

FETCH_ROWS = 1000


class Neo4jDriver:
    """A GraphDriver on Neo4j."""

    engine: Literal["neo4j"] = "neo4j"

    def __init__(
        self, driver: AsyncDriver, address: str, attempts: int, timeout_seconds: float
    ) -> None:
        """Use `driver`; a statement is tried `attempts` times and may take `timeout_seconds`."""
        self._driver = driver
        self._address = address
        self._attempts = attempts
        self._timeout_seconds = timeout_seconds

    @classmethod
    def connect(
        cls,
        uri: str,
        address: str,
        user: str,
        password: str,
        *,
        attempts: int,
        connect_timeout_seconds: float,
        timeout_seconds: float,
    ) -> "Neo4jDriver":
        """Prepare a driver; nothing is sent before the first statement."""
        try:
            driver = AsyncGraphDatabase.driver(
                uri,
                auth=(user, password),
                connection_timeout=connect_timeout_seconds,
                max_transaction_retry_time=0,  # graph_retry repeats, for both engines alike
                notifications_min_severity="OFF",
            )
        except (ConfigurationError, ValueError) as error:
            raise StoreError(f"{address} is no usable graph address") from error
        return cls(driver, address, attempts, timeout_seconds)

    async def run(self, query: str, parameters: Mapping[str, object] | None = None) -> list[Row]:
        """Run one statement, which is one transaction, and return its rows."""
        return await retried(self._attempts, lambda: self._once(query, parameters))

    async def stream(
        self, query: str, parameters: Mapping[str, object] | None = None
    ) -> AsyncIterator[Row]:
        """Yield the rows of a reading statement as they come; not repeated once it has begun."""
        try:
            async with self._driver.session(
                default_access_mode=READ_ACCESS, fetch_size=FETCH_ROWS
            ) as session:
                result = await session.run(query, dict(parameters or {}))
                async for record in result:
                    yield record.data()
        except (Neo4jError, DriverError, OSError) as error:
            raise self._translated(error) from error

    def scan(
        self, label: str, then: str, parameters: Mapping[str, object] | None = None
    ) -> AsyncIterator[Row]:
        """Yield the rows of `MATCH (n:label) then` as they come."""
        return self.stream(f"MATCH (n:{identifier(label)}) {then}", parameters)

    async def apply_schema(self, item: SchemaItem) -> None:
        """Make a constraint or index and wait until it is in force."""
        label, name = identifier(item.label), identifier(item.property)
        unique = isinstance(item, UniqueConstraint)
        try:
            await self.run(
                f"CREATE CONSTRAINT IF NOT EXISTS FOR (n:{label}) REQUIRE n.{name} IS UNIQUE"
                if unique
                else f"CREATE INDEX IF NOT EXISTS FOR (n:{label}) ON (n.{name})"
            )
        except StoreError as error:
            if "EquivalentSchemaRuleAlreadyExists" not in str(error):  # another process made it
                raise
        await self.run("CALL db.awaitIndexes($seconds)", {"seconds": int(self._timeout_seconds)})

    async def ping(self) -> ServerInfo:
        """Return what answers; raises at once where nothing does."""
        try:
            info = await self._driver.get_server_info()
        except (Neo4jError, DriverError, OSError) as error:
            raise self._translated(error) from error
        return ServerInfo(self.engine, str(info.agent).removeprefix("Neo4j/"), self._address)

    async def close(self) -> None:
        """Close all connections."""
        await self._driver.close()

    async def _once(self, query: str, parameters: Mapping[str, object] | None) -> list[Row]:
        async def work(transaction: AsyncManagedTransaction) -> list[Row]:
            result = await transaction.run(query, dict(parameters or {}))
            return [record.data() async for record in result]

        try:
            async with self._driver.session(fetch_size=FETCH_ROWS) as session:
                return await session.execute_write(work)
        except (Neo4jError, DriverError, OSError) as error:
            raise self._translated(error) from error
        except (TypeError, ValueError, OverflowError) as error:
            raise StoreError(f"a value cannot be stored: {error}") from error

    def _translated(self, error: Exception) -> StoreError:
        """Return our error for one of the driver's; its text tells the reason and no secret."""
        if isinstance(error, AuthError):
            return StoreError(f"{self._address} refuses the user or password")
        if isinstance(error, ServiceUnavailable | SessionExpired | OSError):
            return StoreUnavailableError(
                f"{self._address} cannot be reached: {type(error).__name__}"
            )
        if isinstance(error, Neo4jError):
            text = f"{error.code}: {(error.message or '')[:500]}"
            if error.is_retryable():
                return StoreUnavailableError(
                    f"{self._address} could not run a statement now: {text}"
                )
            return StoreError(f"{self._address} refused a statement: {text}")
        return StoreError(f"{self._address}: {type(error).__name__}: {str(error)[:500]}")
