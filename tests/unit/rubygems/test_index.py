"""The versions file: the last line of a gem holds, and a place in it can be come back to."""

import contextlib
import io
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.errors import InvalidKeyError, InvalidPayloadError
from src.utils.rubygems.index import Position, VersionsIndex, VersionsReader

HEAD = "created_at: 2026-11-01T00:00:05Z\n---\n"
M1, M2, M3 = "1" * 32, "2" * 32, "3" * 32


def read(text: str, lines: int = 2) -> VersionsIndex:
    reader = VersionsReader(io.BytesIO(text.encode()), "http://gems.test/versions")
    while reader.read(lines):
        pass
    return reader.index()


def names(index: VersionsIndex, since: Position | None = None) -> list[tuple[str, str]]:
    return [(name, md5) for name, md5, _ in index.gems(since)]


def test_the_last_md5_of_a_gem_is_the_one_that_holds() -> None:
    index = read(f"{HEAD}a 1.0,1.1 {M1}\nb 1.0-java {M2}\na 1.2 {M3}\n")
    assert names(index) == [("b", M2), ("a", M3)]
    assert len(index) == 2
    assert index.md5("a") == M3
    assert index.md5("c") == ""


@pytest.mark.parametrize(
    ("lines", "offered"),
    [
        (f"a 1.0 {M1}\na -1.0 {M2}\n", False),
        (f"a 1.0,2.0 {M1}\na -1.0 {M2}\na -2.0 {M3}\n", False),
        (f"a 1.0,-1.0 {M1}\n", False),
        (f"a 1.0,2.0 {M1}\na -1.0 {M2}\n", True),
        (f"a 1.0 {M1}\na -1.0 {M2}\na 1.0 {M3}\n", True),
        (f"a 1.0,1.0-java {M1}\na -1.0 {M2}\n", True),
        (f"a 1.0,1.0 {M1}\na -1.0 {M2}\n", True),
    ],
)
def test_a_gem_whose_versions_were_all_yanked_is_not_offered(lines: str, offered: bool) -> None:
    index = read(f"{HEAD}{lines}b 1 {M1}\n")
    assert ("a" in index) is offered
    assert "b" in index
    assert len(index) == 1 + offered


def test_what_stands_behind_a_position_is_new_and_nothing_else() -> None:
    first = f"{HEAD}a 1.0 {M1}\nb 1.0 {M1}\n"
    before = read(first)
    after = read(f"{first}c 1.0 {M2}\na 2.0 {M3}\n")
    assert names(after, before.position) == [("c", M2), ("a", M3)]
    assert names(after, after.position) == []
    places = [position for _, _, position in after.gems()]
    assert places == sorted(places)
    assert places[-1] == after.position
    for place, (name, _) in zip(places, names(after), strict=True):
        assert name not in [later for later, _ in names(after, place)]


def test_of_another_build_of_the_file_everything_is_new() -> None:
    rebuilt = read(HEAD.replace("11-01", "12-01") + f"a 1.0 {M1}\n")
    old = Position("2026-11-01T00:00:05Z", 10**9)
    assert names(rebuilt, old) == [("a", M1)]
    assert rebuilt.head(old) == rebuilt.position


def test_a_lagging_copy_moves_no_position_back() -> None:
    index = read(f"{HEAD}a 1.0 {M1}\n")
    ahead = Position(index.position.created_at, index.position.size + 100)
    assert index.head(ahead) == ahead
    assert names(index, ahead) == []


@pytest.mark.parametrize(
    "line", ["a 1.0", f"a b/c {M1} x", f"../b 1.0 {M1}", "a 1.0 nomd5", "", f"é 1 {M1}"]
)
def test_a_line_that_names_no_gem_is_counted_and_left_out(line: str) -> None:
    index = read(f"{HEAD}{line}\nb 1 {M1}\n")
    assert names(index) == [("b", M1)]
    assert index.refused == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "---\n",
        "<html></html>\n",
        "created_at: 2026-11-01T00:00:05Z\n",
        f"a 1.0 {M1}\n",
        f"created_at: 2026-11-01T00:00:05Z\n---\na 1.0 {M1}",
        "created_at: 2026-11-01#T\n---\n",
        "x\n" * 100,
        "y" * 10_000,
    ],
)
def test_what_is_no_whole_versions_file_is_refused(text: str) -> None:
    with pytest.raises(InvalidPayloadError):
        read(text)


def test_further_header_lines_do_no_harm() -> None:
    assert names(read(f"version: 2\n{HEAD}a 1.0 {M1}\n")) == [("a", M1)]


def test_it_is_read_in_slices() -> None:
    text = HEAD + "".join(f"g{n} 1 {M1}\n" for n in range(25))
    reader = VersionsReader(io.BytesIO(text.encode()), "u")
    assert [reader.read(10) for _ in range(4)] == [10, 10, 5, 0]


def test_a_position_is_read_back_as_it_was_written() -> None:
    position = Position("2026-11-01T00:00:05Z", 123)
    assert Position.parse(str(position)) == position


@pytest.mark.parametrize(
    "text", ["5", "#", "a#", "#5", "a#-1", "a b#1", "a#1#2", "12345#x", "a#5\n"]
)
def test_a_position_that_is_not_ours_is_refused(text: str) -> None:
    with pytest.raises(InvalidKeyError):
        Position.parse(text)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_the_documented_error(body: bytes) -> None:
    for start in (b"", HEAD.encode()):
        try:
            reader = VersionsReader(io.BytesIO(start + body), "u")
            for _ in count():
                if not reader.read(3):
                    break
            assert len(reader.index()) >= 0
        except InvalidPayloadError:
            pass


@given(st.text(max_size=40))
def test_no_text_as_a_position_raises_anything_else(text: str) -> None:
    with contextlib.suppress(InvalidKeyError):
        assert str(Position.parse(text)).partition("#")[0] == text.partition("#")[0]
