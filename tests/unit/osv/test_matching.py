"""Matches: why an advisory hits, and the lowest version above that really fixes."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.advisory import Advisory, AdvisoryKind, Affected, Event
from src.schemas.ecosystem import Ecosystem
from src.utils.osv.matching import match

KINDS = {"[": "introduced", ")": "fixed", "]": "last_affected"}


def affected(*published: str, versions: Iterable[str] = ()) -> Affected:
    ranges = tuple(
        tuple(Event(KINDS[part[0]], part[1:]) for part in text.split()) for text in published
    )
    return Affected(Ecosystem.NPM, "demo", ranges, frozenset(versions))


def advisory(*entries: Affected, withdrawn: bool = False) -> Advisory:
    return Advisory("GHSA-1", "x", withdrawn, AdvisoryKind.VULNERABILITY, affected=entries)


@pytest.mark.parametrize(
    ("entries", "version", "expected"),
    [
        ([affected("[0 )2.0.0")], "1.0.0", ("range", "2.0.0")),
        ([affected("[0 )2.0.0", versions=["1.0.0"])], "1.0.0", ("range", "2.0.0")),
        ([affected("[1.5.0 )2.0.0", versions=["1.0.0"])], "1.0.0", ("list", "2.0.0")),
        ([affected(versions=["1.0.0"])], "1.0.0", ("list", "")),
        ([affected(versions=["1.0.0"])], "1.0.1", None),
        # The fix of one branch lies in the range of another, so the next one counts.
        ([affected("[0 )2.0.0"), affected("[1.5.0 )3.0.0")], "1.0.0", ("range", "3.0.0")),
        ([affected("[0 )2.0.0"), affected("[2.0.0")], "1.0.0", ("range", "")),
        ([affected("[0 )2.0.0", versions=["2.0.0"])], "1.0.0", ("range", "")),
        ([affected("[0 )2.0.0", versions=["2.0.0"])], "2.0.0", ("list", "")),
        # The lowest above, whatever the order of entries; never one below.
        ([affected("[3.0.0 )3.1.0"), affected("[0 )2.0.0")], "1.0.0", ("range", "2.0.0")),
        ([affected("[3.0.0 )3.1.0"), affected("[0 )2.0.0")], "3.0.0", ("range", "3.1.0")),
        ([affected("[0 ]1.0.0")], "1.0.0", ("range", "")),
        ([affected("[0 ]1.0.0"), affected("[2.0.0 )2.1.0")], "1.0.0", ("range", "2.1.0")),
        ([affected("[0 )2.0")], "1.0.0", ("range", "2.0")),
        ([affected("[0")], "latest", None),
        ([affected("[0 )2.0.0", versions=["latest"])], "latest", ("list", "")),
        ([], "1.0.0", None),
    ],
)
def test_a_match_tells_reason_and_fix(
    entries: list[Affected], version: str, expected: tuple[str, str] | None
) -> None:
    found = match(advisory(*entries), Ecosystem.NPM, "demo", version)
    assert (None if found is None else (found.reason, found.fixed_in)) == expected


@pytest.mark.parametrize(
    ("ecosystem", "name"),
    [(Ecosystem.NPM, "Demo"), (Ecosystem.NPM, "demo2"), (Ecosystem.PYPI, "demo")],
)
def test_a_name_alone_is_no_match(ecosystem: Ecosystem, name: str) -> None:
    assert match(advisory(affected("[0", versions=["1.0.0"])), ecosystem, name, "1.0.0") is None


def test_a_withdrawn_advisory_hits_nothing() -> None:
    entry = affected("[0", versions=["1.0.0"])
    assert match(advisory(entry, withdrawn=True), Ecosystem.NPM, "demo", "1.0.0") is None
    assert match(advisory(entry), Ecosystem.NPM, "demo", "1.0.0") is not None


TEXTS = st.text(max_size=10) | st.text(alphabet="0123456789.-+abrc", max_size=10)


@given(
    st.sampled_from(Ecosystem),
    st.lists(st.tuples(st.sampled_from(sorted(KINDS.values())), TEXTS), max_size=5),
    st.frozensets(TEXTS, max_size=3),
    TEXTS,
)
def test_no_advisory_and_no_version_raises(
    ecosystem: Ecosystem, events: list[tuple[str, str]], versions: frozenset[str], version: str
) -> None:
    ranges = (tuple(Event(*event) for event in events),)
    entry = Affected(ecosystem, "demo", ranges, versions)
    found = match(advisory(entry), ecosystem, "demo", version)
    if version in versions:
        assert found is not None
