"""Fixtures for every suite: real servers, each started only when a test asks for it."""

import pytest

pytest_plugins = [
    "tests.servers.falkordb",
    "tests.servers.graph",
    "tests.servers.neo4j_server",
    "tests.servers.postgres",
    "tests.servers.redis",
    "tests.servers.secantusdb",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the slow engine's part of a suite marked `long_on_neo4j` among the long tests."""
    for item in items:
        slow = item.get_closest_marker("long_on_neo4j") is not None
        if slow and item.callspec.params.get("graph_address") == "neo4j":
            item.add_marker(pytest.mark.long)
