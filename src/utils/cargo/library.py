"""What the manifest inside a crate tells: the name of its library, and where it is developed.

The rules are those of the Cargo book, "Cargo Targets" and "The Manifest Format": a package has a
library if it has `src/lib.rs` or a `[lib]` table; it is called as that table says, else as the
package, with `-` written `_`.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from src.schemas.errors import InvalidPayloadError
from src.utils.archives import ArchiveContent, read_archive
from src.utils.digests import hex_digest
from src.utils.json_values import mapping, text

_MANIFEST = re.compile(r"[^/]+/Cargo\.toml")
_LIBRARY = re.compile(r"[^/]+/src/lib\.rs")


@dataclass(frozen=True, slots=True)
class Library:
    """`names` is empty for a crate of programs only; the others are "" where not told."""

    names: tuple[str, ...]
    repository: str = ""
    license: str = ""


def read_library(artifact: BinaryIO, name: str, checksum: str) -> Library:
    """Read a `.crate` file, a seekable stream.

    Raises InvalidPayloadError where it is not the file that the registry describes or has no
    readable manifest, ArchiveRefusedError where it is hostile or broken.
    """
    artifact.seek(0)
    if checksum and hex_digest(artifact) != checksum:
        raise InvalidPayloadError(f"the crate of {name!r} has another checksum")
    artifact.seek(0)
    return library_of(read_archive(artifact, wanted=is_manifest), name)


def is_manifest(path: str) -> bool:
    """Tell whether this entry is the package's own manifest."""
    return _MANIFEST.fullmatch(path) is not None


def library_of(content: ArchiveContent, name: str) -> Library:
    """Return what the manifest and the files of a crate tell; raises InvalidPayloadError."""
    if len(content.files) != 1:
        raise InvalidPayloadError(f"the crate of {name!r} has {len(content.files)} manifests")
    manifest = _load(next(iter(content.files.values())), name)
    package = mapping(manifest.get("package")) or mapping(manifest.get("project"))
    names: tuple[str, ...] = ()
    if "lib" in manifest or any(_LIBRARY.fullmatch(path) for path in content.paths):
        own = text(mapping(manifest.get("lib")).get("name")) or text(package.get("name")) or name
        identifier = own.replace("-", "_")
        names = (identifier,) if identifier.isidentifier() else ()
    return Library(names, text(package.get("repository")), text(package.get("license")))


def _load(manifest: bytes, name: str) -> Mapping[str, object]:
    try:
        return tomllib.loads(manifest.decode())
    except (ValueError, RecursionError) as error:
        raise InvalidPayloadError(f"the manifest of {name!r} is not TOML: {error}") from error
