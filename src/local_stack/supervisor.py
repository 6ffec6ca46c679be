"""Starts, keeps, waits for and ends the parts of one stack; the caller holds its lock."""

import time
from collections.abc import Callable

import psutil

from src.local_stack import processes
from src.local_stack.errors import LocalStackError, PartNotReadyError
from src.local_stack.launch import Definitions, Launch, Part
from src.local_stack.layout import CLONE, Layout
from src.local_stack.parts import PARTS
from src.local_stack.ports import choose_port, is_free
from src.local_stack.state import PartState, StackState, save_state

KEEP_SECONDS = 15.0
"""How long a living part may stay silent before it is started anew."""
PORT_ATTEMPTS = 5
POLL_SECONDS = 0.1
LOG_LINES = 15


class _PortLostError(Exception):
    """Somebody else took the port between our look and the part's own start."""


class Supervisor:
    """The hands of LocalStack; each step is written down before the next begins."""

    def __init__(
        self,
        layout: Layout,
        state: StackState,
        *,
        told: Definitions,
        report: Callable[[str], None],
    ) -> None:
        """Work on the state given, which is saved whenever it changes."""
        self._layout = layout
        self._state = state
        self._told = told
        self._report = report

    def launch(self) -> Launch:
        """Return what a part started now would be told."""
        return Launch(self._layout, dict(self._state.ports), self._state.live, self._told)

    def choose_missing_ports(self) -> None:
        """Give every part that listens a port, so that all addresses are known from the start."""
        for part in PARTS:
            if part.port and part.name not in self._state.ports:
                self._choose_port(part, part.port)

    def pid(self, part: Part) -> int:
        """Return the id of the part's living process, 0 when there is none."""
        known = self._state.parts.get(part.name)
        if known is None or processes.started_at(known.pid) != known.started_at:
            return 0
        return known.pid

    def is_stale(self, part: Part) -> bool:
        """Tell whether a part runs with a command or settings that are no longer right."""
        known = self._state.parts.get(part.name)
        return bool(self.pid(part)) and known is not None and known.launch != self._hash(part)

    def since(self, part: Part) -> float:
        """Return when the part's living process began, 0.0 when there is none."""
        return self._state.parts[part.name].started_at if self.pid(part) else 0.0

    def complaint(self, part: Part) -> str:
        """Ask a part once; return why it does not work, "" when it does."""
        if not self.pid(part):
            return "not running"
        try:
            self._ask(part)
        except PartNotReadyError as error:
            return str(error)
        return ""

    def start(self, part: Part) -> bool:
        """Start the part unless it runs well; tell whether it was started."""
        if self._runs_well(part):
            self._report(f"{part.name}: runs already")
            return False
        self.stop(part)
        if part.port and not is_free(self._state.ports[part.name]):
            self._move_port(part)
        self._spawn(part)
        return True

    def wait(self, part: Part) -> None:
        """Wait until a part that was started does its work.

        Raises:
            LocalStackError: it ended or did not answer in time; the message holds its last words.
        """
        for _ in range(PORT_ATTEMPTS):
            try:
                self._wait_for_answer(part)
            except _PortLostError:
                self._move_port(part)
                self._spawn(part)
            else:
                self._report(f"{part.name}: up {part.address(self.launch())}".rstrip())
                return
        raise LocalStackError(f"{part.name}: other programs took {PORT_ATTEMPTS} ports from it")

    def stop(self, part: Part) -> bool:
        """End every process of a part, known or not; tell whether there was one."""
        if not processes.marked(self._layout.home, part.name):
            self._forget(part)
            return False
        pid = self.pid(part)
        if pid and part.ask_to_stop is not None:
            part.ask_to_stop(self.launch())
            self._wait_for_end(pid, part.stop_seconds)
        killed = processes.end(
            self._layout.home, part.name, leader=pid, grace_seconds=part.stop_seconds
        )
        self._forget(part)
        self._report(f"{part.name}: stopped" + (f", {killed} processes killed" if killed else ""))
        return True

    def _hash(self, part: Part) -> str:
        return part.launch_hash(self.launch())

    def _runs_well(self, part: Part) -> bool:
        if not self.pid(part):
            return False
        if self.is_stale(part):
            self._report(f"{part.name}: starts anew, as its settings changed")
            return False
        silent_until = time.monotonic() + KEEP_SECONDS
        busy_until = time.monotonic() + part.start_seconds
        while True:
            try:
                self._ask(part)
            except PartNotReadyError as error:
                limit = busy_until if error.busy else silent_until
                if time.monotonic() < limit and self.pid(part):
                    time.sleep(POLL_SECONDS)
                    continue
                if error.busy and self.pid(part):
                    raise LocalStackError(
                        f"{part.name} is busy ({error}); wait, or end it with `ssc down`"
                    ) from error
                self._report(f"{part.name}: starts anew: {error}")
                return False
            return True

    def _ask(self, part: Part) -> None:
        known = self._state.parts[part.name]
        if part.port and not self._holds_port(part, known.pid):
            raise PartNotReadyError("it does not listen yet")
        part.check(self.launch(), known.started_at)

    def _holds_port(self, part: Part, pid: int) -> bool:
        """Tell whether the part itself has its port; another server's answer is worth nothing."""
        try:
            process = psutil.Process(pid)
        except psutil.NoSuchProcess:
            return False
        return processes.listens([process], self._state.ports[part.name])

    def _wait_for_answer(self, part: Part) -> None:
        deadline = time.monotonic() + part.start_seconds
        while True:
            alive = bool(self.pid(part))
            try:
                self._ask(part)
            except PartNotReadyError as error:
                if not alive and part.port and not is_free(self._state.ports[part.name]):
                    raise _PortLostError from error
                if not alive or error.hopeless or time.monotonic() > deadline:
                    ended = f"did not come up: {error}" if alive else "ended at once"
                    raise LocalStackError(self._last_words(part, ended)) from error
                time.sleep(POLL_SECONDS)
            else:
                return

    def _last_words(self, part: Part, what: str) -> str:
        log = self._layout.log(part.name)
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
        return "\n  ".join([f"{part.name} {what}; the end of {log}:", *lines])

    def _wait_for_end(self, pid: int, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while processes.started_at(pid) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)

    def _spawn(self, part: Part) -> None:
        launch = self.launch()
        pid = processes.spawn(
            part.command(launch),
            environment=part.environment(launch),
            folder=self._told.folder if part.runs_definitions else CLONE,
            log=self._layout.log(part.name),
        )
        self._state.parts[part.name] = PartState(
            pid=pid, started_at=processes.started_at(pid), launch=part.launch_hash(launch)
        )
        save_state(self._layout.state, self._state)

    def _move_port(self, part: Part) -> None:
        taken = self._state.ports[part.name]
        self._choose_port(part, taken + 1)
        self._report(
            f"{part.name}: port {taken} is taken, using {self._state.ports[part.name]} instead"
        )

    def _choose_port(self, part: Part, wished: int) -> None:
        avoid = frozenset(self._state.ports.values())
        self._state.ports[part.name] = choose_port(wished, avoid=avoid)
        save_state(self._layout.state, self._state)

    def _forget(self, part: Part) -> None:
        if self._state.parts.pop(part.name, None) is not None:
            save_state(self._layout.state, self._state)
