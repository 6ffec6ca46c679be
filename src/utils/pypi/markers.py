"""Can a requirement apply when nobody asks for an extra?

Environment variables of a marker are unknown here, so the answer needs three values (Kleene's
logic): only a marker that is false in every environment keeps a requirement from being brought in.
Works on the text that `packaging` prints, because its parsed form is private.
"""

import re
from collections.abc import Iterator

from packaging.markers import Marker, UndefinedComparison, UndefinedEnvironmentName

Verdict = bool | None
"""True, False, or None where it depends on the environment."""

_WORD = re.compile(r"""\s*("[^"]*"|'[^']*'|[()]|not\s+in\b|[<>=!~]+|[\w.]+)""")
_SET_VARIABLES = frozenset({"extras", "dependency_groups"})
_NAMES_OF_EXTRAS = _SET_VARIABLES | {"extra"}


def applies_without_extra(marker: Marker) -> bool:
    """Tell whether the marker can be true, in some environment, with no extra asked for.

    An extra that nobody asked for compares as the empty name; the sets of PEP 751 are empty.
    """
    rendered = str(marker)
    if "extra" not in rendered and "dependency_groups" not in rendered:
        return True
    words = _WORD.findall(rendered)
    return _disjunction(iter([*words, ")"])) is not False


def _disjunction(words: Iterator[str]) -> Verdict:
    """Evaluate up to the closing parenthesis; `and` binds closer than `or`."""
    groups: list[list[Verdict]] = [[]]
    for word in words:
        if word == ")":
            break
        if word == "or":
            groups.append([])
        elif word == "(":
            groups[-1].append(_disjunction(words))
        elif word != "and":
            groups[-1].append(_comparison(word, next(words, ""), next(words, "")))
    return _any([_all(group) for group in groups])


def _comparison(left: str, operator: str, right: str) -> Verdict:
    if right in _SET_VARIABLES:
        return operator != "in"
    if left not in _NAMES_OF_EXTRAS and right not in _NAMES_OF_EXTRAS:
        return None
    try:
        return Marker(f"{left} {operator} {right}").evaluate({"extra": ""})
    except (UndefinedComparison, UndefinedEnvironmentName):
        return None


def _all(verdicts: list[Verdict]) -> Verdict:
    if False in verdicts:
        return False
    return None if None in verdicts else True


def _any(verdicts: list[Verdict]) -> Verdict:
    if True in verdicts:
        return True
    return None if None in verdicts else False
