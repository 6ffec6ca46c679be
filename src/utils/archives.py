"""Reads untrusted archives within limits, without ever writing an entry to disk.

An artifact can claim anything: names that lead out, sizes that lie, a gigabyte out of a kilobyte, a
directory of millions. Each of these raises ArchiveRefusedError; so does an archive that is broken.
Links are never followed. One that stays inside the archive is passed over, since source archives
do hold them; one that leads out is refused.
"""

import gzip
import posixpath
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO, ClassVar, Self

from src.schemas.errors import ArchiveRefusedError

_MIB = 1024 * 1024
_ZIP_END = struct.Struct("<4s4H2LH")
_ZIP_MAX_COMMENT = 65_535
_ZIP64_LOCATOR_SIZE = 20

BROKEN = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    struct.error,
    OSError,
    EOFError,
    ValueError,
    OverflowError,
    NotImplementedError,
    RecursionError,
    RuntimeError,
    LookupError,
)
"""What the standard readers raise on hostile bytes (an encrypted entry is a RuntimeError)."""


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """Bounds of what is read out of one archive; sizes in bytes, unpacked."""

    entries: int = 50_000
    path_bytes: int = 1024
    unpacked_bytes: int = 512 * _MIB
    file_bytes: int = 4 * _MIB
    kept_bytes: int = 16 * _MIB
    directory_bytes: int = 16 * _MIB


@dataclass(slots=True)
class ArchiveContent:
    """The paths of all files in an archive, and the content of those that were asked for."""

    paths: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)


class Collector:
    """Admits entries one by one and keeps the totals."""

    def __init__(self, wanted: Callable[[str], bool], limits: ArchiveLimits) -> None:
        self.content = ArchiveContent()
        self._wanted = wanted
        self._limits = limits
        self._entries = 0
        self._kept = 0

    def admit(self, name: str) -> str:
        """Count an entry and return its normal path."""
        self._entries += 1
        if self._entries > self._limits.entries:
            raise ArchiveRefusedError(f"more than {self._limits.entries} entries")
        return safe_path(name, self._limits.path_bytes)

    def add(self, path: str, size: int, read: Callable[[int], bytes]) -> None:
        """Keep a file's path, and its content where it is wanted; `read` takes a byte limit."""
        self.content.paths.append(path)
        if not self._wanted(path):
            return
        limit = min(self._limits.file_bytes, self._limits.kept_bytes - self._kept)
        data = b"" if size > limit else read(limit + 1)
        if max(size, len(data)) > limit:
            raise ArchiveRefusedError(f"{path!r} is larger than {limit} bytes")
        if len(data) != size:
            raise ArchiveRefusedError(f"{path!r} says {size} bytes and has {len(data)}")
        self._kept += len(data)
        self.content.files[path] = data


def safe_path(name: str, max_bytes: int = 1024) -> str:
    """Return the normal form of an entry's path, relative and with forward slashes.

    Raises ArchiveRefusedError where it leads out of the archive, is too long or holds NUL.
    """
    path = name.replace("\\", "/")
    if "\0" in path or len(path.encode("utf-8", "surrogateescape")) > max_bytes:
        raise ArchiveRefusedError(f"an entry's path cannot be used: {name[:80]!r}")
    if path.startswith("/") or path[1:2] == ":" or ".." in path.split("/"):
        raise ArchiveRefusedError(f"an entry leads out of the archive: {name[:80]!r}")
    return posixpath.normpath(path)


def read_archive(
    source: Path | BinaryIO,
    *,
    wanted: Callable[[str], bool],
    limits: ArchiveLimits | None = None,
) -> ArchiveContent:
    """List a zip (wheel, jar, nupkg) or tar.gz (sdist, crate, npm) and read what is `wanted`.

    `source` is a file, or a seekable stream that stays open. The format is told by the first bytes.
    Raises ArchiveRefusedError on every other format, on a
    broken archive, and on one that breaks a limit.
    """
    collector = Collector(wanted, limits or ArchiveLimits())
    try:
        with source.open("rb") if isinstance(source, Path) else nullcontext(source) as stream:
            magic = stream.read(4)
            stream.seek(0)
            if magic.startswith(b"PK"):
                _read_zip(stream, collector, limits or ArchiveLimits())
            elif magic.startswith(b"\x1f\x8b"):
                read_tar_gz(stream, collector, limits or ArchiveLimits())
            else:
                raise ArchiveRefusedError("neither a zip nor a tar.gz archive")
    except BROKEN as error:
        raise ArchiveRefusedError(f"broken archive: {error}") from error
    return collector.content


def _read_zip(stream: BinaryIO, collector: Collector, limits: ArchiveLimits) -> None:
    size = _check_zip_directory(stream, limits)
    with zipfile.ZipFile(stream) as archive:
        entries = archive.infolist()
        if sum(entry.file_size for entry in entries) > limits.unpacked_bytes:
            raise ArchiveRefusedError(f"more than {limits.unpacked_bytes} bytes unpacked")
        if sum(entry.compress_size for entry in entries) > size:
            raise ArchiveRefusedError("entries overlap: they are larger than the archive")
        for entry in entries:
            path = collector.admit(entry.filename)
            if stat.S_ISLNK(entry.external_attr >> 16):
                target = _read_entry(archive, entry, limits.path_bytes + 1)
                _check_link(path, target.decode("utf-8", "replace"), limits)
            elif not entry.is_dir():
                collector.add(path, entry.file_size, partial(_read_entry, archive, entry))


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes:
    with archive.open(entry) as stream:
        return stream.read(limit)


def _check_zip_directory(stream: BinaryIO, limits: ArchiveLimits) -> int:
    # zipfile makes an object of every record of the central directory, whatever their number says:
    # so its size is bounded before. Returns the size of the archive.
    size = stream.seek(0, 2)
    stream.seek(max(0, size - _ZIP_MAX_COMMENT - _ZIP_END.size - _ZIP64_LOCATOR_SIZE))
    tail = stream.read()
    start = tail.rfind(b"PK\5\6")
    if start < 0 or len(tail) - start < _ZIP_END.size:
        raise ArchiveRefusedError("a zip archive without its directory")
    directory_bytes = _ZIP_END.unpack_from(tail, start)[5]
    if directory_bytes > limits.directory_bytes:
        raise ArchiveRefusedError(f"a directory of more than {limits.directory_bytes} bytes")
    if b"PK\6\7" in tail[max(0, start - _ZIP64_LOCATOR_SIZE) : start]:
        raise ArchiveRefusedError("a zip64 directory in a small archive")
    stream.seek(0)
    return size


class _BoundedStream:
    """Unpacks gzip up to a limit, and ends readers that go on asking after the end."""

    _MAX_READS_AT_END: ClassVar[int] = 64

    def __init__(self, stream: BinaryIO, limit: int) -> None:
        self._stream = gzip.GzipFile(fileobj=stream, mode="rb")
        self._left = limit
        self._reads_at_end = 0

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes."""
        data = self._stream.read(size)
        self._left -= len(data)
        self._reads_at_end += not data
        if self._left < 0 or self._reads_at_end > self._MAX_READS_AT_END:
            raise ArchiveRefusedError("more bytes unpacked than allowed")
        return data


class BoundedInfo(tarfile.TarInfo):
    """A tar header whose extensions are bounded: tarfile reads those into memory at once."""

    _EXTENSIONS = (
        tarfile.XHDTYPE,
        tarfile.XGLTYPE,
        tarfile.SOLARIS_XHDTYPE,
        tarfile.GNUTYPE_LONGNAME,
        tarfile.GNUTYPE_LONGLINK,
    )
    _MAX_EXTENSION_BYTES = 256 * 1024

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Read a header block."""
        info = super().frombuf(buf, encoding, errors)
        if info.type in cls._EXTENSIONS and info.size > cls._MAX_EXTENSION_BYTES:
            raise ArchiveRefusedError(f"a header extension of {info.size} bytes")
        return info


def read_tar_gz(stream: BinaryIO, collector: Collector, limits: ArchiveLimits) -> None:
    """Read a tar.gz from a stream into `collector`; raises ArchiveRefusedError and what is BROKEN."""
    bounded = _BoundedStream(stream, limits.unpacked_bytes)
    with tarfile.open(fileobj=bounded, mode="r|", tarinfo=BoundedInfo) as archive:  # type: ignore[call-overload]
        for path, entry in tar_files(archive, collector, limits):
            source = archive.extractfile(entry)
            if source is not None:
                collector.add(path, entry.size, source.read)


def tar_files(
    archive: tarfile.TarFile, collector: Collector, limits: ArchiveLimits
) -> Iterator[tuple[str, tarfile.TarInfo]]:
    """Yield path and header of each file, in the archive's order; links and folders are checked."""
    for entry in archive:
        archive.members = []  # type: ignore[attr-defined]
        path = collector.admit(entry.name)
        if entry.issym() or entry.islnk():
            base = path if entry.issym() else ""
            _check_link(base, entry.linkname, limits)
        elif entry.isfile():
            yield path, entry
        elif not entry.isdir():
            raise ArchiveRefusedError(f"{path!r} is neither a file nor a folder")


def _check_link(path: str, target: str, limits: ArchiveLimits) -> None:
    """Refuse a link that leads out: symbolic ones start at their own folder."""
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(path), target.replace("\\", "/")))
    safe_path(joined, limits.path_bytes)
