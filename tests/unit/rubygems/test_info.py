"""The info document: a line a version, its dependencies, and what else it tells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.errors import InvalidPayloadError
from src.utils.rubygems.info import InfoLine, read_info

URL = "http://gems.test/info/a"


def line(text: str) -> InfoLine:
    (found,) = read_info(f"---\n{text}\n".encode(), URL).values()
    return found


def test_a_full_line_is_read() -> None:
    assert line(
        "1.0.rc1-java b:>= 1.0&< 2,c:~> 3.1|checksum:abc,ruby:< 2.8.dev&>= 2.4,rubygems:> 1.3.1,"
        "created_at:2026-05-29T10:11:12Z"
    ) == InfoLine(
        name="1.0.rc1-java",
        dependencies=(("b", ">= 1.0, < 2"), ("c", "~> 3.1")),
        checksum="abc",
        ruby_version="< 2.8.dev, >= 2.4",
        rubygems_version="> 1.3.1",
        created_at="2026-05-29T10:11:12Z",
        source="sha256:abc",
    )


def test_a_line_without_dependencies_has_none() -> None:
    assert line("1.0 |checksum:abc").dependencies == ()
    assert line("1.0 |checksum:abc").created_at == ""


def test_what_everybody_admits_is_told_as_published() -> None:
    assert line("1.0 b:>= 0|checksum:abc").dependencies == (("b", ">= 0"),)


def test_a_line_without_checksum_has_a_source_of_its_own_text() -> None:
    one, other = line("1.0 b:>= 0|"), line("1.0 b:>= 1|")
    assert one.source.startswith("line:")
    assert one.source != other.source


@pytest.mark.parametrize(
    "text", ["1.0", "1.0 ", "1.0 |", "1.0 b", "1.0 b:|", "1.0 :>= 1|x", "1.0 ,,|,,"]
)
def test_a_poor_line_is_still_a_version(text: str) -> None:
    assert line(text).name == "1.0"
    assert line(text).source


def test_of_a_version_that_stands_there_twice_the_last_line_holds() -> None:
    found = read_info(b"---\n1.0 a:>= 0|checksum:x\n1.0 b:>= 0|checksum:y\n", URL)
    assert [entry.source for entry in found.values()] == ["sha256:y"]


def test_a_gem_without_a_version_has_a_document_all_the_same() -> None:
    assert read_info(b"---\n", URL) == {}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"---",
        b"<html></html>\n",
        b"1.0 |checksum:x\n",
        b"---\n1.0 |checksum:x",
        b"{}\n",
        b"\n---\n",
    ],
)
def test_what_is_no_whole_info_document_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidPayloadError):
        read_info(body, URL)


def test_odd_line_separators_of_unicode_part_no_lines() -> None:
    found = read_info("---\n1.0 a\u2028b:>= 1|checksum:x\n2.0 |checksum:y\n".encode(), URL)
    assert list(found) == ["1.0", "2.0"]


def test_windows_line_ends_do_no_harm() -> None:
    found = read_info(b"---\r\n1.0 |checksum:x,ruby:>= 2\r\n", URL)
    assert [(entry.name, entry.ruby_version) for entry in found.values()] == [("1.0", ">= 2")]


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_the_documented_error(body: bytes) -> None:
    for start in (b"", b"---\n"):
        try:
            for entry in read_info(start + body, URL).values():
                assert entry.source
        except InvalidPayloadError:
            pass
