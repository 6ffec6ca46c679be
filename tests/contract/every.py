"""The registries that the contract suite runs over: one line an ecosystem."""

from tests.contract.pypi_registry import FakePyPI
from tests.contract.registry import FakeRegistry

REGISTRIES: tuple[type[FakeRegistry], ...] = (FakePyPI,)
