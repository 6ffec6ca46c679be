"""Expressions (`${…}`) in a POM: what the model itself can tell of them.

Source: Maven's AbstractStringBasedModelInterpolator: `${project.x}` and `${pom.x}` are the model's,
then properties count, then, without a prefix, the model again. What only a machine knows
(`${env.X}`, `${java.home}`) and what nobody defines stays as text.
"""

import re
from collections import Counter
from collections.abc import Mapping

MAX_LENGTH = 2_048
"""Of a text whose expressions are replaced, and of what comes out: properties that name each other
twice would otherwise double with each step."""

_MAX_DEPTH = 50
_EXPRESSION = re.compile(r"\$\{([^}]*)\}")
_PREFIXES = ("project.", "pom.")


class Interpolator:
    """Replaces expressions by one model's values. `counts` tells of cycles, once an expression."""

    def __init__(self, properties: Mapping[str, str], model: Mapping[str, str]) -> None:
        """`model` holds values by path, such as "version" or "parent.groupId"."""
        self._properties = properties
        self._model = model
        self._known: dict[str, str] = {}
        self._under_way: list[str] = []
        self.counts: Counter[str] = Counter()

    def text(self, text: str) -> str:
        """Return `text` with all expressions replaced that can be; the others stay as they are."""
        if "${" not in text or len(text) > MAX_LENGTH:
            return text
        replaced = _EXPRESSION.sub(lambda found: self._value(found[0], found[1]), text)
        return replaced if len(replaced) <= MAX_LENGTH else text

    def _value(self, whole: str, name: str) -> str:
        if whole in self._known:
            return self._known[whole]
        if name in self._under_way or len(self._under_way) >= _MAX_DEPTH:
            self.counts["recursive_properties"] += 1
            return whole
        raw = self._raw(name)
        if raw is None:
            return whole
        self._under_way.append(name)
        self._known[whole] = value = self.text(raw)
        self._under_way.pop()
        return value

    def _raw(self, name: str) -> str | None:
        for prefix in _PREFIXES:
            if name.startswith(prefix) and (path := name.removeprefix(prefix)) in self._model:
                return self._model[path]
        if name in self._properties:
            return self._properties[name]
        return self._model.get(name)
