"""Which changes of its schema the graph still lacks."""

import asyncio

from src.local_stack.doctor.finding import Finding, ok, problem, warning
from src.schemas.errors import StoreError
from src.services.dbs.graph_driver import open_graph
from src.services.graph import migrations
from src.settings import Settings

PART = "graph"
ANSWER_SECONDS = 3.0


def check_migrations(settings: Settings) -> Finding:
    """Look at the migrations noted in a graph that is known to answer."""
    try:
        # In a thread of the doctor's own, which has no event loop.
        waiting = asyncio.run(_pending(settings))  # noqa: TID251
    except StoreError as error:
        return problem(
            PART,
            f"its migrations cannot be read ({error.reason})",
            "see whether the user of GRAPH_DB_USER may read, and the server's log",
        )
    if waiting:
        names = ", ".join(str(migration) for migration in waiting)
        return warning(
            PART,
            f"migrations wait: {names}",
            "run `ssc graph migrate`; else the next run applies them",
        )
    return ok(PART, "all migrations are applied")


async def _pending(settings: Settings) -> list[migrations.Migration]:
    async with open_graph(
        settings.graph_db_uri,
        settings.graph_db_user,
        settings.graph_db_password.get_secret_value(),
        attempts=1,
        connect_timeout_seconds=ANSWER_SECONDS,
        statement_timeout_seconds=ANSWER_SECONDS,
    ) as graph:
        return await migrations.pending(graph)
