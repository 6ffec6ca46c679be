"""The table of hand-checked cases, through every way that an advisory takes."""

from collections import defaultdict

import pytest

from src.schemas.ecosystem import Ecosystem
from src.utils.osv.attribution import attribute
from src.utils.osv.matching import match
from src.utils.osv.record import from_stored, read_advisory, stored_form
from tests.unit.osv.cases import ATTRIBUTIONS, CASES, RECORDS, Case

ADVISORIES = {name: read_advisory(document) for name, document in RECORDS.items()}


def test_the_table_has_its_size_and_covers_every_ecosystem() -> None:
    assert len(CASES) >= 60
    assert len({(case.record, case.ecosystem, case.name, case.version) for case in CASES}) == len(
        CASES
    )
    for ecosystem in Ecosystem:
        reasons = {case.reason for case in CASES if case.ecosystem is ecosystem}
        assert {"range", ""} <= reasons, ecosystem


def test_every_record_has_its_cases() -> None:
    without = {"STAGED-OTHER-ECOSYSTEM", "STAGED-NOTHING-AFFECTED"}
    assert {case.record for case in CASES} == set(RECORDS) - without


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case.record}-{case.name}@{case.version}"
)
def test_a_case_is_hit_or_not_for_its_reason(case: Case) -> None:
    found = match(ADVISORIES[case.record], case.ecosystem, case.name, case.version)
    if not case.reason:
        assert found is None, case.why
        return
    assert found is not None, case.why
    assert (found.reason, found.fixed_in) == (case.reason, case.fixed_in), case.why
    assert found.advisory is ADVISORIES[case.record]


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case.record}-{case.name}@{case.version}"
)
def test_a_stored_record_says_the_same(case: Case) -> None:
    stored = stored_form(RECORDS[case.record])
    projected = {"_id": stored["_id"], "matching": stored["matching"]}
    found = match(from_stored(projected), case.ecosystem, case.name, case.version)
    assert (found.reason if found else "") == case.reason


def test_no_record_hits_what_the_table_does_not_name() -> None:
    expected = defaultdict(set)
    for case in CASES:
        expected[case.ecosystem, case.name, case.version] |= {case.record} if case.reason else set()
    for (ecosystem, name, version), records in expected.items():
        said = attribute(ADVISORIES.values(), ecosystem, name, [version])[version]
        assert said.vulnerabilities == tuple(sorted(records)), (name, version)


@pytest.mark.parametrize(("package", "expected"), ATTRIBUTIONS.items(), ids=str)
def test_a_version_gets_its_scores(package: tuple, expected: object) -> None:
    ecosystem, name, version = package
    others = [case.version for case in CASES if (case.ecosystem, case.name) == (ecosystem, name)]
    assert attribute(ADVISORIES.values(), ecosystem, name, others)[version] == expected
