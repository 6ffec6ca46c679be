"""The statements of the package store."""

from src.schemas.ecosystem import Ecosystem

SET_CURSOR = "MERGE (c:FeedCursor {ecosystem: $ecosystem}) SET c.position = $position"

EXTRACTED_NAMES = """
WITH n WHERE n.moment IS NOT NULL AND coalesce(n.status, '') <> 'removed'
RETURN n.name AS name
"""

LISTED_NAMES = """
WITH n WHERE n.moment IS NOT NULL AND NOT coalesce(n.status, '') IN ['removed', 'quarantined']
RETURN n.name AS name
"""


def states(ecosystem: Ecosystem) -> str:
    """Name, revision and whether it is gone, of the extracted ones among `$rows`."""
    return f"""
UNWIND $rows AS name
MATCH (p:{ecosystem.label} {{name: name}})
WHERE p.moment IS NOT NULL
RETURN name, coalesce(p.source_revision, '') AS revision, coalesce(p.status, '') = 'removed' AS gone
"""


def bare_names(ecosystem: Ecosystem) -> str:
    """Names that wait, `$limit` at most."""
    return f"""
MATCH (p:{ecosystem.label})
WHERE p.pending = true AND p.moment IS NULL
RETURN p.name AS name ORDER BY name LIMIT $limit
"""


def unasked_requirements(ecosystem: Ecosystem) -> str:
    """Names of bare packages that those of `$rows` require and nobody queued, `$limit` at most."""
    return f"""
UNWIND $rows AS name
MATCH (:{ecosystem.label} {{name: name}})-[:HAVE]->(:Version)-[:REQUIRE]->(d:{ecosystem.label})
WHERE d.pending = true AND d.moment IS NULL AND d.asked IS NULL
RETURN DISTINCT d.name AS name ORDER BY name LIMIT $limit
"""


def note_asked(ecosystem: Ecosystem) -> str:
    """Note that the bare packages of `$rows` stand in the queue."""
    return f"""
UNWIND $rows AS name
MATCH (p:{ecosystem.label} {{name: name}})
WHERE p.moment IS NULL
SET p.asked = $moment
"""


def finish(ecosystem: Ecosystem, *, with_cursor: bool) -> str:
    """Finish the packages of `$rows`, and then move the cursor.

    `visible` is the first time that the package was finished; of one that was finished before this
    was noted, the last time then. The aggregation before the cursor makes one row of many, and waits
    for all of them.
    """
    statement = f"""
UNWIND $rows AS row
MERGE (p:{ecosystem.label} {{name: row.name}})
ON CREATE SET p.discovered = $moment
SET p.visible = coalesce(
        p.visible, CASE WHEN p.status = 'removed' THEN null ELSE p.moment END, $moment)
SET p.status = CASE WHEN p.status = 'removed' THEN null ELSE p.status END,
    p.vendor = CASE WHEN row.vendor = 'n/a' THEN coalesce(p.vendor, 'n/a') ELSE row.vendor END,
    p.repository_url = CASE WHEN row.repository_url = 'n/a'
        THEN coalesce(p.repository_url, 'n/a') ELSE row.repository_url END,
    p.pending = null,
    p.asked = null,
    p.moment = $moment
SET p += row.properties
WITH p, row.failure AS failure
OPTIONAL MATCH (f:PackageFailure {{key: failure}})
DELETE f
WITH count(p) AS finished
"""
    return statement + (f"{SET_CURSOR} RETURN finished" if with_cursor else "RETURN finished")


def mark_removed(ecosystem: Ecosystem) -> str:
    """Mark the packages of `$rows` and all their versions removed."""
    return f"""
UNWIND $rows AS row
MATCH (p:{ecosystem.label} {{name: row[0]}})
SET p.status = $removed, p.moment = $moment, p.pending = null, p.asked = null,
    p.vendor = coalesce(p.vendor, 'n/a'), p.repository_url = coalesce(p.repository_url, 'n/a')
WITH p, row[1] AS failure
OPTIONAL MATCH (f:PackageFailure {{key: failure}})
DELETE f
WITH p
OPTIONAL MATCH (p)-[h:HAVE]->(v:Version)
WITH p, collect(v) AS versions, collect(h) AS owned
FOREACH (v IN versions | MERGE (v)-[:WAS_OF]->(p) SET v.status = $removed)
FOREACH (h IN owned | DELETE h)
RETURN count(p) AS removed
"""


def dependents(ecosystem: Ecosystem) -> str:
    """Requirements on `$name` by the newest requiring version of each package."""
    return f"""
MATCH (:{ecosystem.label} {{name: $name}})<-[:REQUIRE]-(v:Version)<-[:HAVE]-(p:{ecosystem.label})
WITH p, max(v.serial_number) AS newest
ORDER BY p.name LIMIT $limit
MATCH (p)-[:HAVE]->(v:Version)-[r:REQUIRE]->(:{ecosystem.label} {{name: $name}})
WHERE v.serial_number = newest
RETURN p.name AS package, v.name AS version, r.constraints AS constraints,
       r.kind AS kind, r.condition AS condition
ORDER BY package, version, constraints, condition, kind LIMIT $limit
"""
