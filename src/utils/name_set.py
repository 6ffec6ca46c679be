"""Millions of names in little memory, to ask of each whether it was seen."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from hashlib import blake2b


class NameSet:
    """A set of names, kept as sorted 64-bit hashes: 8 bytes a name, where a set takes over 100.

    Two of 3.5 million names share a hash with a chance of one in three million. A name that was never
    added is then taken for one that was: of a registry, that one removal stays unnoticed.
    """

    def __init__(self, names: Iterable[str]) -> None:
        """Take the names in any order; they may repeat."""
        hashes = array("Q", map(_hash, names))
        self._hashes = array("Q", sorted(hashes))

    def __contains__(self, name: object) -> bool:
        """Whether this name was among them."""
        wanted = _hash(str(name))
        place = bisect_left(self._hashes, wanted)
        return place < len(self._hashes) and self._hashes[place] == wanted

    def __len__(self) -> int:
        """How many names were taken, each as often as it came."""
        return len(self._hashes)


def _hash(name: str) -> int:
    return int.from_bytes(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest())
