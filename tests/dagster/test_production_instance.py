"""The instance of production, as dagster_home/dagster.yaml describes it, on a real PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import psycopg2
import pytest
from dagster._core.launcher import DefaultRunLauncher
from dagster._core.run_coordinator import QueuedRunCoordinator
from dagster._core.storage.local_compute_log_manager import LocalComputeLogManager
from dagster._core.test_utils import environ

from tests.servers.postgres import PostgresServer

ROOT = Path(__file__).parents[2]
CONTAINER_HOME = "/opt/dagster/dagster_home"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The real dagster.yaml; only the container's folder is replaced by one of ours."""
    text = (ROOT / "dagster_home" / "dagster.yaml").read_text()
    made = tmp_path / "home"
    made.mkdir()
    (made / "dagster.yaml").write_text(text.replace(CONTAINER_HOME, str(made)))
    return made


@pytest.fixture
def instance(home: Path, postgres_server: PostgresServer) -> Iterator[dg.DagsterInstance]:
    with environ(postgres_server.environment()), dg.DagsterInstance.from_config(str(home)) as made:
        yield made


@dg.asset
def answer() -> int:
    return 42


def test_the_storage_is_the_postgres_that_the_environment_names(instance, postgres_server):
    assert type(instance.run_storage).__module__.startswith("dagster_postgres.")
    assert type(instance.event_log_storage).__module__.startswith("dagster_postgres.")
    assert type(instance.schedule_storage).__module__.startswith("dagster_postgres.")
    connection = psycopg2.connect(
        host=postgres_server.host,
        port=postgres_server.port,
        dbname=postgres_server.db,
        user=postgres_server.user,
        password=postgres_server.password,
    )
    cursor = connection.cursor()
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    tables = {name for (name,) in cursor.fetchall()}
    connection.close()
    assert {"runs", "event_logs", "job_ticks", "daemon_heartbeats"} <= tables


def test_launcher_coordinator_and_logs_are_those_of_the_contract(instance, home):
    assert type(instance.run_launcher) is DefaultRunLauncher
    assert type(instance.run_coordinator) is QueuedRunCoordinator
    assert type(instance.compute_log_manager) is LocalComputeLogManager
    assert instance.root_directory == str(home / "storage")
    assert instance.run_monitoring_enabled
    assert instance.run_retries_enabled
    assert not instance.run_retries_retry_on_asset_or_op_failure
    assert not instance.telemetry_enabled


def test_one_run_at_a_time_holds_the_pool_of_an_ecosystem(instance):
    queue = instance.get_concurrency_config()
    assert queue.pool_config.default_pool_limit == 1
    assert str(queue.pool_config.pool_granularity.value) == "run"
    assert queue.run_queue_config.max_concurrent_runs == 8


def test_a_run_leaves_its_history_in_postgres_and_its_output_in_the_folder(instance, home):
    result = dg.materialize([answer], instance=instance)
    assert result.success
    assert instance.get_run_by_id(result.run_id).status is dg.DagsterRunStatus.SUCCESS
    event = instance.get_latest_materialization_event(dg.AssetKey("answer"))
    assert event is not None
    assert event.run_id == result.run_id
    assert list((home / "storage").rglob("answer"))
    assert [path for path in (home / "logs").rglob(f"*{result.run_id}*") if path.is_dir()]


def test_a_missing_variable_is_told_by_its_name(home, postgres_server):
    told = {**postgres_server.environment(), "POSTGRES_PASSWORD": None}
    with (
        environ(told),
        pytest.raises(dg.DagsterError, match="POSTGRES_PASSWORD"),
        dg.DagsterInstance.from_config(str(home)) as made,
    ):
        made.get_runs_count()
