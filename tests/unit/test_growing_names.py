"""A set of names that grows is a set."""

from hypothesis import given
from hypothesis import strategies as st

from src.utils.growing_names import GrowingNames


@given(st.lists(st.text(max_size=3)), st.text(max_size=3))
def test_it_knows_what_came_and_nothing_else(names, other):
    growing, known = GrowingNames(), set()
    for name in names:
        assert growing.add(name) == (name not in known)
        known.add(name)
    assert len(growing) == len(known)
    assert all(name in growing for name in names)
    assert (other in growing) == (other in known)


def test_a_hundred_thousand_names_stay_apart():
    growing = GrowingNames()
    assert all(growing.add(f"GHSA-{number}") for number in range(100_000))
    assert len(growing) == 100_000
    assert "GHSA-100000" not in growing
