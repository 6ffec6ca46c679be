"""`ssc graph …`: look at the graph, and compare it with another."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import typer
from rich.table import Table

from src.cli.bridge import run
from src.cli.context import console, effective_settings
from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import InvalidConstraintError
from src.services.dbs.graph_driver import GraphDriver, open_graph
from src.services.graph import migrations
from src.services.graph.fingerprint import Fingerprint, fingerprint
from src.services.graph.package_store import Dependent, PackageStore
from src.utils.version_rules import RULES

app = typer.Typer(help="Look at the graph, and compare it with another.", no_args_is_help=True)


@asynccontextmanager
async def configured_graph() -> AsyncIterator[GraphDriver]:
    """Yield the graph that the settings, or else the running local stack, lead to."""
    settings = effective_settings()
    password = settings.graph_db_password.get_secret_value()
    async with open_graph(settings.graph_db_uri, settings.graph_db_user, password) as graph:
        yield graph


@app.command("fingerprint")
def fingerprint_command() -> None:
    """Print counts per label and relationship, and one hash of the whole content."""
    show_fingerprint(run(_fingerprint()))


@app.command("migrate")
def migrate_command() -> None:
    """Apply the migrations that the graph lacks; runs do this by themselves."""
    applied = run(_migrate())
    console.print(f"applied: {', '.join(applied) or 'nothing, all were there'}")


@app.command("dependents")
def dependents_command(
    name: str = typer.Argument(help="canonical name of the package"),
    ecosystem: Ecosystem = typer.Option(Ecosystem.PYPI, help="ecosystem of the package"),
    version: str = typer.Option("", help="tell which constraints admit this version of it"),
    limit: int = typer.Option(20, min=1, max=1000, help="rows at most"),
) -> None:
    """Show which packages require one, under which constraint: the newest version of each that does."""
    rows = run(_dependents(ecosystem, name, limit))
    show_dependents(name, rows, admits=partial(_admits, ecosystem, version) if version else None)


def show_fingerprint(found: Fingerprint) -> None:
    """Print a fingerprint as a table and its hash."""
    table = Table("what", "count", title="The graph now holds")
    table.columns[1].justify = "right"
    for what, count in sorted(found.counts.items()):
        table.add_row(what, f"{count:,}")
    console.print(table)
    console.print(f"fingerprint {found.hash}", soft_wrap=True, highlight=False)


def show_dependents(
    name: str, rows: list[Dependent], *, admits: Callable[[str], str] | None = None
) -> None:
    """Print who requires a package; `admits` adds what it answers to each constraint."""
    columns = ["package", "version", "constraints", "condition", *(["admits it"] if admits else [])]
    table = Table(*columns, title=f"Who depends on {name}?")
    for row in rows:
        answer = [admits(row.constraints)] if admits else []
        table.add_row(row.package, row.version, row.constraints, row.condition, *answer)
    console.print(table)


def _admits(ecosystem: Ecosystem, version: str, constraint: str) -> str:
    try:
        return "yes" if RULES[ecosystem].satisfies(version, constraint) else "no"
    except InvalidConstraintError:
        return "cannot be told"


async def _fingerprint() -> Fingerprint:
    async with configured_graph() as graph:
        return await fingerprint(graph)


async def _migrate() -> list[str]:
    async with configured_graph() as graph:
        return [str(migration) for migration in await migrations.apply(graph)]


async def _dependents(ecosystem: Ecosystem, name: str, limit: int) -> list[Dependent]:
    async with configured_graph() as graph:
        return await PackageStore(graph).dependents(ecosystem, name, limit)
