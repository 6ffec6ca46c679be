"""`ssc queue`: what an operator pushes, and what is shown of the queue."""

import json

import pytest

from src.services.queue.message_stream import now_ms


def test_a_purl_is_pushed_as_the_message_of_its_package(ssc, queue):
    done = ssc("queue", "push", "pkg:maven/org.slf4j/slf4j-api", "--refresh")
    assert done.exit_code == 0, done.output
    [message] = map(json.loads, queue.messages())
    assert abs(message.pop("moment") - now_ms()) < 60_000
    assert message == {
        "node_type": "MavenPackage",
        "package": "org.slf4j:slf4j-api",
        "refresh": True,
    }
    [(id_, _)] = queue.redis.xrange(queue.keys.stream)
    assert done.output == f"{id_}\npushed 1 message onto {queue.keys.stream}\n"


def test_every_field_of_a_message_can_be_given(ssc, queue):
    told = {
        "node_type": "PyPIPackage",
        "package": "requests",
        "vendor": "somebody",
        "repository_url": "https://forge.test/a/b",
        "constraints": ">=1",
        "parent_id": "4:x:1",
        "parent_version": "2.0",
    }
    options = [
        part for key, value in told.items() for part in (f"--{key.replace('_', '-')}", value)
    ]
    assert ssc("queue", "push", *options).exit_code == 0
    [message] = map(json.loads, queue.messages())
    del message["moment"]
    assert message == told


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["pkg:pypi/a", "--package", "b"],
        ["pkg:pypi/a", "--file", "-"],
        ["--file", "-", "--refresh"],
        ["--file", "-", "--vendor", "x"],
        ["--file", "no-such-file"],
    ],
)
def test_a_push_says_what_is_wrong_with_how_it_was_called(ssc, queue, arguments):
    done = ssc("queue", "push", *arguments, sent='{"node_type":"PyPIPackage","package":"x"}\n')
    assert done.exit_code == 2
    assert "Traceback" not in done.output
    assert queue.messages() == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nonsense"], "error: not a purl"),
        (["pkg:golang/x"], "error: no ecosystem has the purl type golang"),
        (["pkg:pypi/requests@2.0"], "error: a request is for a whole package; leave out @2.0"),
        (["--package", "x"], "error: validation_error: node_type"),
        (["--node-type", "PyPIPackage"], "error: validation_error: package"),
        (["--node-type", "CondaPackage", "--package", "x"], "error: unsupported_type"),
        (["--node-type", "PyPIPackage", "--package", "../x"], "error: validation_error: package"),
        (["--node-type", "\x1b[2J", "--package", "x"], "error: unsupported_type: node_type"),
    ],
)
def test_what_nobody_could_work_on_is_not_pushed(ssc, queue, arguments, says):
    done = ssc("queue", "push", *arguments)
    assert done.exit_code == 1
    assert says in done.output
    assert "\x1b" not in done.output
    assert queue.messages() == []


GOOD = '{"node_type":"PyPIPackage","package":"requests","unknown":"is kept"}'


def test_a_file_is_pushed_line_by_line(ssc, queue, tmp_path):
    (tmp_path / "messages").write_text(f"{GOOD}\n\n  {GOOD}\r\n")
    done = ssc("queue", "push", "--file", "messages")
    assert "pushed 2 messages" in done.output
    assert queue.messages() == [GOOD, GOOD]
    done = ssc("queue", "push", "--file", "-", sent=f"{GOOD}\n" * 100)
    assert f"pushed 100 messages onto {queue.keys.stream}: " in done.output
    assert len(done.output.splitlines()) == 1
    assert len(queue.messages()) == 102


def test_nothing_of_a_file_with_wrong_lines_is_pushed_and_each_of_them_is_told(ssc, queue):
    lines = [
        GOOD.encode(),
        b"{no json",
        b"",
        b"\xff\xfe",
        b'{"node_type":"PyPIPackage"}',
        b'{"node_type":"PyPIPackage","package":"%b"}' % (b"x" * 300_000),
        b'{"node_type":"Conda","package":"x"}',
    ]
    done = ssc("queue", "push", "--file", "-", sent=b"\n".join(lines))
    assert done.exit_code == 1
    told = [line for line in done.output.splitlines() if line.startswith("error: ")]
    assert [line.split(": ")[1:3] for line in told] == [
        ["line 2", "invalid_json"],
        ["line 4", "invalid_json"],
        ["line 5", "validation_error"],
        ["line 6", "message_too_large"],
        ["line 7", "unsupported_type"],
    ]
    assert done.output.rstrip().endswith("nothing was pushed")
    assert queue.messages() == []


def test_of_very_many_wrong_lines_the_first_are_told(ssc, queue):
    done = ssc("queue", "push", "--file", "-", sent="x\n" * 1_000)
    assert len(done.output.splitlines()) == 12
    assert "and 990 more lines" in done.output
    assert queue.messages() == []


def fill(queue) -> None:
    """One message in each place."""
    soon = now_ms() + 3_600_000
    member = {"id": "5-0", "fields": ["data", GOOD, "attempts", "3", "first_seen", "1000"]}
    queue.redis.zadd(queue.keys.retry, {json.dumps(member): soon})
    queue.redis.xadd(queue.keys.stream, {"data": "delivered"})
    queue.redis.xgroup_create(queue.keys.stream, queue.keys.group, id="0")
    queue.redis.xreadgroup(queue.keys.group, "worker [red]7[/]", {queue.keys.stream: ">"})
    queue.redis.xadd(queue.keys.stream, {"data": GOOD, "depth": "2"})
    queue.redis.xadd(queue.keys.stream, {"data": "\x1b[31m[bold]:bomb:"})
    queue.give_up(data="x", reason="invalid_json")
    queue.give_up(data="x", reason="\x1b[0m[blink]")


def rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("│")]
    return [[cell.strip() for cell in line.strip("│").split("│")] for line in lines]


def test_stats_show_every_place(ssc, queue):
    fill(queue)
    done = ssc("queue", "stats")
    assert done.exit_code == 0, done.output
    shown = dict(rows(done.output))
    assert shown["the next is due"] in {"in 1 h", "in 59 min 59 s", "in 59 min 58 s"}
    assert shown["age of the oldest"].endswith("h")  # 1970 until now
    del shown["the next is due"], shown["age of the oldest"]
    assert shown == {
        "waiting": "2",
        "pending": "1",
        "with worker [red]7[/]": "1",
        "waiting for a retry": "1",
        "due by now": "0",
        "dead letters": "2",
        "invalid_json": "1",
        "\\x1b[0m[blink]": "1",
    }


def test_stats_are_told_as_json_too(ssc, queue):
    fill(queue)
    told = json.loads(ssc("queue", "stats", "--json").output)
    assert told.pop("next_due_ms") > now_ms()
    assert told.pop("oldest_seconds") > 1e9
    assert told == {
        "waiting": 2,
        "pending": 1,
        "retrying": 1,
        "due": 0,
        "consumers": {"worker [red]7[/]": 1},
        "dead_letters": {"invalid_json": 1, "\x1b[0m[blink]": 1},
    }


def test_an_empty_queue_has_stats_too(ssc):
    done = ssc("queue", "stats")
    assert dict(rows(done.output))["age of the oldest"] == "-"
    assert json.loads(ssc("queue", "stats", "--json").output)["waiting"] == 0


def test_peek_shows_what_comes_next_and_takes_nothing(ssc, queue):
    fill(queue)
    for _ in range(2):
        done = ssc("queue", "peek")
        shown = [row[1:4] for row in rows(done.output)]
        assert shown == [
            ["PyPIPackage requests", "0", "2"],
            ["\\x1b[31m[bold]:bomb:", "0", "0"],
        ]
    assert len(rows(ssc("queue", "peek", "--count", "1").output)) == 1
    assert queue.redis.xlen(queue.keys.stream) == 3


def test_peek_shows_what_waits_for_a_retry(ssc, queue):
    fill(queue)
    [row] = rows(ssc("queue", "peek", "--retry").output)
    assert row[:3] == ["5-0", "PyPIPackage requests", "3"]
    assert row[3].startswith(("in 59 min", "in 1 h"))
    assert row[4] == "1970-01-01 00:00:01"


@pytest.mark.parametrize(
    "command",
    [["queue", "stats"], ["queue", "peek"], ["queue", "push", "pkg:pypi/x"], ["dlq", "list"]],
)
def test_a_redis_that_is_away_is_one_sentence(ssc, monkeypatch, command):
    monkeypatch.setenv("REDIS_PORT", "1")
    done = ssc(*command)
    assert done.exit_code == 1
    assert done.output.startswith("error: cannot ")
    assert "Traceback" not in done.output
