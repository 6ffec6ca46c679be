"""Dagster's own commands work on a bare clone with an empty environment."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def start(command: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "dagster", *command.split(), "-m", "src.dagster_app"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_dagster_lists_and_validates_our_definitions_without_any_configuration(tmp_path):
    running = [
        start("definitions validate"),
        start("asset list"),
        # The state of a schedule lives in an instance, so Dagster asks for that one variable.
        start("schedule list", DAGSTER_HOME=str(tmp_path)),
    ]
    validated, assets, schedules = (process.communicate(timeout=100)[0] for process in running)
    assert [process.returncode for process in running] == [0, 0, 0], validated + assets + schedules
    assert "Validation successful for code location src.dagster_app" in validated
    assert {"pypi_package_ingestion", "redis_queue_processor"} <= set(assets.split())
    assert "Schedule: pypi_daily_update [RUNNING]" in schedules
    assert "Schedule: pypi_weekly_ingestion [STOPPED]" in schedules
