"""Documents of the sample that only a Maven repository has: its index, whole or in chunks.

A line with `maven_index` is a chunk: `timestamp` (ISO 8601), `artifacts` by `group:artifact` with
`packaging` and `versions` (each with the time of its main artifact, "" where nobody knows it), and
`deleted`, a list of jars as `group:artifact:version`. A line with `maven_index_of` is the index itself: all that
the chunks at these paths leave in the end, so that no fact stands there twice.
"""

import gzip
import struct
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from src.local_stack.replay.documents import Document
from src.local_stack.replay.makers import DynamicDocument, Lines, Maker

_GZIP = "application/x-gzip"
_FORMAT = 1
_STORED = 4
_INDEXED = 1
_TOKENIZED = 2
"""The flags of a field (maven-indexer, IndexDataWriter); no reader needs them."""

Fields = Mapping[str, str]


def maven_index(path: str, lines: Lines) -> Document | DynamicDocument:
    """Return a chunk: what it adds, then what it deletes, then the lists of groups."""
    chunk = lines[path]["maven_index"]
    found = dict(_artifacts([chunk]))
    deleted = (deletion_record(*entry.rsplit(":", 1)) for entry in chunk["deleted"])
    return _document(chunk["timestamp"], [*_records(found), *deleted, *_groups(found)])


def maven_index_of(path: str, lines: Lines) -> Document | DynamicDocument:
    """Return the whole index: the chunks one after the other, and their deletions carried out."""
    chunks = [lines[each]["maven_index"] for each in lines[path]["maven_index_of"]]
    found = dict(_artifacts(chunks))
    head = {"DESCRIPTOR": "NexusIndex", "IDXINFO": "1.0|sample"}
    return _document(chunks[-1]["timestamp"], [head, *_records(found), *_groups(found)])


MAKERS: Mapping[str, Maker] = {"maven_index": maven_index, "maven_index_of": maven_index_of}


def index_bytes(timestamp: int, records: Iterable[Fields]) -> bytes:
    """Return an index file of these records, always the same bytes; `timestamp` is in ms."""
    packed = b"".join(map(_record, records))
    return gzip.compress(struct.pack(">Bq", _FORMAT, timestamp) + packed, mtime=0)


def artifact_record(name: str, version: str, packaging: str, modified: int) -> Fields:
    """Return the record of a main artifact."""
    group, artifact = name.split(":")
    extension = "pom" if packaging == "pom" else "jar"
    return {
        "u": _uinfo(group, artifact, version, extension),
        "m": str(modified),
        "i": f"{packaging}|{modified}|0|0|0|0|{extension}",
        "n": artifact,
    }


def deletion_record(name: str, version: str) -> Fields:
    """Return the record that takes a jar away."""
    group, artifact = name.split(":")
    return {"del": _uinfo(group, artifact, version, "jar"), "m": "0"}


def milliseconds(moment: str) -> int:
    """Return an ISO 8601 time in ms, 0 for ""."""
    return round(datetime.fromisoformat(moment).timestamp() * 1000) if moment else 0


def _artifacts(chunks: Iterable[Any]) -> Iterator[tuple[tuple[str, str], Fields]]:
    kept: dict[tuple[str, str], Fields] = {}
    for chunk in chunks:
        for name, told in chunk["artifacts"].items():
            for version, moment in told["versions"].items():
                kept[name, version] = artifact_record(
                    name, version, told["packaging"], milliseconds(moment)
                )
        for entry in chunk["deleted"]:
            name, _, version = entry.rpartition(":")
            kept.pop((name, version), None)
    yield from kept.items()


def _records(found: Mapping[tuple[str, str], Fields]) -> Iterator[Fields]:
    """Yield main artifacts, and beside the last version of each package its sources."""
    newest = {name: fields for (name, _), fields in found.items()}
    yield from found.values()
    for name, fields in newest.items():
        uinfo = fields["u"].rpartition("|NA|")[0]
        told = f"jar|{fields['m']}|0|0|0|0|jar"
        yield {"u": f"{uinfo}|sources|jar", "m": fields["m"], "i": told, "n": name.split(":")[1]}


def _groups(found: Iterable[tuple[str, str]]) -> list[Fields]:
    groups = sorted({name.split(":")[0] for name, _ in found})
    roots = sorted({group.split(".")[0] for group in groups})
    return [
        {"allGroups": "allGroups", "allGroupsList": "|".join(groups)},
        {"rootGroups": "rootGroups", "rootGroupsList": "|".join(roots)},
    ]


def _uinfo(group: str, artifact: str, version: str, extension: str) -> str:
    return f"{group}|{artifact}|{version}|NA|{extension}"


def _document(moment: str, records: Iterable[Fields]) -> Document:
    return Document(index_bytes(milliseconds(moment), records), _GZIP)


def _record(fields: Fields) -> bytes:
    parts = [struct.pack(">i", len(fields))]
    for name, value in fields.items():
        flags = _STORED | (
            _INDEXED if name in {"u", "del", "1"} else _TOKENIZED if name == "n" else 0
        )
        parts.append(struct.pack(">BH", flags, len(name)) + name.encode())
        encoded = _modified_utf8(value)
        parts.append(struct.pack(">i", len(encoded)) + encoded)
    return b"".join(parts)


def _modified_utf8(text: str) -> bytes:
    """Encode as Java's DataOutput does: other planes as two surrogates of three bytes, NUL in two."""
    pairs = text.encode("utf-16-be", "surrogatepass")
    units = (chr(unit) for (unit,) in struct.iter_unpack(">H", pairs))
    return "".join(units).encode("utf-8", "surrogatepass").replace(b"\0", b"\xc0\x80")
