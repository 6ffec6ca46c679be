"""The replay server as a process of its own."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import httpx
import pytest

from src.local_stack.replay.server import listen

ROOT = Path(__file__).parents[2]
BUNDLE = '{"path": "/a", "content_type": "text/plain", "body": "%s"}\n'


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    for day, body in ((1, "first"), (2, "second")):
        bundle = tmp_path / "samples" / "pypi" / f"day{day}" / "a.jsonl"
        bundle.parent.mkdir(parents=True)
        bundle.write_text(BUNDLE % body, "utf-8")
    return tmp_path / "samples"


@contextmanager
def started(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "src.local_stack.replay", *arguments]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_it_serves_the_day_of_the_state_file_and_follows_it(samples: Path, tmp_path: Path) -> None:
    state = tmp_path / "registry-day"
    with started("--samples", str(samples), "--state", str(state)) as process:
        url = first_line(process)
        assert httpx.get(f"{url}/health").status_code == 200
        assert httpx.get(f"{url}/a").text == "first"
        state.write_text("2", "utf-8")
        assert httpx.get(f"{url}/a").text == "second"


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_at_once_when_told_to(samples: Path, sent: signal.Signals) -> None:
    with started("--samples", str(samples)) as process:
        with httpx.Client(base_url=first_line(process)) as client:
            client.get("/a")
            begun = monotonic()
            process.send_signal(sent)
            process.wait(timeout=5)
            assert monotonic() - begun < 1.5
        assert process.returncode in {0, -sent}
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_a_port_in_use_is_told_in_one_line(samples: Path) -> None:
    with listen() as taken:
        port = str(taken.getsockname()[1])
        with started("--samples", str(samples), "--port", port) as process:
            _, errors = process.communicate(timeout=10)
    assert process.returncode == 1
    assert errors.startswith("cannot serve the sample registry: ")
    assert errors.count("\n") == 1


def test_a_folder_without_samples_is_told_in_one_line(tmp_path: Path) -> None:
    with started("--samples", str(tmp_path)) as process:
        _, errors = process.communicate(timeout=10)
    assert process.returncode == 1
    assert "no sample registry in" in errors
