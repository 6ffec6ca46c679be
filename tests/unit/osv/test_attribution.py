"""Attribution: which advisories one version has, which of them are one, and what their scores say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.advisory import Advisory, AdvisoryKind, Affected, Attribution, Event
from src.schemas.ecosystem import Ecosystem
from src.utils.osv.attribution import attribute, scores_of, state_of

MODIFIED = "2026-01-01T00:00:00Z"
EVERYTHING = ((Event("introduced", "0"),),)


def advisory(
    name: str,
    score: float | None = None,
    aliases: set[str] = frozenset(),  # type: ignore[assignment]
    *,
    kind: AdvisoryKind = AdvisoryKind.VULNERABILITY,
    withdrawn: bool = False,
    modified: str = MODIFIED,
    fixed: str = "",
) -> Advisory:
    ranges = ((Event("introduced", "0"), Event("fixed", fixed)),) if fixed else EVERYTHING
    return Advisory(
        id=name,
        modified=modified,
        withdrawn=withdrawn,
        kind=kind,
        aliases=frozenset(aliases),
        affected=(Affected(Ecosystem.NPM, "demo", ranges),),
        score=score,
    )


def said(*advisories: Advisory, version: str = "1.0.0") -> Attribution:
    return attribute(advisories, Ecosystem.NPM, "demo", [version])[version]


@pytest.mark.parametrize(
    ("advisories", "scores"),
    [
        ([], []),
        ([advisory("A", 5.0), advisory("B", 7.0)], [5.0, 7.0]),
        ([advisory("A", 5.0, {"B"}), advisory("B", 7.0)], [7.0]),
        ([advisory("A", 5.0), advisory("B", 7.0, {"A"})], [7.0]),
        ([advisory("A", 5.0, {"CVE"}), advisory("B", None, {"CVE"})], [5.0]),
        # A chain: A and C share no name, B joins them, in whatever order they come.
        ([advisory("A", 1.0, {"1"}), advisory("C", 3.0, {"2"}), advisory("B", 2.0, {"1", "2"})], [3.0]),
        ([advisory("B", 2.0, {"1", "2"}), advisory("A", 1.0, {"1"}), advisory("C", 3.0, {"2"})], [3.0]),
        ([advisory("A", None), advisory("B", 7.0)], [7.0]),
        ([advisory("A", 0.0), advisory("B", 7.0)], [0.0, 7.0]),
        ([advisory("A", 9.0, kind=AdvisoryKind.MALWARE), advisory("B", 7.0)], [7.0]),
        ([advisory("A", 9.0, {"B"}, kind=AdvisoryKind.MALWARE), advisory("B", 7.0)], []),
        ([advisory("A", 9.0, kind=AdvisoryKind.INFORMATIONAL)], []),
        ([advisory("A", 9.0, {"B"}, kind=AdvisoryKind.INFORMATIONAL), advisory("B", 7.0)], [7.0]),
    ],
)  # fmt: skip
def test_each_vulnerability_counts_once(advisories: list[Advisory], scores: list[float]) -> None:
    assert scores_of(advisories) == scores


@pytest.mark.parametrize(
    ("scores", "mean", "weighted"),
    [
        ([], 0.0, 0.0),
        ([0.0], 0.0, 0.0),
        ([9.8], 9.8, 9.8),
        ([10.0, 5.0], 7.5, 8.33),  # 125 / 15
        ([9.8, 7.5, 5.3], 7.53, 7.98),  # 22.6 / 3; (96.04 + 56.25 + 28.09) / 22.6 = 7.9814
        ([1.0, 2.0, 2.0], 1.67, 1.8),  # 5 / 3; 9 / 5
    ],
)
def test_means_are_of_the_scores_and_rounded(
    scores: list[float], mean: float, weighted: float
) -> None:
    advisories = [advisory(f"A{number}", score) for number, score in enumerate(scores)]
    found = said(*advisories)
    assert found.mean == mean
    assert found.weighted_mean == weighted
    assert found.vulnerabilities == tuple(sorted(entry.id for entry in advisories))


def test_all_ids_are_listed_sorted_also_those_that_do_not_count() -> None:
    found = said(
        advisory("PYSEC-1", 5.0, {"CVE-1"}),
        advisory("GHSA-1", 7.0, {"CVE-1"}),
        advisory("MAL-1", None, kind=AdvisoryKind.MALWARE),
        advisory("RUSTSEC-1", None, kind=AdvisoryKind.INFORMATIONAL),
        advisory("GHSA-0", 9.0, withdrawn=True),
    )
    assert found == Attribution(("GHSA-1", "MAL-1", "PYSEC-1", "RUSTSEC-1"), 7.0, 7.0)


def test_scores_belong_to_one_version_alone() -> None:
    advisories = [advisory("A", 9.8, fixed="2.0.0"), advisory("B", 5.0, fixed="3.0.0")]
    found = attribute(advisories, Ecosystem.NPM, "demo", ["1.0.0", "2.0.0", "3.0.0"])
    assert found == {
        "1.0.0": Attribution(("A", "B"), 7.4, 8.18),
        "2.0.0": Attribution(("B",), 5.0, 5.0),
        "3.0.0": Attribution(),
    }


def test_aliases_join_only_where_both_hit() -> None:
    one = advisory("A", 9.0, {"B"}, fixed="2.0.0")
    other = advisory("B", 5.0, {"A"}, fixed="3.0.0")
    found = attribute([one, other], Ecosystem.NPM, "demo", ["1.0.0", "2.0.0"])
    assert found["1.0.0"] == Attribution(("A", "B"), 9.0, 9.0)
    assert found["2.0.0"] == Attribution(("B",), 5.0, 5.0)


@pytest.mark.parametrize(
    ("ecosystem", "name"), [(Ecosystem.NPM, "Demo"), (Ecosystem.PYPI, "demo"), (Ecosystem.NPM, "")]
)
def test_another_package_of_that_name_gets_nothing(ecosystem: Ecosystem, name: str) -> None:
    assert attribute([advisory("A", 9.0)], ecosystem, name, ["1.0.0"]) == {"1.0.0": Attribution()}


def test_an_advisory_that_comes_twice_counts_once() -> None:
    assert said(advisory("A", 9.0), advisory("A", 9.0)) == Attribution(("A",), 9.0, 9.0)


@given(st.permutations([advisory(str(n), n / 2, {str(n // 3)}) for n in range(9)]))
def test_the_order_in_which_advisories_come_changes_nothing(advisories: list[Advisory]) -> None:
    assert said(*advisories) == said(*sorted(advisories, key=lambda entry: entry.id))


def test_the_state_is_none_without_an_advisory_that_counts() -> None:
    assert state_of([]) == "none"
    assert state_of([advisory("A", withdrawn=True)]) == "none"


def test_the_state_tells_sets_of_advisories_apart_and_not_their_order() -> None:
    one, other = advisory("A"), advisory("B")
    states = {
        state_of([one]),
        state_of([other]),
        state_of([one, other]),
        state_of([advisory("A", modified="2026-01-02T00:00:00Z")]),
    }
    assert len(states) == 4
    assert all(len(state) == 16 for state in states)
    assert state_of([other, one]) == state_of([one, other, one])
    assert state_of([one, advisory("B", withdrawn=True)]) == state_of([one])
