"""How a command runs the asynchronous services: one event loop, and plain words for errors."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from src.cli.context import plain_errors

Result = TypeVar("Result")


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine and return its result; an expected error is printed and ends with exit 1."""
    with plain_errors():
        return asyncio.run(main)  # noqa: TID251 - this is the command line's one bridge
