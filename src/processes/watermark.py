"""How far a feed may be called done while its entries finish in any order."""

from collections import Counter, deque


class Watermark:
    """Entries are begun in feed order and finished in any order; the mark never passes a gap.

    Entries may share a position: it is done when all of them are.
    """

    def __init__(self) -> None:
        """Begin with nothing under way."""
        self._begun: deque[str] = deque()
        self._open: Counter[str] = Counter()
        self._mark = ""

    def begin(self, position: str) -> None:
        """Note that an entry at `position` is under way; positions come in feed order."""
        if not self._begun or self._begun[-1] != position:
            self._begun.append(position)
        self._open[position] += 1

    def finish(self, position: str) -> None:
        """Note that an entry at `position` is stored, or its failure recorded."""
        self._open[position] -= 1

    @property
    def mark(self) -> str:
        """The last position behind which nothing is under way; "" while there is none."""
        while self._begun and self._open[self._begun[0]] <= 0:
            self._mark = self._begun.popleft()
            del self._open[self._mark]
        return self._mark
