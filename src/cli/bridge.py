"""How a command runs the asynchronous services: one event loop, plain words for every error."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import typer
from rich.console import Console

from src.schemas.errors import IngestionError

Result = TypeVar("Result")

console = Console()
_complaints = Console(stderr=True)


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine and return its result; an expected error is printed and ends with exit 1."""
    try:
        return asyncio.run(main)  # noqa: TID251 - this is the command line's one bridge
    except IngestionError as error:
        _complaints.print(f"[red]error:[/] {error}")
        raise typer.Exit(1) from error
