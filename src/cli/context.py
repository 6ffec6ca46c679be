"""What every command shares: the console, plain errors, and the settings that are in force."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import typer
from pydantic import ValidationError
from rich.console import Console

from src.local_stack.doctor.examine import explain_settings
from src.local_stack.environ import process_environment
from src.local_stack.errors import LocalStackError
from src.local_stack.stack import LocalStack
from src.schemas.errors import IngestionError
from src.settings import Settings, get_settings
from src.utils.failure_policy import FailurePolicy

console = Console(highlight=False, soft_wrap=True)
errors = Console(highlight=False, soft_wrap=True, stderr=True)


def say(message: str) -> None:
    """Print a step of the work as it stands, brackets included."""
    console.print(message, markup=False)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn the errors that are raised on purpose into one sentence and exit code 1."""
    try:
        yield
    except (LocalStackError, IngestionError) as error:
        errors.print(f"error: {error}", markup=False)
        raise typer.Exit(1) from error
    except ValidationError as error:
        if error.title != Settings.__name__:
            raise
        for finding in explain_settings(error):
            errors.print(f"error: {finding.says}; {finding.advice}", markup=False)
        raise typer.Exit(1) from error


def stack_environment(stack: LocalStack | None = None) -> dict[str, str]:
    """Return the settings of the local stack where they are in force, else nothing.

    They are when the stack is up and the user named no graph of their own.
    """
    stack = stack or LocalStack.open()
    if "graph_db_uri" in Settings().model_fields_set or not stack.is_up():
        return {}
    return stack.environment()


def effective_settings(stack: LocalStack | None = None) -> Settings:
    """Return the settings in force: the user's, with the local stack's over them when it is up."""
    values: dict[str, Any] = {
        name.lower(): value
        for name, value in stack_environment(stack).items()
        if name.lower() in Settings.model_fields
    }
    return Settings(**values)


def failure_policy() -> FailurePolicy:
    """Return when failed packages are tried again, by the settings in force."""
    settings = effective_settings()
    return FailurePolicy(settings.failure_retry_hours, settings.failure_max_attempts)


def use_environment(values: Mapping[str, str]) -> None:
    """Make this process and its children read these settings from now on."""
    process_environment().update(values)
    get_settings.cache_clear()
