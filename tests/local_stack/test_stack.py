"""The local stack with its real graph server and its real sample registry."""

import concurrent.futures
import contextlib
import json
import os
import shutil
import signal
import socket

import httpx
import psutil
import pymongo
import pytest

from src.local_stack import parts, processes, supervisor
from src.local_stack.errors import LocalStackError
from src.local_stack.launch import Definitions, Launch
from src.local_stack.stack import LocalStack


def pids(stack):
    return {part.name: part.pid for part in stack.status()}


def healthy(stack):
    return [part.name for part in stack.status() if part.healthy]


def kill(pid):
    os.kill(pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=5)


def test_the_graph_and_the_registry_answer_once_up_returns(stack, connect):
    stack.up(only=["graph", "registry"])
    assert healthy(stack) == ["graph", "registry"]
    assert stack.is_up()
    environment = stack.environment()
    port = environment["REDIS_PORT"]
    assert environment["GRAPH_DB_URI"] == f"falkordb://127.0.0.1:{port}/securechain"
    assert httpx.get(f"{environment['PYPI_URL']}/simple/", trust_env=False).status_code == 200
    answer = connect(stack).execute_command("GRAPH.QUERY", "securechain", "RETURN 40 + 2")
    assert answer[1] == [[42]]


def test_a_second_up_leaves_everything_as_it_runs(stack):
    stack.up(only=["graph", "registry"])
    before = pids(stack)
    told = []
    stack.up(only=["graph", "registry"], report=told.append)
    assert pids(stack) == before
    assert told == ["graph: runs already", "registry: runs already"]


def test_down_ends_all_and_up_finds_data_and_ports_again(stack, connect):
    stack.up(only=["graph"])
    environment = stack.environment()
    connect(stack).execute_command("GRAPH.QUERY", "g", "CREATE (:N {v: 1})")
    connect(stack).xadd("s", {"data": "1"})
    stack.down()
    assert healthy(stack) == []
    assert not stack.is_up()
    stack.up(only=["graph"])
    assert stack.environment() == environment
    assert connect(stack).execute_command("GRAPH.QUERY", "g", "MATCH (n:N) RETURN n.v")[1] == [[1]]
    assert connect(stack).xlen("s") == 1


def test_down_of_a_stack_that_never_ran_says_so(stack):
    told = []
    stack.down(report=told.append)
    assert told == ["nothing ran"]


def test_acknowledged_writes_survive_the_death_of_the_graph_server(stack, connect):
    stack.up(only=["graph"])
    client = connect(stack)
    client.execute_command("GRAPH.QUERY", "g", "CREATE INDEX FOR (n:N) ON (n.v)")
    for number in range(300):
        client.execute_command("GRAPH.QUERY", "g", f"MERGE (:N {{v: {number}}})-[:R]->(:M)")
        client.xadd("s", {"data": str(number)})
    pid = pids(stack)["graph"]
    kill(pid)
    stack.up(only=["graph"])
    assert pids(stack)["graph"] not in {0, pid}
    again = connect(stack)
    counted = again.execute_command("GRAPH.QUERY", "g", "MATCH (n:N)-[r]->() RETURN count(r)")
    assert counted[1] == [[300]]
    assert again.xlen("s") == 300


def advisories_of(stack):
    client = pymongo.MongoClient(stack.environment()["VULN_DB_URI"])
    return contextlib.closing(client), client["vulnerabilities"]["vulnerabilities"]


def test_acknowledged_advisories_survive_the_death_of_their_server(stack):
    stack.up(only=["advisories"])
    closing, records = advisories_of(stack)
    with closing:
        for number in range(300):
            records.insert_one({"_id": number, "package_keys": ["npm/left"]})
    pid = pids(stack)["advisories"]
    kill(pid)
    stack.up(only=["advisories"])
    assert pids(stack)["advisories"] not in {0, pid}
    closing, records = advisories_of(stack)
    with closing:
        assert records.count_documents({}) == 300


def test_advisories_are_found_again_and_the_real_ones_stay_apart(stack):
    stack.up(only=["advisories"])
    closing, records = advisories_of(stack)
    with closing:
        records.insert_one({"_id": "sample"})
    told = []
    stack.up(only=["advisories"], live=True, report=told.append)
    assert "advisories: starts anew, as its settings changed" in told
    closing, records = advisories_of(stack)
    with closing:
        assert records.count_documents({}) == 0
        records.insert_one({"_id": "real"})
    stack.down()
    stack.up(only=["advisories"])
    closing, records = advisories_of(stack)
    with closing:
        assert [each["_id"] for each in records.find()] == ["sample"]


def test_a_missing_wheel_of_the_advisory_server_is_named(stack, monkeypatch):
    monkeypatch.setattr(parts, "find_spec", lambda _: None)
    with pytest.raises(LocalStackError, match="uv sync --group local"):
        stack.up(only=["advisories"])


def test_a_write_cut_off_in_the_middle_of_the_file_is_repaired(stack, connect):
    stack.up(only=["graph"])
    connect(stack).xadd("s", {"data": "whole"})
    kill(pids(stack)["graph"])
    (file,) = (stack.layout.graph_data / "appendonlydir").glob("*.incr.aof")
    with file.open("ab") as appended:
        appended.write(b"*3\r\n$3\r\nSET\r\n$1\r\nk")
    stack.up(only=["graph"])
    assert connect(stack).xlen("s") == 1


def test_a_killed_registry_is_started_again_and_the_graph_left_alone(stack):
    stack.up(only=["graph", "registry"])
    before = pids(stack)
    kill(before["registry"])
    assert healthy(stack) == ["graph"]
    stack.up(only=["graph", "registry"])
    assert pids(stack)["graph"] == before["graph"]
    assert pids(stack)["registry"] not in {0, before["registry"]}


def test_a_part_with_other_settings_is_started_anew(stack, tmp_path):
    stack.up(only=["graph", "registry"])
    before = pids(stack)
    moved = shutil.copytree(tmp_path / "samples", tmp_path / "moved")
    told = []
    other = LocalStack(stack.layout, Definitions(samples=moved))
    other.up(only=["graph", "registry"], report=told.append)
    assert "registry: starts anew, as its settings changed" in told
    assert pids(stack)["registry"] != before["registry"]
    assert pids(stack)["graph"] == before["graph"]


def test_a_part_that_hangs_is_started_anew(stack, monkeypatch):
    stack.up(only=["registry"])
    before = pids(stack)["registry"]
    os.kill(before, signal.SIGSTOP)
    monkeypatch.setattr(supervisor, "KEEP_SECONDS", 0.5)
    stack.up(only=["registry"])
    assert pids(stack)["registry"] not in {0, before}
    assert processes.started_at(before) == 0.0


def test_processes_are_found_although_the_state_was_lost(stack, connect):
    stack.up(only=["graph"])
    first = pids(stack)["graph"]
    connect(stack).xadd("s", {"data": "1"})
    stack.layout.state.unlink()
    stack.up(only=["graph"])
    assert pids(stack)["graph"] != first
    assert connect(stack).xlen("s") == 1
    stack.layout.state.unlink()
    stack.down()  # the fixture looks for what is left


def test_two_ups_at_once_start_each_part_once(stack, ssc):
    with concurrent.futures.ThreadPoolExecutor() as pool:
        runs = [ssc("up", "--only", "graph") for _ in range(2)]
        outputs = list(pool.map(lambda run: run.communicate()[0], runs))
    assert [run.returncode for run in runs] == [0, 0], outputs
    assert healthy(stack) == ["graph"]
    assert sum("graph: up" in output for output in outputs) == 1
    assert sum("graph: runs already" in output for output in outputs) == 1


def test_a_taken_port_is_replaced_and_said(stack):
    stack.up(only=["graph"])
    port = int(stack.environment()["REDIS_PORT"])
    stack.down()
    told = []
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        stack.up(only=["graph"], report=told.append)
        other = int(stack.environment()["REDIS_PORT"])
    assert other != port
    assert f"graph: port {port} is taken, using {other} instead" in told
    assert healthy(stack) == ["graph"]


def test_a_port_lost_between_the_look_and_the_start_is_replaced(stack, monkeypatch):
    look = supervisor.is_free
    taken = socket.socket()
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    looked = []

    def lose_it_after_the_first_look(port):
        free = look(port)
        if not looked:
            with contextlib.suppress(OSError):  # then another stack took it just now
                taken.bind(("127.0.0.1", port))
                taken.listen()
        looked.append(port)
        return free

    monkeypatch.setattr(supervisor, "is_free", lose_it_after_the_first_look)
    with taken:
        stack.up(only=["graph"])
        assert healthy(stack) == ["graph"]
        assert int(stack.environment()["REDIS_PORT"]) != looked[0]


def test_a_part_that_ends_at_once_is_reported_with_its_last_words(stack):
    stack.layout.create()
    (stack.layout.graph_data / "appendonlydir").write_text("in the way")
    with pytest.raises(LocalStackError, match=r"graph ended at once(.|\n)*append"):
        stack.up(only=["graph"])


@pytest.mark.parametrize(
    ("only", "live", "message"),
    [
        (["graf"], False, "no part is called graf; there are graph, advisories"),
        (["registry"], True, "with --live there is no registry"),
    ],
)
def test_a_wrong_choice_of_parts_is_refused_before_anything_starts(stack, only, live, message):
    with pytest.raises(LocalStackError, match=message):
        stack.up(only=only, live=live)
    assert not stack.layout.home.exists()


def test_live_stops_the_sample_registry_and_keeps_a_graph_of_its_own(stack):
    stack.up(only=["graph", "registry"])
    told = []
    stack.up(only=["graph"], live=True, report=told.append)
    parts_told = [part.name for part in stack.status()]
    assert parts_told == ["graph", "advisories", "webserver", "daemon"]
    assert any("REAL registries" in line for line in told)
    environment = stack.environment()
    assert environment["GRAPH_DB_URI"].endswith("/securechain_live")
    assert not {"PYPI_URL", "PYPI_FILES_URL", "HTTP_RATE_PER_SECOND"} & set(environment)
    stack.up(only=["graph"])
    assert stack.environment()["GRAPH_DB_URI"].endswith("/securechain")


def test_a_stack_never_started_has_no_addresses(stack):
    with pytest.raises(LocalStackError, match="never started"):
        stack.environment()


def test_the_registry_day_moves_while_the_registry_runs(stack):
    stack.up(only=["registry"])
    url = f"{stack.environment()['PYPI_URL']}/simple/"
    accept = {"Accept": "application/vnd.pypi.simple.v1+json"}
    first = httpx.get(url, headers=accept, trust_env=False).json()["meta"]["_last-serial"]
    assert (stack.registry_day(), stack.advance_registry_day(), stack.registry_day()) == (1, 2, 2)
    second = httpx.get(url, headers=accept, trust_env=False).json()["meta"]["_last-serial"]
    assert second > first


def test_a_new_graph_port_makes_the_parts_that_use_it_start_anew(stack):
    ports = {"graph": 1, "registry": 2, "webserver": 3, "advisories": 4}
    one = Launch(stack.layout, ports, live=False, told=Definitions())
    two = Launch(stack.layout, ports | {"graph": 9}, live=False, told=Definitions())
    changed = {p.name for p in parts.PARTS if p.launch_hash(one) != p.launch_hash(two)}
    assert changed == {"graph", "webserver", "daemon"}
    live = Launch(stack.layout, ports, live=True, told=Definitions())
    changed = {p.name for p in parts.PARTS if p.launch_hash(one) != p.launch_hash(live)}
    assert changed == {"advisories", "webserver", "daemon"}


@pytest.mark.long
@pytest.mark.xdist_group("stack")
def test_the_whole_stack_comes_up_is_repaired_changes_over_and_goes(stack):
    stack.up()
    assert healthy(stack) == ["graph", "advisories", "registry", "webserver", "daemon"]
    address = next(part.address for part in stack.status() if part.name == "webserver")
    query = {"query": "{ assetsOrError { ... on AssetConnection { nodes { key { path } } } } }"}
    assets = httpx.post(f"{address}/graphql", json=query, trust_env=False).json()
    assert json.dumps(assets).count('"answer"') == 1

    with pytest.raises(LocalStackError, match="webserver and daemon still use the sample registry"):
        stack.up(only=["graph"], live=True)

    before = pids(stack)
    for part in ("webserver", "daemon"):  # their code servers live on
        kill(before[part])
    assert healthy(stack) == ["graph", "advisories", "registry"]
    stack.up(live=True)
    after = pids(stack)
    assert healthy(stack) == ["graph", "advisories", "webserver", "daemon"]
    assert after["graph"] == before["graph"]
    assert all(after[part] != before[part] for part in ("webserver", "daemon"))
    environment = psutil.Process(after["daemon"]).environ()
    assert "PYPI_URL" not in environment
    assert environment["GRAPH_DB_URI"].endswith("/securechain_live")


@pytest.mark.xdist_group("stack")
def test_definitions_that_cannot_be_loaded_are_named(stack):
    broken = LocalStack(stack.layout, Definitions("no_such_definitions"))
    with pytest.raises(LocalStackError, match=r"cannot load .*: .*no_such_definitions"):
        broken.up(only=["webserver"])
