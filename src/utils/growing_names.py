"""Which of many names came before, while they still come."""

from array import array
from bisect import bisect_left
from hashlib import blake2b

_BUCKETS = 256
_BUCKET_SHIFT = 56


class GrowingNames:
    """A set of names that grows, kept as sorted 64-bit hashes: 8 bytes a name.

    Two of a million names share a hash with a chance of one in thirty million; the second of them is
    then taken for the first.
    """

    def __init__(self) -> None:
        """Begin without a name."""
        self._buckets = [array("Q") for _ in range(_BUCKETS)]

    def add(self, name: str) -> bool:
        """Add a name; tells whether it is new."""
        hashed = _hash(name)
        bucket = self._buckets[hashed >> _BUCKET_SHIFT]
        place = bisect_left(bucket, hashed)
        if place < len(bucket) and bucket[place] == hashed:
            return False
        bucket.insert(place, hashed)
        return True

    def __contains__(self, name: object) -> bool:
        """Whether this name came."""
        hashed = _hash(str(name))
        bucket = self._buckets[hashed >> _BUCKET_SHIFT]
        place = bisect_left(bucket, hashed)
        return place < len(bucket) and bucket[place] == hashed

    def __len__(self) -> int:
        """How many different names came."""
        return sum(map(len, self._buckets))


def _hash(name: str) -> int:
    return int.from_bytes(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest())
