"""Which of the many places that name a licence is believed.

Order: the SPDX expression (PEP 639), the free text where it is a name and not a whole licence, the
trove classifiers.
"""

from collections.abc import Iterable

from src.utils.license_names import is_license_name

_PREFIX = "License :: "
_NOTHING = frozenset({"", "unknown", "none", "n/a"})


def choose_license(expression: str, free_text: str, classifiers: Iterable[str]) -> str:
    """Return the licence of a release in one line, "" where none is named."""
    for candidate in (expression.strip(), free_text.strip()):
        if _is_name(candidate):
            return candidate
    names = {
        entry.rsplit(" :: ", 1)[-1].strip() for entry in classifiers if entry.startswith(_PREFIX)
    }
    return ", ".join(sorted(names - {"OSI Approved", ""}))


def _is_name(candidate: str) -> bool:
    return is_license_name(candidate) and candidate.lower() not in _NOTHING
