"""Fields of a record as they should be; what is otherwise is counted, never fatal."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

Problems = Counter[str]
"""How often something of a record could not be read, by a short stable word for it."""


def text(value: object) -> str:
    """Return a text as it is, "" for anything else."""
    return value if isinstance(value, str) else ""


def mapping(value: object) -> Mapping[str, Any]:
    """Return an object as it is, an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def mappings(value: object, problem: str, problems: Problems) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a list; whatever else is there counts as `problem`."""
    for element in _elements(value, problem, problems):
        if isinstance(element, Mapping):
            yield element
        else:
            problems[problem] += 1


def texts(value: object, problem: str, problems: Problems) -> Iterator[str]:
    """Yield the texts of a list but empty ones; whatever else is there counts as `problem`."""
    for element in _elements(value, problem, problems):
        if isinstance(element, str) and element:
            yield element
        else:
            problems[problem] += 1


def _elements(value: object, problem: str, problems: Problems) -> list[Any]:
    # A field that is absent, or null as some databases write it, is an empty list.
    if value is not None and not isinstance(value, list):
        problems[problem] += 1
    return value if isinstance(value, list) else []
