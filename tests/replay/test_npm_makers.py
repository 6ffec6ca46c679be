"""npm's replication service and the hashes of a packument, made from the lines of a bundle."""

import base64
import hashlib
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from src.local_stack.replay.documents import Document
from src.local_stack.replay.makers import archive
from src.local_stack.replay.npm_makers import MAX_ROWS, npm_packument, npm_replicate

ROOT = "/npm-replicate/"
ALL_DOCS = "/npm-replicate/registry/_all_docs"
CHANGES = "/npm-replicate/registry/_changes"
ROWS = [
    {"id": "ms", "rev": "2-b", "seq": 30},
    {"id": "JSONStream", "rev": "1-a", "seq": 10},
    {"id": "left-pad", "rev": "9-f", "seq": 40, "deleted": True},
    {"id": "@types/ms", "rev": "3-c", "seq": 20},
]
LINES: dict[str, dict[str, Any]] = {
    ROOT: {"path": ROOT, "npm_replicate": ROWS},
    ALL_DOCS: {"path": ALL_DOCS, "npm_replicate": "all_docs"},
    CHANGES: {"path": CHANGES, "npm_replicate": "changes"},
}


def ask(path: str, **query: object) -> Document:
    return npm_replicate(path, LINES)(urlencode(query))


def told(path: str, **query: object) -> Any:
    document = ask(path, **query)
    assert (document.status, document.content_type) == (200, "application/json")
    return json.loads(document.body)


def test_the_root_tells_the_head_of_the_feed_and_how_many_packages_there_are() -> None:
    assert told(ROOT) == {
        "db_name": "registry",
        "engine": "npm-replicate",
        "doc_count": 3,
        "update_seq": 40,
    }


def test_all_documents_stand_in_the_order_of_their_names_without_what_was_deleted() -> None:
    assert told(ALL_DOCS) == {
        "total_rows": 3,
        "offset": 0,
        "rows": [
            {"id": "@types/ms", "key": "@types/ms", "value": {"rev": "3-c"}},
            {"id": "JSONStream", "key": "JSONStream", "value": {"rev": "1-a"}},
            {"id": "ms", "key": "ms", "value": {"rev": "2-b"}},
        ],
    }


@pytest.mark.parametrize(
    ("query", "offset", "names"),
    [
        ({"limit": 2}, 0, ["@types/ms", "JSONStream"]),
        ({"limit": 2, "startkey": '"JSONStream"'}, 1, ["JSONStream", "ms"]),
        ({"startkey": '"@types/ms"'}, 0, ["@types/ms", "JSONStream", "ms"]),
        ({"startkey": '"left-pad"'}, 2, ["ms"]),
        ({"startkey": '"z"'}, 3, []),
        ({"limit": 0}, 0, []),
    ],
)
def test_a_page_of_all_documents_begins_with_its_startkey(
    query: dict[str, object], offset: int, names: list[str]
) -> None:
    page = told(ALL_DOCS, **query)
    assert (page["offset"], [row["id"] for row in page["rows"]]) == (offset, names)


def test_changes_stand_in_the_order_of_their_numbers_and_tell_what_was_deleted() -> None:
    assert told(CHANGES, since=10) == {
        "results": [
            {"seq": 20, "id": "@types/ms", "changes": [{"rev": "3-c"}]},
            {"seq": 30, "id": "ms", "changes": [{"rev": "2-b"}]},
            {"seq": 40, "id": "left-pad", "changes": [{"rev": "9-f"}], "deleted": True},
        ],
        "last_seq": 40,
    }


@pytest.mark.parametrize(
    ("query", "names", "last_seq"),
    [
        ({}, ["JSONStream", "@types/ms", "ms", "left-pad"], 40),
        ({"since": 0, "limit": 2}, ["JSONStream", "@types/ms"], 20),
        ({"since": 20, "limit": 1}, ["ms"], 30),
        ({"since": 40}, [], 40),
        ({"since": 41}, [], 41),
        ({"since": 999_999_999, "limit": 5}, [], 999_999_999),
    ],
)
def test_a_page_of_changes_ends_with_its_last_number_and_a_position_past_the_head_is_echoed(
    query: dict[str, object], names: list[str], last_seq: int
) -> None:
    page = told(CHANGES, **query)
    assert ([row["id"] for row in page["results"]], page["last_seq"]) == (names, last_seq)


@pytest.mark.parametrize("path", [ALL_DOCS, CHANGES])
@pytest.mark.parametrize("limit", [MAX_ROWS, MAX_ROWS + 1, 10**9])
def test_no_page_has_more_than_ten_thousand_rows(path: str, limit: int) -> None:
    rows = [{"id": f"p{i}", "rev": "1-a", "seq": i} for i in range(1, MAX_ROWS + 3)]
    served = npm_replicate(path, LINES | {ROOT: {"npm_replicate": rows}})
    page = json.loads(served(f"limit={limit}").body)
    assert len(page.get("rows") or page["results"]) == MAX_ROWS


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (CHANGES, {"feed": "longpoll"}),
        (CHANGES, {"since": 10, "timeout": 1000}),
        (CHANGES, {"since": "now"}),
        (CHANGES, {"since": "-1"}),
        (CHANGES, {"since": "1.5"}),
        (CHANGES, {"since": "²"}),
        (CHANGES, {"since": ""}),
        (CHANGES, {"limit": "all"}),
        (CHANGES, {"include_docs": "true"}),
        (CHANGES, {"startkey": '"ms"'}),
        (ALL_DOCS, {"include_docs": "true"}),
        (ALL_DOCS, {"startkey": "ms"}),
        (ALL_DOCS, {"startkey": "1"}),
        (ALL_DOCS, {"limit": "-5"}),
        (ALL_DOCS, {"skip": 10}),
        (ALL_DOCS, {"since": 1}),
    ],
)
def test_a_query_that_the_service_does_not_know_is_refused(
    path: str, query: dict[str, object]
) -> None:
    document = ask(path, **query)
    assert document.status == 400
    assert json.loads(document.body)["error"] == "bad_request"


def test_a_packument_tells_the_hashes_of_the_tarballs_that_are_served() -> None:
    path, tarball = "/npm/@types/ms", "/npm/@types/ms/-/ms-2.1.0.tgz"

    def version(number: str) -> dict[str, Any]:
        link = f"https://npm.test/@types/ms/-/ms-{number}.tgz"
        return {"version": number, "dist": {"shasum": "published", "tarball": link}}

    body = {"name": "@types/ms", "versions": {"2.0.0": version("2.0.0"), "2.1.0": version("2.1.0")}}
    lines: dict[str, dict[str, Any]] = {
        path: {"path": path, "npm_packument": True, "body": body},
        tarball: {"archive": "tar.gz", "entries": {"package/index.d.ts": ""}},
    }
    served = archive(tarball, lines).body
    packument = json.loads(npm_packument(path, lines).body)
    digest = base64.b64encode(hashlib.sha512(served).digest()).decode()
    assert packument["versions"]["2.0.0"] == version("2.0.0")
    assert packument["versions"]["2.1.0"]["dist"] == {
        "shasum": hashlib.sha1(served, usedforsecurity=False).hexdigest(),
        "tarball": "https://npm.test/@types/ms/-/ms-2.1.0.tgz",
        "integrity": f"sha512-{digest}",
    }
    assert packument["name"] == "@types/ms"
