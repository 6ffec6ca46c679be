"""Millions of names in little memory, to ask of each whether it was seen."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from hashlib import blake2b

_BUCKETS = 256
_BUCKET_SHIFT = 56


class NameSet:
    """A set of names, kept as sorted 64-bit hashes: 8 bytes a name, where a set takes over 100.

    Two of 3.5 million names share a hash with a chance of one in three million. A name that was never
    added is then taken for one that was: of a registry, that one removal stays unnoticed.
    """

    def __init__(self, names: Iterable[str]) -> None:
        """Take the names in any order; they may repeat."""
        # Sorted bucket by bucket, because sorting makes a list of integers of 32 bytes and more each.
        self._buckets = [array("Q") for _ in range(_BUCKETS)]
        for name in names:
            hashed = _hash(name)
            self._buckets[hashed >> _BUCKET_SHIFT].append(hashed)
        for number, bucket in enumerate(self._buckets):
            self._buckets[number] = array("Q", sorted(bucket))

    def __contains__(self, name: object) -> bool:
        """Whether this name was among them."""
        wanted = _hash(str(name))
        bucket = self._buckets[wanted >> _BUCKET_SHIFT]
        place = bisect_left(bucket, wanted)
        return place < len(bucket) and bucket[place] == wanted

    def __len__(self) -> int:
        """How many names were taken, each as often as it came."""
        return sum(map(len, self._buckets))


def _hash(name: str) -> int:
    return int.from_bytes(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest())
