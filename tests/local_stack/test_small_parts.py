"""Ports, days, the lock and the state file."""

import socket
import subprocess
import sys
import textwrap

import pytest

from src.local_stack import ports
from src.local_stack.day import advance_day, read_day
from src.local_stack.errors import LocalStackError
from src.local_stack.files import locked, write_atomically
from src.local_stack.layout import CLONE, Layout
from src.local_stack.state import PartState, StackState, load_state, save_state


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
def test_a_taken_port_is_passed_over(address):
    with socket.socket() as taken:
        taken.bind((address, 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not ports.is_free(port)
        assert ports.choose_port(port) > port


def test_a_port_to_avoid_is_passed_over_although_it_is_free():
    free = ports.choose_port(21000)
    assert ports.choose_port(free, avoid=frozenset({free})) > free


def test_no_free_port_is_an_error(monkeypatch):
    monkeypatch.setattr(ports, "is_free", lambda _: False)
    with pytest.raises(LocalStackError, match="no free port from 3000 to 3199"):
        ports.choose_port(3000)


def test_the_day_begins_with_one_and_stops_at_the_last(tmp_path):
    path = tmp_path / "day"
    assert read_day(path) == 1
    assert [advance_day(path), advance_day(path), read_day(path)] == [2, 2, 2]


@pytest.mark.parametrize("text", ["", "0", "3", "one", "1.0"])
def test_a_day_that_is_none_is_an_error(tmp_path, text):
    (tmp_path / "day").write_text(text)
    with pytest.raises(LocalStackError, match="should hold a day"):
        read_day(tmp_path / "day")


def test_a_file_is_replaced_without_leaving_pieces(tmp_path):
    path = tmp_path / "new" / "file"
    write_atomically(path, "one")
    write_atomically(path, "two")
    assert path.read_text() == "two"
    assert [found.name for found in path.parent.iterdir()] == ["file"]


def test_the_lock_is_held_against_another_process_and_freed_when_it_is_killed(tmp_path):
    path = tmp_path / "lock"
    holder = f"""
        import sys, time
        sys.path.insert(0, {str(CLONE)!r})
        from pathlib import Path
        from src.local_stack.files import locked
        with locked(Path({str(path)!r}), wait_seconds=0, report=print):
            print("held", flush=True)
            time.sleep(60)
    """
    told: list[str] = []
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(holder)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "held\n"
        with (
            pytest.raises(LocalStackError, match="another ssc"),
            locked(path, wait_seconds=0.3, report=told.append),
        ):
            pass
        process.kill()
        process.wait()
        with locked(path, wait_seconds=5, report=told.append):
            assert told == ["another ssc is working on this stack; waiting for it"]


def test_the_state_comes_back_as_it_was_saved(tmp_path):
    state = StackState(
        live=True,
        ports={"graph": 1},
        parts={"graph": PartState(pid=7, started_at=1.5, launch="x")},
    )
    save_state(tmp_path / "state.json", state)
    assert load_state(tmp_path / "state.json") == state
    assert load_state(tmp_path / "absent.json") == StackState()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"ports": {"graph": "many"}}'])
def test_an_unreadable_state_is_put_aside_not_lost(tmp_path, text):
    path = tmp_path / "state.json"
    path.write_text(text)
    assert load_state(path) == StackState()
    (kept,) = tmp_path.glob("state.json.unreadable-*")
    assert kept.read_text() == text


def test_the_folder_is_the_one_given_then_the_one_of_the_environment(tmp_path, monkeypatch):
    assert Layout.find(tmp_path / "a").home == tmp_path / "a"
    monkeypatch.setenv("SSC_HOME", str(tmp_path / "b"))
    assert Layout.find().home == tmp_path / "b"
    monkeypatch.delenv("SSC_HOME")
    assert Layout.find().home == CLONE / ".ssc"


def test_a_folder_of_a_stack_is_readable_by_its_owner_alone(tmp_path):
    layout = Layout.find(tmp_path / "home")
    layout.create()
    assert layout.home.stat().st_mode & 0o777 == 0o700
    assert layout.dagster_home.is_dir()
