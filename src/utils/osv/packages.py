"""Which of our packages an `affected` entry names.

Source: OSV schema, `affected[].package`. An ecosystem may carry a suffix behind a colon; only Maven
defines one here, the address of another repository than Central, whose packages are not Central's.
"""

from collections.abc import Callable, Mapping

from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import InvalidKeyError
from src.utils.cargo.names import canonical_name as cargo_name
from src.utils.maven.names import canonical_name as maven_name
from src.utils.npm.names import canonical_name as npm_name
from src.utils.nuget.names import canonical_name as nuget_name
from src.utils.osv.fields import Problems, mapping, text
from src.utils.pypi.names import canonical_name as pypi_name
from src.utils.rubygems.names import canonical_name as rubygems_name

NO_PACKAGE = "no_package"
OTHER_ECOSYSTEM = "other_ecosystem"
OTHER_REPOSITORY = "other_repository"
UNREADABLE_NAME = "unreadable_name"

_ECOSYSTEMS = {ecosystem.osv_name: ecosystem for ecosystem in Ecosystem}
_NAMES: Mapping[Ecosystem, Callable[[str], str]] = {
    Ecosystem.PYPI: pypi_name,
    Ecosystem.NPM: npm_name,
    Ecosystem.MAVEN: maven_name,
    Ecosystem.CARGO: cargo_name,
    Ecosystem.RUBYGEMS: rubygems_name,
    Ecosystem.NUGET: nuget_name,
}


def read_package(value: object, problems: Problems) -> tuple[Ecosystem, str] | None:
    """Return ecosystem and canonical name of a `package`; None, counted, where it is none of ours."""
    package = mapping(value)
    ecosystem_name, name = text(package.get("ecosystem")), text(package.get("name"))
    if not ecosystem_name or not name:
        problems[NO_PACKAGE] += 1
        return None
    ecosystem = _ECOSYSTEMS.get(ecosystem_name)
    if ecosystem is None:
        known = ecosystem_name.partition(":")[0] in _ECOSYSTEMS
        problems[OTHER_REPOSITORY if known else OTHER_ECOSYSTEM] += 1
        return None
    try:
        return ecosystem, _NAMES[ecosystem](name)
    except InvalidKeyError:
        problems[UNREADABLE_NAME] += 1
        return None
