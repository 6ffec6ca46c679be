"""The list of what changed in a folder of the OSV database: `<time>,<id>` a row, newest first."""

import re

from src.schemas.errors import InvalidKeyError, InvalidPayloadError
from src.schemas.http import StopReading
from src.utils.instants import EARLIEST, instant

MAX_ROW_BYTES = 1024
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+~-]{0,199}", re.ASCII)
"""Ids become parts of an address, so nothing that could lead elsewhere is one."""


def is_record_id(text: str) -> bool:
    """Tell whether a text may be the id of a record."""
    return _ID.fullmatch(text) is not None


class Changes(list[tuple[str, str]]):
    """Ids with their time of change, oldest first.

    `newest` is the time of the feed's first row, "" where it has none: it tells how long the feed has
    stood still. `broken_rows` could not be read and were passed over.
    """

    def __init__(self, rows: list[tuple[str, str]], newest: str, broken_rows: int) -> None:
        """Take rows in their final order."""
        super().__init__(rows)
        self.newest = newest
        self.broken_rows = broken_rows


class FeedSink:
    """Takes the list as it arrives, and stops it at the first row older than `since`."""

    def __init__(self, since: str, url: str) -> None:
        """Take all of it where `since` is ""; raises InvalidKeyError where it is no time."""
        after = instant(since) if since else EARLIEST
        if after is None:
            raise InvalidKeyError(f"not a time of change: {since[:80]!r}")
        self._since = after
        self._url = url
        self._rest = b""
        self._begin()

    def write(self, data: bytes, /) -> None:
        """Take the next bytes."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._take(line)
        if len(self._rest) > MAX_ROW_BYTES:
            raise InvalidPayloadError(f"a row without end: {self._url}", url=self._url)

    def seek(self, _: int, /) -> None:
        """Begin anew: another attempt follows."""
        self._begin()

    def truncate(self) -> None:
        """Nothing is kept that lies behind the beginning."""

    def changes(self) -> Changes:
        """Return what was taken.

        Raises InvalidPayloadError where nothing could be read at all, or where the list ends in the
        middle of a row: what stood behind would be lost for ever, were the rest believed.
        """
        if self._rest and not self._stopped:
            raise InvalidPayloadError(f"cut off in the middle of a row: {self._url}", url=self._url)
        if not self._newest:  # there is always a record: a folder is made for the first
            raise InvalidPayloadError(f"not a list of changes: {self._url}", url=self._url)
        return Changes(self._rows[::-1], self._newest, self._broken)

    def _begin(self) -> None:
        self._rest = b""
        self._rows: list[tuple[str, str]] = []
        self._newest = ""
        self._broken = 0
        self._stopped = False

    def _take(self, line: bytes) -> None:
        modified, _, identity = line.decode("utf-8", "replace").strip().partition(",")
        if not modified and not identity:
            return
        moment = instant(modified)
        if moment is None or not is_record_id(identity):
            self._broken += 1
            return
        self._newest = self._newest or modified
        if moment < self._since:
            self._stopped = True
            raise StopReading
        self._rows.append((identity, modified))
