"""Scores: vectors of every version of CVSS, and the words that stand in for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.utils.osv.scores import TEXTUAL_SCORES, Score, base_score, highest, textual_score

V4_BASE = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"


@pytest.mark.parametrize(
    ("vector", "expected"),
    [
        ("AV:N/AC:L/Au:N/C:P/I:P/A:P", 7.5),  # CVSS 2 guide, section 3.3.1 (CVE-2002-0392 is 7.8)
        ("AV:N/AC:L/Au:N/C:N/I:N/A:C", 7.8),
        ("AV:L/AC:H/Au:N/C:C/I:C/A:C", 6.2),
        ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:L/I:L/A:N", 7.2),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),
        ("CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:C/C:H/I:L/A:N/E:H", 6.9),  # the temporal metric is no base
        ("CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N", 0.0),
        (V4_BASE, 9.3),
        (f"{V4_BASE}/E:U", 8.1),  # one formula: the maturity counts
        ("CVSS:4.0/AV:N/AC:H/AT:N/PR:L/UI:N/VC:N/VI:N/VA:L/SC:N/SI:N/SA:N/E:P", 1.3),
    ],
)
def test_a_vector_has_its_base_score(vector: str, expected: float) -> None:
    assert base_score(vector) == expected


@pytest.mark.parametrize(
    "vector",
    [
        "",
        "7.5",
        "HIGH",
        "AV:N",
        "CVSS:3.1/",
        "CVSS:3.1/AV:N/AC:L",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:X",
        "CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:4.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:5.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        V4_BASE + "/E:U" * 1000,
    ],
)
def test_a_broken_or_partial_vector_has_none(vector: str) -> None:
    assert base_score(vector) is None


@given(st.text() | st.from_regex(r"CVSS:[0-9.]{1,3}(/[A-Z]{1,3}:[A-Z])*", fullmatch=True))
def test_no_text_raises(vector: str) -> None:
    score = base_score(vector)
    assert score is None or 0 <= score <= 10


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([], None),
        ([Score(3, 9.8), Score(4, 9.3)], 9.3),
        ([Score(4, 1.3), Score(2, 10.0)], 1.3),
        ([Score(3, 5.0), Score(3, 7.5)], 7.5),
        ([Score(3, 0.0)], 0.0),
    ],
)
def test_the_highest_of_the_highest_version_counts(
    scores: list[Score], expected: float | None
) -> None:
    assert highest(scores) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("LOW", 2.0),
        ("moderate", 5.5),
        ("MEDIUM", 5.5),
        ("High", 8.0),
        ("CRITICAL", 9.5),
        ("?", None),
    ],
)
def test_a_word_stands_for_the_middle_of_its_band(word: str, expected: float | None) -> None:
    assert textual_score(word) == expected


@pytest.mark.parametrize(
    ("word", "lowest", "top"),
    [("LOW", 0.1, 3.9), ("MODERATE", 4.0, 6.9), ("HIGH", 7.0, 8.9), ("CRITICAL", 9.0, 10.0)],
)
def test_the_table_follows_the_bands_of_the_specification(
    word: str, lowest: float, top: float
) -> None:
    assert TEXTUAL_SCORES[word] == pytest.approx((lowest + top) / 2, abs=0.0501)
