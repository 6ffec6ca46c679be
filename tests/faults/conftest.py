"""Fixtures of the fault suite: a registry of some hundred packages, and a queue before it."""

import pytest

from tests.e2e.world import open_world
from tests.faults.registry import registry

SEED = 20_261_121


@pytest.fixture
def seed() -> int:
    """What all that is drawn at random follows from; pytest shows it where a test fails."""
    print(f"seed {SEED}")
    return SEED


@pytest.fixture
async def world(graph, tmp_path, seed):
    async with open_world(graph, tmp_path / "cache", source=registry(seed)) as opened:
        yield opened
