"""`ssc vulns`: purls are read with their case, and advisories are told with why they hit."""

import asyncio
import io
import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from typer.testing import CliRunner

from src.cli import vulns_command
from src.cli.main import app
from src.cli.purl_argument import NamedByPurl, read_purl
from src.cli.vulns_command import as_mapping, make_report, show_report
from src.local_stack.replay import SampleSource
from src.schemas.advisory import Advisory
from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import InvalidKeyError
from src.services.dbs.graph_driver import open_graph
from src.services.vulnerability.advisory_store import open_advisories
from src.utils.osv.record import read_advisory, stored_form
from src.utils.purl import make_purl
from tests.e2e.world import SAMPLES, open_world

NPM, NUGET = Ecosystem.NPM, Ecosystem.NUGET


@pytest.mark.parametrize(
    ("purl", "named"),
    [
        ("pkg:pypi/requests", (Ecosystem.PYPI, "requests", "")),
        ("pkg:pypi/Zope.Interface@5.0", (Ecosystem.PYPI, "zope-interface", "5.0")),
        ("pkg:npm/JSONStream@1.0.0", (NPM, "JSONStream", "1.0.0")),
        ("pkg:npm/%40Scope/Name@1.0.0-rc%2B1", (NPM, "@Scope/Name", "1.0.0-rc+1")),
        ("pkg:npm/@types/ms", (NPM, "@types/ms", "")),
        ("pkg:npm/@types/ms@2.1.0", (NPM, "@types/ms", "2.1.0")),
        (
            "pkg:maven/org.slf4j/slf4j-api@2.0.0?type=jar",
            (Ecosystem.MAVEN, "org.slf4j:slf4j-api", "2.0.0"),
        ),
        ("pkg:cargo/serde_json@1.0.0+1#src", (Ecosystem.CARGO, "serde_json", "1.0.0+1")),
        ("pkg:gem/nokogiri@1.5.1?platform=java", (Ecosystem.RUBYGEMS, "nokogiri", "1.5.1-java")),
        ("pkg:gem/nokogiri@1.5.1?platform=ruby", (Ecosystem.RUBYGEMS, "nokogiri", "1.5.1")),
        ("pkg:nuget/Newtonsoft.Json@12.0.3", (NUGET, "newtonsoft.json", "12.0.3")),
        ("pkg:NuGet/Newtonsoft.Json", (NUGET, "newtonsoft.json", "")),
        ("pkg://npm/ms@2.0.0", (NPM, "ms", "2.0.0")),
    ],
)
def test_a_purl_names_a_package_as_the_graph_does(purl, named):
    assert read_purl(purl) == NamedByPurl(*named)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("requests", "not a purl"),
        ("", "not a purl"),
        ("pkg:npm", "not a purl"),
        ("pkg:npm/", "not a purl"),
        ("pkg:golang/github.com/a/b", "no ecosystem has the purl type golang"),
        ("pkg:maven/junit", "no name of a package in Maven"),
        ("pkg:cargo/a/b", "no name of a package in crates.io"),
        ("pkg:npm/a%00b", "no name of a package in npm"),
        ("pkg:pypi/..", "no name of a package in PyPI"),
    ],
)
def test_what_is_no_purl_of_ours_is_told_so(text, says):
    with pytest.raises(InvalidKeyError, match=says):
        read_purl(text)


NAMES = {
    Ecosystem.PYPI: "[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,4})?",
    Ecosystem.NPM: "(@[a-zA-Z][a-z0-9._~-]{0,6}/)?[a-zA-Z][a-zA-Z0-9._~-]{0,8}",
    Ecosystem.MAVEN: "[a-z][a-z0-9.]{0,8}[a-z]:[a-zA-Z][a-zA-Z0-9._-]{0,8}",
    Ecosystem.CARGO: "[a-zA-Z][a-zA-Z0-9_-]{0,8}",
    Ecosystem.RUBYGEMS: "[a-zA-Z][a-zA-Z0-9._-]{0,8}",
    Ecosystem.NUGET: "[a-z][a-z0-9]{0,4}([.-][a-z0-9]{1,4})?",
}


@given(
    st.data(),
    st.sampled_from(list(NAMES)),
    st.from_regex(r"[0-9]\.[0-9](\.0-[a-z]\+[a-z~:]{1,3})?", fullmatch=True),
)
def test_the_purls_that_we_write_name_what_they_were_made_of(data, ecosystem, version):
    name = data.draw(st.from_regex(NAMES[ecosystem], fullmatch=True))
    made = make_purl(ecosystem, name, version)
    if ecosystem is not Ecosystem.RUBYGEMS or "-" not in version:
        assert read_purl(made) == NamedByPurl(ecosystem, name, version)


@given(st.text() | st.from_regex(r"pkg:(npm|gem|maven|pypi|nuget)/.{0,20}"))
def test_no_text_raises_anything_but_that_it_is_no_key(text):
    try:
        named = read_purl(text)
    except InvalidKeyError:
        return
    assert named.name


def advisory(identity: str, **more: object) -> Advisory:
    record = {"id": identity, "modified": "2026-01-01T00:00:00Z", **more}
    return read_advisory(record)


def affected(*, versions: tuple[str, ...] = (), fixed: str = "") -> dict[str, object]:
    events = [{"introduced": "0"}, *([{"fixed": fixed}] if fixed else [])]
    ranges = [{"type": "ECOSYSTEM", "events": events}] if fixed else []
    package = {"ecosystem": "NuGet", "name": "Demo.Core"}
    return {"package": package, "ranges": ranges, "versions": list(versions)}


HIGH = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"
ADVISORIES = [
    advisory("MAL-2026-1", affected=[affected(versions=("1.10.0",))]),
    advisory(
        "GHSA-1111-1111-1111",
        aliases=["CVE-2026-1"],
        severity=[{"type": "CVSS_V3", "score": HIGH}],
        database_specific={"severity": "HIGH"},
        affected=[affected(fixed="1.10.0")],
    ),
    advisory(
        "GHSA-2222-2222-2222",
        database_specific={"severity": "LOW"},
        affected=[affected(fixed="2.0.0")],
    ),
    advisory("GHSA-3333-3333-3333", affected=[affected(fixed="0.5.0")]),
    advisory("GHSA-4444-4444-4444", withdrawn="2026-01-01", affected=[affected(fixed="9.0.0")]),
]
VERSIONS = {v: f"pkg:nuget/demo.core@{v}" for v in ("1.10.0", "1.9.0", "2.0.0", "1.0.0-rc")}


def report(version: str = ""):
    return make_report(NamedByPurl(NUGET, "demo.core", version), VERSIONS, ADVISORIES)


def test_a_version_is_told_its_advisories_with_score_fix_and_reason():
    told = as_mapping(report("1.9.0"))
    assert told == {
        "purl": "pkg:nuget/demo.core@1.9.0",
        "ecosystem": "NuGet",
        "package": "demo.core",
        "versions": 1,
        "version": "1.9.0",
        "mean": 4.75,
        "weighted_mean": 6.34,
        "advisories": [
            {
                "id": "GHSA-1111-1111-1111",
                "aliases": ["CVE-2026-1"],
                "kind": "vulnerability",
                "severity": "HIGH",
                "score": 7.5,
                "modified": "2026-01-01T00:00:00Z",
                "hits": [{"version": "1.9.0", "reason": "range", "fixed_in": "1.10.0"}],
            },
            {
                "id": "GHSA-2222-2222-2222",
                "aliases": [],
                "kind": "vulnerability",
                "severity": "LOW",
                "score": 2.0,
                "modified": "2026-01-01T00:00:00Z",
                "hits": [{"version": "1.9.0", "reason": "range", "fixed_in": "2.0.0"}],
            },
        ],
    }


def test_a_package_is_told_which_of_its_versions_each_advisory_hits_in_their_order():
    told = as_mapping(report())
    assert (told["purl"], told["versions"]) == ("pkg:nuget/demo.core", 4)
    assert told.keys().isdisjoint({"version", "mean", "weighted_mean"})
    assert {
        found["id"]: [hit["version"] for hit in found["hits"]] for found in told["advisories"]
    } == {
        "GHSA-1111-1111-1111": ["1.0.0-rc", "1.9.0"],
        "GHSA-2222-2222-2222": ["1.0.0-rc", "1.9.0", "1.10.0"],
        "MAL-2026-1": ["1.10.0"],
    }
    assert told["advisories"][-1]["hits"] == [
        {"version": "1.10.0", "reason": "list", "fixed_in": ""}
    ]


@pytest.fixture
def printed(monkeypatch):
    console = Console(width=160, record=True, file=io.StringIO())
    monkeypatch.setattr(vulns_command, "console", console)
    return console.export_text


def rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("│")]
    return [[cell.strip() for cell in line.strip("│").split("│")] for line in lines]


def test_the_table_of_a_version_tells_the_same_in_words(printed):
    show_report(report("1.10.0"))
    text = printed()
    assert "2 advisories hit pkg:nuget/demo.core@1.10.0 (mean 2.0, weighted mean 2.0)" in text
    assert rows(text) == [
        ["GHSA-2222-2222-2222", "-", "LOW", "2.0", "2.0.0", "range"],
        ["MAL-2026-1", "-", "malware", "-", "-", "list"],
    ]


def test_the_table_of_a_package_tells_how_many_versions_are_hit(printed):
    show_report(report())
    text = printed()
    assert "3 advisories hit versions of pkg:nuget/demo.core" in text
    assert [row[-1] for row in rows(text)] == [
        "2 of 4: 1.0.0-rc … 1.9.0",
        "3 of 4: 1.0.0-rc … 1.10.0",
        "1 of 4: 1.10.0",
    ]


def test_a_version_that_nothing_hits_is_told_so(printed):
    show_report(report("2.0.0"))
    assert printed().strip() == "no advisory hits pkg:nuget/demo.core@2.0.0"
    assert json.dumps(as_mapping(report("2.0.0")))
    assert as_mapping(report("2.0.0"))["advisories"] == []


PACKAGES = {NUGET: "newtonsoft.json", NPM: "JSONStream", Ecosystem.RUBYGEMS: "nokogiri"}
NOKOGIRI = {
    "GHSA-5v8h-3h3q-446p": 1.7,
    "GHSA-8678-w3jw-xfc2": 2.6,
    "GHSA-c4rq-3m3g-8wgx": 7.5,
    "GHSA-v2fc-qm4h-8hqv": 5.3,
    "GHSA-vvfq-8hwr-qm4m": 2.0,
}


async def fill(graph_uri: str, database_uri: str, folder) -> None:
    """Three packages of the sample, and all of its advisories of the first day."""
    async with open_graph(graph_uri, "", "") as graph:
        for ecosystem, name in PACKAGES.items():
            async with open_world(graph, folder / ecosystem, ecosystem=ecosystem) as world:
                world.discovery_budget = 0
                assert (await world.ingest(names=(name,))).counts.reasons == {}
    documents = SampleSource(SAMPLES, lambda: 1).documents(1)
    records = [
        json.loads(document.body)
        for path, document in documents.items()
        if path.startswith("/osv/") and path.endswith(".json")
    ]
    async with open_advisories(database_uri, "", "") as store:
        await store.upsert([stored_form(record) for record in records])


@pytest.fixture
def ssc(falkordb_server, advisory_database, tmp_path, monkeypatch):
    """Runs the command against a graph and an advisory database that hold the sample's."""
    graph = falkordb_server.uri(f"test-{os.urandom(6).hex()}")
    asyncio.run(fill(graph, advisory_database, tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRAPH_DB_URI", graph)
    monkeypatch.setenv("VULN_DB_URI", advisory_database)
    return lambda *arguments: CliRunner().invoke(app, ["vulns", *arguments])


def test_the_command_reads_the_graph_and_the_advisory_database(ssc):
    def told(purl):
        answer = ssc(purl, "--json")
        assert answer.exit_code == 0, answer.output
        return json.loads(answer.output)

    version = told("pkg:gem/nokogiri@1.5.1?platform=java")
    assert (version["purl"], version["version"]) == (
        "pkg:gem/nokogiri@1.5.1?platform=java",
        "1.5.1-java",
    )
    assert {found["id"]: found["score"] for found in version["advisories"]} == NOKOGIRI
    assert (version["mean"], version["weighted_mean"]) == (3.82, 5.13)

    package = told("pkg:nuget/Newtonsoft.Json")
    assert (package["purl"], package["versions"]) == ("pkg:nuget/newtonsoft.json", 53)
    (only,) = package["advisories"]
    assert (only["id"], only["severity"], len(only["hits"])) == ("GHSA-5crp-9r3c-p9vr", "LOW", 50)
    assert only["hits"][0] == {"version": "3.5.8", "reason": "range", "fixed_in": "13.0.1"}
    # Another spelling of the same version.
    assert told("pkg:nuget/Newtonsoft.Json@12.0.3.0")["version"] == "12.0.3"

    assert told("pkg:npm/JSONStream")["advisories"] == []
    for purl, says in (
        ("pkg:npm/jsonstream", "the graph has no package jsonstream of npm"),
        ("pkg:nuget/newtonsoft.json@99.0", "the graph has no version 99.0 of newtonsoft.json"),
        ("newtonsoft.json", "not a purl"),
    ):
        wrong = ssc(purl)
        assert wrong.exit_code == 1
        assert f"error: {says}" in wrong.output
        assert "Traceback" not in wrong.output


def test_settings_that_lead_nowhere_are_one_sentence(ssc, monkeypatch):
    monkeypatch.setenv("VULN_DB_URI", "http://advisories.test")
    wrong = ssc("pkg:npm/JSONStream")
    assert wrong.exit_code == 1
    assert "error: the advisory database's address needs a host" in wrong.output
