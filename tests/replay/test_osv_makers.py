"""Feeds, archives and copies agree with the records of the day that they are made from."""

import io
import json
import zipfile
from typing import Any

import pytest

from src.local_stack.replay.documents import Document
from src.local_stack.replay.osv_makers import MAKERS


def record(identity: str, modified: str, **more: object) -> dict[str, Any]:
    return {"id": identity, "modified": modified, "affected": [], **more}


def line(path: str, **what: object) -> dict[str, Any]:
    return {"path": path, **what}


def published(path: str, body: object) -> dict[str, Any]:
    return line(path, content_type="application/json", body=body)


OLD = record("GHSA-2222-2222-2222", "2024-01-01T00:00:00Z", summary="ü")
NEW = record("GHSA-1111-1111-1111", "2026-10-30T10:02:51.5Z")
BETWEEN = record("MAL-2026-1", "2026-10-30T10:02:51.123456Z", withdrawn="2026-10-30T10:02:51Z")
WHOLE_SECOND = record("PYSEC-2026-1", "2026-10-30T10:02:51Z")
LINES = {
    told["path"]: told
    for told in (
        published("/osv/npm/GHSA-2222-2222-2222.json", OLD),
        published("/osv/npm/GHSA-1111-1111-1111.json", json.dumps(NEW, indent=1)),
        published("/osv/npm/MAL-2026-1.json", BETWEEN),
        line(
            "/osv/RubyGems/GHSA-2222-2222-2222.json", osv_copy="/osv/npm/GHSA-2222-2222-2222.json"
        ),
        published("/osv/PyPI/PYSEC-2026-1.json", WHOLE_SECOND),
        line("/osv/npm/modified_id.csv", osv_feed="npm"),
        line("/osv/Maven/modified_id.csv", osv_feed="Maven"),
        line("/osv/modified_id.csv", osv_feed=""),
        line("/osv/npm/all.zip", osv_archive="npm"),
        line("/osv/RubyGems/all.zip", osv_archive="RubyGems"),
        line("/osv/Maven/all.zip", osv_archive="Maven"),
        line("/osv/ecosystems.txt", osv_ecosystems=True),
        published("/npm/left-pad.json", {"id": "no advisory", "modified": "2030-01-01T00:00:00Z"}),
    )
}


def made(path: str) -> Document:
    (kind,) = MAKERS.keys() & LINES[path].keys()
    document = MAKERS[kind](path, LINES)
    assert isinstance(document, Document)
    return document


def entries(path: str) -> dict[str, Any]:
    document = made(path)
    assert document.content_type == "application/zip"
    with zipfile.ZipFile(io.BytesIO(document.body)) as archive:
        return {name: json.loads(archive.read(name)) for name in archive.namelist()}


def test_a_feed_has_the_last_changed_record_first_whatever_its_fraction_of_a_second() -> None:
    document = made("/osv/npm/modified_id.csv")
    assert document.content_type == "text/csv"
    assert document.body.decode() == (
        "2026-10-30T10:02:51.5Z,GHSA-1111-1111-1111\n"
        "2026-10-30T10:02:51.123456Z,MAL-2026-1\n"
        "2024-01-01T00:00:00Z,GHSA-2222-2222-2222\n"
    )


def test_the_feed_of_all_ecosystems_names_them_and_has_a_row_for_each_that_a_record_names() -> None:
    assert made("/osv/modified_id.csv").body.decode() == (
        "2026-10-30T10:02:51.5Z,npm/GHSA-1111-1111-1111\n"
        "2026-10-30T10:02:51.123456Z,npm/MAL-2026-1\n"
        "2026-10-30T10:02:51Z,PyPI/PYSEC-2026-1\n"
        "2024-01-01T00:00:00Z,RubyGems/GHSA-2222-2222-2222\n"
        "2024-01-01T00:00:00Z,npm/GHSA-2222-2222-2222\n"
    )


def test_an_archive_holds_every_record_withdrawn_ones_too() -> None:
    assert entries("/osv/npm/all.zip") == {
        "GHSA-1111-1111-1111.json": NEW,
        "GHSA-2222-2222-2222.json": OLD,
        "MAL-2026-1.json": BETWEEN,
    }
    assert entries("/osv/RubyGems/all.zip") == {"GHSA-2222-2222-2222.json": OLD}


def test_an_ecosystem_without_records_has_an_empty_feed_and_archive() -> None:
    assert made("/osv/Maven/modified_id.csv").body == b""
    assert entries("/osv/Maven/all.zip") == {}


def test_a_copy_is_the_record_itself() -> None:
    document = made("/osv/RubyGems/GHSA-2222-2222-2222.json")
    assert document.content_type == "application/json"
    assert document.body == json.dumps(OLD, ensure_ascii=False, separators=(",", ":")).encode()


def test_ecosystems_are_those_that_records_lie_under() -> None:
    assert made("/osv/ecosystems.txt").body == b"PyPI\nRubyGems\nnpm\n"


@pytest.mark.parametrize("path", ["/osv/modified_id.csv", "/osv/npm/all.zip"])
def test_the_same_lines_always_make_the_same_bytes(path: str) -> None:
    assert made(path).body == made(path).body
