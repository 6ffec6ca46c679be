"""What other programs wrote is shown on a terminal and steers nothing."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.table import Table

from src.cli.visible import about, moment, plain, shortened, span, visible

ESC = "\x1b"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, ünïcode 包 🎁", "plain text, ünïcode 包 🎁"),
        (f"{ESC}[2J{ESC}]0;title\x07", "\\x1b[2J\\x1b]0;title\\x07"),
        ("a\nb\rc\td\x00", "a\\nb\\rc\\td\\x00"),
        ("\x9b31m\x7f", "\\x9b31m\\x7f"),
        ("abc\u202edcba\u2066", "abc\\u202edcba\\u2066"),
        ("a\u200bb\u2028c", "a\\u200bb\\u2028c"),
        ("\udcff\udc80", "\\xff\\x80"),
        ("\ud800", "\\ud800"),
        ("\U000e0001", "\\U000e0001"),
    ],
)
def test_what_steers_a_terminal_is_spelled_out(text, shown):
    assert visible(text) == shown


@given(st.text(st.characters()))
def test_no_text_has_more_than_one_line_or_anything_invisible(text):
    shown = visible(text)
    assert shown.isprintable()
    assert shown.encode().decode() == shown


@given(st.text())
def test_a_table_shows_texts_and_reads_no_markup_in_them(text):
    table = Table("column")
    table.add_row(plain(f"[bold red]{text}[/] :bomb: [link=x]"))
    out = io.StringIO()
    Console(file=out, width=500, force_terminal=False).print(table)
    assert "[bold red]" in out.getvalue()
    assert ":bomb: [link=x]" in out.getvalue()


def test_a_long_text_is_cut_and_tells_its_length():
    assert shortened("abc", 3) == "abc"
    assert shortened("abcd", 3) == "abc… (4 characters)"
    assert shortened("\x00" * 10, 8) == "\\x00\\x00… (10 characters)"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (None, "(no field data)"),
        ("", "(empty)"),
        ('{"node_type":"NPMPackage","package":"ms"}', "NPMPackage ms"),
        ('{"package":"ms\\u001b[1m"}', "None ms\\x1b[1m"),
        ('{"package":7}', '{"package":7}'),
        ("[1]", "[1]"),
        ("{no json\x1b", "{no json\\x1b"),
        ("[" * 100_000, "[" * 100 + "… (100,000 characters)"),
        ("9" * 5_000, "9" * 100 + "… (5,000 characters)"),
    ],
)
def test_a_message_is_told_in_a_few_words(data, told):
    assert about(data) == told


@pytest.mark.parametrize(
    ("epoch_ms", "told"),
    [
        (0, "1970-01-01 00:00:00"),
        (1_700_000_000_999, "2023-11-14 22:13:20"),
        (2**53, str(2**53)),
    ],
)
def test_times_are_utc_and_those_beyond_the_calendar_are_numbers(epoch_ms, told):
    assert moment(epoch_ms) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-1, "0 s"),
        (0.4, "0 s"),
        (59, "59 s"),
        (61, "1 min 1 s"),
        (3600, "1 h"),
        (90_061, "1 d 1 h"),
    ],
)
def test_lengths_of_time_have_their_two_largest_units(seconds, told):
    assert span(seconds) == told
