"""Documents of the sample that are made on the way out: archives, and answers to a query.

A line of a bundle that holds one of the keys of MAKERS is made by it; it sees the day's other lines
too, so that no fact stands there twice.
"""

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

from src.local_stack.replay.documents import Document

Lines = Mapping[str, Mapping[str, Any]]
"""The lines of one day by path."""

DynamicDocument = Callable[[str], Document]
"""Answers by the query, as sent."""

Maker = Callable[[str, Lines], Document | DynamicDocument]

_BINARY = "application/octet-stream"
_OLDEST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def plain(path: str, lines: Lines) -> Document:
    """Return the body that the line holds as JSON or text."""
    line = lines[path]
    content = line["body"]
    if not isinstance(content, str):
        content = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Document(content.encode(), line["content_type"], line.get("headers", {}))


def archive(path: str, lines: Lines) -> Document:
    """Return an archive: `archive` is its format, `entries` maps names to text.

    An entry may itself be `{"archive": …, "entries": …}`, as the `data.tar.gz` of a gem is.
    """
    line = lines[path]
    return Document(archive_bytes(line["archive"], line["entries"]), _BINARY)


def wheel(path: str, lines: Lines) -> Document:
    """Return a wheel: the entries named (empty) and the METADATA that stands at path + ".metadata"."""
    metadata = lines[f"{path}.metadata"]["body"].encode()
    return Document(wheel_bytes(path.rsplit("/", 1)[-1], lines[path]["wheel"], metadata), _BINARY)


MAKERS: Mapping[str, Maker] = {"archive": archive, "wheel": wheel}


def archive_bytes(kind: str, entries: Mapping[str, Any]) -> bytes:
    """Return an archive of `kind` "zip", "tar", "tar.gz" or "gz" (of its one entry)."""
    contents = {name: _content(entry) for name, entry in entries.items()}
    if kind == "gz":
        return gzip.compress(b"".join(contents.values()), mtime=0)
    if kind == "zip":
        return _zip(contents)
    packed = _tar(contents)
    return gzip.compress(packed, mtime=0) if kind == "tar.gz" else packed


def _content(entry: str | Mapping[str, Any]) -> bytes:
    if isinstance(entry, str):
        return entry.encode()
    return archive_bytes(entry["archive"], entry["entries"])


def _tar(contents: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in contents.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def _zip(contents: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as zipped:
        for name, content in contents.items():
            info = zipfile.ZipInfo(name, date_time=_OLDEST_ZIP_DATE)
            info.create_system = 3
            info.external_attr = 0o644 << 16
            zipped.writestr(info, content)
    return packed.getvalue()


def wheel_bytes(filename: str, entries: list[str], metadata: bytes) -> bytes:
    """Return a wheel with those (empty) entries and that METADATA, always the same bytes."""
    name, version, _ = filename.split("-", 2)
    tags = filename.removesuffix(".whl").split("-")[-3:]
    told = f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {'-'.join(tags)}\n".encode()
    folder = f"{name}-{version}.dist-info"
    contents = dict.fromkeys(entries, b"")
    contents |= {f"{folder}/METADATA": metadata, f"{folder}/WHEEL": told}
    contents[f"{folder}/RECORD"] = "".join(f"{entry},,\n" for entry in contents).encode()
    return _zip(contents)
