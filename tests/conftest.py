"""Fixtures for every suite: real servers, each started only when a test asks for it."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How fast examples are made tells of the machine's other work, and of nothing that is tested.
settings.register_profile("ours", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ours")

pytest_plugins = [
    "tests.servers.falkordb",
    "tests.servers.graph",
    "tests.servers.neo4j_server",
    "tests.servers.postgres",
    "tests.servers.redis",
    "tests.servers.secantusdb",
]


LONG_ON_NEO4J = "e2e"
"""A suite over whole registries, which takes minutes on an engine that starts empty each time."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the suites that take minutes among the long tests."""
    for item in items:
        suite = item.path.relative_to(Path(__file__).parent).parts[0]
        engine = item.callspec.params.get("graph_address") if hasattr(item, "callspec") else None
        if suite == LONG_ON_NEO4J and engine == "neo4j":
            item.add_marker(pytest.mark.long)
