"""Each ecosystem's own rules of order and of constraints, to be asked in one way."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from src.schemas.ecosystem import Ecosystem
from src.utils.cargo import constraints as cargo_constraints
from src.utils.cargo import versions as cargo_versions
from src.utils.maven import constraints as maven_constraints
from src.utils.maven import versions as maven_versions
from src.utils.npm import constraints as npm_constraints
from src.utils.npm import versions as npm_versions
from src.utils.nuget import constraints as nuget_constraints
from src.utils.nuget import versions as nuget_versions
from src.utils.pypi import constraints as pypi_constraints
from src.utils.pypi import versions as pypi_versions
from src.utils.rubygems import constraints as rubygems_constraints
from src.utils.rubygems import versions as rubygems_versions


class VersionRules(NamedTuple):
    """`order_key` gives what a version is sorted by, None where the order does not know it.

    `satisfies` tells whether a version is one that a constraint, as published, admits; it raises
    InvalidConstraintError where one of them cannot be read.
    """

    order_key: Callable[[str], Any | None]
    satisfies: Callable[[str, str], bool]


RULES: Mapping[Ecosystem, VersionRules] = {
    Ecosystem.PYPI: VersionRules(pypi_versions.order_key, pypi_constraints.satisfies),
    Ecosystem.NPM: VersionRules(npm_versions.order_key, npm_constraints.satisfies),
    Ecosystem.MAVEN: VersionRules(maven_versions.order_key, maven_constraints.satisfies),
    Ecosystem.CARGO: VersionRules(cargo_versions.order_key, cargo_constraints.satisfies),
    Ecosystem.RUBYGEMS: VersionRules(rubygems_versions.order_key, rubygems_constraints.satisfies),
    Ecosystem.NUGET: VersionRules(nuget_versions.order_key, nuget_constraints.satisfies),
}
