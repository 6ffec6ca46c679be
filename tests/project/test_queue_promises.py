"""What README promises of the queue is what the queue does by default."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
import typer

from src.cli.main import app
from src.dagster_app.resources.extraction import ExtractionResource
from src.processes.queue import fates, requests
from src.processes.queue.options import QueueOptions
from src.schemas.errors import PackageNotFoundError, ParentNotFoundError
from src.settings import Settings, get_settings

README = (Path(__file__).parents[2] / "README.md").read_text()
QUEUE = README.partition("\n## Queue\n")[2].partition("\n## ")[0]
OPTIONS = QueueOptions()


def row(name: str) -> str:
    [found] = re.findall(rf"^\| {re.escape(name)} \| (.*) \|$", QUEUE, re.MULTILINE)
    return found


def test_the_settings_default_to_what_the_processor_defaults_to(monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir("/")
    get_settings.cache_clear()
    assert ExtractionResource().queue() == OPTIONS
    get_settings.cache_clear()


def test_how_often_and_for_how_long_a_message_is_tried():
    rests = [OPTIONS.rest_seconds(failed) for failed in range(1, OPTIONS.max_attempts)]
    told = row("retried")
    assert f"{OPTIONS.max_attempts} tries" in told
    assert f"{rests[0] / 60:.0f} min after the first" in told
    assert all(later == min(3_600, 2 * rest) for rest, later in pairwise(rests))
    assert f"up to {max(rests) / 3_600:.0f} h" in told
    assert f"about {sum(rests) / 3_600:.0f} h in all" in told


def test_every_reason_of_a_dead_letter_is_told():
    known = {value for name, value in vars(requests).items() if name.startswith("REASON_")}
    known |= {value for name, value in vars(fates).items() if name.startswith("REASON_")}
    known |= {PackageNotFoundError("").reason, ParentNotFoundError("").reason}
    told = set(re.findall(r"`(\w+)`", row("given up at once") + row("given up in the end")))
    assert told == known


@pytest.mark.parametrize(
    ("name", "figure"),
    [
        ("given up at once", f"over {requests.MAX_BYTES // 1024} KiB"),
        ("given up in the end", f"{OPTIONS.max_deliveries} deliveries"),
        ("a consumer that dies", f"after {OPTIONS.claim_seconds:.0f} s of silence"),
        ("discovery", f"{OPTIONS.discovery_depth} steps deep"),
        ("discovery", f"{OPTIONS.discovery_budget:,} packages a run"),
        ("`QUEUE_MAX_ATTEMPTS`", f"{OPTIONS.max_attempts} |"),
        ("`QUEUE_RETRY_SECONDS`", f"{OPTIONS.retry_seconds:.0f} |"),
        ("`QUEUE_CLAIM_SECONDS`", f"{OPTIONS.claim_seconds:.0f} |"),
        ("`QUEUE_BUDGET_SECONDS`", f"{OPTIONS.budget_seconds:.0f} |"),
        ("`QUEUE_DISCOVERY_DEPTH`", f"{OPTIONS.discovery_depth} |"),
        ("`DISCOVERY_BUDGET`", f"{OPTIONS.discovery_budget} |"),
    ],
)
def test_every_figure_is_the_default(name, figure):
    assert figure in row(name)


def test_every_command_of_the_readme_exists():
    commands = typer.main.get_command(app).commands
    named = re.findall(r"\./ssc ([a-z]+)(?: ([a-z]+))?", README)
    assert len(named) > 10
    for first, second in named:
        group = getattr(commands[first], "commands", None)
        if group and second:
            assert second in group
