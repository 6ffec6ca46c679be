"""The order of gem versions: Gem::Version.

A version is a list of numbers and of words (letters between other characters). Numbers are compared
as numbers, words as text, and a word stands below any number. Zeros at the end of the numbers before
the first word, and at the end of the whole, do not count. A missing part counts as 0.
"""

import re
from functools import lru_cache

from src.utils.rubygems.names import split_version

Segment = int | str
Part = tuple[int, Segment, int]
"""What one segment is sorted by: word or number, its value, and for a 0 what comes behind it."""
Key = tuple[Part, ...]

VERSION_PATTERN = r"[0-9]+(?:\.[0-9a-zA-Z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
"""Gem::Version::VERSION_PATTERN."""

_VERSION = re.compile(rf"\s*(?:{VERSION_PATTERN})?\s*", re.ASCII)
_SEGMENT = re.compile(r"[0-9]+|[a-zA-Z]+")
_MAX_DIGITS = 1000
_WORD, _NUMBER = 0, 1
_END: Part = (_NUMBER, 0, 0)


@lru_cache(maxsize=65_536)
def order_key(version: str) -> Key | None:
    """Return what a version's name is sorted by, None where Gem::Version does not know it.

    The platform (`1.0-java`) has no part in the order.
    """
    segments = parse_segments(split_version(version)[0])
    return None if segments is None else key_of(segments)


def parse_segments(number: str) -> tuple[Segment, ...] | None:
    """Return the segments of a version without platform; None where it is malformed.

    As Gem::Version.new: an empty text is version 0, and "-" is spelled out as ".pre.".
    """
    if not _VERSION.fullmatch(number) or len(number) > _MAX_DIGITS:
        return None
    spelled = number.strip().replace("-", ".pre.") or "0"
    return tuple(int(part) if part.isdecimal() else part for part in _SEGMENT.findall(spelled))


def key_of(segments: tuple[Segment, ...]) -> Key:
    """Return a key that compares as Gem::Version#<=> does.

    The end of a version counts as a 0 with nothing but zeros behind it. A 0 amid a version is
    therefore told by what comes behind: it stands below the end before a word, above it before a
    number.
    """
    key = [_END]
    behind = 0
    for segment in reversed(_canonical(segments)):
        if isinstance(segment, str):
            key.append((_WORD, segment, 0))
            behind = -1
        elif segment:
            key.append((_NUMBER, segment, 0))
            behind = 1
        else:
            key.append((_NUMBER, 0, behind))
    return tuple(reversed(key))


def is_prerelease(version: str) -> bool:
    """Tell whether a version is a prerelease: it has a letter (Gem::Version#prerelease?)."""
    return any(character.isalpha() for character in split_version(version)[0])


def release(segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """Return the release that a prerelease leads to, a release as it is (Gem::Version#release)."""
    return _numbers(segments)


def bump(segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """Return the first version that `~>` no longer admits (Gem::Version#bump)."""
    numbers = _numbers(segments)
    kept = numbers[:-1] if len(numbers) > 1 else numbers
    *front, last = kept
    return (*front, int(last) + 1)


def _numbers(segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
    # Gem::Version pops segments from the end while any of them is a word.
    first = next((at for at, part in enumerate(segments) if isinstance(part, str)), len(segments))
    return segments[:first]


def _canonical(segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
    # Gem::Version#canonical_segments.
    numbers = _numbers(segments)
    return _trimmed(numbers) + _trimmed(segments[len(numbers) :])


def _trimmed(segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
    end = len(segments)
    while end and segments[end - 1] == 0:
        end -= 1
    return segments[:end]
