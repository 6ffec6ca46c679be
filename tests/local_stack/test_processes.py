"""Processes that are found again and ended for certain."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest

from src.local_stack import processes
from src.local_stack.layout import CLONE


def start(home: Path, code: str, part: str = "p") -> int:
    """Spawn Python code that belongs to the stack."""
    marks = {processes.STACK_MARK: str(home), processes.PART_MARK: part}
    return processes.spawn(
        [sys.executable, "-c", textwrap.dedent(code)],
        environment={**os.environ, **marks},
        folder=home,
        log=home / "log",
    )


SLEEP = "import time; print('ready', flush=True); time.sleep(60)"


def is_ready(home: Path) -> bool:
    return (home / "log").exists() and "ready" in (home / "log").read_text()


def test_a_process_is_found_by_its_stack_and_by_its_part(tmp_path, wait_until):
    pid = start(tmp_path, SLEEP)
    wait_until(lambda: is_ready(tmp_path))
    assert [p.pid for p in processes.marked(tmp_path)] == [pid]
    assert [p.pid for p in processes.marked(tmp_path, "p")] == [pid]
    assert processes.marked(tmp_path, "other") == []
    assert processes.marked(tmp_path / "other") == []
    assert processes.end(tmp_path, "p", leader=pid, grace_seconds=5) == 0
    assert processes.started_at(pid) == 0.0


def test_it_works_in_its_folder_and_in_a_session_of_its_own(tmp_path, wait_until):
    pid = start(tmp_path, SLEEP)
    wait_until(lambda: is_ready(tmp_path))
    assert psutil.Process(pid).cwd() == str(tmp_path)
    assert os.getsid(pid) == pid
    processes.end(tmp_path, "p", leader=pid, grace_seconds=5)


def test_ignored_signals_of_the_caller_do_not_reach_it(tmp_path, wait_until):
    caller = f"""
        import signal, sys
        sys.path.insert(0, {str(CLONE)!r})
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
        from pathlib import Path
        from src.local_stack import processes
        home = Path({str(tmp_path)!r})
        code = "import signal, time; print(int(signal.getsignal(15)), int(signal.getsignal(1)), "
        code += "signal.pthread_sigmask(0, []), 'ready', flush=True); time.sleep(60)"
        processes.spawn([sys.executable, "-c", code], environment={{"SSC_STACK": str(home)}},
                        folder=home, log=home / "log")
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(caller)], check=True)
    wait_until(lambda: is_ready(tmp_path))
    default = int(signal.SIG_DFL)
    assert (tmp_path / "log").read_text() == f"{default} {default} set() ready\n"
    assert processes.end(tmp_path, None, leader=0, grace_seconds=5) == 0


def test_a_pipe_of_the_caller_is_not_kept_open(tmp_path):
    reading, writing = os.pipe()
    inheritable = True
    os.set_inheritable(writing, inheritable)
    start(tmp_path, SLEEP)
    os.close(writing)
    assert os.read(reading, 1) == b""  # would block for a minute if the process held it
    os.close(reading)
    processes.end(tmp_path, "p", leader=0, grace_seconds=5)


def test_what_ignores_sigterm_is_killed_with_its_children(tmp_path, wait_until):
    stubborn = """
        import signal, subprocess, sys, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"],
                         start_new_session=True)
        print("ready", flush=True)
        time.sleep(60)
    """
    pid = start(tmp_path, stubborn)
    wait_until(lambda: is_ready(tmp_path) and len(processes.marked(tmp_path)) == 2)
    assert processes.end(tmp_path, "p", leader=pid, grace_seconds=0.5) >= 1
    assert processes.marked(tmp_path) == []


def test_a_leader_gets_the_chance_to_end_its_children_itself(tmp_path, wait_until):
    orderly = """
        import signal, subprocess, sys, time
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        def stop(*_):
            child.kill()
            print("ended in order", child.wait(), flush=True)
            sys.exit(0)
        signal.signal(signal.SIGTERM, stop)
        print("ready", flush=True)
        time.sleep(60)
    """
    pid = start(tmp_path, orderly)
    wait_until(lambda: is_ready(tmp_path))
    assert processes.end(tmp_path, "p", leader=pid, grace_seconds=5) == 0
    assert f"ended in order {-signal.SIGKILL}" in (tmp_path / "log").read_text()


def test_an_id_used_again_is_not_the_same_process(tmp_path, wait_until):
    pid = start(tmp_path, SLEEP)
    wait_until(lambda: is_ready(tmp_path))
    assert processes.started_at(pid) == psutil.Process(pid).create_time()
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: processes.started_at(pid) == 0.0)


def test_a_log_that_grew_too_large_is_put_aside(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "LOG_LIMIT_BYTES", 10)
    (tmp_path / "log").write_text("something older than this")
    pid = start(tmp_path, "print('new')")
    os.waitpid(pid, 0)
    assert (tmp_path / "log.1").read_text() == "something older than this"
    assert (tmp_path / "log").read_text() == "new\n"


@pytest.mark.parametrize("pid", [0, 2**22 + 1])
def test_no_such_process_never_began(pid):
    assert processes.started_at(pid) == 0.0
