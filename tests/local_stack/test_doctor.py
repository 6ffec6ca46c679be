"""The doctor: each thing that can be wrong has its sentence, and no secret is ever told."""

import shutil
import socket
import threading
import time
from pathlib import Path

import pymongo
import pytest
from pydantic import ValidationError

from src.local_stack.doctor.advisories import check_advisories
from src.local_stack.doctor.examine import (
    bounded,
    check_stack,
    examine,
    explain_settings,
    has_problem,
)
from src.local_stack.doctor.finding import Level, ok
from src.local_stack.doctor.graph import check_graph
from src.local_stack.doctor.instance import check_dagster_home, uses_postgres
from src.local_stack.doctor.machine import check_folder, check_python
from src.local_stack.doctor.network import is_loopback
from src.local_stack.doctor.postgres import check_postgres
from src.local_stack.doctor.registries import check_registries
from src.local_stack.doctor.stream import check_stream
from src.local_stack.layout import CLONE
from src.settings import Settings

SECRET = "hunter2-never-shown"


@pytest.fixture(autouse=True)
def without_a_file_of_settings(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def silent():
    """A server that takes connections and then says something that no database says."""
    server = socket.create_server(("127.0.0.1", 0))

    def answer():
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            connection.sendall(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")
            connection.close()

    threading.Thread(target=answer, daemon=True).start()
    yield server.getsockname()[1]
    server.shutdown(socket.SHUT_RDWR)
    server.close()


@pytest.fixture
def closed():
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield probe.getsockname()[1]


@pytest.fixture
def local(stack):
    stack.up(only=["graph"])
    return stack.environment()


def settings(**values):
    return Settings(**values)


def only(findings):
    (found,) = findings
    return found


@pytest.mark.parametrize(
    ("uri", "says"),
    [
        ("http://graph.test", "the scheme 'http' is none"),
        ("graph.test:7687", "is wrong"),
        ("", "the scheme '' is none"),
        ("bolt://", "it names no host"),
        ("bolt://graph.test:port", "it is no address"),
        (f"mongodb://me:{SECRET}@graph.test", "the scheme 'mongodb' is none"),
        ("bolt://no-such-host.test", "the host name no-such-host.test is unknown"),
    ],
)
def test_a_wrong_graph_address_is_explained(uri, says):
    found = only(check_graph(settings(graph_db_uri=uri)))
    assert found.level is Level.PROBLEM
    assert says in found.says
    assert SECRET not in found.says + found.advice


@pytest.mark.parametrize("scheme", ["bolt", "neo4j", "falkordb"])
def test_a_graph_that_is_not_there_is_told(scheme, closed):
    found = only(check_graph(settings(graph_db_uri=f"{scheme}://127.0.0.1:{closed}/g")))
    assert found.says == f"nothing listens at 127.0.0.1:{closed}"
    assert "ssc up" in found.advice


@pytest.mark.parametrize(
    ("scheme", "says"), [("bolt", "no Bolt session"), ("falkordb", "does not answer as FalkorDB")]
)
def test_a_stranger_in_place_of_the_graph_is_told(scheme, says, silent):
    found = only(check_graph(settings(graph_db_uri=f"{scheme}://127.0.0.1:{silent}/g")))
    assert found.level is Level.PROBLEM
    assert says in found.says


def test_a_graph_that_answers_is_fine(local):
    answers, _ = check_graph(settings(graph_db_uri=local["GRAPH_DB_URI"]))
    assert answers.level is Level.OK


def test_an_address_without_a_graph_name_is_told(local):
    uri = local["GRAPH_DB_URI"].removesuffix("/securechain")
    found = only(check_graph(settings(graph_db_uri=uri)))
    assert "it names no graph" in found.says


def test_a_refused_login_is_told_without_the_password(local, stack, connect):
    port = local["REDIS_PORT"]
    connect(stack).execute_command("ACL", "SETUSER", "reader", "on", ">right", "~*", "+@all")
    uri = f"falkordb://reader:{SECRET}@127.0.0.1:{port}/g"
    found = only(check_graph(settings(graph_db_uri=uri)))
    assert "refuses the login" in found.says
    assert SECRET not in found.says + found.advice
    right = f"falkordb://reader:right@127.0.0.1:{port}/g"
    assert check_graph(settings(graph_db_uri=right))[0].level is Level.OK


@pytest.mark.parametrize(
    "uri",
    [
        "localhost:27017",
        "http://localhost",
        "mongodb://",
        "mongodb://host:port",
        f"mongodb://me:{SECRET}@/",
        f"mongodb://me:{SECRET}@host:99999/",
        f"mongodb://me:{SECRET}/@host/",
    ],
)
def test_a_wrong_advisory_address_is_explained_without_its_password(uri):
    found = only(check_advisories(settings(vuln_db_uri=uri)))
    assert (found.level, "VULN_DB_URI is wrong" in found.says) == (Level.PROBLEM, True)
    assert SECRET not in found.says + found.advice


def test_an_advisory_database_that_is_not_there_is_told(closed):
    uri = f"mongodb://me:{SECRET}@127.0.0.1:{closed}/admin"
    found = only(check_advisories(settings(vuln_db_uri=uri)))
    assert found.says == f"nothing listens at 127.0.0.1:{closed}"
    assert "ssc up" in found.advice


def test_a_stranger_in_place_of_the_advisory_database_is_told(silent):
    uri = f"mongodb://me:{SECRET}@127.0.0.1:{silent}/admin"
    found = only(check_advisories(settings(vuln_db_uri=uri)))
    assert f"at mongodb://127.0.0.1:{silent} but does not answer as MongoDB" in found.says
    assert SECRET not in found.says + found.advice


def test_an_advisory_database_tells_what_it_holds_and_whom_it_refuses(advisory_database):
    with pymongo.MongoClient(advisory_database) as client:
        client["vulnerabilities"]["vulnerabilities"].insert_many([{"_id": 1}, {"_id": 2}])
    found = only(check_advisories(settings(vuln_db_uri=advisory_database)))
    assert (found.level, "; 2 advisories" in found.says) == (Level.OK, True)
    values = {"vuln_db_uri": advisory_database, "vuln_db_password": SECRET}
    refused = only(check_advisories(settings(**values)))
    assert "refuses the login" in refused.says
    assert SECRET not in refused.says + refused.advice


def test_a_stream_tells_what_waits_in_it(local, stack, connect):
    values = {"redis_host": "127.0.0.1", "redis_port": local["REDIS_PORT"]}
    empty = check_stream(settings(**values))
    assert [found.level for found in empty] == [Level.OK, Level.OK]
    assert "is empty" in empty[1].says
    client = connect(stack)
    client.xadd("package_extraction", {"data": "{}"})
    assert "makes the group extractors" in check_stream(settings(**values))[1].says
    client.xgroup_create("package_extraction", "extractors", id="0")
    client.xreadgroup("extractors", "me", {"package_extraction": ">"})
    client.xadd("package_extraction-dlq", {"data": "{}"})
    client.zadd("package_extraction-retry", {"{}": 1})
    says = check_stream(settings(**values))[1].says
    assert says == (
        "1 messages in package_extraction, 1 of extractors pending, 1 waiting for a retry,"
        " 1 dead letters"
    )


def test_a_key_that_is_no_stream_is_told(local, stack, connect):
    connect(stack).set("package_extraction", "text")
    values = {"redis_host": "127.0.0.1", "redis_port": local["REDIS_PORT"]}
    found = check_stream(settings(**values))[1]
    assert (found.level, "is a string, not a stream" in found.says) == (Level.PROBLEM, True)


def test_a_database_number_that_redis_lacks_is_told(local):
    values = {"redis_host": "127.0.0.1", "redis_port": local["REDIS_PORT"], "redis_db": 99}
    assert "has no database 99" in only(check_stream(settings(**values))).says


def test_a_redis_that_wants_a_password_is_told(local, stack, connect):
    client = connect(stack)
    client.config_set("requirepass", "secret")
    values = {"redis_host": "127.0.0.1", "redis_port": local["REDIS_PORT"]}
    found = only(check_stream(settings(**values)))
    client.execute_command("AUTH", "secret")
    client.config_set("requirepass", "")
    assert "refuses us without a login" in found.says


@pytest.mark.parametrize("check", [check_stream, check_postgres])
def test_nothing_or_a_stranger_at_the_address_is_told(check, closed, silent):
    def ask(port):
        return only(
            check(
                settings(
                    redis_host="127.0.0.1",
                    redis_port=port,
                    postgres_host="127.0.0.1",
                    postgres_port=port,
                    postgres_password=SECRET,
                )
            )
        )

    assert ask(closed).says == f"nothing listens at 127.0.0.1:{closed}"
    stranger = ask(silent)
    assert "does not answer as" in stranger.says
    assert SECRET not in stranger.says


def test_postgres_is_looked_at_only_where_it_is_used(monkeypatch, tmp_path):
    assert only(check_postgres(settings())).level is Level.SKIPPED
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    assert only(check_postgres(settings())).level is Level.SKIPPED
    (tmp_path / "dagster.yaml").write_text("storage:\n  postgres:\n")
    found = only(check_postgres(settings()))
    assert found.says == "the host name dagster-postgres is unknown here"


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("ftp://mirror.test", "does not begin with http"),
        ("mirror.test", "does not begin with http"),
        (f"https://me:{SECRET}@mirror.test", "has no login"),
        ("https://mirror.test/?a=b", "has no login, query or fragment"),
        ("https://mirror.test:port", "it is no address"),
    ],
)
def test_a_wrong_registry_address_is_explained(address, says):
    found = check_registries(settings(pypi_url=address, http_contact="me@here.test"), live=False)
    told = [f for f in found if f.level is Level.PROBLEM]
    assert says in only(told).says
    assert "PYPI_URL" in told[0].says
    assert SECRET not in str(told)


REGISTRIES = sorted(name for name in Settings.model_fields if name.endswith("_url"))


def test_a_registry_elsewhere_is_asked_only_when_the_user_says_so():
    elsewhere = {name: f"https://{number}.test" for number, name in enumerate(REGISTRIES)}
    values = settings(**elsewhere, http_contact="x")
    quiet = check_registries(values, live=False)
    assert [f.level for f in quiet] == [Level.SKIPPED] * len(REGISTRIES)
    asked = check_registries(values, live=True)
    assert [f.level for f in asked] == [Level.PROBLEM] * len(REGISTRIES)
    assert all("cannot be reached" in f.says for f in asked)


def test_a_registry_on_this_machine_is_asked(stack, closed, silent):
    stack.up(only=["registry"])
    here = {name: stack.environment()[name.upper()] for name in REGISTRIES}
    assert {f.level for f in check_registries(settings(**here), live=False)} == {Level.OK}

    def one_elsewhere(port):
        values = settings(**here | {"pypi_files_url": f"http://127.0.0.1:{port}"})
        (told,) = [f for f in check_registries(values, live=False) if f.level is not Level.OK]
        assert (told.level, "PYPI_FILES_URL" in told.says) == (Level.PROBLEM, True)
        return told

    assert "ssc up" in one_elsewhere(closed).advice
    assert "answers HTTP 500" in one_elsewhere(silent).says


@pytest.mark.parametrize(("contact", "warnings"), [("", 1), ("ops@example.test", 0)])
def test_a_missing_contact_is_a_warning(contact, warnings):
    found = check_registries(settings(pypi_url="https://a.test", http_contact=contact), live=False)
    assert sum(f.level is Level.WARNING for f in found) == warnings


@pytest.mark.parametrize(
    ("version", "level"), [((3, 10), Level.PROBLEM), ((3, 11), Level.OK), ((4, 0), Level.OK)]
)
def test_an_old_python_is_told(version, level):
    assert check_python(version).level is level


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    found = check_folder("cache", tmp_path / "file" / "inside", "advice")
    assert (found.level, "cannot be written" in found.says) == (Level.PROBLEM, True)
    assert check_folder("cache", tmp_path / "new", "").level is Level.OK


@pytest.mark.parametrize(
    ("home", "level", "says"),
    [
        ("", Level.WARNING, "is not set"),
        ("relative", Level.PROBLEM, "not an absolute path"),
        ("/no/such/folder", Level.PROBLEM, "no such folder"),
        ("{tmp}", Level.WARNING, "holds no dagster.yaml"),
    ],
)
def test_a_wrong_dagster_home_is_told(monkeypatch, tmp_path, home, level, says):
    monkeypatch.setenv("DAGSTER_HOME", home.format(tmp=tmp_path))
    found = check_dagster_home()
    assert (found.level, says in found.says) == (level, True)


@pytest.mark.parametrize(
    ("text", "level", "says"),
    [
        ("", Level.OK, "can be written"),
        ("# storage:\n#   postgres:\n", Level.OK, "can be written"),
        ("a: [1\nb: 2\n", Level.PROBLEM, "line 2 is no YAML"),
        ("- a list\n", Level.PROBLEM, "it holds no settings"),
        ("\0", Level.PROBLEM, "it cannot be read"),
        ("a: [{b: {env: SSC_UNSET}}]\n", Level.PROBLEM, "asks for SSC_UNSET, unset"),
        ("a: {env: PATH}\n", Level.OK, "can be written"),
    ],
)
def test_a_wrong_dagster_yaml_is_told(monkeypatch, tmp_path, text, level, says):
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    (tmp_path / "dagster.yaml").write_text(text)
    found = check_dagster_home()
    assert (found.level, says in found.says) == (level, True)
    assert not uses_postgres()


def test_production_asks_for_postgres_and_its_variables(monkeypatch, tmp_path):
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    shutil.copy(CLONE / "dagster_home" / "dagster.yaml", tmp_path)
    for name in ("POSTGRES_USER", "POSTGRES_DB", "POSTGRES_HOST", "POSTGRES_PORT"):
        monkeypatch.setenv(name, "value")
    monkeypatch.delenv("POSTGRES_PASSWORD", raising=False)
    assert uses_postgres()
    assert "asks for POSTGRES_PASSWORD, unset" in check_dagster_home().says
    monkeypatch.setenv("POSTGRES_PASSWORD", SECRET)
    assert check_dagster_home().level is Level.OK


def test_wrong_settings_are_told_field_by_field_without_their_values(monkeypatch):
    monkeypatch.setenv("REDIS_PORT", SECRET)
    monkeypatch.setenv("MAX_ERROR_RATE", "150")
    with pytest.raises(ValidationError) as raised:
        Settings()
    told = [found.says for found in explain_settings(raised.value)]
    assert [line.split(":")[0] for line in sorted(told)] == ["MAX_ERROR_RATE", "REDIS_PORT"]
    assert SECRET not in str(told)


def test_a_check_that_takes_too_long_is_left_behind():
    begun = time.monotonic()
    found = bounded(
        {"slow": lambda: time.sleep(5) or [], "fast": lambda: [ok("fast", "well")]}, 0.3
    )
    assert time.monotonic() - begun < 2
    assert [(f.part, f.level) for f in found] == [("slow", Level.PROBLEM), ("fast", Level.OK)]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_check_that_breaks_is_told_and_the_others_go_on():
    found = bounded({"broken": lambda: {}["absent"], "well": lambda: [ok("well", "well")]}, 3)
    assert found[0].says == "this check broke; its traceback stands above"
    assert found[1].level is Level.OK


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("10.0.0.1", False),
        ("localhost.test", False),
        ("", False),
    ],
)
def test_only_this_machine_is_loopback(host, here):
    assert is_loopback(host) is here


def test_all_checks_together_find_a_local_stack_well(stack, monkeypatch):
    stack.up(only=["graph", "advisories", "registry"])
    for name, value in stack.environment().items():
        monkeypatch.setenv(name, value)
    found = [*check_stack(stack), *examine(Settings(), live=False)]
    assert not has_problem(found), found
    told = {f.part for f in found}
    assert told == {
        *["graph", "advisories", "queue", "postgres", "registry", "cache", "dagster", "python"],
        "local stack",
    }
    assert Path(stack.environment()["CACHE_DIR"]).is_dir()
    stack.down()
    assert has_problem(examine(Settings(), live=False))
