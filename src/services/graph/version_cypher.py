"""The statements of the version store."""

from src.schemas.ecosystem import Ecosystem

# Stale is what the record does not name; what a message made is not the registry's to take away.
SETTLE_REQUIREMENTS = """
UNWIND $rows AS row
MATCH (v:Version {purl: row[0]})
OPTIONAL MATCH (v)-[r:REQUIRE]->(d)
WHERE r.kind IS NULL OR (r.kind <> 'message'
    AND NOT [d.name, r.constraints, r.kind, r.condition, r.variant] IN row[1])
DELETE r
SET v += row[2]
"""

NEVER_EDGES = """
UNWIND $rows AS purl
MATCH (v:Version {purl: purl})
RETURN purl,
       coalesce(v.optional_requirements, []) + coalesce(v.unresolved_requirements, []) AS needs
"""


def known(ecosystem: Ecosystem) -> str:
    """Versions that the packages of `$rows` have, with what their requirements were read from."""
    return f"""
UNWIND $rows AS name
MATCH (p:{ecosystem.label} {{name: name}})
OPTIONAL MATCH (p)-[:HAVE]->(v:Version)
RETURN name, coalesce(p.import_names_source, '') AS artifact, v.name AS version,
       coalesce(v.requirements_source, '') AS source
"""


def write_versions(ecosystem: Ecosystem) -> str:
    """Write versions under their packages, which exist; one that was removed comes back.

    `published` are the dates of those that no graph ever held, of packages that are extracted: what
    the registry published since we looked last.
    """
    return f"""
UNWIND $rows AS row
MATCH (p:{ecosystem.label} {{name: row.package}})
OPTIONAL MATCH (old:Version {{purl: row.purl}})
WITH row, p, old
OPTIONAL MATCH (old)<-[had:HAVE]-(p)
WITH row, p, CASE WHEN had IS NULL THEN 1 ELSE null END AS new,
     CASE WHEN old IS NULL AND p.moment IS NOT NULL
         THEN row.properties.release_date ELSE null END AS date
MERGE (v:Version {{purl: row.purl}})
ON CREATE SET v.mean = 0.0, v.weighted_mean = 0.0, v.vulnerabilities = [], v.release_date = ''
SET v += row.properties
MERGE (p)-[:HAVE]->(v)
WITH p, v, new, date
OPTIONAL MATCH (v)-[was:WAS_OF]->(p)
DELETE was
RETURN count(new) AS added, collect(date) AS published
"""


def write_requires(ecosystem: Ecosystem) -> str:
    """Write edges from the version, which has few: a popular package has millions coming in."""
    return f"""
UNWIND $rows AS row
MATCH (v:Version {{purl: row[0]}})
UNWIND row[2] AS need
MATCH (d:{ecosystem.label} {{name: need[0]}})
MERGE (v)-[r:REQUIRE {{constraints: need[1], kind: need[2], condition: need[3], variant: need[4]}}]->(d)
SET r.parent_version_name = row[1]
"""


def holding_more(ecosystem: Ecosystem) -> str:
    """Packages that have more versions than `$rows` says."""
    return f"""
UNWIND $rows AS row
MATCH (p:{ecosystem.label} {{name: row[0]}})-[:HAVE]->(v:Version)
WITH row[0] AS name, row[1] AS offered, count(v) AS held
WHERE held > offered
RETURN name
"""


def remove_versions(ecosystem: Ecosystem) -> str:
    """Move what `$rows` does not name from HAVE to WAS_OF."""
    return f"""
UNWIND $rows AS row
MATCH (p:{ecosystem.label} {{name: row[0]}})-[h:HAVE]->(v:Version)
WHERE NOT v.purl IN row[1]
MERGE (v)-[:WAS_OF]->(p)
SET v.status = 'removed'
DELETE h
RETURN count(v) AS removed
"""
