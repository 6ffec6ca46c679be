"""The sample registry: bundles of documents in a folder, as of a first and a second day.

`<folder>/<registry>/day1/*.jsonl` holds one document a line, `day2` only what changed since:

    {"path": "/pypi/simple/six/", "content_type": "…", "headers": {…}, "body": <JSON or text>}
    {"path": "/pypi/simple/six/", "gone": true}
    {"path": "/npm/left-pad/-/left-pad-1.3.0.tgz", "archive": "tar.gz", "entries": {"package/index.js": ""}}

What is made on the way out, always to the same bytes, is told by MAKERS.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from src.local_stack.replay import (
    cargo_makers,
    makers,
    maven_makers,
    npm_makers,
    osv_makers,
    rubygems_makers,
)
from src.local_stack.replay.documents import Document
from src.local_stack.replay.makers import DynamicDocument, plain

LAST_DAY = 2

MAKERS = {
    **makers.MAKERS,
    **cargo_makers.MAKERS,
    **maven_makers.MAKERS,
    **npm_makers.MAKERS,
    **osv_makers.MAKERS,
    **rubygems_makers.MAKERS,
}
"""How the lines are made that are no plain documents, by the key that each of them holds."""


class SampleError(Exception):
    """The sample or the file that tells the day is not as it should be."""


class SampleSource:
    """Serves the documents of a sample as they are on the day that `day` tells at each request."""

    def __init__(self, folder: Path, day: Callable[[], int]) -> None:
        """Read the bundles of all registries below `folder`; SampleError where there are none."""
        self._folder = folder
        self._day = day
        self._days: dict[int, dict[str, Document | DynamicDocument]] = {}
        if not any(folder.glob("*/day1/*.jsonl")):
            raise SampleError(f"no sample registry in {folder} (expected */day1/*.jsonl)")

    def document(self, path: str, query: str = "") -> Document | None:
        """Return the document at `path` as it is today."""
        document = self.documents(self._day()).get(path)
        return document if document is None or isinstance(document, Document) else document(query)

    def documents(self, day: int) -> dict[str, Document | DynamicDocument]:
        """Return every document of that day by path, read once."""
        if day not in self._days:
            lines: dict[str, dict[str, Any]] = {}
            for past in range(1, day + 1):
                lines.update(_read_day(self._folder, past))
            there = {path: line for path, line in lines.items() if not line.get("gone")}
            self._days[day] = {path: _document(path, there) for path in there}
        return self._days[day]


def day_in_file(file: Path) -> Callable[[], int]:
    """Return a function that tells which day `file` holds ("1" or "2"; 1 where there is no file).

    The file is read again only when it changed, so that asking costs a look at its times.
    """
    seen: tuple[int, int, int] | None = None
    day = 1

    def tell() -> int:
        nonlocal seen, day
        try:
            stat = file.stat()
            now = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if now != seen:
                day, seen = _parse_day(file.read_text("utf-8"), file), now
        except FileNotFoundError:
            day, seen = 1, None
        return day

    return tell


def _parse_day(text: str, file: Path) -> int:
    if text.strip() not in {str(day) for day in range(1, LAST_DAY + 1)}:
        raise SampleError(f"{file} should hold a day from 1 to {LAST_DAY}, not {text[:20]!r}")
    return int(text)


def _read_day(folder: Path, day: int) -> dict[str, dict[str, Any]]:
    lines: dict[str, dict[str, Any]] = {}
    for bundle in sorted(folder.glob(f"*/day{day}/*.jsonl")):
        for number, text in enumerate(bundle.read_text("utf-8").splitlines(), start=1):
            try:
                line = json.loads(text)
                path = line["path"]
            except (ValueError, KeyError, TypeError) as error:
                raise SampleError(f"{bundle}, line {number}: {error!r}") from error
            if path in lines:
                raise SampleError(f"{bundle}, line {number}: {path} stands there twice")
            lines[path] = line
    return lines


def _document(path: str, lines: dict[str, dict[str, Any]]) -> Document | DynamicDocument:
    made = [kind for kind in MAKERS if kind in lines[path]]
    return MAKERS[made[0]](path, lines) if made else plain(path, lines)
