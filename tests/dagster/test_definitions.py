"""The names, groups, times and resources that other programs rely on."""

import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from src.dagster_app.definitions import build_definitions

ROOT = Path(__file__).parents[2]

ECOSYSTEMS = ("pypi", "npm", "maven", "nuget", "cargo", "rubygems")
ASSETS = {
    **{f"{ecosystem}_package_ingestion": ecosystem for ecosystem in ECOSYSTEMS},
    **{f"{ecosystem}_packages_updates": ecosystem for ecosystem in ECOSYSTEMS},
    "redis_queue_processor": "redis_queue",
    "osv_advisories": "advisories",
}
SCHEDULES = {
    ("pypi_weekly_ingestion", "0 2 * * 0", "STOPPED"),
    ("npm_weekly_ingestion", "0 3 * * 0", "STOPPED"),
    ("maven_weekly_ingestion", "0 4 * * 0", "STOPPED"),
    ("nuget_weekly_ingestion", "0 5 * * 0", "STOPPED"),
    ("cargo_weekly_ingestion", "0 6 * * 0", "STOPPED"),
    ("rubygems_weekly_ingestion", "0 7 * * 0", "STOPPED"),
    ("pypi_daily_update", "0 10 * * *", "RUNNING"),
    ("npm_daily_update", "0 12 * * *", "RUNNING"),
    ("maven_daily_update", "0 14 * * *", "RUNNING"),
    ("cargo_daily_update", "0 16 * * *", "RUNNING"),
    ("rubygems_daily_update", "0 18 * * *", "RUNNING"),
    ("nuget_daily_update", "0 20 * * *", "RUNNING"),
    ("redis_queue_processor", "*/5 * * * *", "RUNNING"),
    ("osv_advisories_sync", "*/15 * * * *", "RUNNING"),
    ("osv_advisories_reconcile", "30 0 * * *", "RUNNING"),
}
RESOURCES = {
    "pypi_service": "PyPIServiceResource",
    "npm_service": "NPMServiceResource",
    "maven_service": "MavenServiceResource",
    "cargo_service": "CargoServiceResource",
    "rubygems_service": "RubyGemsServiceResource",
    "nuget_service": "NuGetServiceResource",
    "package_service": "PackageServiceResource",
    "version_service": "VersionServiceResource",
    "vulnerability_service": "VulnerabilityServiceResource",
    "attributor": "AttributorResource",
}


@pytest.fixture(scope="module")
def defs() -> dg.Definitions:
    return build_definitions()


def test_the_assets_and_their_groups_are_those_of_the_contract(defs):
    specs = defs.resolve_all_asset_specs()
    assert {spec.key.to_user_string(): spec.group_name for spec in specs} == ASSETS


def test_the_schedules_keep_their_names_times_and_states(defs):
    found = {
        (schedule.name, schedule.cron_schedule, schedule.default_status.value)
        for schedule in defs.schedules or ()
    }
    assert found == SCHEDULES
    assert {s.execution_timezone for s in defs.schedules or ()} == {"UTC"}


def test_the_resources_of_the_contract_are_there(defs):
    found = {key: type(resource).__name__ for key, resource in (defs.resources or {}).items()}
    assert {key: found.get(key) for key in RESOURCES} == RESOURCES


def test_the_definitions_can_be_loaded(defs):
    dg.Definitions.validate_loadable(defs)


def test_importing_needs_no_environment_and_opens_no_connection():
    script = (
        "import socket\n"
        "def refuse(*a, **k): raise AssertionError('a connection was opened')\n"
        "socket.socket.connect = refuse\n"
        "import src.dagster_app\n"
        "print(len(src.dagster_app.defs.schedules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(len(SCHEDULES))
