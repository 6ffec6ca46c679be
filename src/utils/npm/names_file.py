"""The complete listing in a file: a head of fixed length, then a line for each package.

So that 3.5 million names never stand in memory at once.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

from src.schemas.errors import InvalidPayloadError
from src.utils.npm.feed import Head, ListedRow

_HEAD_BYTES = 128
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class NamesFile:
    """A whole listing: the sequence it was begun at, and how many packages it holds."""

    path: Path
    sequence: int
    packages: int


class NamesWriter:
    """Writes the packages of one page after another; the head comes last, so that a part has none."""

    def __init__(self, sink: IO[bytes]) -> None:
        """Begin at the start of an empty file."""
        self._sink = sink
        self._packages = 0
        sink.write(b" " * _HEAD_BYTES)

    def add(self, rows: list[ListedRow]) -> None:
        """Append these packages."""
        self._packages += len(rows)
        self._sink.write("".join(f"{row.name}\t{row.revision}\n" for row in rows).encode())

    def finish(self, head: Head) -> int:
        """Write the head and return how many packages the file holds."""
        told = {"format": _FORMAT, "sequence": head.sequence, "packages": self._packages}
        self._sink.seek(0)
        self._sink.write(json.dumps(told).encode().ljust(_HEAD_BYTES - 1) + b"\n")
        return self._packages


def open_names(path: Path) -> NamesFile:
    """Read the head of a file; raises InvalidPayloadError where it has none."""
    try:
        with path.open("rb") as stream:
            told = json.loads(stream.read(_HEAD_BYTES))
        if told["format"] != _FORMAT:
            raise InvalidPayloadError(f"a listing of another format: {told['format']!r}")
        return NamesFile(path, int(told["sequence"]), int(told["packages"]))
    except (ValueError, TypeError, KeyError) as error:
        raise InvalidPayloadError("a listing without its head") from error


def read_names(stream: IO[bytes]) -> Iterator[ListedRow]:
    """Yield the packages of an open file; raises InvalidPayloadError where a line is damaged."""
    stream.seek(_HEAD_BYTES)
    try:
        for line in stream:
            name, _, revision = line.decode().rstrip("\n").partition("\t")
            yield ListedRow(name, revision)
    except UnicodeDecodeError as error:
        raise InvalidPayloadError("a damaged line in a listing") from error


def take(rows: Iterator[ListedRow], count: int) -> list[ListedRow]:
    """Return up to `count` further packages; [] at the end."""
    return list(islice(rows, count))
