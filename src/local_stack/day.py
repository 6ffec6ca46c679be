"""Which day of the sample registry it is; time never runs backwards there."""

from pathlib import Path

from src.local_stack.errors import LocalStackError
from src.local_stack.files import write_atomically

LAST_DAY = 2


def read_day(path: Path) -> int:
    """Return the day that the file holds; a missing file means the first one.

    Raises:
        LocalStackError: the file holds something else.
    """
    try:
        text = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return 1
    if text not in {str(day) for day in range(1, LAST_DAY + 1)}:
        raise LocalStackError(f"{path} should hold a day from 1 to {LAST_DAY}; put one there")
    return int(text)


def advance_day(path: Path) -> int:
    """Move to the next day, or stay on the last one, and return it."""
    day = min(read_day(path) + 1, LAST_DAY)
    write_atomically(path, f"{day}\n")
    return day
