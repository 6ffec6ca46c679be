"""Pages of the replication service: read whole or refused, and the listing's file likewise."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.errors import InvalidPayloadError
from src.utils.npm.feed import (
    ChangedRow,
    Head,
    ListedRow,
    read_changes_page,
    read_head,
    read_names_page,
)
from src.utils.npm.names_file import NamesWriter, open_names, read_names

NAMES = {
    "total_rows": 4,
    "offset": 0,
    "rows": [
        {"id": "-", "key": "-", "value": {"rev": "3-c"}},
        {"id": "@s/a", "key": "@s/a", "value": {"rev": "1-a"}},
        {"id": "_design/app", "key": "_design/app", "value": {"rev": "9-x"}},
        {"id": "JSONStream", "value": None},
        {"id": "../../etc/passwd", "value": {"rev": "1-z"}},
        {"id": "b", "value": {"rev": "2-\n"}},
    ],
}
CHANGES: dict[str, Any] = {
    "results": [
        {"seq": 5, "id": "a", "changes": [{"rev": "1-a"}]},
        {"seq": 7, "id": "b", "changes": [{"rev": "4-b"}], "deleted": True},
        {"seq": 8, "id": "_design/app", "changes": [{"rev": "1-x"}]},
        {"seq": 11, "id": "a", "changes": [{"rev": "2-a"}]},
        {"seq": 12, "id": "c", "changes": []},
        {"seq": 13, "id": "a b", "changes": [{"rev": "1-x"}]},
    ],
    "last_seq": 13,
}


def test_a_page_of_names_holds_packages_and_leaves_out_what_is_none() -> None:
    page = read_names_page(json.dumps(NAMES).encode(), "u")
    assert page.rows == (
        ListedRow("-", "3-c"),
        ListedRow("@s/a", "1-a"),
        ListedRow("JSONStream", ""),
        ListedRow("b", ""),
    )
    assert len(page.ids) == 6
    assert (page.ids[0], page.ids[-1], page.refused) == ("-", "b", 1)


def test_of_several_changes_of_a_package_the_last_counts_at_its_place() -> None:
    page = read_changes_page(json.dumps(CHANGES).encode(), "u")
    assert page.rows == (
        ChangedRow("b", "4-b", 7, deleted=True),
        ChangedRow("a", "2-a", 11),
        ChangedRow("c", "", 12),
    )
    assert (page.size, page.last) == (6, 13)


def test_the_head_tells_sequence_and_count() -> None:
    assert read_head(b'{"update_seq": 119510110, "doc_count": 3, "x": 1}', "u") == Head(
        119510110, 3
    )


@pytest.mark.parametrize(
    ("read", "document"),
    [
        (read_head, {}),
        (read_head, {"update_seq": "12-abc", "doc_count": 3}),
        (read_head, {"update_seq": 1}),
        (read_head, []),
        (read_names_page, {}),
        (read_names_page, {"rows": None}),
        (read_names_page, {"rows": ["a"]}),
        (read_names_page, {"rows": [{"key": "a"}]}),
        (read_names_page, {"error": "bad_request"}),
        (read_changes_page, {"results": []}),
        (read_changes_page, {"last_seq": 7}),
        (read_changes_page, {"results": [], "last_seq": "7-x"}),
        (read_changes_page, {"results": [{"id": "a"}], "last_seq": 7}),
        (read_changes_page, {"results": [{"seq": 1}], "last_seq": 7}),
        (read_changes_page, {"results": [{"seq": -1, "id": "a"}], "last_seq": 7}),
    ],
)
def test_what_is_not_the_page_is_refused(read: Any, document: object) -> None:
    with pytest.raises(InvalidPayloadError):
        read(json.dumps(document).encode(), "u")


@pytest.mark.parametrize(
    ("read", "whole"), [(read_names_page, NAMES), (read_changes_page, CHANGES)]
)
def test_no_page_that_was_cut_off_is_taken_for_whole(read: Any, whole: object) -> None:
    body = json.dumps(whole).encode()
    for length in range(len(body)):
        with pytest.raises(InvalidPayloadError):
            read(body[:length], "u")


@given(st.binary() | st.text().map(lambda text: json.dumps({"rows": [{"id": text}]}).encode()))
def test_any_bytes_are_a_page_or_refused(body: bytes) -> None:
    for read in (read_head, read_names_page, read_changes_page):
        try:
            read(body, "u")
        except InvalidPayloadError:
            continue


def test_a_listing_comes_back_from_its_file_as_it_was_written(tmp_path: Path) -> None:
    rows = [ListedRow("@s/a", "1-a"), ListedRow("-", ""), ListedRow("JSONStream", "12-x")]
    path = tmp_path / "names"
    with path.open("wb") as sink:
        writer = NamesWriter(sink)
        writer.add(rows[:1])
        writer.add(rows[1:])
        assert writer.finish(Head(2**53, 3)) == 3
    names = open_names(path)
    assert (names.sequence, names.packages) == (2**53, 3)
    with path.open("rb") as stream:
        assert list(read_names(stream)) == rows


@pytest.mark.parametrize(
    "content",
    [b"", b" " * 128, b"{}".ljust(128), b'{"format": 2, "sequence": 1, "packages": 0}'.ljust(128)],
)
def test_a_file_without_its_head_is_no_listing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "names"
    path.write_bytes(content)
    with pytest.raises(InvalidPayloadError):
        open_names(path)


def test_a_damaged_line_is_an_error() -> None:
    with pytest.raises(InvalidPayloadError):
        list(read_names(io.BytesIO(b" " * 128 + b"a\t1-a\n\xff\xfe\t1-a\n")))
