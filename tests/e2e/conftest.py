"""Fixtures of the end-to-end suites."""

import pytest

from tests.e2e.advisory_world import open_advisory_world
from tests.e2e.world import open_world


@pytest.fixture
async def world(graph, tmp_path):
    """The sample registry and an empty graph, on each engine in turn."""
    async with open_world(graph, tmp_path / "cache") as opened:
        yield opened


@pytest.fixture
async def advisory_world(graph, advisories, tmp_path):
    """The sample registry, an OSV database, and both databases empty, on each engine in turn."""
    async with open_advisory_world(graph, advisories, tmp_path / "cache") as opened:
        yield opened
