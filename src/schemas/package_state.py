"""Where a package stands between the registry and the graph."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """The one state of a package; where several would fit, the first of them counts."""

    RUNNING = "running"
    """A run works on it now."""
    FAILED = "failed"
    """Its last extraction failed; an older state of it may be in the graph all the same."""
    QUEUED = "queued"
    """The graph knows its name and waits for its extraction, or a run that did it was cut short."""
    GONE = "gone"
    """The registry no longer offers it."""
    STORED = "stored"
    """It is in the graph with its versions."""


@dataclass(frozen=True, slots=True)
class PackageState:
    """One package; times are epoch milliseconds, None where they are not known or never came.

    `reason`, `detail`, `attempts`, `next_try` and `given_up` are those of its failure; `interrupted` tells
    that it waits because the run that worked on it was cut short. `discovered` is when the graph first held its name, `visible`
    when it first held its versions, `refreshed` when it was last read. `published_first` and
    `published_last` are the release dates of its oldest and newest versions as stored, "" where none
    is known. `versions` counts what the registry offers, `revision` is what it calls this state.
    """

    name: str
    purl: str
    state: State
    reason: str = ""
    detail: str = ""
    attempts: int = 0
    next_try: int | None = None
    given_up: bool = False
    interrupted: bool = False
    published_first: str = ""
    published_last: str = ""
    discovered: int | None = None
    visible: int | None = None
    refreshed: int | None = None
    running_since: int | None = None
    versions: int = 0
    revision: str = ""
