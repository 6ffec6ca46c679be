"""The cursor of a feed never passes what is not stored."""

import random

from hypothesis import given
from hypothesis import strategies as st

from src.processes.watermark import Watermark


def test_nothing_is_marked_before_anything_is_finished():
    watermark = Watermark()
    watermark.begin("1")
    assert watermark.mark == ""


def test_the_mark_waits_for_the_oldest_entry():
    watermark = Watermark()
    for position in ("1", "2", "3"):
        watermark.begin(position)
    watermark.finish("3")
    watermark.finish("2")
    assert watermark.mark == ""
    watermark.finish("1")
    assert watermark.mark == "3"


def test_entries_that_share_a_position_must_all_be_finished():
    watermark = Watermark()
    watermark.begin("1")
    watermark.begin("1")
    watermark.begin("2")
    watermark.finish("2")
    watermark.finish("1")
    assert watermark.mark == ""
    watermark.finish("1")
    assert watermark.mark == "2"


@given(st.lists(st.integers(0, 3), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_the_mark_is_the_end_of_the_finished_head_whatever_the_order(
    steps: list[int], order: random.Random
):
    position, entries = 0, []
    for step in steps:
        position += step
        entries.append(position)
    watermark = Watermark()
    for entry in entries:
        watermark.begin(str(entry))
    open_entries = list(range(len(entries)))
    order.shuffle(open_entries)
    done: set[int] = set()
    for index in open_entries:
        watermark.finish(str(entries[index]))
        done.add(index)
        waiting = [entries[i] for i in range(len(entries)) if i not in done]
        below = [e for e in entries if not waiting or e < min(waiting)]
        assert watermark.mark == (str(max(below)) if below else "")
