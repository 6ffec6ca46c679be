"""Fixtures for every suite: real servers, each started only when a test asks for it."""

pytest_plugins = [
    "tests.servers.falkordb",
    "tests.servers.graph",
    "tests.servers.neo4j_server",
    "tests.servers.postgres",
    "tests.servers.redis",
    "tests.servers.secantusdb",
]
