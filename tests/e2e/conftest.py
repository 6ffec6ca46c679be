"""Fixtures of the end-to-end suites."""

import pytest

from tests.e2e.world import open_world


@pytest.fixture
async def world(graph, tmp_path):
    """The sample registry and an empty graph, on each engine in turn."""
    async with open_world(graph, tmp_path / "cache") as opened:
        yield opened
