"""How long versions took into the graph: exact while few, a fair sample when many."""

import pytest

from src.schemas.lag import LagSample
from src.schemas.summary import ExtractionCounts, IngestionSummary, UpdateSummary


def sample(*seconds: float, size: int = 10_000) -> LagSample:
    made = LagSample(size)
    for each in seconds:
        made.add(each)
    return made


@pytest.mark.parametrize(
    ("seconds", "median", "p95"),
    [
        ([7.0], 7.0, 7.0),
        ([1.0, 2.0], 1.0, 2.0),
        ([5.0, 1.0, 3.0], 3.0, 5.0),
        (list(map(float, range(1, 101))), 50.0, 95.0),
        ([-3.0, 1.25, 0.0], 0.0, 1.25),
    ],
    ids=["one", "two", "unordered", "a hundred", "published ahead of our clock"],
)
def test_median_and_p95_are_lags_that_were_seen(seconds, median, p95):
    expected = {"lag_p50_seconds": median, "lag_p95_seconds": p95}
    assert sample(*seconds).metadata() == expected


def test_nothing_is_told_of_no_version_at_all():
    assert LagSample().metadata() == {}
    with pytest.raises(ValueError, match="no lag"):
        LagSample().quantile(0.5)


def test_of_many_lags_a_bounded_sample_tells_the_same_and_always_the_same():
    many = [float(second) for second in range(50_000)]
    first, again = sample(*many, size=2_000), sample(*many, size=2_000)
    assert first.metadata() == again.metadata()
    assert len(first._kept) == 2_000
    assert first.seen == 50_000
    # Not the first ones seen, nor the last: within 3 % of what all of them would tell.
    assert first.quantile(0.5) == pytest.approx(25_000, abs=1_500)
    assert first.quantile(0.95) == pytest.approx(47_500, abs=1_500)


def test_updates_tell_the_lag_and_ingestions_do_not():
    counts = ExtractionCounts(lag=sample(60.0))
    update = UpdateSummary(discovered=0, counts=counts, states={"stored": 1}).metadata()
    ingestion = IngestionSummary(1, 0, 0, counts, {"stored": 1}).metadata()
    assert (update["lag_p50_seconds"], update["lag_p95_seconds"]) == (60.0, 60.0)
    assert not [key for key in ingestion if key.startswith("lag")]
    assert update["package_states"] == ingestion["package_states"] == {"stored": 1}
