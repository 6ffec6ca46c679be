"""Stacks of real processes in a folder of their own, of which nothing may be left."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import redis

from src.local_stack.launch import Definitions
from src.local_stack.layout import CLONE, Layout
from src.local_stack.stack import LocalStack

CONFIGURATION = [
    "GRAPH_DB_URI",
    "GRAPH_DB_USER",
    "GRAPH_DB_PASSWORD",
    "VULN_DB_URI",
    "VULN_DB_USER",
    "VULN_DB_PASSWORD",
    "REDIS_HOST",
    "REDIS_PORT",
    "REDIS_DB",
    "REDIS_STREAM",
    "POSTGRES_HOST",
    "DAGSTER_HOME",
    "CACHE_DIR",
    "PYPI_URL",
    "PYPI_FILES_URL",
    "OSV_URL",
    "HTTP_CONTACT",
    "SSC_HOME",
]
JSON_INDEX = "application/vnd.pypi.simple.v1+json"
DEFINITIONS = """
import dagster as dg


@dg.asset
def answer() -> int:
    return 42


defs = dg.Definitions(assets=[answer])
"""


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the person who runs the tests reaches them."""
    for name in CONFIGURATION:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSC_HOME", str(tmp_path / "stack"))


def processes_of(home: Path) -> list[psutil.Process]:
    """An independent look for what belongs to a stack: marks, command lines, working folders."""
    ours = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid in ours or process.status() == psutil.STATUS_ZOMBIE:
                continue
            told = [*process.cmdline(), *process.environ().values()]
        except (psutil.Error, OSError):
            continue
        if any(str(home) in text for text in told):
            found.append(process)
    return found


def samples(folder: Path) -> Path:
    """A sample registry of which only the serial of the index is of interest here."""
    for day in (1, 2):
        index = {"meta": {"api-version": "1.3", "_last-serial": day}, "projects": []}
        line = {"path": "/pypi/simple/", "content_type": JSON_INDEX, "body": index}
        bundle = folder / "samples" / "pypi" / f"day{day}" / "index.jsonl"
        bundle.parent.mkdir(parents=True)
        bundle.write_text(json.dumps(line) + "\n")
    return folder / "samples"


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[LocalStack]:
    """A stack whose Dagster serves a small module."""
    folder = tmp_path / "definitions"
    folder.mkdir()
    (folder / "tiny_definitions.py").write_text(DEFINITIONS)
    layout = Layout.find(tmp_path / "stack")
    made = LocalStack(layout, Definitions("tiny_definitions", folder, samples(tmp_path)))
    yield made
    made.down()
    assert processes_of(layout.home) == []


@pytest.fixture
def connect() -> Iterator[Callable[[LocalStack], redis.Redis]]:
    """Connects to the graph server of a stack."""
    clients = []

    def client(stack: LocalStack) -> redis.Redis:
        port = next(part.port for part in stack.status() if part.name == "graph")
        clients.append(redis.Redis(host="127.0.0.1", port=port, decode_responses=True))
        return clients[-1]

    yield client
    for opened in clients:
        opened.close()


@pytest.fixture
def ssc() -> Callable[..., subprocess.Popen[str]]:
    """Starts the command as a user does."""

    def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "src.cli", *arguments],
            cwd=CLONE,
            env={**os.environ, "COLUMNS": "200", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return start


@pytest.fixture
def wait_until() -> Callable[[Callable[[], bool]], None]:
    """Polls until something is true, for at most 10 s."""

    def wait(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.02)

    return wait
