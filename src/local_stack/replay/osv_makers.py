"""Documents of the OSV database that are made from the records of the day, so that they agree.

    {"path": "/osv/npm/GHSA-….json", "content_type": "application/json", "body": {the record}}
    {"path": "/osv/RubyGems/GHSA-….json", "osv_copy": "/osv/npm/GHSA-….json"}
    {"path": "/osv/npm/modified_id.csv", "osv_feed": "npm"}
    {"path": "/osv/modified_id.csv", "osv_feed": ""}
    {"path": "/osv/npm/all.zip", "osv_archive": "npm"}
    {"path": "/osv/ecosystems.txt", "osv_ecosystems": true}

A record lies in the folder of each ecosystem that it names. A feed has one row a record, the last
changed first: `<modified>,<id>`, and in the feed of all ecosystems `<modified>,<ecosystem>/<id>`. An
archive holds one entry `<id>.json` a record, withdrawn ones too.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from src.local_stack.replay.documents import Document
from src.local_stack.replay.makers import Lines, Maker, archive_bytes, plain

PREFIX = "/osv/"
_SUFFIX = ".json"


def copy(path: str, lines: Lines) -> Document:
    """Return the record that stands at another path: the same bytes."""
    return plain(lines[path]["osv_copy"], lines)


def feed(path: str, lines: Lines) -> Document:
    """Return which records of an ecosystem, or of all, changed when."""
    wanted = lines[path]["osv_feed"]
    rows = []
    for ecosystem, _, record in _records(lines):
        if wanted in ("", ecosystem):
            name = record["id"] if wanted else f"{ecosystem}/{record['id']}"
            rows.append((record["modified"], name))
    rows.sort(key=lambda row: row[1])
    rows.sort(key=lambda row: datetime.fromisoformat(row[0]), reverse=True)
    return Document("".join(f"{modified},{name}\n" for modified, name in rows).encode(), "text/csv")


def archive(path: str, lines: Lines) -> Document:
    """Return all records of an ecosystem."""
    wanted = lines[path]["osv_archive"]
    entries = {
        f"{record['id']}{_SUFFIX}": plain(place, lines).body.decode()
        for ecosystem, place, record in sorted(_records(lines), key=lambda found: found[2]["id"])
        if ecosystem == wanted
    }
    return Document(archive_bytes("zip", entries), "application/zip")


def ecosystems(_: str, lines: Lines) -> Document:
    """Return the names of the ecosystems, one a line."""
    names = sorted({ecosystem for ecosystem, _, _ in _records(lines)})
    return Document("".join(f"{name}\n" for name in names).encode(), "text/plain")


MAKERS: Mapping[str, Maker] = {
    "osv_copy": copy,
    "osv_feed": feed,
    "osv_archive": archive,
    "osv_ecosystems": ecosystems,
}


def _records(lines: Lines) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Give the ecosystem of each record, where its text stands, and what it says."""
    for path, line in lines.items():
        if path.startswith(PREFIX) and path.endswith(_SUFFIX):
            place = line.get("osv_copy", path)
            yield path.removeprefix(PREFIX).partition("/")[0], place, _parsed(lines[place]["body"])


def _parsed(body: Mapping[str, Any] | str) -> Mapping[str, Any]:
    return json.loads(body) if isinstance(body, str) else body
