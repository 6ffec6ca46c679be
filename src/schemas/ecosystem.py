"""The ecosystems, and what each is called elsewhere."""

from enum import StrEnum
from typing import Self


class Ecosystem(StrEnum):
    """One package ecosystem; its value is the name that assets, settings and logs use.

    `label` is the node label of its packages in the graph (also `node_type` of a queue message),
    `purl_type` the type in a package URL, `osv_name` how the OSV database spells it.
    """

    label: str
    purl_type: str
    osv_name: str

    PYPI = ("pypi", "PyPIPackage", "pypi", "PyPI")
    NPM = ("npm", "NPMPackage", "npm", "npm")
    MAVEN = ("maven", "MavenPackage", "maven", "Maven")
    CARGO = ("cargo", "CargoPackage", "cargo", "crates.io")
    RUBYGEMS = ("rubygems", "RubyGemsPackage", "gem", "RubyGems")
    NUGET = ("nuget", "NuGetPackage", "nuget", "NuGet")

    def __new__(cls, value: str, label: str, purl_type: str, osv_name: str) -> Self:
        """Build a member from its value and its three other names."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        member.purl_type = purl_type
        member.osv_name = osv_name
        return member

    @classmethod
    def from_label(cls, label: str) -> "Ecosystem | None":
        """Return the ecosystem whose packages carry this label, None where there is none."""
        return next((member for member in cls if member.label == label), None)
