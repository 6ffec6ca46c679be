"""Ranges: a point in the order of each ecosystem, and what a sequence of events covers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.advisory import Event
from src.schemas.ecosystem import Ecosystem
from src.utils.osv.ranges import covers, event_key, sorted_points, version_key


def events(text: str) -> list[Event]:
    kinds = {"[": "introduced", ")": "fixed", "]": "last_affected"}
    return [Event(kinds[part[0]], part[1:]) for part in text.split()]


@pytest.mark.parametrize(
    ("published", "hit", "not_hit"),
    [
        ("[0", ["0.0.0-0", "1.0.0", "99.0.0"], []),
        ("[0 )2.0.0", ["0.0.0", "2.0.0-rc.1", "1.9.9"], ["2.0.0", "2.0.1"]),
        ("[1.0.0 ]2.0.0", ["1.0.0", "2.0.0", "2.0.0+b"], ["1.0.0-rc.1", "2.0.1-0", "2.0.1"]),
        ("[1.0.0 )1.0.0", [], ["0.9.9", "1.0.0", "1.0.1"]),
        ("[1.0.0 ]1.0.0", ["1.0.0"], ["0.9.9", "1.0.1"]),
        ("[0 )1.0.0 [1.0.0 )2.0.0", ["0.5.0", "1.0.0", "1.5.0"], ["2.0.0"]),
        ("[0 ]1.0.0 [1.0.0 )2.0.0", ["0.5.0", "1.0.0", "1.5.0"], ["2.0.0"]),
        ("[1.0.0 )2.0.0 [3.0.0", ["1.0.0", "3.0.0", "9.0.0"], ["0.9.0", "2.0.0", "2.9.0"]),
        ("[3.0.0 )4.0.0 [1.0.0 )2.0.0", ["1.0.0", "3.5.0"], ["0.9.0", "2.5.0", "4.0.0"]),
        (")2.0.0 [1.0.0", ["1.0.0", "1.9.0"], ["0.9.0", "2.0.0"]),
        ("[0 )1.0.0 )2.0.0", ["0.9.0"], ["1.0.0", "1.5.0", "2.0.0"]),
        (")1.0.0", [], ["0.9.0", "1.0.0"]),
    ],
)
def test_events_cover_what_the_schema_says(
    published: str, hit: list[str], not_hit: list[str]
) -> None:
    points = sorted_points(events(published), Ecosystem.NPM)
    for version in hit:
        assert covers(points, version_key(version, Ecosystem.NPM)), version
    for version in not_hit:
        assert not covers(points, version_key(version, Ecosystem.NPM)), version


@pytest.mark.parametrize(
    ("ecosystem", "event", "version"),
    [
        (Ecosystem.NPM, "1", "1.0.0"),
        (Ecosystem.NPM, "v1.2", "1.2.0"),
        (Ecosystem.NPM, "1.2-rc.1", "1.2.0-rc.1"),
        (Ecosystem.CARGO, "01.02.03", "1.2.3"),
        (Ecosystem.CARGO, "v1.2.3+build", "1.2.3"),
        (Ecosystem.NUGET, "1.0", "1.0.0.0"),
        (Ecosystem.PYPI, "v1.0", "1.0.0"),
        (Ecosystem.MAVEN, "1.0.Final", "1"),
        (Ecosystem.RUBYGEMS, "1.0-rc1", "1.0.pre.rc1"),
    ],
)
def test_the_version_of_an_event_need_not_be_one_of_the_registry(
    ecosystem: Ecosystem, event: str, version: str
) -> None:
    key = event_key(event, ecosystem)
    assert key is not None
    assert key == version_key(version, ecosystem)


@pytest.mark.parametrize(
    ("ecosystem", "event"),
    [
        (Ecosystem.NPM, "latest"),
        (Ecosystem.NPM, "1.2.3.4"),
        (Ecosystem.CARGO, "1.x"),
        (Ecosystem.PYPI, "2004d"),
        (Ecosystem.NUGET, "1.2.3.4.5"),
        (Ecosystem.RUBYGEMS, "one"),
        (Ecosystem.RUBYGEMS, ""),
        (Ecosystem.MAVEN, ""),
        (Ecosystem.PYPI, "9" * 5000),
        (Ecosystem.NPM, "1." + "0" * 5000 + "1"),
        (Ecosystem.MAVEN, "1." * 5000),
    ],
)
def test_a_version_that_the_order_does_not_know_has_no_place(
    ecosystem: Ecosystem, event: str
) -> None:
    assert event_key(event, ecosystem) is None


@given(st.sampled_from(Ecosystem), st.text(alphabet="v0123456789.-+abrc _~é", max_size=20))
def test_no_version_raises(ecosystem: Ecosystem, version: str) -> None:
    for key in (event_key(version, ecosystem), version_key(version, ecosystem)):
        if key is not None:
            assert sorted([key, key]) == [key, key]


@given(st.lists(st.integers(0, 9), min_size=1, max_size=8, unique=True), st.integers(0, 9))
def test_a_range_covers_a_version_where_the_last_event_before_it_opened_it(
    places: list[int], version: int
) -> None:
    ordered = sorted(places)
    kinds = {place: ("introduced", "fixed")[at % 2] for at, place in enumerate(ordered)}
    shuffled = [Event(kinds[place], f"1.{place}.0") for place in places]
    before = [place for place in ordered if place <= version]
    expected = bool(before) and kinds[before[-1]] == "introduced"
    points = sorted_points(shuffled, Ecosystem.CARGO)
    assert covers(points, version_key(f"1.{version}.0", Ecosystem.CARGO)) is expected
