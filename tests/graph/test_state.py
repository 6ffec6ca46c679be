"""Cursors and failures, on every engine."""

import pytest

from src.schemas.ecosystem import Ecosystem
from src.services.graph.state_store import Failure, RecordedFailure, StateStore
from tests.graph.builders import PYPI


async def test_a_cursor_is_empty_until_it_is_set_and_each_ecosystem_has_its_own(graph):
    state = StateStore(graph)
    assert await state.cursor(PYPI) == ""
    await state.set_cursor(PYPI, "7")
    await state.set_cursor(PYPI, "8")
    assert (await state.cursor(PYPI), await state.cursor(Ecosystem.NPM)) == ("8", "")


async def test_failures_count_their_attempts_and_remember_the_first(graph):
    state = StateStore(graph)
    await state.record_failures(PYPI, [Failure("a", "not_found", "404")], 10)
    await state.record_failures(PYPI, [Failure("a", "unavailable", "503")], 20)
    await state.record_failures(PYPI, [Failure("a", "unavailable", "503")], 20)  # sent twice
    await state.record_failures(PYPI, [], 30)
    assert await state.failures(PYPI) == [RecordedFailure("a", "unavailable", "503", 2, 10, 20)]
    assert await state.failures(Ecosystem.NPM) == []


async def test_cleared_failures_are_gone_and_start_anew(graph):
    state = StateStore(graph)
    await state.record_failures(PYPI, [Failure("a", "x", ""), Failure("b", "x", "")], 10)
    await state.clear_failures(PYPI, ["a", "never seen"])
    await state.clear_failures(PYPI, [])
    assert [failure.name for failure in await state.failures(PYPI)] == ["b"]
    await state.record_failures(PYPI, [Failure("a", "x", "")], 20)
    assert [f.attempts for f in await state.failures(PYPI)] == [1, 1]


@pytest.mark.parametrize(
    "name",
    ["", " ", " padded ", "a\nb", "x" * 1500, '"})', "\x01", "é" * 900],
    ids=["empty", "blank", "padded", "line break", "long", "quote", "control", "long in bytes"],
)
async def test_a_name_that_could_be_no_key_is_still_a_failure_to_remember(graph, name):
    state = StateStore(graph)
    await state.record_failures(PYPI, [Failure(name, "invalid_key", f"bad: {name!r}")], 10)
    assert [failure.name for failure in await state.failures(PYPI)] == [name]
    await state.clear_failures(PYPI, [name])
    assert await state.failures(PYPI) == []


@pytest.mark.parametrize(
    ("name", "kept"),
    [("a\0b", "a\\x00b"), ("\ud800", "\\ud800"), ("x" * 5000, "x" * 2000)],
    ids=["NUL", "half a character", "huge"],
)
async def test_what_no_engine_stores_is_kept_in_a_readable_form(graph, name, kept):
    state = StateStore(graph)
    await state.record_failures(PYPI, [Failure(name, "invalid_key", name)], 10)
    [failure] = await state.failures(PYPI)
    assert (failure.name, failure.detail) == (kept, kept)
    await state.clear_failures(PYPI, [name])
    assert await state.failures(PYPI) == []


async def test_bookkeeping_has_no_relationships(graph):
    state = StateStore(graph)
    await state.set_cursor(PYPI, "7")
    await state.record_failures(PYPI, [Failure("a", "x", "")], 10)
    rows = await graph.run("MATCH (n)-[r]-() RETURN count(r) AS edges")
    assert rows == [{"edges": 0}]
