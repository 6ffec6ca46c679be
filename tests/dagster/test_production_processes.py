"""Daemon and webserver as docker-compose.yml starts them, on the instance of production."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import redis

from src.local_stack.replay import ReplayServer
from src.local_stack.replay.addresses import replayed_addresses
from tests.dagster.ui import ROOT, WebServer, web_server
from tests.e2e.shelf import Shelf
from tests.servers.process import running

pytestmark = [pytest.mark.xdist_group("stack"), pytest.mark.timeout(180), pytest.mark.long]

_START = """mutation ($selector: ScheduleSelector!) {
  startSchedule(scheduleSelector: $selector) { __typename } }"""
_SCHEDULES = """{ schedulesOrError(repositorySelector: {
    repositoryName: "__repository__", repositoryLocationName: "src.dagster_app" }) {
  ... on Schedules { results { name scheduleState { status } } } } }"""


@pytest.fixture
def registry() -> Iterator[ReplayServer]:
    shelf = Shelf()
    shelf.put("wanted", v1_0=["needed >= 1"])
    shelf.put("needed", v1_0=[])
    with ReplayServer(shelf) as server:
        yield server


@pytest.fixture
def environment(
    tmp_path: Path, registry, postgres_server, redis_address, falkordb_server, secantusdb_server
) -> Mapping[str, str]:
    home = tmp_path / "home"
    home.mkdir()
    text = (ROOT / "dagster_home" / "dagster.yaml").read_text()
    (home / "dagster.yaml").write_text(text.replace("/opt/dagster/dagster_home", str(home)))
    host, port = redis_address
    return {
        **postgres_server.environment(),
        "GRAPH_DB_URI": falkordb_server.uri(tmp_path.name),
        "VULN_DB_URI": secantusdb_server.uri,
        "REDIS_HOST": host,
        "REDIS_PORT": str(port),
        **replayed_addresses(registry.url),
        "QUEUE_BUDGET_SECONDS": "5",
        "CACHE_DIR": str(tmp_path / "cache"),
        "DAGSTER_HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
    }


def schedules(ui: WebServer) -> dict[str, str]:
    found = ui.ask(_SCHEDULES)["schedulesOrError"]["results"]
    return {schedule["name"]: schedule["scheduleState"]["status"] for schedule in found}


def drained(address: tuple[str, int]) -> bool:
    """Tell whether the message, and what it brought in, was settled, and not dead-lettered."""
    with redis.Redis(*address, decode_responses=True) as client:
        assert not client.exists("package_extraction-dlq")
        assert not client.exists("package_extraction-retry")
        return client.xlen("package_extraction") == 0


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_run_goes_through_the_daemons_queue_and_is_cancelled_from_the_webserver(
    tmp_path, environment, registry, redis_address
):
    with redis.Redis(*redis_address) as client:
        client.xadd(
            "package_extraction", {"data": '{"node_type":"PyPIPackage","package":"wanted"}'}
        )
    daemon = [sys.executable, "-m", "dagster._daemon"]

    def lives() -> bool:
        # The health check of the container.
        check = subprocess.run(
            [*daemon, "liveness-check"], env=environment, capture_output=True, check=False
        )
        return check.returncode == 0

    (tmp_path / "daemon").mkdir()
    (tmp_path / "ui").mkdir()
    assert not lives()  # and the tables are made
    with (
        running(
            [*daemon, "run", "-m", "src.dagster_app"],
            folder=tmp_path / "daemon",
            answers=lambda: True,
            environment=environment,
            stop=signal.SIGKILL,
        ),
        web_server(tmp_path / "ui", environment) as ui,
    ):
        wait_until(lives, 60)
        assert schedules(ui)["redis_queue_processor"] == "RUNNING"
        assert schedules(ui)["pypi_weekly_ingestion"] == "STOPPED"
        selector = {
            "repositoryName": "__repository__",
            "repositoryLocationName": "src.dagster_app",
            "scheduleName": "pypi_weekly_ingestion",
        }
        ui.ask(_START, selector=selector)
        assert schedules(ui)["pypi_weekly_ingestion"] == "RUNNING"

        run = ui.launch("redis_queue_processor")
        ui.wait_for(run, "SUCCESS", 60)
        # A tick of the schedule may have taken the message instead.
        wait_until(lambda: drained(redis_address), 30)

        registry.delay_seconds = 30.0
        stuck = ui.launch("pypi_package_ingestion")
        ui.wait_for(stuck, "STARTED", 60)
        ui.terminate(stuck)
        ui.wait_for(stuck, "CANCELED", 10)
