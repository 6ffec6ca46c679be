"""Fixtures of the suite of what is wrong, slow or hostile. All of it is `make faults`."""

from pathlib import Path

import pytest

from tests.e2e.advisory_world import open_advisory_world
from tests.e2e.queue.queue_world import queue_for
from tests.e2e.shelf import Shelf
from tests.e2e.world import open_world

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.faults)


@pytest.fixture
def shelf() -> Shelf:
    """A PyPI of two projects, the second of which requires the first."""
    shelf = Shelf()
    shelf.put("lib", v1_0=[])
    shelf.put("app", v1_0=["lib>=1"], v2_0=[])
    return shelf


@pytest.fixture
async def world(graph, tmp_path, shelf):
    """That PyPI and an empty graph."""
    async with open_world(graph, tmp_path / "cache", source=shelf) as opened:
        opened.attempts = 1
        yield opened


@pytest.fixture
async def queue(redis_address, world):
    """A queue of the test's own into that graph."""
    async with queue_for(redis_address, world) as opened:
        opened.set(budget_seconds=100)
        yield opened


@pytest.fixture
async def advisory_world(graph, advisories, tmp_path):
    """The sample registry, an OSV database, and both databases empty."""
    async with open_advisory_world(graph, advisories, tmp_path / "cache") as opened:
        yield opened
