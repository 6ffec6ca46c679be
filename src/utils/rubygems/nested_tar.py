"""Reads an archive that lies in another: a gem is a tar of packed parts."""

import tarfile
from collections.abc import Callable
from typing import BinaryIO, cast

from src.schemas.errors import ArchiveRefusedError
from src.utils.archives import (
    BROKEN,
    ArchiveContent,
    ArchiveLimits,
    BoundedInfo,
    Collector,
    read_tar_gz,
    tar_files,
)


def read_nested_tar(
    source: BinaryIO,
    *,
    nested: str,
    outer_wanted: Callable[[str], bool],
    inner_wanted: Callable[[str], bool],
    limits: ArchiveLimits | None = None,
) -> tuple[ArchiveContent, ArchiveContent]:
    """Read a tar that is not packed itself and the tar.gz in it that is named `nested` (a gem).

    `source` is a seekable stream at its beginning. The inner archive is read where it lies, so that
    only what is wanted is ever in memory. Each of the two has the limits for itself. Raises
    ArchiveRefusedError as `read_archive` does, and where there is no inner archive.
    """
    limits = limits or ArchiveLimits()
    outer, inner = Collector(outer_wanted, limits), Collector(inner_wanted, limits)
    try:
        with tarfile.open(fileobj=source, mode="r:", tarinfo=BoundedInfo) as archive:
            for path, entry in tar_files(archive, outer, limits):
                content = archive.extractfile(entry)
                if content is None:
                    continue
                if path == nested:
                    read_tar_gz(cast("BinaryIO", content), inner, limits)
                    outer.content.paths.append(path)
                else:
                    outer.add(path, entry.size, content.read)
    except BROKEN as error:
        raise ArchiveRefusedError(f"broken archive: {error}") from error
    if nested not in outer.content.paths:
        raise ArchiveRefusedError(f"an archive without {nested!r}")
    return outer.content, inner.content
