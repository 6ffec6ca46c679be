"""`ssc failures`: which packages could not be extracted, why, and when they are tried again."""

import time

import typer
from rich.markup import escape
from rich.table import Table

from src.cli.bridge import run
from src.cli.context import console, failure_policy
from src.cli.graph_commands import configured_graph
from src.cli.moments import shown
from src.schemas.ecosystem import Ecosystem
from src.services.graph.state_store import RecordedFailure, StateStore
from src.utils.failure_policy import FailurePolicy

GIVEN_UP = "given up"

Failures = list[tuple[Ecosystem, RecordedFailure]]


def failures(
    ecosystem: Ecosystem | None = typer.Option(None, help="of this ecosystem only"),
    given_up: bool = typer.Option(False, "--given-up", help="only those that are not tried again"),
) -> None:
    """List the packages that failed: why, how often, since when, and when they are tried again."""
    policy, found = run(_failures([ecosystem] if ecosystem else list(Ecosystem)))
    if given_up:
        found = [(e, f) for e, f in found if policy.next_try(f.attempts, f.last_seen) is None]
    if found:
        show_failures(found, policy, time.time_ns() // 1_000_000)
    else:
        console.print("no package is given up" if given_up else "no package failed")


async def _failures(ecosystems: list[Ecosystem]) -> tuple[FailurePolicy, Failures]:
    async with configured_graph() as graph:
        state = StateStore(graph)
        found = [(each, failure) for each in ecosystems for failure in await state.failures(each)]
    return failure_policy(), found


def show_failures(found: Failures, policy: FailurePolicy, now_ms: int) -> None:
    """Print failures as a table."""
    table = Table()
    for column in ("ecosystem", "name", "reason", "attempts", "first", "last", "next try"):
        table.add_column(column, overflow="fold")
    for ecosystem, failure in found:
        next_try = policy.next_try(failure.attempts, failure.last_seen)
        cells = (
            ecosystem.value,
            failure.name,
            failure.reason,
            str(failure.attempts),
            shown(failure.first_seen, now_ms),
            shown(failure.last_seen, now_ms),
            GIVEN_UP if next_try is None else shown(next_try, now_ms),
        )
        table.add_row(*map(escape, cells))
    console.print(table)
