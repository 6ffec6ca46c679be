"""The `ssc` command as a user meets it."""

import pytest
from typer.testing import CliRunner

from src.cli.context import console, effective_settings, stack_environment
from src.cli.main import app
from src.local_stack.layout import CLONE


@pytest.fixture(autouse=True)
def without_a_file_of_settings(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(console, "width", 200)


def run(*arguments):
    return CliRunner().invoke(app, list(arguments))


def test_status_fails_until_everything_runs(stack):
    nothing = run("status")
    assert (nothing.exit_code, nothing.output.count("not running")) == (1, 5)
    stack.up(only=["graph"])
    some = run("status")
    assert some.exit_code == 1
    assert stack.environment()["REDIS_PORT"] in some.output
    assert some.output.count("not running") == 4


def test_up_and_down_tell_what_they_do(stack):
    up = run("up", "--only", "graph")
    assert up.exit_code == 0, up.output
    assert "graph: up redis://127.0.0.1:" in up.output
    assert "sample registry, day 1" in up.output
    down = run("down")
    assert (down.exit_code, "graph: stopped" in down.output) == (0, True)
    assert not stack.is_up()


def test_a_wrong_part_is_one_sentence_and_no_traceback():
    wrong = run("up", "--only", "graf")
    assert wrong.exit_code == 1
    assert "error: no part is called graf" in wrong.output
    assert "Traceback" not in wrong.output


def test_logs_show_the_end_of_a_log(stack):
    assert "was never started here" in run("logs", "graph").output
    stack.up(only=["graph"])
    shown = run("logs", "graph", "--lines", "2")
    assert shown.exit_code == 0
    assert len(shown.output.strip().splitlines()) == 2
    assert "Ready to accept connections" in shown.output
    assert run("logs", "../state").exit_code == 1


def test_doctor_fails_where_the_graph_is_missing_and_names_it(monkeypatch):
    monkeypatch.setenv("GRAPH_DB_URI", "bolt://no-such-host.test:7687")
    found = run("doctor")
    assert found.exit_code == 1
    assert "the host name no-such-host.test is unknown" in found.output


def test_doctor_tells_wrong_settings_without_their_values(monkeypatch):
    monkeypatch.setenv("REDIS_PORT", "hunter2")
    found = run("doctor")
    assert found.exit_code == 1
    assert "REDIS_PORT" in found.output
    assert "hunter2" not in found.output


def test_settings_follow_the_local_stack_while_it_is_up(stack):
    assert stack_environment(stack) == {}
    assert effective_settings(stack).graph_db_uri == "bolt://neo4j:7687"
    stack.up(only=["graph"])
    followed = effective_settings(stack)
    assert followed.graph_db_uri == stack.environment()["GRAPH_DB_URI"]
    assert followed.http_rate_per_second == 0
    assert str(followed.redis_port) == stack.environment()["REDIS_PORT"]
    stack.down()
    assert effective_settings(stack).graph_db_uri == "bolt://neo4j:7687"


@pytest.mark.parametrize("place", ["environment", "file"])
def test_a_graph_that_the_user_named_wins_over_the_local_stack(stack, monkeypatch, tmp_path, place):
    stack.up(only=["graph"])
    if place == "environment":
        monkeypatch.setenv("GRAPH_DB_URI", "bolt://mine.test")
    else:
        (tmp_path / ".env").write_text("GRAPH_DB_URI=bolt://mine.test\n")
    assert effective_settings(stack).graph_db_uri == "bolt://mine.test"
    assert stack_environment(stack) == {}


def test_the_command_at_the_top_of_the_clone_can_be_run():
    script = CLONE / "ssc"
    assert script.stat().st_mode & 0o111
    assert script.read_text().startswith("#!/bin/sh\n")
