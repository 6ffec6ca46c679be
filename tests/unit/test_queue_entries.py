"""What stands beside a message may have been written by anybody."""

import pytest

from src.services.queue.entries import StreamMessage


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("0", 0),
        ("7", 7),
        (str(2**53), 2**53),
        (str(2**53 + 1), 0),
        ("9" * 5_000, 0),
        ("-1", 0),
        ("1.5", 0),
        ("²", 0),
        ("٣", 0),
        ("", 0),
        (" 7", 0),
    ],
)
def test_a_count_is_a_whole_number_within_bounds_or_none(written, read):
    message = StreamMessage("1-0", {"data": "{}", "attempts": written, "depth": written})
    assert (message.attempts, message.depth) == (read, read)
