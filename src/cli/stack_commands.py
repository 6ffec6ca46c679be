"""`ssc up`, `down`, `status` and `logs`: the local stack."""

import shlex
import time
from collections import deque
from datetime import datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from src.cli.context import console, plain_errors, say
from src.local_stack.errors import LocalStackError
from src.local_stack.parts import PART_NAMES
from src.local_stack.stack import LocalStack, PartStatus

FOLLOW_SECONDS = 0.3

Live = Annotated[
    bool, typer.Option("--live", help="Read the REAL registries instead of the sample registry.")
]
Only = Annotated[
    str,
    typer.Option(
        help=f"Start these parts alone, such as graph,registry ({', '.join(PART_NAMES)})."
    ),
]


def up(*, only: Only = "", live: Live = False) -> None:
    """Start the local stack, or repair what of it does not work; safe to call twice."""
    stack = LocalStack.open()
    names = [name.strip() for name in only.split(",") if name.strip()]
    with plain_errors():
        stack.up(only=names or None, live=live, report=say)
        console.print(status_table(stack))


def down() -> None:
    """Stop the local stack and every process that it started; its data stay."""
    with plain_errors():
        LocalStack.open().down(report=say)


def status() -> None:
    """Show what runs; exit code 0 only when all of it does."""
    stack = LocalStack.open()
    with plain_errors():
        console.print(status_table(stack))
        if not all(part.healthy for part in stack.status()):
            raise typer.Exit(1)


def env() -> None:
    """Print the stack's settings for a shell: `eval "$(./ssc env)"`."""
    with plain_errors():
        for name, value in sorted(LocalStack.open().environment().items()):
            # Not through rich, which would wrap long lines.
            typer.echo(f"export {name}={shlex.quote(value)}")


def logs(
    name: Annotated[str, typer.Argument(help=", ".join(PART_NAMES))],
    lines: Annotated[int, typer.Option("--lines", "-n", min=1)] = 50,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
) -> None:
    """Show the end of a part's log."""
    with plain_errors():
        if name not in PART_NAMES:
            raise LocalStackError(f"no part is called {name}; there are {', '.join(PART_NAMES)}")
        path = LocalStack.open().layout.log(name)
        if not path.exists():
            raise LocalStackError(f"{name} was never started here")
        with path.open(encoding="utf-8", errors="replace") as file:
            for line in deque(file, maxlen=lines):
                say(line.rstrip("\n"))
            while follow:
                if line := file.readline():
                    say(line.rstrip("\n"))
                else:
                    time.sleep(FOLLOW_SECONDS)


def status_table(stack: LocalStack) -> Table:
    """Draw the parts of the stack, with their addresses."""
    mode = "real registries" if stack.is_live() else f"sample registry, day {stack.registry_day()}"
    table = Table(title=f"Local stack ({mode})", title_justify="left")
    for heading in ("part", "state", "pid", "port", "since", "address"):
        table.add_column(heading, overflow="fold")
    for part in stack.status():
        table.add_row(
            part.name,
            _state(part),
            str(part.pid or "-"),
            str(part.port or "-"),
            _since(part),
            part.address if part.running else "",
        )
    return table


def _state(part: PartStatus) -> str:
    if part.healthy:
        return "[green]running[/green]"
    return f"[yellow]{escape(part.detail)}[/yellow]" if part.running else "[red]not running[/red]"


def _since(part: PartStatus) -> str:
    if not part.running:
        return "-"
    return datetime.fromtimestamp(part.since).astimezone().strftime("%m-%d %H:%M:%S")
