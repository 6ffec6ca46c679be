"""What a graph holds of one ecosystem, purl by purl: to see what a run changed."""

from src.schemas.ecosystem import Ecosystem
from src.services.dbs.graph_driver import GraphDriver

_PACKAGES = """
RETURN n.purl AS purl, CASE WHEN coalesce(n.status, '') = 'removed' THEN 'removed' ELSE '' END AS state
"""

_VERSIONS = """
MATCH (n)-[r]->(v:Version) WHERE type(r) = 'HAVE'
RETURN v.purl AS purl, CASE
    WHEN coalesce(v.yanked, false) THEN 'yanked'
    WHEN coalesce(v.unlisted, false) THEN 'unlisted'
    WHEN coalesce(v.deprecated, '') <> '' THEN 'deprecated'
    ELSE '' END AS state
"""

_WITHDRAWN = """
MATCH (n)<-[r]-(v:Version) WHERE type(r) = 'WAS_OF'
RETURN v.purl AS purl, 'removed' AS state
"""


async def inventory(graph: GraphDriver, ecosystem: Ecosystem) -> dict[str, str]:
    """Return purl → "", "yanked", "unlisted", "deprecated" or "removed" of packages and versions.

    Holds it all in memory: meant for graphs of a sample's size.
    """
    states: dict[str, str] = {}
    for query in (_PACKAGES, _VERSIONS, _WITHDRAWN):
        async for row in graph.scan(ecosystem.label, query):
            states[str(row["purl"])] = str(row["state"])
    return states
