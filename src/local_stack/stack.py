"""The local stack: real servers on this machine, started, looked after and stopped by `ssc`."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from src.local_stack.dagster_home import write_dagster_home
from src.local_stack.day import advance_day, read_day
from src.local_stack.errors import LocalStackError
from src.local_stack.files import locked
from src.local_stack.launch import Definitions, Launch, Part
from src.local_stack.layout import Layout
from src.local_stack.parts import PART_NAMES, PARTS
from src.local_stack.state import StackState, load_state, save_state
from src.local_stack.supervisor import Supervisor

LOCK_SECONDS = 300.0

LIVE_WARNING = (
    "--live: the schedules now ask the REAL registries, at the rate that the settings allow; "
    "set HTTP_CONTACT so that their operators can reach you"
)


def say_nothing(message: str) -> None:
    """Swallow a report."""


@dataclass(frozen=True, slots=True)
class PartStatus:
    """What one part does at this moment."""

    name: str
    running: bool
    healthy: bool
    pid: int
    """0 when it does not run."""
    port: int
    """0 when it listens nowhere or was never started."""
    address: str
    since: float
    """Start of its process in epoch seconds; 0.0 when it does not run."""
    detail: str
    """Why it is not healthy, "" when it is."""


class LocalStack:
    """One local stack, living in one folder; several may run on a machine."""

    def __init__(self, layout: Layout, told: Definitions | None = None) -> None:
        """Name the folder and what runs there; nothing is touched yet."""
        self.layout = layout
        self._told = told or Definitions()

    @classmethod
    def open(cls, home: Path | None = None) -> "LocalStack":
        """Take the folder given, else the one that SSC_HOME names, else `.ssc` of the clone."""
        return cls(Layout.find(home))

    def up(
        self,
        *,
        only: Collection[str] | None = None,
        live: bool = False,
        report: Callable[[str], None] = say_nothing,
    ) -> None:
        """Start what does not run, repair what runs badly, and wait until all of it works.

        Args:
            only: names of the parts wanted; all of them when None.
            live: read the real registries; the graph is then one of its own.
            report: told each step in a short sentence.

        Raises:
            LocalStackError: a part would not start; the message says why.
        """
        wanted = _select(only, live=live)
        self.layout.create()
        with locked(self.layout.lock, wait_seconds=LOCK_SECONDS, report=report):
            supervisor, state = self._supervisor(report)
            self._switch_mode(supervisor, state, wanted, live=live)
            if live:
                report(LIVE_WARNING)
            write_dagster_home(self.layout)
            supervisor.choose_missing_ports()
            for wave in self._waves(wanted):
                for part in [part for part in wave if supervisor.start(part)]:
                    supervisor.wait(part)
            for part in PARTS:
                if part not in wanted and supervisor.is_stale(part):
                    report(f"{part.name}: still uses old addresses; `ssc up` starts it anew")

    def down(self, *, report: Callable[[str], None] = say_nothing) -> None:
        """Stop every part in reverse order, and everything that it started.

        Raises:
            LocalStackError: the system does not let go of a process.
        """
        self.layout.create()
        with locked(self.layout.lock, wait_seconds=LOCK_SECONDS, report=report):
            supervisor, _ = self._supervisor(report)
            if not [part for part in reversed(PARTS) if supervisor.stop(part)]:
                report("nothing ran")

    def status(self) -> list[PartStatus]:
        """Ask each part how it is, in the order in which they start."""
        supervisor, state = self._supervisor(say_nothing)
        launch = supervisor.launch()
        return [
            self._status_of(part, supervisor, launch)
            for part in PARTS
            if not (state.live and part.replay_only)
        ]

    def is_up(self) -> bool:
        """Tell whether the graph of this stack runs, which everything else needs."""
        supervisor, _ = self._supervisor(say_nothing)
        return bool(supervisor.pid(PARTS[0]))

    def is_live(self) -> bool:
        """Tell whether this stack reads the real registries."""
        return load_state(self.layout.state).live

    def environment(self) -> dict[str, str]:
        """Return the settings that make a process use this stack.

        Raises:
            LocalStackError: the stack was never started, so it has no addresses.
        """
        supervisor, state = self._supervisor(say_nothing)
        if any(part.port and part.name not in state.ports for part in PARTS):
            raise LocalStackError("the local stack was never started; run `ssc up`")
        return supervisor.launch().environment()

    def registry_day(self) -> int:
        """Return which day of the sample registry is served."""
        return read_day(self.layout.registry_day)

    def advance_registry_day(self) -> int:
        """Move the sample registry to its next day; on the last day nothing changes."""
        self.layout.create()
        with locked(self.layout.lock, wait_seconds=LOCK_SECONDS, report=say_nothing):
            return advance_day(self.layout.registry_day)

    def _supervisor(self, report: Callable[[str], None]) -> tuple[Supervisor, StackState]:
        state = load_state(self.layout.state)
        return Supervisor(self.layout, state, told=self._told, report=report), state

    def _waves(self, wanted: list[Part]) -> list[list[Part]]:
        """Group the parts that may start together.

        Dagster's parts are slow to start, so they do it side by side, but not while the storage
        of a first start is still to be set up: two processes would create the same tables.
        """
        last = 1 if self.layout.dagster_storage.exists() else len(PARTS)
        numbers = sorted({min(part.wave, last) for part in wanted})
        return [[part for part in wanted if min(part.wave, last) == n] for n in numbers]

    def _switch_mode(
        self, supervisor: Supervisor, state: StackState, wanted: list[Part], *, live: bool
    ) -> None:
        if state.live == live:
            return
        left = [
            p.name for p in PARTS if p.runs_definitions and p not in wanted and supervisor.pid(p)
        ]
        if left:
            now = "the real registries" if state.live else "the sample registry"
            raise LocalStackError(
                f"{' and '.join(left)} still use {now}; run `ssc down` before changing that"
            )
        state.live = live
        save_state(self.layout.state, state)
        for part in PARTS:
            if live and part.replay_only:
                supervisor.stop(part)

    def _status_of(self, part: Part, supervisor: Supervisor, launch: Launch) -> PartStatus:
        pid = supervisor.pid(part)
        return PartStatus(
            name=part.name,
            running=bool(pid),
            healthy=not (detail := supervisor.complaint(part)),
            pid=pid,
            port=launch.ports.get(part.name, 0),
            address=part.address(launch),
            since=supervisor.since(part),
            detail=detail,
        )


def _select(only: Collection[str] | None, *, live: bool) -> list[Part]:
    unknown = sorted(set(only or ()) - set(PART_NAMES))
    if unknown:
        raise LocalStackError(
            f"no part is called {', '.join(unknown)}; there are {', '.join(PART_NAMES)}"
        )
    wanted = [part for part in PARTS if only is None or part.name in only]
    if live and only is not None and any(part.replay_only for part in wanted):
        raise LocalStackError("with --live there is no registry of our own to start")
    return [part for part in wanted if not (live and part.replay_only)]
