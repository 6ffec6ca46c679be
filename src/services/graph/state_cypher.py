"""The statements that tell the states of packages."""

from src.schemas.ecosystem import Ecosystem

_DATES = """
RETURN count(v) AS versions,
       min(CASE WHEN v.release_date = '' THEN null ELSE v.release_date END) AS first,
       max(CASE WHEN v.release_date = '' THEN null ELSE v.release_date END) AS last
"""


def package(ecosystem: Ecosystem) -> str:
    """What its node tells of the package `$name`."""
    return f"""
MATCH (p:{ecosystem.label} {{name: $name}})
RETURN p.purl AS purl, p.moment AS moment, coalesce(p.status, '') = 'removed' AS removed,
       p.discovered AS discovered, p.visible AS visible,
       coalesce(p.source_revision, '') AS revision
"""


def offered(ecosystem: Ecosystem) -> str:
    """Number, oldest and newest date of the versions that the package `$name` has."""
    return f"MATCH (p:{ecosystem.label} {{name: $name}})-[:HAVE]->(v:Version) {_DATES}"


def withdrawn(ecosystem: Ecosystem) -> str:
    """The same of those that it had; without the label, or FalkorDB would begin with all versions."""
    return f"MATCH (p:{ecosystem.label} {{name: $name}})<-[:WAS_OF]-(v) {_DATES}"


def nodes(ecosystem: Ecosystem) -> str:
    """What decides about the state of those of `$rows` that have a node."""
    return f"""
UNWIND $rows AS name
MATCH (p:{ecosystem.label} {{name: name}})
RETURN name, p.moment AS moment, coalesce(p.status, '') = 'removed' AS removed
"""


def count_known(ecosystem: Ecosystem) -> str:
    """How many packages have a node."""
    return f"MATCH (p:{ecosystem.label}) RETURN count(p) AS number"


def count_waiting(ecosystem: Ecosystem) -> str:
    """How many of them are bare; found by the index."""
    return f"MATCH (p:{ecosystem.label}) WHERE p.pending = true RETURN count(p) AS number"


def count_removed(ecosystem: Ecosystem) -> str:
    """How many of them the registry no longer offers; found by the index."""
    return f"MATCH (p:{ecosystem.label}) WHERE p.status = $removed RETURN count(p) AS number"
