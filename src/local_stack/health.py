"""Real questions to each part: a part is up when it does its work, not when its process lives."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pymongo
import redis
from pymongo.errors import PyMongoError

from src.local_stack.errors import PartNotReadyError
from src.local_stack.launch import Launch, advisory_address
from src.local_stack.ports import HOST
from src.local_stack.redis_once import ask_once

ASK_SECONDS = 3.0
HEALTH_GRAPH = "ssc_health"
"""A graph of its own, as a query waits for the writers of the graph that it reads."""
HEARTBEAT_SECONDS = 180.0
"""Dagster's daemon beats each 30 s; a busy machine may miss some."""

_LOCATIONS = """{ workspaceOrError { __typename ... on Workspace { locationEntries { name
  locationOrLoadError { __typename ... on PythonError { message } } } } } }"""


def check_graph(launch: Launch, started_at: float) -> None:  # noqa: ARG001
    """Ask the server for a PING and for the answer to a query."""
    port = launch.ports["graph"]
    with ask_once(HOST, port) as client:
        try:
            client.ping()
        except redis.exceptions.BusyLoadingError as error:
            raise PartNotReadyError("it is still reading its data", busy=True) from error
        except (redis.RedisError, OSError) as error:
            raise PartNotReadyError(f"no answer to PING: {error}") from error
        try:
            client.execute_command("GRAPH.QUERY", HEALTH_GRAPH, "RETURN 1")
        except redis.exceptions.TimeoutError as error:
            raise PartNotReadyError("it answers PING but no query yet", busy=True) from error
        except redis.RedisError as error:
            raise PartNotReadyError(f"it cannot run a query: {error}") from error


def stop_graph(launch: Launch) -> None:
    """Tell the server to write everything to disk and end.

    With an append-only file SHUTDOWN flushes and syncs it; SAVE would write a snapshot that is
    never read again.
    """
    port = launch.ports["graph"]
    try:
        with ask_once(HOST, port) as client:
            client.shutdown()
    except (redis.RedisError, OSError):
        return  # SIGTERM follows, and does the same


def check_advisories(launch: Launch, started_at: float) -> None:  # noqa: ARG001
    """Ask the server for a PING and for its databases."""
    milliseconds = int(ASK_SECONDS * 1000)
    client: pymongo.MongoClient[dict[str, object]] = pymongo.MongoClient(
        advisory_address(launch.ports["advisories"]),
        serverSelectionTimeoutMS=milliseconds,
        socketTimeoutMS=milliseconds,
    )
    try:
        client.admin.command("ping")
        client.list_database_names()
    except PyMongoError as error:
        raise PartNotReadyError(f"no answer: {str(error)[:200]}") from error
    finally:
        client.close()


def check_registry(launch: Launch, started_at: float) -> None:  # noqa: ARG001
    """Ask the replay server how it is."""
    _get(f"{launch.address('registry')}/health")


def check_webserver(launch: Launch, started_at: float) -> None:  # noqa: ARG001
    """Ask the UI whether it serves, and whether it could load our definitions."""
    _get(f"{launch.address('webserver')}/server_info")
    answer = _send(
        httpx.Request("POST", f"{launch.address('webserver')}/graphql", json={"query": _LOCATIONS})
    )
    entries = answer.json().get("data", {}).get("workspaceOrError", {}).get("locationEntries")
    if not entries:
        raise PartNotReadyError("it has not loaded the definitions yet")
    for entry in entries:
        loaded = entry["locationOrLoadError"] or {}
        if loaded.get("__typename") == "PythonError":
            first_line = str(loaded["message"]).strip().splitlines()[0]
            raise PartNotReadyError(f"it cannot load {entry['name']}: {first_line}", hopeless=True)
        if not loaded:
            raise PartNotReadyError(f"it is still loading {entry['name']}")


def check_daemon(launch: Launch, started_at: float) -> None:
    """Look for a heartbeat of this very process in Dagster's storage."""
    beat = _last_heartbeat(launch.layout.dagster_storage)
    if beat < started_at:
        raise PartNotReadyError("no heartbeat yet")
    age = datetime.now(UTC).timestamp() - beat
    if age > HEARTBEAT_SECONDS:
        raise PartNotReadyError(f"its last heartbeat is {age:.0f} s old")


def _last_heartbeat(path: Path) -> float:
    if not path.exists():
        return 0.0
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=2)) as storage:
            row = storage.execute("SELECT max(timestamp) FROM daemon_heartbeats").fetchone()
    except sqlite3.Error as error:
        raise PartNotReadyError(f"Dagster's storage cannot be read: {error}") from error
    if not row or not row[0]:
        return 0.0
    return datetime.fromisoformat(row[0]).replace(tzinfo=UTC).timestamp()


def _get(url: str) -> httpx.Response:
    return _send(httpx.Request("GET", url))


def _send(request: httpx.Request) -> httpx.Response:
    """Send a request to this machine, whatever proxies the environment names."""
    try:
        with httpx.Client(trust_env=False, timeout=ASK_SECONDS) as client:
            answer = client.send(request)
    except httpx.TimeoutException as error:
        raise PartNotReadyError("no answer in time") from error
    except httpx.HTTPError as error:
        raise PartNotReadyError(f"no answer: {error}") from error
    if not answer.is_success:
        raise PartNotReadyError(f"it answers HTTP {answer.status_code}")
    return answer
