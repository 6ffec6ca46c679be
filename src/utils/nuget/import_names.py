"""Import names: the assemblies of a package, which a project references by these names.

Assemblies for compilation and use lie in `lib/` and `ref/`, in a folder for each target framework.
Satellite assemblies (`*.resources.dll`) hold translations, and nobody references them.
"""

import re
from collections.abc import Iterable
from typing import BinaryIO
from urllib.parse import unquote

from src.utils.archives import ArchiveLimits, read_archive

MAX_NAMES = 1000

_ASSEMBLY = re.compile(r"(?:lib|ref)/(?:[^/]+/)*([^/]+)\.dll", re.IGNORECASE)
_LIMITS = ArchiveLimits(unpacked_bytes=1024 * 1024 * 1024)
"""Nothing is unpacked here, and packages of native code are large."""


def read_import_names(artifact: BinaryIO) -> tuple[str, ...]:
    """Return the assemblies of a package file; raises ArchiveRefusedError on a hostile one."""
    return assembly_names(read_archive(artifact, wanted=lambda _: False, limits=_LIMITS).paths)


def assembly_names(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the assemblies among the paths, sorted; () where there are none."""
    # Names of parts are percent-encoded (Open Packaging Conventions).
    found = (_ASSEMBLY.fullmatch(unquote(path)) for path in paths)
    names = {match[1] for match in found if match is not None}
    fit = (n for n in names if n.isprintable() and not n.lower().endswith(".resources"))
    return tuple(sorted(fit)[:MAX_NAMES])
