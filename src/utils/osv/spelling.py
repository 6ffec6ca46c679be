"""How listed versions are compared: by the ecosystem's own equality of spellings.

PyPI: PEP 440, so `1.0`, `1.0.0` and `v1.0` are one version. NuGet: the normal form without case. npm
and Cargo: without build metadata and leading `v` (SemVer 2.0.0, section 10). Maven and RubyGems have
no normal form, there `1.0` and `1.0.0` are two versions.
"""

from packaging.utils import canonicalize_version

from src.schemas.ecosystem import Ecosystem
from src.utils.nuget.versions import normalized_name
from src.utils.osv.ranges import version_key
from src.utils.rubygems.names import split_version


def listed_form(version: str, ecosystem: Ecosystem) -> str:
    """Return the spelling that stands for a version in a list; unknown to the order: the text itself."""
    if version_key(version, ecosystem) is None:
        return version
    match ecosystem:
        case Ecosystem.PYPI:
            return canonicalize_version(version)
        case Ecosystem.NUGET:
            return normalized_name(version).lower()
        case Ecosystem.NPM | Ecosystem.CARGO:
            return version.removeprefix("v").partition("+")[0]
        case _:
            return version


def forms_to_look_up(version: str, ecosystem: Ecosystem) -> frozenset[str]:
    """Return the spellings under which a version of the graph may be listed.

    The OSV database lists the numbers of gems, a version of the graph has its platform too.
    """
    forms = {version, listed_form(version, ecosystem)}
    if ecosystem is Ecosystem.RUBYGEMS:
        forms.add(split_version(version)[0])
    return frozenset(forms)
