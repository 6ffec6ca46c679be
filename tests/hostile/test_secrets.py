"""No secret is ever told: not in a log, an error, a dead letter, a run's events, or the command line."""

import json
import logging
import socket
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import dagster as dg
import pytest
from typer.testing import CliRunner

from src.cli.main import app
from src.dagster_app import defs, runtime
from src.dagster_app.resources import default_resources
from src.local_stack.replay import Document, Fault, ReplayServer
from src.local_stack.replay.addresses import replayed_addresses
from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import IngestionError
from src.schemas.package import KnownPackage, ListedPackage
from src.services.dbs.graph_driver import open_graph
from src.services.vulnerability.advisory_store import open_advisories
from src.settings import Settings, get_settings
from tests.e2e.shelf import Shelf

SECRET = "hunter2-Zq9"
"""Part of every password here; it needs no escape, so that no form of it can hide."""
SECRETS = {
    "GRAPH_DB_PASSWORD": f"graph-{SECRET}",
    "VULN_DB_PASSWORD": f"vuln-{SECRET}",
    "POSTGRES_PASSWORD": f"postgres-{SECRET}",
}


@pytest.fixture
def closed() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class WithLogin(Shelf):
    """A PyPI whose documents are broken in as many ways as there are projects."""

    def document(self, path: str, query: str = "") -> Document | None:
        found = super().document(path, query)
        if found is not None and "/broken/" in path:
            return Document(b"{", found.content_type)
        if found is not None and "/renamed/" in path:
            return Document(found.body.replace(b"renamed", b"other"), found.content_type)
        if found is not None and "/page/" in path:
            return Document(b"<html>", "text/html")
        return found


PROJECTS = ("good", "broken", "renamed", "page", "away", "down")


@pytest.fixture
def registry() -> Iterator[ReplayServer]:
    shelf = WithLogin()
    for name in PROJECTS:
        shelf.put(name, v1_0=[])
    faults = {
        "/pypi/simple/away/": Fault(status=302, headers={"location": "http://10.0.0.1/x"}),
        "/pypi/simple/down/": Fault(status=503),
    }
    with ReplayServer(shelf) as server:
        server.faults = lambda path, _: faults.get(path)
        yield server


@pytest.fixture
def configure(
    monkeypatch, tmp_path, redis_address, falkordb_server
) -> Iterator[Callable[..., None]]:
    """Set the environment of a process that knows secrets."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(runtime, "RETRIES", 0)
    graph = falkordb_server.uri(tmp_path.name)
    host, port = redis_address
    values = {
        **SECRETS,
        "GRAPH_DB_URI": graph.replace("://", f"://default:{SECRET}@"),
        "VULN_DB_URI": f"mongodb://me:{SECRET}@127.0.0.1:1/admin?serverSelectionTimeoutMS=300",
        "REDIS_HOST": host,
        "REDIS_PORT": str(port),
        "POSTGRES_HOST": "127.0.0.1",
        "POSTGRES_PORT": "1",
        "CACHE_DIR": str(tmp_path / "cache"),
        "HTTP_BUDGET_SECONDS": "3",
        "HTTP_RATE_PER_SECOND": "0",
        "MAVEN_RATE_PER_SECOND": "0",
        "QUEUE_MAX_ATTEMPTS": "1",
        "QUEUE_BUDGET_SECONDS": "20",
        "MAX_ERROR_RATE": "100",
        "DAGSTER_HOME": str(tmp_path),
        "SSC_HOME": str(tmp_path / "ssc"),
    }

    def apply(**more: str) -> None:
        for name, value in {**values, **more}.items():
            monkeypatch.setenv(name, value)
        get_settings.cache_clear()

    yield apply
    get_settings.cache_clear()


def with_login(server: ReplayServer) -> dict[str, str]:
    """The addresses of every registry, each with a user and a password."""
    url = server.url.replace("://", f"://user:{SECRET}@")
    return replayed_addresses(url)


def open_falkordb(configure: Callable[..., None], falkordb_server, **more: str) -> None:
    """Configure with a graph that lets us in; the others stay out of reach."""
    configure(GRAPH_DB_URI=falkordb_server.uri("secrets"), GRAPH_DB_PASSWORD="", **more)


def materialized(name: str, config: dict[str, object] | None = None) -> str:
    """Run an asset as the UI would; return everything that Dagster keeps of the run."""
    with dg.DagsterInstance.ephemeral() as instance:
        job = defs.resolve_implicit_global_asset_job_def()
        ops = {"ops": {name: {"config": config}}} if config else {}
        result = job.execute_in_process(
            instance=instance,
            asset_selection=[dg.AssetKey(name)],
            raise_on_error=False,
            run_config=ops,
        )
        entries = instance.all_logs(result.run_id)
        run = instance.get_run_by_id(result.run_id)
        return "\n".join([str(run), *(entry.to_json() for entry in entries), *map(str, entries)])


def chain(error: BaseException) -> str:
    """Return all that anybody could print of an error, and of those that led to it."""
    told = [str(error), repr(error), "".join(traceback.format_exception(error))]
    seen: list[BaseException | None] = [error]
    while seen:
        each = seen.pop()
        if each is not None:
            told += [str(each), repr(each), repr(vars(each))]
            seen += [each.__cause__, each.__context__]
    return "\n".join(told)


def dead_letters(redis) -> list[dict[str, str]]:
    return [fields for _, fields in redis.xrange("package_extraction-dlq")]


@pytest.fixture
def redis(redis_address):
    import redis as client  # noqa: PLC0415 - the fixture has its name

    with client.Redis(*redis_address, decode_responses=True) as opened:
        yield opened


async def everything_of(falkordb_server) -> str:
    """Return every property of the graph."""
    async with open_graph(falkordb_server.uri("secrets"), "", "") as graph:
        rows = await graph.run("MATCH (n) RETURN labels(n) AS labels, properties(n) AS told")
        edges = await graph.run("MATCH ()-[r]->() RETURN properties(r) AS told")
    return repr((rows, edges))


async def test_a_registry_with_a_login_is_used_and_its_password_told_nowhere(
    configure, registry, falkordb_server, redis, caplog, tmp_path
):
    caplog.set_level(logging.DEBUG)
    open_falkordb(configure, falkordb_server, **with_login(registry))
    for name in (*PROJECTS, "nowhere"):
        redis.xadd(
            "package_extraction",
            {"data": json.dumps({"node_type": "PyPIPackage", "package": name})},
        )
    told = in_thread(lambda: materialized("redis_queue_processor"))
    letters = dead_letters(redis)
    assert len(letters) == len(PROJECTS)
    assert {letter["reason"] for letter in letters} == {"extraction_failed", "package_not_found"}
    told += in_thread(lambda: materialized("pypi_package_ingestion", {"names": [*PROJECTS]}))
    kept = await everything_of(falkordb_server)
    assert "'good'" in kept
    for place in (told, repr(letters), kept, caplog.text, files_in(tmp_path)):
        assert SECRET not in place, shown(place)


BROKEN = (b"{", b"<html>", b"", b"{}", b"<metadata/>", b"\x1f\x8b\x08")


@pytest.mark.parametrize("ecosystem", list(Ecosystem), ids=str)
async def test_no_error_of_a_registry_with_a_login_holds_its_password(
    configure, registry, caplog, ecosystem
):
    caplog.set_level(logging.DEBUG)
    configure(**with_login(registry))
    name = {"maven": "org.example:x"}.get(str(ecosystem), "x")
    resource: Any = default_resources()[f"{ecosystem}_service"]
    errors = []
    for content in (*BROKEN, None):
        broken = Fault(body=content, status=200) if content is not None else Fault(status=404)
        registry.faults = lambda _path, _time, fault=broken: fault
        async with resource.open() as client:
            for call in (
                client.listing,
                partial(client.changes, ""),
                partial(client.fetch, ListedPackage(name), KnownPackage()),
            ):
                try:
                    await call()
                except IngestionError as error:
                    errors.append(error)
    assert len(errors) > len(BROKEN)
    for error in errors:
        assert SECRET not in chain(error), shown(chain(error))
    assert SECRET not in caplog.text, shown(caplog.text)


def in_thread(work: Callable[[], str]) -> str:
    """Run an asset beside this test's event loop, as it has one of its own."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def shown(place: str) -> str:
    at = place.index(SECRET)
    return place[max(0, at - 300) : at + 100]


def files_in(folder) -> str:
    return "\n".join(
        f"{path}\n{path.read_bytes().decode('latin-1')}"
        for path in folder.rglob("*")
        if path.is_file()
    )


@pytest.mark.parametrize("asset", ["redis_queue_processor", "npm_packages_updates"])
def test_a_run_whose_servers_refuse_or_are_away_tells_no_password(
    configure, registry, closed, caplog, asset
):
    caplog.set_level(logging.DEBUG)
    for address in ("falkordb://u:{}@127.0.0.1:{}/g", "bolt://127.0.0.1:{1}"):
        configure(GRAPH_DB_URI=address.format(SECRET, closed), **with_login(registry))
        assert SECRET not in materialized(asset)
    configure(REDIS_PORT=str(closed))
    told = materialized(asset)
    assert "RUN_FAILURE" in told or "PipelineRunStatus" in told or "STEP_FAILURE" in told
    assert SECRET not in told
    assert SECRET not in caplog.text


ADDRESSES = (
    f"mongodb://me:{SECRET}@127.0.0.1:1/admin",
    f"mongodb://me:{SECRET}@127.0.0.1:port/admin",
    f"mongodb://me:{SECRET}@127.0.0.1:99999/admin",
    f"mongodb://me:{SECRET}@x@127.0.0.1/admin",
    f"mongodb://me:{SECRET}:more@127.0.0.1/admin",
    f"mongodb://me:{SECRET}%@127.0.0.1/admin",
    f"mongodb://me:{SECRET}/x@127.0.0.1/admin",
    f"mongodb://me:{SECRET}@127.0.0.1/admin?authMechanism=NONE",
    f"mongodb://me:{SECRET}@127.0.0.1/admin?tls=perhaps",
    f"mongodb://me:{SECRET}@[::1/admin",
    f"mongodb+srv://me:{SECRET}@127.0.0.1/admin",
    f"mongodb://me:{SECRET}@",
    f"http://me:{SECRET}@127.0.0.1/",
)


@pytest.mark.parametrize("uri", ADDRESSES)
async def test_no_error_of_an_advisory_database_holds_its_password(uri, caplog):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(IngestionError) as raised:
        async with open_advisories(uri, "me", SECRET, connect_timeout_seconds=0.3):
            pass
    assert SECRET not in chain(raised.value), shown(chain(raised.value))
    assert SECRET not in caplog.text


GRAPHS = (
    f"falkordb://u:{SECRET}@127.0.0.1:{{closed}}/g",
    f"falkordb://u:{SECRET}@127.0.0.1:port/g",
    f"falkordb://u:{SECRET}@127.0.0.1:{{closed}}",
    f"falkordb://u:{SECRET}@[::1/g",
    f"falkordb://u:{SECRET}/x@127.0.0.1/g",
    f"bolt://u:{SECRET}@127.0.0.1:{{closed}}",
    f"bolt://u:{SECRET}@127.0.0.1:port",
    f"bolt://127.0.0.1:{{closed}}/?password={SECRET}",
    "bolt://127.0.0.1:{closed}",
    f"http://u:{SECRET}@127.0.0.1",
)


@pytest.mark.parametrize("uri", GRAPHS)
async def test_no_error_of_a_graph_holds_its_password(uri, closed, caplog):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(IngestionError) as raised:
        async with open_graph(
            uri.format(closed=closed), "u", SECRET, attempts=1, connect_timeout_seconds=0.3
        ):
            pass
    assert SECRET not in chain(raised.value), shown(chain(raised.value))
    assert SECRET not in caplog.text


async def test_a_wrong_password_of_falkordb_is_told_without_it(falkordb_server, caplog):
    caplog.set_level(logging.DEBUG)
    uri = falkordb_server.uri("g").replace("://", f"://nobody:{SECRET}@")
    with pytest.raises(IngestionError, match="refuses") as raised:
        async with open_graph(uri, "", "", attempts=1):
            pass
    assert SECRET not in chain(raised.value) + caplog.text


async def test_a_wrong_password_of_neo4j_is_told_without_it(neo4j_server, caplog):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(IngestionError, match="refuses") as raised:
        async with open_graph(neo4j_server[0], "neo4j", SECRET, attempts=1):
            pass
    assert SECRET not in chain(raised.value) + caplog.text


COMMANDS = (
    ("doctor",),
    ("status",),
    ("env",),
    ("logs", "graph"),
    ("graph", "fingerprint"),
    ("graph", "migrate"),
    ("vulns", "pkg:pypi/x@1.0"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("graph", ["falkordb://u:{}@127.0.0.1:{}/g", "bolt://u:{}@127.0.0.1:{}"])
def test_no_command_prints_a_password(configure, closed, caplog, command, graph):
    caplog.set_level(logging.DEBUG)
    login = f"http://me:{SECRET}@127.0.0.1:{closed}/x"
    registries = {name.upper(): login for name in Settings.model_fields if name.endswith("_url")}
    configure(GRAPH_DB_URI=graph.format(SECRET, closed), **registries)
    result = CliRunner().invoke(app, list(command))
    told = result.output + (chain(result.exception) if result.exception else "")
    assert SECRET not in told, shown(told)
    assert SECRET not in caplog.text


def test_settings_that_are_printed_show_no_password_of_their_own(configure):
    configure(VULN_DB_URI="mongodb://127.0.0.1", GRAPH_DB_URI="bolt://127.0.0.1")
    told = f"{Settings()!r} {Settings()} {Settings().model_dump_json()}"
    assert SECRET not in told
