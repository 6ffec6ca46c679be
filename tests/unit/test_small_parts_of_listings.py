"""Names and numbers of millions: the set of names, and the numbering of versions."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.utils.name_set import NameSet
from src.utils.serial_numbers import number_versions


@given(st.lists(st.text(max_size=12)), st.lists(st.text(max_size=12)))
def test_a_set_of_names_holds_what_was_added_and_nothing_else(added, others):
    names = NameSet(added)
    assert all(name in names for name in added)
    assert [name for name in others if name in names] == [n for n in others if n in set(added)]
    assert len(names) == len(added)


def test_a_set_of_names_takes_a_dozen_bytes_a_name():
    tracemalloc.start()
    names = NameSet(f"package-{number}" for number in range(200_000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(names) == 200_000
    assert peak < 200_000 * 14


@pytest.mark.parametrize(
    ("names", "numbered"),
    [
        (["2", "10", "1"], [(0, "1"), (1, "2"), (2, "10")]),
        (["1", "x", "a"], [(-1, "a"), (-1, "x"), (0, "1")]),
        (["01", "1", "001"], [(0, "001"), (1, "01"), (2, "1")]),
        (["1", "1"], [(0, "1")]),
        ([], []),
    ],
    ids=["by their order", "unknown ones first", "ties by name", "each once", "none"],
)
def test_versions_are_numbered_from_the_oldest(names, numbered):
    assert number_versions(names, lambda name: int(name) if name.isdigit() else None) == numbered
