"""Progress is told often enough to be seen, and never once a package."""

import pytest

from src.processes.progress import Progress, Snapshot


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_line_comes_with_each_hundred_packages():
    told: list[Snapshot] = []
    progress = Progress(told.append)
    for _ in range(1_050):
        progress.finished(done=1, errors=0)
    assert [snapshot.done for snapshot in told] == list(range(100, 1_001, 100))


def test_a_line_comes_with_each_thousand_skipped_packages():
    told: list[Snapshot] = []
    progress = Progress(told.append)
    for _ in range(25):
        progress.skip(100)
    assert [snapshot.skipped for snapshot in told] == [1_000, 2_000]


@pytest.mark.parametrize(
    ("total", "done", "skipped", "seconds", "left"),
    [
        (1_000, 100, 0, 10.0, 90.0),
        (1_000, 100, 500, 10.0, 40.0),
        (None, 100, 0, 10.0, None),
        (1_000, 0, 0, 10.0, None),
        (100, 120, 0, 10.0, 0.0),
    ],
)
def test_the_time_left_follows_from_the_rate(total, done, skipped, seconds, left):
    snapshot = Snapshot(done=done, errors=0, skipped=skipped, total=total, seconds=seconds)
    assert snapshot.seconds_left == left


def test_a_line_says_counts_rate_and_time_left():
    clock = Clock()
    progress = Progress(lambda _: None, clock=clock)
    progress.total = 2_000
    progress.skip(400)
    progress.finished(done=400, errors=3)
    clock.now = 8.0
    assert str(progress.snapshot()) == (
        "400 of 1,600 packages, 3 errors, 400 skipped, 50.0/s, about 24 s left"
    )
