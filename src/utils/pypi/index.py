"""The whole simple index (PEP 691), read as a stream: some 900,000 projects in one document.

Kept as two flat arrays (about 25 bytes a project) instead of objects, and read in slices, so that
whoever reads it in a thread can be stopped between two of them.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, overload

import ijson

from src.schemas.errors import InvalidKeyError, InvalidPayloadError
from src.utils.json_values import mapping, whole_number
from src.utils.pypi.names import canonical_name

_BUFFER = 1 << 18


class SortedNames(Sequence[str]):
    """Names in one block of bytes: membership by binary search, 13 MB for 900,000 names."""

    def __init__(self, names: Sequence[str]) -> None:
        """Take names that are sorted, distinct and ASCII."""
        self._text = "".join(names)
        self._ends = array("I", [0])
        end = 0
        for name in names:
            end += len(name)
            self._ends.append(end)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        """Return the name at a position."""
        if isinstance(index, slice):
            return [self[position] for position in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(index)
        return self._text[self._ends[index] : self._ends[index + 1]]

    def __len__(self) -> int:
        """Count the names."""
        return len(self._ends) - 1

    def __contains__(self, name: object) -> bool:
        """Tell whether the name is among them."""
        if not isinstance(name, str):
            return False
        position = bisect_left(self, name)
        return position < len(self) and self[position] == name


@dataclass(frozen=True, slots=True)
class ProjectIndex:
    """Every project of the index by canonical name, with the serial of its last change.

    `serial` is the head of the index. `refused` counts the entries that hold no name that may be a
    key; `serials` holds 0 where an entry tells none.
    """

    serial: int
    names: SortedNames
    serials: Sequence[int]
    refused: int

    def projects(self) -> Iterator[tuple[str, int]]:
        """Yield name and serial of each project, by name."""
        return zip(self.names, self.serials, strict=True)

    def changed_since(self, serial: int) -> Iterator[tuple[str, int, int]]:
        """Yield name, serial and safe position of each project changed later, oldest first.

        Whoever stored a project may go on from its position: where two projects share a serial,
        only the last of them moves it.
        """
        later = (index for index, own in enumerate(self.serials) if own > serial)
        order = array("I", sorted(later, key=self.serials.__getitem__))
        reached = serial
        for place, index in enumerate(order):
            own = self.serials[index]
            following = self.serials[order[place + 1]] if place + 1 < len(order) else None
            if following != own:
                reached = own
            yield self.names[index], own, reached


class IndexReader:
    """Reads an index document slice by slice; complete only once `read` has returned False.

    Raises InvalidPayloadError on what is not the whole promised document. Projects that are equal
    once normalised become one, with the higher serial.
    """

    def __init__(self, stream: BinaryIO, url: str) -> None:
        """Begin with the head of the document; `stream` must be seekable."""
        self._url = url
        self._stream = stream
        self._serials: dict[str, int] = {}
        self._refused = 0
        self._serial = self._read_head()
        stream.seek(0)
        self._entries = ijson.items(stream, "projects.item", buf_size=_BUFFER)

    def read(self, count: int) -> bool:
        """Read up to `count` more entries; False once the document has been read to its end."""
        try:
            for _ in range(count):
                self._take(next(self._entries))
        except StopIteration:
            return False
        except (ijson.JSONError, UnicodeDecodeError, ValueError) as error:
            raise self._invalid(f"not a whole index: {error}") from error
        return True

    def index(self) -> ProjectIndex:
        """Return what was read, in its compact form, and forget it here."""
        names = sorted(self._serials)
        serials = array("Q", (self._serials[name] for name in names))
        self._serials = {}
        return ProjectIndex(self._serial, SortedNames(names), serials, self._refused)

    def _take(self, entry: object) -> None:
        published = mapping(entry).get("name")
        try:
            name = canonical_name.__wrapped__(published if isinstance(published, str) else "")
        except InvalidKeyError:
            self._refused += 1
            return
        serial = min(whole_number(mapping(entry).get("_last-serial")) or 0, 2**63)
        if serial >= self._serials.get(name, 0):
            self._serials[name] = serial

    def _read_head(self) -> int:
        try:
            head = next(ijson.items(self._stream, "meta", buf_size=_BUFFER), None)
            self._stream.seek(0)
            events = ijson.parse(self._stream, buf_size=_BUFFER)
            start = next((event for prefix, event, _ in events if prefix == "projects"), "")
        except (ijson.JSONError, UnicodeDecodeError, ValueError) as error:
            raise self._invalid(f"not JSON: {error}") from error
        serial = whole_number(mapping(head).get("_last-serial"))
        if serial is None:
            raise self._invalid("an index without `meta._last-serial`")
        if start != "start_array":
            raise self._invalid("an index without `projects`")
        return serial

    def _invalid(self, message: str) -> InvalidPayloadError:
        return InvalidPayloadError(message, url=self._url)
