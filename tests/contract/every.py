"""The registries that the contract suite runs over: one line an ecosystem."""

from tests.contract.cargo_registry import FakeCargo
from tests.contract.maven_registry import FakeMaven
from tests.contract.npm_registry import FakeNpm
from tests.contract.nuget_registry import FakeNuGet
from tests.contract.pypi_registry import FakePyPI
from tests.contract.registry import FakeRegistry
from tests.contract.rubygems_registry import FakeRubyGems

REGISTRIES: tuple[type[FakeRegistry], ...] = (
    FakePyPI,
    FakeNpm,
    FakeMaven,
    FakeCargo,
    FakeRubyGems,
    FakeNuGet,
)
