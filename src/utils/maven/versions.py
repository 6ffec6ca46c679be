"""The order of Maven's versions: what ComparableVersion of Maven 3.9 does.

The POM reference ("Version Order Specification") describes the same order by tokens; where the two
differ the program counts, since it is what resolves ranges and finds the newest version.

A version is cut at dots, hyphens and between digits and letters. A hyphen and such a transition
begin a list inside the list; a dot before a last or numbered qualifier counts as a hyphen.
Zeros and empty qualifiers ("", ga, final, release) at the end of each list are dropped.
"""

import re
from collections.abc import Iterator
from functools import lru_cache, total_ordering

Token = tuple[int, int, str]
"""(sort, length, text): a qualifier is (0, 0, place), the opening of a list (1, 0, ""), a number
(2, digits, number). A list is always the last element of the one that it stands in, so that its
opening alone tells the whole nesting."""

_QUALIFIERS = ("alpha", "beta", "milestone", "rc", "snapshot", "", "sp")
_ALIASES = {"ga": "", "final": "", "release": "", "cr": "rc"}
_SHORT = {"a": "alpha", "b": "beta", "m": "milestone"}
_QUALIFIER, _OPENING, _NUMBER = range(3)
_RELEASE: Token = (_QUALIFIER, 0, str(_QUALIFIERS.index("")))
_LIST: Token = (_OPENING, 0, "")
_ZERO: Token = (_NUMBER, 0, "")
_NULLS = frozenset({_RELEASE, _ZERO})
_SEPARATORS = frozenset(".-")
_PARTS = re.compile(r"[.-]|\d+|[^\d.-]+")


@total_ordering
class MavenVersion:
    """A version as Maven compares it: by case-blind rules under which `1`, `1.0` and `1-ga` are equal.

    Not hashable, since versions that compare equal may be written in many ways.
    """

    __slots__ = ("tokens",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, text: str) -> None:
        """Any text can be read."""
        self.tokens = tuple(_normalized(_lists(text.lower())))

    def __eq__(self, other: object) -> bool:
        """Tell whether Maven holds the two for the same version."""
        return isinstance(other, MavenVersion) and _compare(self.tokens, other.tokens) == 0

    def __lt__(self, other: "MavenVersion") -> bool:
        """Tell whether Maven holds this version for the older one."""
        return _compare(self.tokens, other.tokens) < 0


@lru_cache(maxsize=65_536)
def order_key(version: str) -> MavenVersion | None:
    """Return what a version is sorted by; Maven's order knows all but the empty one."""
    return MavenVersion(version) if version else None


def is_prerelease(version: str) -> bool:
    """Tell whether a version has a qualifier that Maven orders before the release."""
    return any(
        sort == _QUALIFIER and place < _RELEASE[2]
        for sort, _, place in MavenVersion(version).tokens
    )


def _lists(text: str) -> list[list[Token]]:
    # ComparableVersion.parseVersion: the nested lists, outermost first.
    lists: list[list[Token]] = [[]]
    before = "."
    parts = _PARTS.findall(text)
    for part, following in zip(parts, [*parts[1:], ""], strict=True):
        if part in _SEPARATORS:
            if before in _SEPARATORS:
                lists[-1].append(_ZERO)
            if part == "-":
                lists.append([])
        elif part[0].isdecimal():
            lists[-1].append(_number(part))
            if following and following not in _SEPARATORS:
                lists.append([])
        else:
            _add_qualifier(lists, part, following)
        before = part
    return lists


def _add_qualifier(lists: list[list[Token]], text: str, following: str) -> None:
    numbered = following[:1].isdecimal()
    if lists[-1] and (numbered or not following):
        lists.append([])
    if numbered:
        text = _SHORT.get(text, text)
    text = _ALIASES.get(text, text)
    place = f"{_QUALIFIERS.index(text)}" if text in _QUALIFIERS else f"{len(_QUALIFIERS)}-{text}"
    lists[-1].append((_QUALIFIER, 0, place))
    if numbered:
        lists.append([])


def _normalized(lists: list[list[Token]]) -> Iterator[Token]:
    # ListItem.normalize, from the innermost list out: nulls at the end of a list are dropped, and
    # so is a list that has become empty.
    tail: list[Token] = []
    for entries in reversed(lists):
        while entries and entries[-1] in _NULLS:
            entries.pop()
        tail = [*entries, _LIST, *tail] if tail else entries
    yield from tail


def _number(digits: str) -> Token:
    if not digits.isascii():
        digits = "".join(str(int(digit)) for digit in digits)
    significant = digits.lstrip("0")
    return _NUMBER, len(significant), significant


def _compare(left: tuple[Token, ...], right: tuple[Token, ...]) -> int:
    for one, other in zip(left, right, strict=False):
        if one != other:
            return -1 if one < other else 1
    common = min(len(left), len(right))
    return _against_nothing(left[common:]) or -_against_nothing(right[common:])


def _against_nothing(rest: tuple[Token, ...]) -> int:
    # What stands behind the end of the other version: a list is compared element by element.
    for token in rest:
        if token not in _NULLS and token != _LIST:
            return -1 if token < _RELEASE else 1
    return 0
