"""`ssc doctor`: what of the configuration in force does not work, and what to do."""

from collections.abc import Sequence
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.markup import escape
from rich.table import Table

from src.cli.context import (
    console,
    effective_settings,
    plain_errors,
    stack_environment,
    use_environment,
)
from src.local_stack.doctor.examine import check_stack, examine, explain_settings, has_problem
from src.local_stack.doctor.finding import Finding, Level
from src.local_stack.stack import LocalStack

_COLOURS = {
    Level.OK: "green",
    Level.SKIPPED: "dim",
    Level.WARNING: "yellow",
    Level.PROBLEM: "red",
}


def doctor(
    *,
    live: Annotated[
        bool, typer.Option("--live", help="Ask registries outside this machine, too.")
    ] = False,
) -> None:
    """Say which part of the configuration cannot be reached or is wrong; exit code 1 if one is."""
    with plain_errors():
        findings = _findings(LocalStack.open(), live=live)
    console.print(_table(findings))
    if has_problem(findings):
        raise typer.Exit(1)


def _findings(stack: LocalStack, *, live: bool) -> list[Finding]:
    try:
        local = stack_environment(stack)
        settings = effective_settings(stack)
    except ValidationError as error:
        return explain_settings(error)
    use_environment(local)
    found = check_stack(stack) if local else []
    return [*found, *examine(settings, live=live)]


def _table(findings: Sequence[Finding]) -> Table:
    table = Table(title="What the doctor found", title_justify="left", show_lines=False)
    for heading in ("part", "", "finding", "what to do"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        colour = _COLOURS[finding.level]
        table.add_row(
            finding.part,
            f"[{colour}]{finding.level}[/{colour}]",
            escape(finding.says),
            escape(finding.advice),
        )
    return table
