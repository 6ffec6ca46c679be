"""Constraints and indexes on FalkorDB, which builds both in the background."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

from src.schemas.errors import StoreError, StoreUnavailableError
from src.services.dbs.graph_values import Index, Row, SchemaItem, UniqueConstraint, identifier

FIRST_POLL_SECONDS = 0.005
LONGEST_POLL_SECONDS = 0.5

Run = Callable[[str, Mapping[str, object] | None], Awaitable[list[Row]]]
Command = Callable[..., Awaitable[object]]


class FalkorDBSchema:
    """Makes schema items and waits until they are in force."""

    def __init__(self, name: str, run: Run, command: Command, timeout_seconds: float) -> None:
        """Speak to the graph `name` by `run` for queries and by `command` for the rest."""
        self._name = name
        self._run = run
        self._command = command
        self._timeout_seconds = timeout_seconds

    async def apply(self, item: SchemaItem) -> None:
        """Make one item, whether or not it exists; raises StoreError where the data forbid it."""
        await self._index(Index(identifier(item.label), identifier(item.property)))
        if isinstance(item, UniqueConstraint):
            await self._constraint(item)

    async def _index(self, item: Index) -> None:
        statement = f"CREATE INDEX FOR (n:{item.label}) ON (n.{item.property})"
        await self._unless_there(lambda: self._run(statement, None), "already indexed")

        async def built() -> bool:
            rows = await self._run("CALL db.indexes() YIELD label, status RETURN *", None)
            return all(row["status"] == "OPERATIONAL" for row in rows if row["label"] == item.label)

        await self._wait(built, f"the index on {item.label}.{item.property}")

    async def _constraint(self, item: UniqueConstraint) -> None:
        if await self._status(item) == "FAILED":  # a former try; the data may be clean by now
            await self._command("GRAPH.CONSTRAINT", "DROP", self._name, *_arguments(item))
        await self._unless_there(
            lambda: self._command("GRAPH.CONSTRAINT", "CREATE", self._name, *_arguments(item)),
            "already exists",
        )

        async def decided() -> bool:
            return await self._status(item) in {"OPERATIONAL", "FAILED"}

        await self._wait(decided, f"the constraint on {item.label}.{item.property}")
        if await self._status(item) == "FAILED":
            twice = await self._run(
                f"MATCH (n:{item.label}) WITH n.{item.property} AS value, count(n) AS nodes "
                "WHERE nodes > 1 RETURN value, nodes ORDER BY nodes DESC LIMIT 3",
                None,
            )
            held = ", ".join(f"{row['value']!r} ({row['nodes']} nodes)" for row in twice)
            raise StoreError(f"{item.label}.{item.property} is not unique: {held}")

    async def _status(self, item: UniqueConstraint) -> str:
        rows = await self._run(
            "CALL db.constraints() YIELD type, label, properties, status RETURN *", None
        )
        for row in rows:
            if (row["type"], row["label"], row["properties"]) == (
                "UNIQUE",
                item.label,
                [item.property],
            ):
                return str(row["status"])
        return ""

    async def _unless_there(self, make: Callable[[], Awaitable[object]], saying: str) -> None:
        try:
            await make()
        except StoreError as error:
            if saying not in str(error):
                raise

    async def _wait(self, done: Callable[[], Awaitable[bool]], what: str) -> None:
        deadline = time.monotonic() + self._timeout_seconds
        pause = FIRST_POLL_SECONDS
        while not await done():
            if time.monotonic() > deadline:
                raise StoreUnavailableError(f"{what} is still being built")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_POLL_SECONDS)


def _arguments(item: UniqueConstraint) -> tuple[str | int, ...]:
    return ("UNIQUE", "NODE", item.label, "PROPERTIES", 1, item.property)
