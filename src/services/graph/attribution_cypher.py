"""The statements of the attribution store."""

from src.schemas.ecosystem import Ecosystem

WRITE = """
UNWIND $rows AS row
MATCH (v:Version {purl: row[0]})
SET v.vulnerabilities = row[1], v.mean = row[2], v.weighted_mean = row[3], v.advisory_state = row[4]
"""

OFFERED_UNATTRIBUTED = """
MATCH (n)-[:HAVE]->(v:Version) WHERE v.advisory_state IS NULL
RETURN n.name AS name
"""

WITHDRAWN_UNATTRIBUTED = """
MATCH (n)<-[:WAS_OF]-(v) WHERE v.advisory_state IS NULL
RETURN n.name AS name
"""

_OFFERED = "(p)-[:HAVE]->(v:Version)"
# Without the label: FalkorDB would begin with every version there is instead of with the package.
_WITHDRAWN = "(p)<-[:WAS_OF]-(v)"


def versions_of(ecosystem: Ecosystem) -> str:
    """Name and purl of what the packages of `$rows` offer; null of one that has no version."""
    return f"""
UNWIND $rows AS name
MATCH (p:{ecosystem.label} {{name: name}})
OPTIONAL MATCH {_OFFERED}
RETURN name, v.name AS version, v.purl AS purl
"""


def stale_versions(ecosystem: Ecosystem) -> tuple[str, str]:
    """Versions, offered and withdrawn, whose state is another than the one in `$rows`.

    Two statements: a walk along both relationships at once would meet the millions of edges that
    lead to a popular package.
    """
    offered, withdrawn = (
        f"""
UNWIND $rows AS row
MATCH (p:{ecosystem.label} {{name: row[0]}})
MATCH {owned}
WHERE coalesce(v.advisory_state, '?') <> row[1]
RETURN row[0] AS name, v.name AS version, v.purl AS purl
"""
        for owned in (_OFFERED, _WITHDRAWN)
    )
    return offered, withdrawn


def held(ecosystem: Ecosystem) -> str:
    """Those of `$rows` that the graph holds."""
    return f"UNWIND $rows AS name MATCH (p:{ecosystem.label} {{name: name}}) RETURN name"


def mark(ecosystem: Ecosystem) -> str:
    """Note that the packages of `$rows` wait for their attribution, since `$stamp`."""
    return f"""
UNWIND $rows AS name
MATCH (p:{ecosystem.label} {{name: name}})
SET p.unattributed = $stamp
"""


def unmark(ecosystem: Ecosystem) -> str:
    """Take away the marks of `$rows` that nobody set anew meanwhile."""
    return f"""
UNWIND $rows AS row
MATCH (p:{ecosystem.label} {{name: row[0]}})
WHERE p.unattributed = row[1]
SET p.unattributed = null
RETURN count(p) AS unmarked
"""


def marked(ecosystem: Ecosystem) -> str:
    """`$limit` of the packages that wait, with their stamps; found by the index."""
    return f"""
MATCH (p:{ecosystem.label}) WHERE p.unattributed > 0
RETURN p.name AS name, p.unattributed AS stamp LIMIT $limit
"""
