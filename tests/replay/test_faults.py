"""Fault plans are deterministic and do what their names say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.local_stack.replay import (
    Fault,
    every_request_fails_once,
    mixture,
    no_faults,
    share,
    table,
)
from src.local_stack.replay.faults import PASSING


def test_no_faults_plans_nothing() -> None:
    assert no_faults("/a", 1) is None


@given(st.text(), st.integers(min_value=2, max_value=99))
def test_each_path_fails_the_first_time_and_never_again(path: str, time: int) -> None:
    plan = every_request_fails_once()
    assert plan(path, 1) in PASSING
    assert plan(path, time) is None


def test_failing_once_uses_every_kind_and_the_seed() -> None:
    paths = [f"/{number}" for number in range(200)]
    first, second = (every_request_fails_once(seed=seed) for seed in (0, 1))
    assert {id(first(path, 1)) for path in paths} == {id(kind) for kind in PASSING}
    assert [first(path, 1) for path in paths] != [second(path, 1) for path in paths]


@pytest.mark.parametrize("fraction", [0.0, 0.1, 0.5, 1.0])
def test_a_share_of_requests_fails_the_same_ones_each_time(fraction: float) -> None:
    requests = [(f"/{number}", time) for number in range(2_000) for time in (1, 2)]
    failed = [request for request in requests if share(fraction, seed=7)(*request)]
    again = [request for request in requests if share(fraction, seed=7)(*request)]
    assert failed == again
    assert len(failed) / len(requests) == pytest.approx(fraction, abs=0.03)


def test_a_table_fails_always_or_by_turns() -> None:
    gone, late = Fault(status=404), Fault(delay_seconds=1)
    plan = table({"/always": gone, "/turns": [None, late]})
    assert [plan("/always", time) for time in (1, 2, 3)] == [gone] * 3
    assert [plan("/turns", time) for time in (1, 2, 3)] == [None, late, None]
    assert plan("/other", 1) is None


def test_a_mixture_gives_each_fault_its_own_share_of_the_same_requests() -> None:
    often, seldom = Fault(status=500), Fault(hang=True)
    shares = ((0.2, often), (0.05, seldom))
    requests = [(f"/{number}", time) for number in range(2_000) for time in (1, 2)]
    met = [mixture(shares, seed=7)(*request) for request in requests]
    assert met == [mixture(shares, seed=7)(*request) for request in requests]
    for fraction, fault in shares:
        assert met.count(fault) / len(met) == pytest.approx(fraction, abs=0.03)
