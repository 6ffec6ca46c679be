"""Failures come again after a delay that doubles, up to a week, and not for ever."""

import pytest

from src.utils.failure_policy import FailurePolicy

HOUR = 3_600_000
SEEN = 1_700_000_000_000


@pytest.mark.parametrize(
    ("attempts", "hours"),
    [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 32), (7, 64), (8, 128), (9, 168), (10, None)],
)
def test_the_delay_doubles_up_to_seven_days_and_ten_failures_are_the_last(attempts, hours):
    expected = None if hours is None else SEEN + hours * HOUR
    assert FailurePolicy().next_try(attempts, SEEN) == expected


@pytest.mark.parametrize(
    ("retry_hours", "max_attempts", "attempts", "hours"),
    [
        (0.5, 10, 1, 0.5),
        (0.5, 10, 3, 2),
        (0, 10, 9, 0),
        (500, 10, 1, 168),
        (1, 10_000, 9_999, 168),
        (1, 1, 1, None),
        (1, 3, 2, 2),
        (1, 3, 3, None),
        (1, 3, 7, None),
    ],
)
def test_first_delay_and_limit_are_settings(retry_hours, max_attempts, attempts, hours):
    expected = None if hours is None else SEEN + round(hours * HOUR)
    assert FailurePolicy(retry_hours, max_attempts).next_try(attempts, SEEN) == expected


@pytest.mark.parametrize(
    ("attempts", "later", "due"),
    [
        (1, HOUR - 1, False),
        (1, HOUR, True),
        (2, HOUR, False),
        (9, 168 * HOUR, True),
        (10, 10_000 * HOUR, False),
    ],
)
def test_what_is_due_may_be_tried_now_and_what_is_given_up_never_is(attempts, later, due):
    assert FailurePolicy().due(attempts, SEEN, SEEN + later) is due
