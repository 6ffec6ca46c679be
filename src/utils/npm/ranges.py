"""Version ranges of npm, read as npm itself reads them: node-semver's grammar in its loose mode.

npm resolves every requirement in that mode (`npm-package-arg`, `npm-pick-manifest`): `01.2.3` and
`1.2.3beta` are versions, and a comparator that cannot be read is left out as long as another one of
the same set can. Ranges are rewritten into plain comparators step by step, as node-semver's README
says ("Ranges", "Advanced Range Syntax"). Python's `node-semver` is not used: it reads 4 % of 60,000
random ranges otherwise than node-semver 7.8 does in this mode, and is untyped and ten times slower.
"""

import re
from functools import lru_cache

from src.utils.npm.versions import MAX_LENGTH, VersionKey, is_prerelease, version_key

MAX_RANGE = 4096
"""Characters of a range that are read at all."""

_MAX_NUMBER = 2**53 - 1
"""Number.MAX_SAFE_INTEGER, above which node-semver refuses a version."""

_IDENTIFIER = r"(?:[0-9]*[A-Za-z-][0-9A-Za-z-]*|[0-9]+)"
_PRERELEASE = rf"(?:-?({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?"
_BUILD = r"\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*"
_WHOLE = rf"[v=\s]*([0-9]+)\.([0-9]+)\.([0-9]+){_PRERELEASE}(?:{_BUILD})?"
_PART = r"([0-9]+|[xX*])"
_PARTIAL = rf"[v=\s]*{_PART}(?:\.{_PART}(?:\.{_PART}{_PRERELEASE}(?:{_BUILD})?)?)?"

_VERSION = re.compile(_WHOLE)
_BUILDS = re.compile(_BUILD)
_HYPHEN = re.compile(rf"({_PARTIAL})\s+-\s+({_PARTIAL})")
_GAP_BEHIND_OPERATOR = re.compile(rf"(\s*)([<>]?=?)\s*({_WHOLE}|{_PARTIAL})")
_GAP_BEHIND_TILDE = re.compile(r"~>?\s+")
_GAP_BEHIND_CARET = re.compile(r"\^\s+")
_CARET = re.compile(rf"\^{_PARTIAL}")
_TILDE = re.compile(rf"~>?{_PARTIAL}")
_COMPARED = re.compile(rf"([<>]?=?)\s*{_PARTIAL}")
_COMPARATOR = re.compile(rf"([<>]?=?)\s*{_WHOLE}")
_STAR = re.compile(r"[<>]?=?\s*\*")

_ENDLESS_PREFIX = re.compile(r"[v=\s]{20}")
"""No range needs it, and the time to read one would grow with its square."""

_NOTHING = "<0.0.0-0"
"""What no version satisfies; "" is what every version does."""

Comparator = tuple[str, VersionKey]
"""An operator ("", "<", "<=", ">", ">=") and the bound."""
Comparators = tuple[Comparator, ...]
"""All of them must hold; () admits every version that is no prerelease."""


class InvalidRangeError(ValueError):
    """The text is no range of versions."""


@lru_cache(maxsize=65_536)
def parse_range(text: str) -> tuple[Comparators, ...]:
    """Return the sets of a range: a version satisfies it that satisfies any of them.

    Raises InvalidRangeError.
    """
    if len(text) > MAX_RANGE:
        raise InvalidRangeError(f"a range of {len(text)} characters")
    spaced = " ".join(text.split())
    if _ENDLESS_PREFIX.search(spaced):
        raise InvalidRangeError(f"not a range of versions: {text[:80]!r}")
    read = [_read_set(part.strip()) for part in spaced.split("||")]
    sets = [comparators for comparators in read if comparators]
    if not sets:
        raise InvalidRangeError(f"not a range of versions: {text[:80]!r}")
    possible = [comparators for comparators in sets if comparators[0] != _NOTHING] or sets[:1]
    if len(possible) > 1 and [""] in possible:
        possible = [[""]]
    return tuple(
        tuple(_comparator(text) for text in comparators if text) for comparators in possible
    )


@lru_cache(maxsize=65_536)
def parse_loose_version(text: str) -> VersionKey | None:
    """Return the key of a version as the loose mode reads it, None for what is none."""
    match = _VERSION.fullmatch(text.strip()) if len(text) <= MAX_LENGTH else None
    return None if match is None else _key(match)


def range_admits(sets: tuple[Comparators, ...], version: VersionKey) -> bool:
    """Whether a version satisfies a range.

    A prerelease does only where a bound of the same set is a prerelease of the same major, minor and
    patch (README, "Prerelease Tags").
    """
    return any(_set_admits(comparators, version) for comparators in sets)


def _set_admits(comparators: Comparators, version: VersionKey) -> bool:
    if not all(_holds(version, operator, bound) for operator, bound in comparators):
        return False
    return not is_prerelease(version) or any(
        is_prerelease(bound) and bound[:3] == version[:3] for _, bound in comparators
    )


def _holds(version: VersionKey, operator: str, bound: VersionKey) -> bool:
    if version == bound:
        return operator in {"", "<=", ">="}
    return operator[:1] == ("<" if version < bound else ">")


def _read_set(text: str) -> list[str]:
    """Return the comparators of one set as text: [""] for anything, [] where none can be read."""
    text = _BUILDS.sub("", text)
    if hyphen := _HYPHEN.fullmatch(text):
        text = _from_hyphen(hyphen)
    text = _GAP_BEHIND_OPERATOR.sub(r"\1\2\3", text)
    text = _GAP_BEHIND_TILDE.sub("~", text)
    text = _GAP_BEHIND_CARET.sub("^", text)
    plain = " ".join(_rewrite(token) for token in text.split(" "))
    found = ["" if text == ">=0.0.0" else text for text in re.split(r"\s+", plain)]
    found = [text for text in found if not text or _COMPARATOR.fullmatch(text)]
    if _NOTHING in found:
        return [_NOTHING]
    distinct = list(dict.fromkeys(found))
    return [text for text in distinct if text] or distinct


def _rewrite(token: str) -> str:
    """Rewrite one caret, tilde or x-range into plain comparators; leave anything else as it is."""
    if caret := _CARET.fullmatch(token):
        return _from_caret(*caret.groups())
    if tilde := _TILDE.fullmatch(token):
        return _from_tilde(*tilde.groups())
    if compared := _COMPARED.fullmatch(token):
        token = _from_x_range(token, *compared.groups()[:4])
    return _STAR.sub("", token, count=1).strip()


def _is_x(part: str | None) -> bool:
    return part is None or part in "xX*"


def _from_caret(major: str, minor: str | None, patch: str | None, pre: str | None) -> str:
    # The leftmost part that is not 0 stays: ^1.2.3 <2.0.0-0, ^0.2.3 <0.3.0-0, ^0.0.3 <0.0.4-0.
    if _is_x(major):
        return ""
    if minor is None or _is_x(minor):
        return f">={major}.0.0 <{_next(major)}.0.0-0"
    if major != "0":
        below = f"<{_next(major)}.0.0-0"
    elif patch is None or _is_x(patch) or minor != "0":
        below = f"<{major}.{_next(minor)}.0-0"
    else:
        below = f"<{major}.{minor}.{_next(patch)}-0"
    return f">={_floor(major, minor, patch, pre)} {below}"


def _from_tilde(major: str, minor: str | None, patch: str | None, pre: str | None) -> str:
    # ~1.2.3 and ~1.2 stay below 1.3.0-0, ~1 below 2.0.0-0.
    if _is_x(major):
        return ""
    if minor is None or _is_x(minor):
        return f">={major}.0.0 <{_next(major)}.0.0-0"
    return f">={_floor(major, minor, patch, pre)} <{major}.{_next(minor)}.0-0"


def _from_x_range(
    token: str, operator: str, major: str, minor: str | None, patch: str | None
) -> str:
    # A part that is missing or x stands for any: 1.2 is >=1.2.0 <1.3.0-0, and >1.2 is >=1.3.0.
    if (_is_x(major) and not _is_x(minor)) or (_is_x(minor) and not _is_x(patch)):
        return token
    if _is_x(major):
        return _NOTHING if operator in {"<", ">"} else "*"
    if not _is_x(patch):
        return token
    from_here, behind = _step(major, minor)
    return {
        ">": f">={behind}",
        ">=": f">={from_here}",
        "<": f"<{from_here}-0",
        "<=": f"<{behind}-0",
    }.get(operator, f">={from_here} <{behind}-0")


def _from_hyphen(match: re.Match[str]) -> str:
    # `1.2 - 3.4.5` is `>=1.2.0 <=3.4.5`; an upper end that is not whole takes all that begins so.
    lower, *low, _low_pre, upper, major, minor, patch, pre = match.groups()
    above = "" if _is_x(low[0]) else f">={lower}"
    if above and (_is_x(low[1]) or _is_x(low[2])):
        above = f">={_step(low[0], low[1])[0]}"
    if _is_x(major):
        return above
    if _is_x(minor) or _is_x(patch):
        below = f"<{_step(major, minor)[1]}-0"
    elif pre:
        below = f"<={major}.{minor}.{patch}-{pre}"
    else:
        below = f"<={upper}"
    return f"{above} {below}".strip()


def _step(major: str, minor: str | None) -> tuple[str, str]:
    """Return the first version that begins with these parts, and the first behind all that do."""
    if minor is None or _is_x(minor):
        return f"{major}.0.0", f"{_next(major)}.0.0"
    return f"{major}.{minor}.0", f"{major}.{_next(minor)}.0"


def _floor(major: str, minor: str, patch: str | None, pre: str | None) -> str:
    if patch is None or _is_x(patch):
        return f"{major}.{minor}.0"
    return f"{major}.{minor}.{patch}" + (f"-{pre}" if pre else "")


def _next(number: str) -> int:
    if len(number) > MAX_LENGTH:
        raise InvalidRangeError(f"a number of {len(number)} digits")
    return int(number) + 1


def _comparator(text: str) -> Comparator:
    match = _COMPARATOR.fullmatch(text)
    key = None if match is None or len(text) > MAX_LENGTH + 2 else _key(match, first_group=2)
    if match is None or key is None:
        raise InvalidRangeError(f"not a version: {text[:80]!r}")
    return "" if match[1] == "=" else match[1], key


def _key(match: re.Match[str], first_group: int = 1) -> VersionKey | None:
    numbers = [int(match[first_group + place]) for place in range(3)]
    if max(numbers) > _MAX_NUMBER:
        return None
    return version_key(numbers[0], numbers[1], numbers[2], match[first_group + 3] or "")
