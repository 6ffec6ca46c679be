"""Short ways to write down records, and to look at what the graph made of them."""

from src.schemas.ecosystem import Ecosystem
from src.schemas.package import ANY, PackageRecord, Requirement, Requirements, VersionRecord
from src.services.dbs.graph_driver import GraphDriver
from src.services.graph.package_store import PackageStore
from src.services.graph.version_store import VersionStore, WriteCounts
from src.utils.purl import make_purl

PYPI = Ecosystem.PYPI
NOW = 1_700_000_000_000


def need(name, constraints=ANY, kind="runtime", *, condition="", variant="", ecosystem=PYPI):
    return Requirement(name, make_purl(ecosystem, name), constraints, kind, condition, variant)


def version(package, name, serial, *needs, source="source", optional=(), unresolved=(), **more):
    read = more.pop("read", True)
    ecosystem = more.pop("ecosystem", PYPI)
    return VersionRecord(
        name,
        make_purl(ecosystem, package, name),
        serial,
        f"2024-01-{serial + 1:02}T00:00:00Z" if 0 <= serial < 28 else "",
        Requirements(source, needs, tuple(optional), tuple(unresolved)) if read else None,
        more,
    )


def package(name, *versions, revision="1", ecosystem=PYPI, **more):
    facts = more.pop("facts", {})
    purl = make_purl(ecosystem, name)
    return PackageRecord(ecosystem, name, purl, revision, versions, facts=facts, **more)


async def store(graph: GraphDriver, *records, moment=NOW, cursor=None) -> WriteCounts:
    counts = await VersionStore(graph).write(records, moment_ms=moment)
    await PackageStore(graph).finish(records, moment_ms=moment, cursor=cursor)
    return counts


async def properties(graph: GraphDriver, label, key, value):
    rows = await graph.run(
        f"MATCH (n:{label} {{{key}: $value}}) RETURN n{{.*}} AS n", {"value": value}
    )
    [row] = rows
    return row["n"]


async def edges(graph: GraphDriver, purl):
    rows = await graph.run(
        "MATCH (:Version {purl: $purl})-[r:REQUIRE]->(d) RETURN d.name AS name, r{.*} AS r",
        {"purl": purl},
    )
    return sorted(
        (row["name"], *(row["r"][k] for k in ("constraints", "kind", "condition", "variant")))
        for row in rows
    )


async def owned(graph: GraphDriver, name, relation="(p)-[:HAVE]->(v:Version)"):
    rows = await graph.run(
        f"MATCH (p:PyPIPackage {{name: $name}}) MATCH {relation} RETURN v.name AS name",
        {"name": name},
    )
    return sorted(row["name"] for row in rows)


async def was_owned(graph: GraphDriver, name):
    return await owned(graph, name, "(v:Version)-[:WAS_OF]->(p)")
