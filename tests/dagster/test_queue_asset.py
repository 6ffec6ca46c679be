"""The queue in Dagster: when its schedule runs it, what a run tells, and when its check warns."""

import json
import uuid
from collections.abc import Iterator

import dagster as dg
import pytest
import redis
from dagster._core.remote_origin import (
    RegisteredCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)

from src.dagster_app.assets.redis_queue_assets import CHECK, redis_queue_processor
from src.dagster_app.definitions import build_definitions
from src.dagster_app.resources.extraction import ExtractionResource
from src.dagster_app.resources.queue import MessageQueueResource
from src.local_stack.replay import ReplayServer
from src.local_stack.replay.addresses import replayed_addresses
from src.services.queue.message_stream import now_ms
from src.services.queue.redis_keys import QueueKeys
from src.settings import get_settings
from tests.e2e.shelf import Shelf
from tests.servers.process import free_port

NAME = "redis_queue_processor"


@pytest.fixture
def keys() -> QueueKeys:
    return QueueKeys(f"test-{uuid.uuid4().hex}", "group")


@pytest.fixture(autouse=True)
def environment(redis_address, keys, tmp_path, monkeypatch) -> Iterator[None]:
    """Settings that lead to the queue of this test."""
    host, port = redis_address
    values = {
        "REDIS_HOST": host,
        "REDIS_PORT": str(port),
        "REDIS_STREAM": keys.stream,
        "REDIS_GROUP": keys.group,
        "CACHE_DIR": str(tmp_path / "cache"),
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


@pytest.fixture
def raw(redis_address) -> Iterator[redis.Redis]:
    with redis.Redis(*redis_address, decode_responses=True) as client:
        yield client


@pytest.fixture(scope="module")
def made_once(tmp_path_factory) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.local_temp(str(tmp_path_factory.mktemp("dagster"))) as made:
        yield made


@pytest.fixture
def instance(made_once) -> dg.DagsterInstance:
    """An instance that knows no run yet."""
    made_once.wipe()
    return made_once


@pytest.fixture(scope="module")
def schedule() -> dg.ScheduleDefinition:
    return build_definitions().resolve_schedule_def(NAME)


@pytest.fixture
def tick(schedule, instance):
    """Evaluates the schedule as the daemon does."""

    def evaluate() -> dg.RunRequest | dg.SkipReason:
        with dg.build_schedule_context(
            instance=instance, resources={"message_queue": MessageQueueResource()}
        ) as context:
            told = schedule.evaluate_tick(context)
        if told.run_requests:
            [request] = told.run_requests
            return request
        return dg.SkipReason(told.skip_message)

    return evaluate


def test_an_empty_queue_is_not_run(tick):
    assert tick() == dg.SkipReason("the queue is empty")


def waiting(raw, keys):
    raw.xadd(keys.stream, {"data": "x"})


def pending(raw, keys):
    raw.xadd(keys.stream, {"data": "x"})
    raw.xgroup_create(keys.stream, keys.group, id="0")
    raw.xreadgroup(keys.group, "crashed", {keys.stream: ">"})


def retry(due_ms):
    def put_there(raw, keys):
        fields = ["data", "x", "first_seen", "1000"]
        raw.zadd(keys.retry, {json.dumps({"id": "1-0", "fields": fields}): due_ms})

    return put_there


@pytest.mark.parametrize(
    "something", [waiting, pending, retry(1)], ids=["waiting", "pending", "due"]
)
def test_a_queue_where_there_is_something_to_do_is_run(tick, raw, keys, something):
    something(raw, keys)
    assert isinstance(tick(), dg.RunRequest)


def test_what_is_not_due_yet_is_left_to_a_later_tick(tick, raw, keys):
    retry(now_ms() + 60_000)(raw, keys)
    assert tick() == dg.SkipReason("the queue is empty")


def test_dead_letters_alone_are_nothing_to_do(tick, raw, keys):
    raw.xadd(keys.dead_letters, {"data": "x"})
    assert tick() == dg.SkipReason("the queue is empty")


@dg.job
def some_job() -> None:
    """A run of anything has a status and a schedule."""


def begun(instance, status, schedule) -> dg.DagsterRun:
    """Note a run of that schedule."""
    place = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("tests"), "tests")
    return instance.create_run_for_job(
        some_job,
        status=status,
        tags={"dagster/schedule_name": schedule},
        remote_job_origin=RemoteJobOrigin(place, "some_job"),
    )


@pytest.mark.parametrize(
    ("status", "runs"),
    [
        (dg.DagsterRunStatus.QUEUED, False),
        (dg.DagsterRunStatus.NOT_STARTED, False),
        (dg.DagsterRunStatus.STARTING, False),
        (dg.DagsterRunStatus.STARTED, False),
        (dg.DagsterRunStatus.CANCELING, False),
        (dg.DagsterRunStatus.SUCCESS, True),
        (dg.DagsterRunStatus.FAILURE, True),
        (dg.DagsterRunStatus.CANCELED, True),
    ],
)
def test_a_schedule_never_overlaps_its_own_run(tick, raw, keys, instance, status, runs):
    waiting(raw, keys)
    run = begun(instance, status, NAME)
    told = tick()
    if runs:
        assert isinstance(told, dg.RunRequest)
    else:
        assert told == dg.SkipReason(f"run {run.run_id} still drains the queue")


def test_a_run_of_something_else_does_not_hinder_it(tick, raw, keys, instance):
    waiting(raw, keys)
    begun(instance, dg.DagsterRunStatus.STARTED, "pypi_daily_update")
    assert isinstance(tick(), dg.RunRequest)


def test_a_tick_without_redis_fails_and_says_why(tick, monkeypatch):
    monkeypatch.setenv("REDIS_PORT", str(free_port()))
    get_settings.cache_clear()
    with pytest.raises(Exception, match="schedule") as failed:
        tick()
    causes = []
    error: BaseException | None = failed.value
    while error is not None:
        causes.append(f"{type(error).__name__}: {getattr(error, 'description', error)}")
        error = error.__cause__
    assert any("Failure: cannot" in cause for cause in causes), causes


@pytest.fixture
def shelf() -> Shelf:
    made = Shelf()
    made.put("lib", v1_0=[])
    made.put("app", v1_0=["lib>=1"])
    return made


@pytest.fixture
def materialize(shelf, falkordb_server, secantusdb_server, instance, monkeypatch):
    """Runs the asset as the schedule does, and returns its metadata and its check."""
    monkeypatch.setenv("GRAPH_DB_URI", falkordb_server.uri(f"queue-{uuid.uuid4().hex}"))
    monkeypatch.setenv("VULN_DB_URI", secantusdb_server.uri)
    monkeypatch.setenv("HTTP_RATE_PER_SECOND", "0")

    def run():
        resources = {**build_definitions().resources, "extraction": ExtractionResource()}
        result = dg.materialize([redis_queue_processor], instance=instance, resources=resources)
        [materialization] = result.asset_materializations_for_node(NAME)
        [check] = result.get_asset_check_evaluations()
        metadata = {key: value.value for key, value in materialization.metadata.items()}
        return metadata, check

    with ReplayServer(shelf) as server:
        for name, address in replayed_addresses(server.url).items():
            monkeypatch.setenv(name, address)
        get_settings.cache_clear()
        yield run


def push(raw, keys, **message):
    raw.xadd(keys.stream, {"data": json.dumps(message)})


def test_a_run_tells_what_became_of_the_messages_and_how_the_queue_is_now(materialize, raw, keys):
    push(raw, keys, node_type="PyPIPackage", package="app")
    push(raw, keys, node_type="CondaPackage", package="app")
    retry(now_ms() + 3_600_000)(raw, keys)
    metadata, _ = materialize()
    assert metadata.pop("oldest_message_seconds") > 1e9
    assert metadata == {
        "total_processed": 3,
        "successful": 2,
        "failed": 0,
        "validation_errors": 0,
        "unsupported_types": 1,
        "retried": 0,
        "success_rate": 66.67,
        "linked": 0,
        "discovered_packages": 1,
        "dead_letter_reasons": {"unsupported_type": 1},
        "lag": 0,
        "pending": 0,
        "waiting_for_retry": 1,
        "dead_letters": 1,
        "dead_letters_by_reason": {"unsupported_type": 1},
    }
    assert raw.xinfo_consumers(keys.stream, keys.group) == []


def test_the_check_warns_where_dead_letters_grow_and_passes_where_they_do_not(
    materialize, raw, keys
):
    _, check = materialize()
    assert (check.check_name, check.passed) == (CHECK, True)

    raw.xadd(keys.stream, {"data": "{no json"})
    raw.xadd(keys.stream, {"other": "field"})
    _, check = materialize()
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert "2 dead letters more than before" in check.description
    assert {key: value.value for key, value in check.metadata.items()} == {
        "before": 0,
        "now": 2,
        "reason invalid_json": 1,
        "reason no_data_field": 1,
    }

    _, check = materialize()
    assert check.passed
    raw.xtrim(keys.dead_letters, maxlen=1)
    _, check = materialize()
    assert check.passed
    raw.xadd(keys.stream, {"data": "{no json"})
    _, check = materialize()
    assert not check.passed
