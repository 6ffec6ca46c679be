"""The statements of the parent store. `elementId` appears here and nowhere else."""

from src.schemas.ecosystem import Ecosystem
from src.services.dbs.graph_driver import Engine

_SAME = {"neo4j": "elementId(n) = $id", "falkordb": "ID(n) = $id"}


def parent(engine: Engine) -> str:
    """Labels and keys of the node with the engine's own id `$id`."""
    return f"MATCH (n) WHERE {_SAME[engine]} RETURN labels(n) AS labels, n.name AS name, n.purl AS purl"


def link_file(engine: Engine, ecosystem: Ecosystem) -> str:
    """The requirement of a file on `$name`: one per file and package, its constraints set once."""
    return f"""
MATCH (n:RequirementFile) WHERE {_SAME[engine]}
MATCH (p:{ecosystem.label} {{name: $name}})
MERGE (n)-[r:REQUIRE]->(p)
ON CREATE SET r.constraints = $constraints
RETURN count(r) AS linked
"""


def version_named(ecosystem: Ecosystem) -> str:
    """The purl of a package's version by the version's name, offered or withdrawn."""
    return f"""
MATCH (p:{ecosystem.label} {{name: $name}})
OPTIONAL MATCH (p)-[:HAVE]->(v:Version {{name: $version}})
OPTIONAL MATCH (p)<-[:WAS_OF]-(w:Version {{name: $version}})
RETURN coalesce(v.purl, w.purl) AS purl
"""


OWNER = """
MATCH (v:Version {purl: $purl})
OPTIONAL MATCH (v)<-[:HAVE]-(p)
OPTIONAL MATCH (v)-[:WAS_OF]->(w)
RETURN coalesce(p.purl, w.purl) AS owner
"""


def link_version(ecosystem: Ecosystem) -> str:
    """The requirement of version `$purl` on `$name`, told by a message."""
    return f"""
MATCH (v:Version {{purl: $purl}})
MATCH (p:{ecosystem.label} {{name: $name}})
MERGE (v)-[r:REQUIRE {{constraints: $constraints, kind: $kind, condition: '', variant: ''}}]->(p)
SET r.parent_version_name = $owner
RETURN count(r) AS linked
"""
