"""A small PyPI, an empty graph, and a queue into it."""

import pytest

from tests.e2e.queue.queue_world import queue_for
from tests.e2e.shelf import Shelf
from tests.e2e.world import open_world


@pytest.fixture
def shelf() -> Shelf:
    """Two projects, the second of which requires the first."""
    shelf = Shelf()
    shelf.put("lib", v1_0=[])
    shelf.put("app", v1_0=["lib>=1"], v2_0=[])
    return shelf


@pytest.fixture
async def world(graph, tmp_path, shelf):
    async with open_world(graph, tmp_path / "cache", source=shelf) as opened:
        opened.attempts = 1
        yield opened


@pytest.fixture
async def queue(redis_address, world):
    async with queue_for(redis_address, world) as opened:
        yield opened
