"""What one `ssc` remembers for the next: ports, process ids and the mode."""

import time
from pathlib import Path

from pydantic import BaseModel, ValidationError

from src.local_stack.files import write_atomically


class PartState(BaseModel):
    """The process of one part as it was started."""

    pid: int
    started_at: float
    """When the process began, in epoch seconds; tells it from a later one with the same id."""
    launch: str
    """Hash of its command and environment; another hash means that it must start anew."""


class StackState(BaseModel):
    """The whole memory of a stack."""

    live: bool = False
    """Whether Dagster's parts read the real registries instead of the sample."""
    ports: dict[str, int] = {}
    parts: dict[str, PartState] = {}


def load_state(path: Path) -> StackState:
    """Read the state; an unreadable one is put aside.

    Nothing is lost with it: processes are found by their mark, ports are chosen again.
    """
    try:
        return StackState.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return StackState()
    except ValidationError:
        path.rename(path.with_name(f"{path.name}.unreadable-{time.time_ns()}"))
        return StackState()


def save_state(path: Path, state: StackState) -> None:
    """Write the state in one step."""
    write_atomically(path, state.model_dump_json(indent=2))
