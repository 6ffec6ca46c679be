"""The registry's daily dump: a tar.gz of CSV tables as PostgreSQL writes them, read as a stream.

Tables come in any order, and columns too; what is not needed is read over. The reader stops once it
has seen the tables it needs: the largest one by far, of downloads, stands last.
"""

import csv
import gzip
import io
import re
import struct
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import IO, BinaryIO, Self

from src.schemas.errors import InvalidPayloadError

LINE_BYTES = 16 * 1024 * 1024
"""Limit of one line or field: the crates table holds whole READMEs."""

_TABLE_BYTES = 64 * 1024**3
_EXTENSION_BYTES = 256 * 1024
_MEMBER = re.compile(r"(?:\./)?(?P<dump>[^/\s]+)/data/(?P<table>\w+)\.csv", re.ASCII)
_GZIP = b"\x1f\x8b"

_BROKEN = (
    tarfile.TarError,
    zlib.error,
    csv.Error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
)
"""What the standard readers raise on a cut or broken dump (bad UTF-8 is a ValueError)."""

CRATES = "crates"
VERSIONS = "versions"
DEPENDENCIES = "dependencies"
TRUE = "t"
"""How PostgreSQL writes a boolean that is true."""

Row = tuple[str, ...]

_CHECKSUM = ("checksum", "tar_sha256")
_COLUMNS: dict[str, tuple[tuple[str, ...], ...]] = {
    CRATES: (("id",), ("name",), ("repository",), ("homepage", "")),
    VERSIONS: (
        ("crate_id",),
        ("id",),
        ("num",),
        _CHECKSUM,
        ("yanked",),
        ("created_at",),
        ("license", ""),
        ("rust_version", ""),
        ("links", ""),
    ),
    DEPENDENCIES: (
        ("version_id",),
        ("id",),
        ("crate_id",),
        ("req",),
        ("kind",),
        ("optional",),
        ("target",),
        ("explicit_name",),
    ),
}
"""The columns of each row that is given, each with the names it may have; "" lets it be absent."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table. `rows` must be read to its end before the next table is asked for.

    `dump` is the name of the dump's folder, which tells when it was made.
    """

    dump: str
    name: str
    rows: Iterator[Row]


class _BoundedInfo(tarfile.TarInfo):
    """A tar header whose extensions are bounded: tarfile reads those into memory at once."""

    _EXTENSIONS = (
        tarfile.XHDTYPE,
        tarfile.XGLTYPE,
        tarfile.SOLARIS_XHDTYPE,
        tarfile.GNUTYPE_LONGNAME,
        tarfile.GNUTYPE_LONGLINK,
    )

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Read a header block."""
        info = super().frombuf(buf, encoding, errors)
        limit = _EXTENSION_BYTES if info.type in cls._EXTENSIONS else _TABLE_BYTES
        if info.size > limit:
            raise ValueError(f"an entry of {info.size} bytes")
        return info


def read_dump(stream: io.BufferedReader, url: str) -> Iterator[Table]:
    """Yield the tables needed, each once, in the order of the dump.

    Raises InvalidPayloadError where the dump is broken, cut off, or lacks a table or a column.
    """
    csv.field_size_limit(LINE_BYTES)
    missing = set(_COLUMNS)
    try:
        with _open(stream) as archive:
            for entry in archive:
                archive.members = []  # type: ignore[attr-defined]  # else it remembers all
                match = _MEMBER.fullmatch(entry.name)
                if match is None or match["table"] not in missing:
                    continue
                missing.remove(match["table"])
                content = archive.extractfile(entry)
                if content is not None:
                    yield Table(match["dump"], match["table"], _rows(content, match["table"], url))
                if not missing:
                    return
    except _BROKEN as error:
        raise InvalidPayloadError(f"a broken dump: {error}", url=url) from error
    raise InvalidPayloadError(f"a dump without {', '.join(sorted(missing))}", url=url)


def _open(stream: io.BufferedReader) -> tarfile.TarFile:
    # A proxy may have unpacked it on the way.
    source: BinaryIO | gzip.GzipFile = stream
    if stream.peek(len(_GZIP)).startswith(_GZIP):
        source = gzip.GzipFile(fileobj=stream, mode="rb")
    return tarfile.open(fileobj=source, mode="r|", tarinfo=_BoundedInfo)


def _rows(content: IO[bytes], table: str, url: str) -> Iterator[Row]:
    try:
        rows = csv.reader(_lines(content), strict=True)
        header = next(rows, [])
        pick = itemgetter(*_places(header, table, url))
        width = len(header)
        for row in rows:
            if len(row) != width:
                raise InvalidPayloadError(f"a row of {table} with {len(row)} columns", url=url)
            row.append("")
            yield pick(row)
    except _BROKEN as error:
        raise InvalidPayloadError(f"a broken {table} table: {error}", url=url) from error


def _places(header: list[str], table: str, url: str) -> list[int]:
    """Return where each column stands; behind the last one stands "" for those that may lack."""
    places = []
    for names in _COLUMNS[table]:
        found = [header.index(name) for name in names if name in header]
        if not found and "" not in names:
            raise InvalidPayloadError(f"the {table} table lacks {names[0]!r}", url=url)
        places.append(found[0] if found else len(header))
    return places


def _lines(content: IO[bytes]) -> Iterator[str]:
    # Not through TextIOWrapper: it asks for a place that a stream cannot tell.
    while line := content.readline(LINE_BYTES + 1):
        if len(line) > LINE_BYTES:
            raise ValueError(f"a line of more than {LINE_BYTES} bytes")
        yield line.decode()
