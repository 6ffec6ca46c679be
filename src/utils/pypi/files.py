"""The files of a release: how they are described, and which of them speaks for it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Literal

from src.schemas.errors import InvalidPayloadError
from src.utils.digests import hex_digest
from src.utils.json_values import mapping, text, whole_number
from src.utils.times import utc_text

FileKind = Literal["wheel", "sdist", "other"]

SOURCE_NONE = "none"
"""Requirement source of a release that has no file: an install of it brings nothing in."""

SOURCE_MISSING = "no document"
"""Requirement source of a release whose documents the registry does not have."""

SDIST_SUFFIXES = (".tar.gz", ".tgz", ".zip", ".tar.bz2", ".tar.xz", ".tar.Z")

_ALGORITHMS = frozenset({"sha256", "sha384", "sha512", "sha1", "md5"})
_BUILT = re.compile(r"[.-](?:win32|win-amd64|win-arm\w+|linux-\w+|macosx-[\w.]+)(?:[.-]|$)")
_KIND_RANK: Mapping[FileKind, int] = {"wheel": 0, "sdist": 1, "other": 2}


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """One file as a document describes it; "" and None stand for what it does not tell.

    `digest` is `sha256=…` (or another algorithm), `metadata_digest` the same for the separate
    metadata file, which exists where `has_metadata` (PEP 658, PEP 714). `size` is in bytes,
    `uploaded` ISO 8601 in UTC. `yanked` and its reason are those of PEP 592.
    """

    filename: str
    url: str
    digest: str = ""
    size: int | None = None
    uploaded: str = ""
    yanked: bool = False
    yanked_reason: str = ""
    requires_python: str = ""
    has_metadata: bool = False
    metadata_digest: str = ""

    @property
    def kind(self) -> FileKind:
        """Tell wheels, source archives and everything else apart by the file name."""
        if self.filename.endswith(".whl"):
            return "wheel"
        is_sdist = self.filename.endswith(SDIST_SUFFIXES) and not _BUILT.search(self.filename)
        return "sdist" if is_sdist else "other"

    @property
    def source(self) -> str:
        """Name this very file: it changes when the file does."""
        return f"{self.filename}#{self.digest}"


def read_file(entry: object, url: str) -> ReleaseFile:
    """Read one file of the simple index (PEP 691) or of the JSON API, which spells keys otherwise.

    Raises InvalidPayloadError where the entry names no file.
    """
    values = mapping(entry)
    filename = text(values.get("filename"))
    if not filename:
        raise InvalidPayloadError("a file without a name", url=url)
    yanked = values.get("yanked")
    metadata = values.get("core-metadata", values.get("data-dist-info-metadata"))
    return ReleaseFile(
        filename=filename,
        url=text(values.get("url")),
        digest=_digest(values.get("hashes") or values.get("digests")),
        size=whole_number(values.get("size")),
        uploaded=utc_text(
            text(values.get("upload-time"))
            or text(values.get("upload_time_iso_8601"))
            or text(values.get("upload_time"))
        ),
        yanked=yanked is True or isinstance(yanked, str),
        yanked_reason=text(yanked) or text(values.get("yanked_reason")),
        requires_python=text(values.get("requires-python") or values.get("requires_python")),
        has_metadata=metadata is True or isinstance(metadata, dict),
        metadata_digest=_digest(metadata),
    )


def speaking_file(files: Iterable[ReleaseFile]) -> ReleaseFile | None:
    """Return the file that speaks for a release, None where there are no files.

    Wheels come before source archives before anything else; pure wheels (`none-any`) before built
    ones; then the file name decides. So the choice does not depend on the order of a document.
    """
    return min(files, key=_rank, default=None)


def matches_digest(content: BinaryIO, digest: str) -> bool:
    """Tell whether the content has this digest; an unknown or missing one refutes nothing."""
    algorithm, _, expected = digest.partition("=")
    if algorithm not in _ALGORITHMS:
        return True
    return hex_digest(content, algorithm) == expected.lower()


def _rank(file: ReleaseFile) -> tuple[int, bool, str]:
    return _KIND_RANK[file.kind], not file.filename.endswith("-none-any.whl"), file.filename


def _digest(hashes: object) -> str:
    known = {name: text(value) for name, value in mapping(hashes).items() if text(value)}
    for algorithm in ("sha256", "md5", *sorted(known)):
        if algorithm in known:
            return f"{algorithm}={known[algorithm]}"
    return ""
