"""The compact index's `/versions`: every gem, its versions, and the MD5 of its `/info` document.

Header lines, among them `created_at: <time>`, end with `---`. Every further line is
`NAME [-]VERSION[,[-]VERSION…] MD5`; "-" takes a version away. Lines are appended until the file is
built anew, once a month: then `created_at` changes. The last MD5 of a gem is the one that holds.
(RubyGems guides, "Compact index"; lib/compact_index/versions_file.rb)
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from src.schemas.errors import InvalidKeyError, InvalidPayloadError
from src.utils.rubygems.names import canonical_name

_HEADER_BYTES = 4096
_LINE_BYTES = 16 * 1024 * 1024
_MAX_HEADER_LINES = 50
_CREATED_AT = re.compile(r"created_at: *([0-9A-Za-z:.+-]{1,40})")
_MD5 = re.compile(r"[0-9a-f]{32}")
_POSITION = re.compile(r"([0-9A-Za-z:.+-]{1,40})#([0-9]{1,15})")
_FIELDS = 3


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in one build of the file: all lines before byte `size` are known."""

    created_at: str
    size: int

    def __str__(self) -> str:
        """Return the text that a cursor keeps."""
        return f"{self.created_at}#{self.size}"

    @classmethod
    def parse(cls, text: str) -> "Position":
        """Read what `str` gave; raises InvalidKeyError on anything else."""
        found = _POSITION.fullmatch(text)
        if found is None:
            raise InvalidKeyError(f"not a position of the versions file: {text[:80]!r}")
        return cls(found[1], int(found[2]))


@dataclass(frozen=True, slots=True)
class GemState:
    """What the file says of one gem: its MD5, and where the line that says so ends.

    `offered` is the sum of the hashes of its versions, those taken away subtracted: 0 where every one
    was. So that is told without keeping the names of two million versions.
    """

    md5: bytes
    end: int
    offered: int


class VersionsIndex:
    """The gems of a file that was read to its end, in the order of their last lines."""

    def __init__(self, position: Position, gems: dict[str, GemState], refused: int) -> None:
        """`refused` counts the lines that name no gem."""
        self.position = position
        self.refused = refused
        self._gems = gems

    def __len__(self) -> int:
        """How many gems there are."""
        return len(self._gems)

    def __contains__(self, name: object) -> bool:
        """Whether this gem offers a version."""
        return name in self._gems

    def md5(self, name: str) -> str:
        """Return the MD5 of a gem's info document, "" where the file does not have the gem."""
        gem = self._gems.get(name)
        return gem.md5.hex() if gem is not None else ""

    def gems(self, since: Position | None = None) -> Iterator[tuple[str, str, Position]]:
        """Yield name, MD5 and position of each gem, oldest line first.

        `since` leaves out what this very build of the file already said there; of another build,
        everything is new.
        """
        created_at = self.position.created_at
        known = since.size if since is not None and since.created_at == created_at else 0
        for name, gem in self._gems.items():
            if gem.end > known:
                yield name, gem.md5.hex(), Position(created_at, gem.end)

    def head(self, since: Position | None = None) -> Position:
        """Return where the file ends; never before `since`, which a lagging copy may still lack."""
        if since is not None and since.created_at == self.position.created_at:
            return max(since, self.position)
        return self.position


class VersionsReader:
    """Reads a file slice by slice: `read` until it answers 0, then `index`."""

    def __init__(self, stream: BinaryIO, url: str) -> None:
        """Read the header; raises InvalidPayloadError where this is no versions file."""
        self._stream = stream
        self._url = url
        self._gems: dict[str, GemState] = {}
        self._refused = 0
        self._at = 0
        self._created_at = self._header()

    def read(self, lines: int) -> int:
        """Read up to so many further lines; returns how many there were.

        Raises InvalidPayloadError where a line was cut off: the file is then not whole.
        """
        for done in range(lines):
            line = self._line(_LINE_BYTES)
            if not line:
                return done
            self._take(line)
        return lines

    def index(self) -> VersionsIndex:
        """Return what was read, without gems that have no version left."""
        gems = {name: gem for name, gem in self._gems.items() if gem.offered}
        return VersionsIndex(Position(self._created_at, self._at), gems, self._refused)

    def _header(self) -> str:
        created_at = ""
        for _ in range(_MAX_HEADER_LINES):
            line = self._line(_HEADER_BYTES).decode("utf-8", "replace").rstrip("\r\n")
            if line == "---" and created_at:
                return created_at
            if found := _CREATED_AT.fullmatch(line):
                created_at = found[1]
            elif not line:
                break
        raise InvalidPayloadError("not a versions file of the compact index", url=self._url)

    def _line(self, limit: int) -> bytes:
        line = self._stream.readline(limit)
        if line and not line.endswith(b"\n"):
            raise InvalidPayloadError(f"a line cut off after byte {self._at}", url=self._url)
        self._at += len(line)
        return line

    def _take(self, line: bytes) -> None:
        fields = line.decode("utf-8", "replace").split()
        if len(fields) != _FIELDS or not _MD5.fullmatch(fields[2]):
            self._refused += 1
            return
        name, versions, md5 = fields
        try:
            name = canonical_name(name)
        except InvalidKeyError:
            self._refused += 1
            return
        # Taken out and put in again, so that the gems stand in the order of their last lines.
        before = self._gems.pop(name, None)
        offered = (before.offered if before else 0) + _sum(versions.split(","))
        self._gems[name] = GemState(bytes.fromhex(md5), self._at, offered)


def _sum(versions: Iterable[str]) -> int:
    return sum(-hash(text[1:]) if text.startswith("-") else hash(text) for text in versions)
