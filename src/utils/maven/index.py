"""The repository index in its transfer format, read as a stream (maven-indexer, ChunkReader).

A gzip file: one byte that is the format's version (1), an int64 with the time in ms, then records to
the end. A record is an int32 that counts its fields; a field is a byte of flags, a name (uint16 and
that many bytes) and a value (int32 and that many bytes), texts in modified UTF-8. All numbers are
big-endian. Of the records these say something here:

    u   = group|artifact|version|classifier|extension   (classifier NA: the main artifact)
    i   = packaging|modified (ms)|size|…
    del = the `u` of an artifact that is gone
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import BinaryIO

from src.schemas.errors import InvalidKeyError, InvalidPayloadError
from src.utils.maven.names import canonical_name, is_version

_FORMAT = 1
_HEADER = struct.Struct(">Bq")
_INT = struct.Struct(">i")
_FIELD = struct.Struct(">BH")
_STEP = 256 * 1024
_MAX_FIELDS = 10_000
_MAX_VALUE_BYTES = 128 * 1024 * 1024
"""The list of all groups, one value, has some 4 MB today."""

_WANTED = frozenset({b"u", b"i", b"del"})
_MAIN = "NA"
_GZIP = zlib.MAX_WBITS | 16
_GZIP_MAGIC = b"\x1f\x8b"
_MAX_TIME = 2**47
_MAX_DIGITS = 19


@dataclass(frozen=True, slots=True)
class Change:
    """A main artifact that was added (`modified` in ms, 0 where unknown) or is gone (None).

    `kind` tells the main artifacts of one version apart: the extension, "" where none is named.
    """

    name: str
    version: str
    kind: str
    modified: int | None


class IndexReader:
    """Reads an index or a chunk of one slice by slice; whole only once `read` has returned None.

    Every method raises InvalidPayloadError on what is no index, or not all of it. `records` counts
    what was read, `refused` the entries that name nothing that could be kept.
    """

    def __init__(self, stream: BinaryIO, url: str) -> None:
        """Begin with the head; `stream` must be seekable, packed or already unpacked."""
        self._url = url
        self._source = _unpacked(stream, url)
        self._data = b""
        self._place = 0
        self.records = 0
        self.refused = 0
        while len(self._data) < _HEADER.size and self._fill():
            pass
        if len(self._data) < _HEADER.size or self._data[0] != _FORMAT:
            raise InvalidPayloadError(f"not a repository index: {url}", url=url)
        self.timestamp: int = _HEADER.unpack_from(self._data)[1]
        self._place = _HEADER.size

    def read(self, count: int) -> list[Change] | None:
        """Return what up to `count` more records say of main artifacts, None behind the last one."""
        changes: list[Change] = []
        for _ in range(count):
            fields = self._record()
            if fields is None:
                return changes or None
            self.records += 1
            change = self._change(fields)
            if change is not None:
                changes.append(change)
        return changes

    def _record(self) -> dict[bytes, bytes] | None:
        while True:
            try:
                fields, place = _parse(self._data, self._place)
            except struct.error:
                if self._fill():
                    continue
                if self._place == len(self._data):
                    return None
                raise InvalidPayloadError(
                    f"an index that is cut: {self._url}", url=self._url
                ) from None
            except ValueError as error:
                told = f"a broken index ({error}): {self._url}"
                raise InvalidPayloadError(told, url=self._url) from error
            self._place = place
            return fields

    def _fill(self) -> bool:
        """Add a step to what is not read yet; large records double it, so that none is quadratic."""
        rest = self._data[self._place :]
        more = b"".join(
            part for _ in range(1 + len(rest) // _STEP) if (part := next(self._source, b""))
        )
        self._data, self._place = rest + more, 0
        return bool(more)

    def _change(self, fields: dict[bytes, bytes]) -> Change | None:
        deleted = fields.get(b"del")
        told = fields.get(b"u") if deleted is None else deleted
        if told is None:
            return None  # the descriptor, and the lists of groups
        group, artifact, version, classifier, kind = (*_text(told).split("|"), "", "", "", "", "")[
            :5
        ]
        if classifier and classifier != _MAIN:
            return None
        name = _name(group, artifact)
        if not (name and classifier and is_version(version) and kind.isprintable()):
            self.refused += 1
            return None
        modified = None if deleted is not None else _modified(fields.get(b"i", b""))
        return Change(name, version, kind[:80], modified)


def _parse(data: bytes, place: int) -> tuple[dict[bytes, bytes], int]:
    """Return the wanted fields of a record and where it ends.

    Raises struct.error where `data` ends before it does, ValueError on numbers that cannot be.
    """
    (count,) = _INT.unpack_from(data, place)
    if not 0 <= count <= _MAX_FIELDS:
        raise ValueError(f"{count} fields")
    place += _INT.size
    fields = {}
    for _ in range(count):
        _, size = _FIELD.unpack_from(data, place)
        start = place + _FIELD.size
        place = start + size
        (length,) = _INT.unpack_from(data, place)
        if not 0 <= length <= _MAX_VALUE_BYTES:
            raise ValueError(f"a value of {length} bytes")
        name = data[start:place]
        start = place + _INT.size
        place = start + length
        if place > len(data):
            raise struct.error("the value ends later")
        if name in _WANTED:
            fields[name] = data[start:place]
    return fields, place


def _unpacked(stream: BinaryIO, url: str) -> Iterator[bytes]:
    """Yield the content in steps; what stands behind the last gzip member is not looked at."""
    magic = stream.read(2)
    stream.seek(0)
    if magic != _GZIP_MAGIC:  # unpacked on its way, as a content coding
        yield from iter(lambda: stream.read(_STEP), b"")
        return
    packed = stream.read(_STEP)
    while packed.startswith(_GZIP_MAGIC):
        member = _Member(stream, packed, url)
        yield from iter(member.read, b"")
        packed = member.rest
        if len(packed) < len(_GZIP_MAGIC):
            packed += stream.read(_STEP)


class _Member:
    """One member of a gzip file (RFC 1952, 2.2); `rest` is what was read of the file behind it."""

    def __init__(self, stream: BinaryIO, packed: bytes, url: str) -> None:
        self._inflate = zlib.decompressobj(_GZIP)
        self._stream = stream
        self._packed = packed
        self._url = url

    def read(self) -> bytes:
        """Return up to a step of the content, b"" at the end."""
        while not self._inflate.eof:
            try:
                part = self._inflate.decompress(self._packed, _STEP)
            except zlib.error as error:
                raise InvalidPayloadError(f"broken gzip: {self._url}", url=self._url) from error
            self._packed = self._inflate.unconsumed_tail
            if part:
                return part
            if not self._packed and not self._ended():
                self._packed = self._stream.read(_STEP)
                if not self._packed:
                    raise InvalidPayloadError(f"an index that is cut: {self._url}", url=self._url)
        return b""

    @property
    def rest(self) -> bytes:
        return self._inflate.unused_data

    def _ended(self) -> bool:
        return self._inflate.eof


def _text(value: bytes) -> str:
    """Decode modified UTF-8 (java.io.DataInput): NUL in two bytes, other planes as surrogates."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        value = value.replace(b"\xc0\x80", b"\0")
    try:
        pairs = value.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass")
    except UnicodeDecodeError:
        return value.decode("utf-8", "replace")
    return pairs.decode("utf-16", "replace")


@lru_cache(maxsize=1024)
def _name(group: str, artifact: str) -> str:
    try:
        return canonical_name(f"{group}:{artifact}")
    except InvalidKeyError:
        return ""


def _modified(info: bytes) -> int:
    _, _, rest = info.partition(b"|")
    told = rest.partition(b"|")[0]
    number = int(told) if told.isdigit() and len(told) <= _MAX_DIGITS else 0
    return number if number < _MAX_TIME else 0
