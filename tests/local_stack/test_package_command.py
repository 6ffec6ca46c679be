"""`ssc package` and `ssc failures`: what the graph knows of a package's state, in plain words."""

import asyncio
import io
import json
import os

import pytest
from rich.console import Console
from typer.testing import CliRunner

from src.cli import package_command
from src.cli.main import app
from src.cli.moments import shown
from src.cli.package_command import as_mapping, show_state
from src.schemas.ecosystem import Ecosystem
from src.schemas.package_state import PackageState, State
from src.services.dbs.graph_driver import open_graph
from src.services.graph import migrations
from src.services.graph.state_store import Failure, StateStore
from tests.graph.builders import NOW, need, package, store, version

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (None, "-"),
        (NOW, "2023-11-14T22:13:20Z (0 s ago)"),
        (NOW - 59_000, "2023-11-14T22:12:21Z (59 s ago)"),
        (NOW - 90 * MINUTE, "2023-11-14T20:43:20Z (1 h ago)"),
        (NOW - 3 * DAY, "2023-11-11T22:13:20Z (3 d ago)"),
        (NOW + 5 * MINUTE, "2023-11-14T22:18:20Z (in 5 min)"),
    ],
)
def test_a_time_is_told_in_utc_and_by_its_distance(moment, told):
    assert shown(moment, NOW) == told


def printed(state: PackageState, monkeypatch) -> str:
    out = io.StringIO()
    monkeypatch.setattr(package_command, "console", Console(file=out, width=160))
    show_state(state, NOW)
    return out.getvalue()


FAILED = PackageState(
    "lib",
    "pkg:pypi/lib",
    State.FAILED,
    reason="registry_unavailable",
    detail="503 [from] the registry",
    attempts=2,
    next_try=NOW + 2 * HOUR,
    published_first="2023-01-01T00:00:00Z",
    published_last="2023-11-14T21:13:20.000000Z",
    discovered=NOW - 3 * DAY,
    visible=NOW - 2 * DAY,
    refreshed=NOW - DAY,
    versions=1234,
    revision="77",
)


def test_a_failed_package_is_shown_with_its_failure_and_all_its_times(monkeypatch):
    text = printed(FAILED, monkeypatch)
    for line in (
        "failed (an older state of it is in the graph)",
        "registry_unavailable: 503 [from] the registry",
        "2 times",
        "(in 2 h)",
        "1,234",
        "(1 h ago)",
        "2023-11-11T22:13:20Z (3 d ago)",
        "2023-11-12T22:13:20Z (2 d ago)",
        "2023-11-13T22:13:20Z (1 d ago)",
        "77",
    ):
        assert line in text


def test_json_tells_the_same():
    assert as_mapping(FAILED) == {
        "purl": "pkg:pypi/lib",
        "name": "lib",
        "state": "failed",
        "failure": {
            "reason": "registry_unavailable",
            "detail": "503 [from] the registry",
            "attempts": 2,
            "next_try": "2023-11-15T00:13:20Z",
            "given_up": False,
        },
        "interrupted": False,
        "published_first": "2023-01-01T00:00:00Z",
        "published_last": "2023-11-14T21:13:20.000000Z",
        "discovered": "2023-11-11T22:13:20Z",
        "visible": "2023-11-12T22:13:20Z",
        "refreshed": "2023-11-13T22:13:20Z",
        "running_since": None,
        "versions": 1234,
        "revision": "77",
    }


async def fill(uri: str) -> None:
    """A stored package, what it requires, and two failures of which one is given up."""
    async with open_graph(uri, "", "") as graph:
        await migrations.apply(graph)
        npm = Ecosystem.NPM
        needs = need("@types/ms", ecosystem=npm)
        made = version("JSONStream", "1.0.0", 0, needs, ecosystem=npm)
        await store(graph, package("JSONStream", made, ecosystem=npm))
        state = StateStore(graph)
        for moment in (NOW, NOW + 1):
            dead = Failure("dead", "invalid_payload", "not JSON")
            await state.record_failures(Ecosystem.PYPI, [dead], moment)
        await state.record_failures(npm, [Failure("[b]new[/b]", "request_refused", "")], NOW)


@pytest.fixture
def ssc(falkordb_server, tmp_path, monkeypatch):
    """Runs a command against a graph of its own."""
    graph = falkordb_server.uri(f"test-{os.urandom(6).hex()}")
    asyncio.run(fill(graph))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRAPH_DB_URI", graph)
    monkeypatch.setenv("FAILURE_MAX_ATTEMPTS", "2")
    return lambda *arguments: CliRunner().invoke(app, arguments)


@pytest.mark.parametrize(
    ("purl", "name", "state"),
    [
        ("pkg:npm/JSONStream", "JSONStream", "stored"),
        ("pkg:npm/JSONStream@1.0.0", "JSONStream", "stored"),
        ("pkg:npm/@types/ms", "@types/ms", "queued"),
        ("pkg:pypi/Dead", "dead", "failed"),
    ],
)
def test_the_command_reads_the_state_of_what_a_purl_names(ssc, purl, name, state):
    answer = ssc("package", purl, "--json")
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.output)
    assert (told["name"], told["state"]) == (name, state)
    assert state in ssc("package", purl).output


def test_a_package_that_is_given_up_says_so(ssc):
    told = json.loads(ssc("package", "pkg:pypi/dead", "--json").output)
    assert (told["failure"]["given_up"], told["failure"]["next_try"]) == (True, None)
    assert "given up" in ssc("package", "pkg:pypi/dead").output


@pytest.mark.parametrize(
    ("purl", "says"),
    [
        ("pkg:npm/jsonstream", "the graph has no package jsonstream of npm"),
        ("pkg:hackage/lens", "no ecosystem has the purl type hackage"),
        ("lens", "not a purl"),
    ],
)
def test_what_the_graph_does_not_know_is_one_plain_sentence(ssc, purl, says):
    wrong = ssc("package", purl)
    assert wrong.exit_code == 1
    assert f"error: {says}" in wrong.output
    assert "Traceback" not in wrong.output


@pytest.mark.parametrize(
    ("arguments", "shown_names", "hidden"),
    [
        ([], ["dead", "[b]new[/b]", "given up", "request_refused"], []),
        (["--ecosystem", "npm"], ["[b]new[/b]"], ["dead"]),
        (["--given-up"], ["dead", "invalid_payload", "given up"], ["new"]),
        (["--ecosystem", "npm", "--given-up"], ["no package is given up"], ["new", "dead"]),
        (["--ecosystem", "cargo"], ["no package failed"], ["new", "dead"]),
    ],
)
def test_failures_are_listed_with_their_next_try(ssc, monkeypatch, arguments, shown_names, hidden):
    monkeypatch.setattr("src.cli.failures_command.console", Console(width=200))
    answer = ssc("failures", *arguments)
    assert answer.exit_code == 0, answer.output
    assert all(name in answer.output for name in shown_names)
    assert not any(name in answer.output for name in hidden)
