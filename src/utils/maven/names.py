"""Names of packages and versions: what may stand in a graph and become part of a path.

Ids are those of Maven's DefaultModelValidator (`[A-Za-z0-9_.-]+`), versions whatever has none of the
characters that it calls illegal, no white space, and is no path step.
"""

import re
from urllib.parse import quote

from src.schemas.errors import InvalidKeyError
from src.utils.maven.coordinates import Gav, package_key

_ILLEGAL_IN_VERSION = re.compile(r"""[\\/:"<>|?*\[\](){},\s\x00-\x1f\x7f]""")
_MAX_VERSION_BYTES = 256
"""File names hold artifact and version, and no file system takes more than 255 bytes of name."""


def canonical_name(name: str) -> str:
    """Return `group:artifact` unchanged; raises InvalidKeyError on everything else."""
    group, colon, artifact = name.partition(":")
    if not colon or "" in group.split("."):
        raise InvalidKeyError(f"not a Maven package (group:artifact): {name[:80]!r}")
    return package_key(group, artifact)[0]


def is_version(version: str) -> bool:
    """Tell whether a version may become part of a path and of a key."""
    return (
        0 < len(version.encode("utf-8", "replace")) <= _MAX_VERSION_BYTES
        and version.strip(".") != ""
        and not _ILLEGAL_IN_VERSION.search(version)
        and version.isprintable()
    )


def metadata_address(base_url: str, name: str) -> str:
    """Return where the metadata of a package stands (repository layout "default")."""
    return f"{_folder(base_url, name)}/maven-metadata.xml"


def file_address(base_url: str, gav: Gav, extension: str) -> str:
    """Return where a file of a version stands."""
    folder = _folder(base_url, f"{gav.group}:{gav.artifact}")
    version = quote(gav.version, safe="")
    return f"{folder}/{version}/{quote(gav.artifact, safe='')}-{version}.{extension}"


def _folder(base_url: str, name: str) -> str:
    group, _, artifact = name.partition(":")
    return f"{base_url}/{quote(group.replace('.', '/'))}/{quote(artifact, safe='')}"
