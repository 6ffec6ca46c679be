"""A package URL that a user gives, as the name that the graph knows."""

from dataclasses import dataclass

from packageurl import PackageURL

from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import InvalidKeyError
from src.utils.osv.fields import Problems
from src.utils.osv.packages import read_package
from src.utils.rubygems.names import version_name

_ECOSYSTEMS = {ecosystem.purl_type: ecosystem for ecosystem in Ecosystem}
_SEPARATORS = {Ecosystem.MAVEN: ":", Ecosystem.NPM: "/"}


@dataclass(frozen=True, slots=True)
class NamedByPurl:
    """A package by its canonical name; `version` is "" where the purl names the package alone."""

    ecosystem: Ecosystem
    name: str
    version: str


def read_purl(text: str) -> NamedByPurl:
    """Return what a purl names; raises InvalidKeyError where it is none or of no known type.

    Of the qualifiers only the platform of a gem tells versions apart, all others are passed over.
    """
    purl = _parse(text)
    ecosystem = _ECOSYSTEMS.get(purl.type)
    if ecosystem is None:
        known = ", ".join(sorted(_ECOSYSTEMS))
        raise InvalidKeyError(f"no ecosystem has the purl type {purl.type}; there are {known}")
    exact = _parse_with_case(text)
    separator = _SEPARATORS.get(ecosystem, "/")
    name = separator.join(part for part in (exact.namespace, exact.name) if part)
    package = {"ecosystem": ecosystem.osv_name, "name": name}
    found = read_package(package, Problems())
    if found is None:
        raise InvalidKeyError(f"{name!r} is no name of a package in {ecosystem.osv_name}")
    version = exact.version or ""
    if version and ecosystem is Ecosystem.RUBYGEMS:
        version = version_name(version, exact.qualifiers.get("platform", ""))
    return NamedByPurl(*found, version)


def _parse(text: str) -> PackageURL:
    try:
        return PackageURL.from_string(text)
    except ValueError as error:
        raise InvalidKeyError(f"not a purl: {error}") from error


def _parse_with_case(text: str) -> PackageURL:
    # The library lower-cases npm names, although JSONStream and jsonstream are two packages; the type
    # "generic" has no such rules. That of npm also stands for its bare "@".
    _, _, rest = text.strip().removeprefix("pkg:").lstrip("/").partition("/")
    rest = rest.lstrip("/")
    return _parse("pkg:generic/" + (f"%40{rest[1:]}" if rest.startswith("@") else rest))
