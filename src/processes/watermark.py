"""How far a feed may be called done while its entries finish in any order."""

from collections import deque


class Watermark:
    """Entries are begun in feed order and finished in any order; the mark never passes a gap."""

    def __init__(self) -> None:
        """Begin with nothing under way."""
        self._begun: deque[str] = deque()
        self._finished: set[str] = set()
        self._mark = ""

    def begin(self, position: str) -> None:
        """Note that the entry at `position` is under way; positions come in feed order."""
        if not self._begun or self._begun[-1] != position:
            self._begun.append(position)

    def finish(self, position: str) -> None:
        """Note that the entry at `position` is stored, or its failure recorded."""
        self._finished.add(position)

    @property
    def mark(self) -> str:
        """The last position behind which nothing is under way; "" while there is none."""
        while self._begun and self._begun[0] in self._finished:
            self._mark = self._begun.popleft()
            self._finished.discard(self._mark)
        return self._mark
