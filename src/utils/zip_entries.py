"""Reads the entries of a large zip one by one, in flat memory.

The standard library's reader makes an object of every entry before the first can be read, which for an
archive of 200,000 records is a hundred megabytes. Source: PKWARE's APPNOTE 6.3, sections 4.3 to 4.5.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from src.schemas.errors import ArchiveRefusedError

_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_MAX_COMMENT = 65_535
_ENCRYPTED = 0x1
_UTF8 = 0x800
_STORED, _DEFLATED = 0, 8
_IN_EXTRA_32 = 0xFFFF_FFFF
_IN_EXTRA_16 = 0xFFFF
_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """One entry of the directory; sizes in bytes, `offset` where its own header begins."""

    name: str
    flags: int
    method: int
    checksum: int
    packed: int
    size: int
    offset: int


@dataclass(frozen=True, slots=True)
class _Directory:
    entries: int
    size: int
    offset: int


def zip_entries(stream: BinaryIO, *, max_entries: int) -> Iterator[ZipEntry]:
    """Yield the entries in the order of the directory; the stream may be read elsewhere between.

    Raises ArchiveRefusedError where the directory is missing, cut off or damaged, or holds more than
    `max_entries`.
    """
    directory = _find_directory(stream)
    if directory.entries > max_entries:
        raise ArchiveRefusedError(f"more than {max_entries} entries")
    position, end = directory.offset, directory.offset + directory.size
    for _ in range(directory.entries):
        stream.seek(position)
        fields = _read_fields(stream, _CENTRAL, b"PK\1\2")
        lengths = fields[10:13]
        names = _read(stream, sum(lengths))
        position += _CENTRAL.size + sum(lengths)
        if position > end:
            raise ArchiveRefusedError("the directory of a zip archive is damaged")
        extra = names[lengths[0] : lengths[0] + lengths[1]]
        size, packed, offset = _wide((fields[9], fields[8], fields[16]), extra)
        encoding = "utf-8" if fields[3] & _UTF8 else "cp437"
        name = names[: lengths[0]].decode(encoding, "replace")
        yield ZipEntry(name, fields[3], fields[4], fields[7], packed, size, offset)
    if position != end:
        raise ArchiveRefusedError("the directory of a zip archive is damaged")


def read_zip_entry(stream: BinaryIO, entry: ZipEntry, *, max_bytes: int) -> bytes:
    """Return the content of an entry; raises ArchiveRefusedError where it is damaged or too large."""
    if entry.flags & _ENCRYPTED or entry.method not in {_STORED, _DEFLATED}:
        raise ArchiveRefusedError("encrypted, or packed in a way that is not read")
    if entry.size > max_bytes:
        raise ArchiveRefusedError(f"larger than {max_bytes} bytes")
    stream.seek(entry.offset)
    fields = _read_fields(stream, _LOCAL, b"PK\3\4")
    stream.seek(fields[9] + fields[10], 1)
    if entry.method == _STORED:
        content = _read(stream, entry.size) if entry.packed == entry.size else b""
    else:
        content = _inflate(stream, entry)
    if len(content) != entry.size or zlib.crc32(content) != entry.checksum:
        raise ArchiveRefusedError("damaged: size or checksum differ")
    return content


def _inflate(stream: BinaryIO, entry: ZipEntry) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    left, content = entry.packed, bytearray()
    try:
        while left and not inflater.eof and len(content) <= entry.size:
            data = _read(stream, min(left, _CHUNK))
            left -= len(data)
            content += inflater.decompress(data, entry.size + 1 - len(content))
    except zlib.error as error:
        raise ArchiveRefusedError(f"damaged: {error}") from error
    return bytes(content)


def _find_directory(stream: BinaryIO) -> _Directory:
    size = stream.seek(0, 2)
    start = max(0, size - _MAX_COMMENT - _END.size)
    stream.seek(start)
    tail = stream.read()
    place = tail.rfind(b"PK\5\6")
    if place < 0 or len(tail) - place < _END.size:
        raise ArchiveRefusedError("a zip archive without its directory")
    fields = _END.unpack_from(tail, place)
    found = _Directory(fields[4], fields[5], fields[6])
    if _IN_EXTRA_32 in {fields[5], fields[6]} or fields[4] == _IN_EXTRA_16:
        found = _wide_directory(stream, start + place, found)
    if found.offset + found.size > start + place:
        raise ArchiveRefusedError("the directory of a zip archive is damaged")
    return found


def _wide_directory(stream: BinaryIO, end: int, narrow: _Directory) -> _Directory:
    # 65,535 entries exactly need no second record (4.4.1.4), so its absence is no damage.
    if end < _LOCATOR.size:
        return narrow
    stream.seek(end - _LOCATOR.size)
    locator = _LOCATOR.unpack(_read(stream, _LOCATOR.size))
    if locator[0] != b"PK\6\7":
        return narrow
    stream.seek(locator[2])
    fields = _read_fields(stream, _END64, b"PK\6\6")
    return _Directory(fields[7], fields[8], fields[9])


def _wide(narrow: tuple[int, int, int], extra: bytes) -> tuple[int, int, int]:
    """Return size, packed size and offset, those that do not fit out of the extra field (4.5.3)."""
    if _IN_EXTRA_32 not in narrow:
        return narrow
    content = _extra_field(extra, 1)
    wanted = [value == _IN_EXTRA_32 for value in narrow]
    if len(content) < 8 * sum(wanted):
        raise ArchiveRefusedError("the directory of a zip archive is damaged")
    wide = iter(struct.unpack_from(f"<{sum(wanted)}Q", content))
    size, packed, offset = (
        next(wide) if taken else value for taken, value in zip(wanted, narrow, strict=True)
    )
    return size, packed, offset


def _extra_field(extra: bytes, wanted: int) -> bytes:
    place = 0
    while place + 4 <= len(extra):
        identity, length = struct.unpack_from("<2H", extra, place)
        if identity == wanted:
            return extra[place + 4 : place + 4 + length]
        place += 4 + length
    return b""


def _read_fields(stream: BinaryIO, layout: struct.Struct, magic: bytes) -> tuple[int, ...]:
    fields = layout.unpack(_read(stream, layout.size))
    if fields[0] != magic:
        raise ArchiveRefusedError("a header of a zip archive is damaged")
    return fields


def _read(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise ArchiveRefusedError("a zip archive that is cut off")
    return data
