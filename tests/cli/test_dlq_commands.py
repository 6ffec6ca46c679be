"""`ssc dlq`: dead letters are shown, sent again, and thrown away only when that is meant."""

import json
import os
import pty
import subprocess
import sys

import pytest

from src.local_stack.layout import CLONE
from tests.cli.test_queue_commands import rows

MESSAGE = '{"node_type":"PyPIPackage","package":"requests"}'


@pytest.fixture
def letters(queue) -> list[str]:
    """Three of each of two reasons, the oldest first."""
    return [
        queue.give_up(
            data=MESSAGE,
            reason=reason,
            details=f"number {n}",
            attempts=n,
            first_seen=1_000,
            failed_at=2_000 + 1_000 * n,
        )
        for n in range(3)
        for reason in ("invalid_json", "package_not_found")
    ]


def test_the_newest_are_listed_first(ssc, letters):
    done = ssc("dlq", "list")
    assert "Dead letters, newest first: 6 of 6" in done.output
    shown = rows(done.output)
    assert [row[0] for row in shown] == letters[::-1]
    assert shown[0][1:] == [
        "package_not_found",
        "PyPIPackage requests",
        "2",
        "1970-01-01 00:00:01",
        "1970-01-01 00:00:04",
    ]


def test_the_list_can_be_narrowed(ssc, letters):
    done = ssc("dlq", "list", "--reason", "invalid_json", "--limit", "2")
    assert "newest first: 2 of 3" in done.output
    assert [row[0] for row in rows(done.output)] == [letters[4], letters[2]]


def test_everything_of_one_is_shown(ssc, letters):
    done = ssc("dlq", "show", letters[2])
    assert done.output.splitlines() == [
        f"id:          {letters[2]}",
        "reason:      invalid_json",
        "details:     number 1",
        "tries:       1",
        "first seen:  1970-01-01 00:00:01 UTC",
        "given up:    1970-01-01 00:00:03 UTC",
        "message id:  ",
        "{",
        '  "node_type": "PyPIPackage",',
        '  "package": "requests"',
        "}",
    ]


EVIL = "\x1b]0;owned\x07\x1b[2J[bold red]:bomb:\u202e"


@pytest.mark.parametrize(
    "fields",
    [
        {"data": EVIL},
        {"data": json.dumps({"package": EVIL, EVIL: "x"})},
        {"data": json.dumps({"package": EVIL}, ensure_ascii=False)},
        {"data": b"\xff\x9b2J"},
        {"entry": json.dumps({EVIL: EVIL})},
        {"entry": EVIL},
        {"other": EVIL},
    ],
)
def test_nothing_that_is_shown_steers_the_terminal(ssc, queue, fields):
    told = {"reason": EVIL, "details": EVIL, "message_id": EVIL, "attempts": EVIL, **fields}
    id_ = queue.give_up(**told)
    for command in (["dlq", "list"], ["dlq", "show", id_], ["queue", "stats"]):
        done = ssc(*command)
        assert done.exit_code == 0, done.output
        assert all(line.isprintable() for line in done.output.splitlines()), done.output
        assert "[bold red]:bomb:" in done.output  # read neither as markup nor as an emoji


def test_a_huge_message_is_cut_unless_all_of_it_is_asked_for(ssc, queue):
    id_ = queue.give_up(data="x" * 300_000, reason="message_too_large")
    cut = ssc("dlq", "show", id_).output
    assert cut.count("x") == 4_000
    assert cut.endswith("… 296,000 more characters; --full shows all of them\n")
    assert ssc("dlq", "show", id_, "--full").output.count("x") == 300_000


@pytest.mark.usefixtures("letters")
@pytest.mark.parametrize("command", ["replay", "purge"])
@pytest.mark.parametrize(
    "choice",
    [[], ["--all", "--reason", "x"], ["--all", "--id", "1-1"], ["--reason", "x", "--id", "1-1"]],
)
def test_without_one_clear_choice_nothing_happens(ssc, queue, command, choice):
    done = ssc("dlq", command, *choice)
    assert done.exit_code == 2
    assert "say which" in done.output
    assert queue.redis.xlen(queue.keys.dead_letters) == 6
    assert queue.messages() == []


@pytest.mark.usefixtures("letters")
@pytest.mark.parametrize("command", [["show"], ["replay", "--id"], ["purge", "--yes", "--id"]])
@pytest.mark.parametrize("id_", ["1-1", "-", "+", "0", "\x1b[2J"])
def test_an_id_that_is_not_there_is_told_so(ssc, queue, command, id_):
    done = ssc("dlq", *command, *(["--", id_] if command == ["show"] else [id_]))
    assert done.exit_code == 1
    assert "error: there is no dead letter" in done.output
    assert queue.redis.xlen(queue.keys.dead_letters) == 6


@pytest.mark.parametrize(
    ("choice", "which"),
    [
        (["--all"], range(6)),
        (["--reason", "invalid_json"], (0, 2, 4)),
        (["--reason", "nothing like that"], ()),
        (["--id", 5], (5,)),
        (["--id", 5, "--id", 1, "--id", 5], (5, 1)),
    ],
)
def test_those_that_are_chosen_go_to_the_end_of_the_queue(ssc, queue, letters, choice, which):
    chosen = [letters[part] if isinstance(part, int) else part for part in choice]
    queue.redis.xadd(queue.keys.stream, {"data": "was there before"})
    done = ssc("dlq", "replay", *chosen)
    assert done.exit_code == 0, done.output
    assert done.output == f"sent {len(which)} again, to the end of the queue\n"
    assert queue.messages() == ["was there before", *[MESSAGE] * len(which)]
    assert all("attempts" not in fields for _, fields in queue.redis.xrange(queue.keys.stream))
    left = [id_ for id_, _ in queue.redis.xrange(queue.keys.dead_letters)]
    assert left == [id_ for n, id_ in enumerate(letters) if n not in which]


def test_of_several_ids_none_is_sent_where_one_is_not_there(ssc, queue, letters):
    assert ssc("dlq", "replay", "--id", letters[0], "--id", "1-1").exit_code == 1
    assert queue.messages() == []


@pytest.mark.parametrize(
    ("choice", "left"), [(["--all"], 0), (["--reason", "invalid_json"], 3), (["--id", 0], 5)]
)
def test_those_that_are_chosen_are_thrown_away(ssc, queue, letters, choice, left):
    chosen = [letters[part] if isinstance(part, int) else part for part in choice]
    refused = ssc("dlq", "purge", *chosen, sent="y\n")
    assert refused.exit_code == 1
    assert "nobody can be asked; add --yes" in refused.output
    assert queue.redis.xlen(queue.keys.dead_letters) == 6

    done = ssc("dlq", "purge", *chosen, "--yes")
    assert done.output == f"threw {6 - left} away\n"
    assert queue.redis.xlen(queue.keys.dead_letters) == left
    assert queue.messages() == []


@pytest.mark.usefixtures("letters")
@pytest.mark.parametrize(("answer", "left"), [("n", 6), ("", 6), ("y", 0)])
def test_on_a_terminal_purge_asks_first(queue, answer, left):
    ours, theirs = pty.openpty()
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "src.cli", "dlq", "purge", "--all"],
            cwd=CLONE,
            env={**os.environ, **queue.environment},
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        os.write(ours, f"{answer}\n".encode())
        output, _ = process.communicate(timeout=60)
    finally:
        os.close(ours)
        os.close(theirs)
    assert "Throw 6 dead letters away for good? [y/N]" in output
    assert queue.redis.xlen(queue.keys.dead_letters) == left
    assert (process.returncode == 0) == (left == 0)
