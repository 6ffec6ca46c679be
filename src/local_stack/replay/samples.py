"""The sample registry: bundles of documents in a folder, as of a first and a second day.

`<folder>/<registry>/day1/*.jsonl` holds one document a line, `day2` only what changed since:

    {"path": "/pypi/simple/six/", "content_type": "…", "headers": {…}, "body": <JSON or text>}
    {"path": "/pypi/simple/six/", "gone": true}
    {"path": "/pypi-files/packages/…/six-1.17.0-py2.py3-none-any.whl", "wheel": ["six.py"]}

A wheel is made on the way out, always to the same bytes: the entries named (empty) and the METADATA
that stands at the same path plus ".metadata".
"""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from src.local_stack.replay.documents import Document

LAST_DAY = 2


class SampleError(Exception):
    """The sample or the file that tells the day is not as it should be."""


class SampleSource:
    """Serves the documents of a sample as they are on the day that `day` tells at each request."""

    def __init__(self, folder: Path, day: Callable[[], int]) -> None:
        """Read the bundles of all registries below `folder`; SampleError where there are none."""
        self._folder = folder
        self._day = day
        self._days: dict[int, dict[str, Document]] = {}
        if not any(folder.glob("*/day1/*.jsonl")):
            raise SampleError(f"no sample registry in {folder} (expected */day1/*.jsonl)")

    def document(self, path: str) -> Document | None:
        """Return the document at `path` as it is today."""
        return self.documents(self._day()).get(path)

    def documents(self, day: int) -> dict[str, Document]:
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


def wheel_bytes(filename: str, entries: list[str], metadata: bytes) -> bytes:
    """Return a wheel with those (empty) entries and that METADATA, always the same bytes."""
    name, version, _ = filename.split("-", 2)
    tags = filename.removesuffix(".whl").split("-")[-3:]
    wheel = f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {'-'.join(tags)}\n".encode()
    folder = f"{name}-{version}.dist-info"
    contents = dict.fromkeys(entries, b"")
    contents |= {f"{folder}/METADATA": metadata, f"{folder}/WHEEL": wheel}
    contents[f"{folder}/RECORD"] = "".join(f"{entry},,\n" for entry in contents).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for entry, content in contents.items():
            info = zipfile.ZipInfo(entry, date_time=(1980, 1, 1, 0, 0, 0))
            info.create_system = 3
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return packed.getvalue()


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


def _document(path: str, lines: dict[str, dict[str, Any]]) -> Document:
    line = lines[path]
    if "wheel" in line:
        metadata = lines[f"{path}.metadata"]["body"].encode()
        body = wheel_bytes(path.rsplit("/", 1)[-1], line["wheel"], metadata)
        return Document(body, "application/octet-stream")
    content = line["body"]
    if not isinstance(content, str):
        content = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Document(content.encode(), line["content_type"], line.get("headers", {}))
