"""Documents of the npm sample that are made on the way out.

The replication service answers by query, from one list of rows; a packument tells the hashes of those
tarballs that are made here, so that they agree whatever packed them.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from src.local_stack.replay.documents import Document
from src.local_stack.replay.makers import DynamicDocument, Lines, Maker, archive_bytes

MAX_ROWS = 10_000
"""No answer of the service has more rows, whatever limit was asked for."""

_ROOT = "/npm-replicate/"
_REGISTRY = "/npm"
_JSON = "application/json"
_Row = Mapping[str, Any]


class _BadRequestError(Exception):
    """The service refuses the query."""


def npm_replicate(path: str, lines: Lines) -> DynamicDocument:
    """Return what answers as npm's replication service does at `path`.

    The line of the root holds the day's rows (id, rev, seq, and `deleted` where it is true), the others
    name what they answer: "root", "all_docs" or "changes".
    """
    rows = lines[_ROOT]["npm_replicate"]
    answers = {"all_docs": _all_docs, "changes": _changes}
    answer = answers.get(str(lines[path]["npm_replicate"]), _root)

    def document(query: str) -> Document:
        try:
            return _document(answer(rows, query))
        except _BadRequestError as error:
            return _document({"error": "bad_request", "reason": str(error)}, 400)

    return document


def npm_packument(path: str, lines: Lines) -> Document:
    """Return the packument that the line holds, with the hashes of the tarballs that are served."""
    body = lines[path]["body"]
    versions = {name: _with_hashes(version, lines) for name, version in body["versions"].items()}
    return _document({**body, "versions": versions})


MAKERS: Mapping[str, Maker] = {"npm_replicate": npm_replicate, "npm_packument": npm_packument}


def _root(rows: list[_Row], _query: str) -> object:
    return {
        "db_name": "registry",
        "engine": "npm-replicate",
        "doc_count": len(_there(rows)),
        "update_seq": max(row["seq"] for row in rows),
    }


def _there(rows: list[_Row]) -> list[_Row]:
    return sorted((row for row in rows if not row.get("deleted")), key=lambda row: str(row["id"]))


def _all_docs(rows: list[_Row], query: str) -> object:
    asked = _parameters(query, "limit", "startkey")
    start = _key(asked.get("startkey", '""'))
    there = _there(rows)
    wanted = [row for row in there if row["id"] >= start]
    return {
        "total_rows": len(there),
        "offset": len(there) - len(wanted),
        "rows": [
            {"id": row["id"], "key": row["id"], "value": {"rev": row["rev"]}}
            for row in wanted[: _limit(asked)]
        ],
    }


def _changes(rows: list[_Row], query: str) -> object:
    asked = _parameters(query, "limit", "since")
    since = _number("since", asked.get("since", "0"))
    later = sorted((row for row in rows if row["seq"] > since), key=lambda row: int(row["seq"]))
    results = [
        {"seq": row["seq"], "id": row["id"], "changes": [{"rev": row["rev"]}]}
        | ({"deleted": True} if row.get("deleted") else {})
        for row in later[: _limit(asked)]
    ]
    # A position past the head is no error: it is answered with itself.
    return {"results": results, "last_seq": results[-1]["seq"] if results else since}


def _parameters(query: str, *known: str) -> dict[str, str]:
    asked = dict(parse_qsl(query, keep_blank_values=True))
    for name in asked:
        if name not in known:
            raise _BadRequestError(f"unsupported parameter: {name}")
    return asked


def _limit(asked: Mapping[str, str]) -> int:
    return min(_number("limit", asked.get("limit", str(MAX_ROWS))), MAX_ROWS)


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise _BadRequestError(f"{name} is no number: {text}")
    return int(text)


def _key(text: str) -> str:
    try:
        key = json.loads(text)
    except ValueError as error:
        raise _BadRequestError(f"startkey is no JSON: {text}") from error
    if not isinstance(key, str):
        raise _BadRequestError(f"startkey is no text: {text}")
    return key


def _with_hashes(version: Mapping[str, Any], lines: Lines) -> Mapping[str, Any]:
    line = lines.get(_REGISTRY + urlsplit(version["dist"]["tarball"]).path, {})
    if "archive" not in line:
        return version
    packed = archive_bytes(line["archive"], line["entries"])
    digest = base64.b64encode(hashlib.sha512(packed).digest()).decode()
    hashes = {
        "shasum": hashlib.sha1(packed, usedforsecurity=False).hexdigest(),
        "integrity": f"sha512-{digest}",
    }
    return {**version, "dist": {**version["dist"], **hashes}}


def _document(content: object, status: int = 200) -> Document:
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Document(body, _JSON, {}, status)
