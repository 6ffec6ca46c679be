"""Processes that outlive us, are found again whatever happened, and can be ended for certain.

Every process carries two marks in its environment, which its children inherit: the stack and
the part. Dagster's code servers and run workers sit in sessions and groups of their own, so
neither a process group nor the tree of parents finds them all; the marks do.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import psutil

from src.local_stack.errors import LocalStackError

STACK_MARK = "SSC_STACK"
PART_MARK = "SSC_PART"
KILL_SECONDS = 10.0
LOG_LIMIT_BYTES = 10 * 1024 * 1024

_RESET = [
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGTERM,
    signal.SIGPIPE,
    signal.SIGCHLD,
    signal.SIGUSR1,
    signal.SIGUSR2,
]
# posix_spawn can neither change the folder nor close what the caller's shell left open, and a
# part that holds a pipe of the shell would make the caller wait for ever.
_STEPPING_STONE = (
    "import os, sys; os.setsid(); os.chdir(sys.argv[1]); os.closerange(3, 65536); "
    "os.execv(sys.argv[2], sys.argv[2:])"
)


def spawn(
    command: Sequence[str], *, environment: Mapping[str, str], folder: Path, log: Path
) -> int:
    """Start a process in a session of its own and return its id.

    Signals get their default meaning back: a shell starts background jobs with SIGINT ignored
    and nohup with SIGHUP ignored, children inherit that, and Dagster then never stops.
    """
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(log.with_name(f"{log.name}.1"))
    appended = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    return os.posix_spawn(
        sys.executable,
        [sys.executable, "-I", "-S", "-c", _STEPPING_STONE, str(folder), *command],
        dict(environment),
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), appended, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsigdef=_RESET,
        setsigmask=[],
    )


def started_at(pid: int) -> float:
    """Return when a living process began in epoch seconds, 0.0 when there is none."""
    _reap(pid)
    try:
        process = psutil.Process(pid)
        ended = process.status() == psutil.STATUS_ZOMBIE
        return 0.0 if ended else process.create_time()
    except psutil.NoSuchProcess:
        return 0.0


def _reap(pid: int) -> None:
    """Forget a child of our own that has ended; else it would seem to live."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def marked(home: Path, part: str | None = None) -> list[psutil.Process]:
    """Return the living processes of a stack, or of one part of it."""
    ours = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    found = []
    for process in psutil.process_iter():
        if process.pid in ours:
            continue
        try:
            environment = process.environ()
            if environment.get(STACK_MARK) != str(home):
                continue
            if part is not None and environment.get(PART_MARK) != part:
                continue
            if process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, OSError):
            continue  # it has just ended, or it is another user's
    return found


def listens(processes: Iterable[psutil.Process], port: int) -> bool:
    """Tell whether one of the processes is the one that listens on the port."""
    for process in processes:
        try:
            sockets = process.net_connections(kind="tcp")
        except (psutil.Error, OSError):
            continue
        if any(s.status == psutil.CONN_LISTEN and s.laddr.port == port for s in sockets):
            return True
    return False


def end(home: Path, part: str | None, *, leader: int, grace_seconds: float) -> int:
    """End every process of a part and return how many had to be killed.

    The leader is asked first, so that it can end its own children in order; what is left after
    the grace is asked as well, and what is left after that is killed.

    Raises:
        LocalStackError: a process outlives even that.
    """
    _signal([p for p in marked(home, part) if p.pid == leader], signal.SIGTERM)
    if _gone_within(home, part, grace_seconds if leader else 0.0):
        return 0
    _signal(marked(home, part), signal.SIGTERM)
    if _gone_within(home, part, grace_seconds):
        return 0
    return _kill(home, part)


def _kill(home: Path, part: str | None) -> int:
    killed: set[int] = set()
    deadline = time.monotonic() + KILL_SECONDS
    while left := marked(home, part):  # repeated, as a process may fork while we look
        if time.monotonic() > deadline:
            pids = ", ".join(str(process.pid) for process in left)
            raise LocalStackError(f"the system does not let go of the processes {pids}")
        killed.update(process.pid for process in left)
        _signal(left, signal.SIGKILL)
        time.sleep(0.05)
    return len(killed)


def _signal(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    """Send a signal, and wake who sleeps: a stopped process would hear it too late."""
    for process in processes:
        try:
            process.send_signal(number)
            process.send_signal(signal.SIGCONT)
        except psutil.NoSuchProcess:
            continue


def _gone_within(home: Path, part: str | None, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while left := marked(home, part):
        for process in left:
            _reap(process.pid)
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
