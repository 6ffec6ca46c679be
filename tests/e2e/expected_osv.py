"""Which versions of the sample carry which advisories and scores: written by hand.

From the records' ranges and lists, the ecosystems' orders and the published scores (a vector's base
score; where a record has none, that of its severity: LOW 2.0, HIGH 8.0). An advisory and its
aliases count once with their highest score, `mean` is of these, `weighted_mean` is sum(s²)/sum(s).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from src.schemas.ecosystem import Ecosystem

PYPI, NPM, MAVEN = Ecosystem.PYPI, Ecosystem.NPM, Ecosystem.MAVEN
CARGO, RUBYGEMS, NUGET = Ecosystem.CARGO, Ecosystem.RUBYGEMS, Ecosystem.NUGET


@dataclass(frozen=True)
class Carried:
    """What a version carries."""

    vulnerabilities: tuple[str, ...] = ()
    mean: float = 0.0
    weighted_mean: float = 0.0


@dataclass(frozen=True)
class Span:
    """Versions that carry the same, `first` to `last` in the ecosystem's order, both included."""

    first: str
    last: str
    carried: Carried


Spans = Mapping[tuple[Ecosystem, str], tuple[Span, ...]]


def expand(spans: Sequence[Span], versions: Sequence[str]) -> dict[str, Carried]:
    """Return what each version carries; `versions` is the whole package in the ecosystem's order.

    A version within no span carries nothing. Spans stand in order and do not overlap, else
    ValueError; so does a span whose ends the package lacks.
    """
    carried = dict.fromkeys(versions, Carried())
    after = 0
    for span in spans:
        first, last = versions.index(span.first, after), versions.index(span.last, after)
        if last < first:
            raise ValueError(f"{span.first} comes after {span.last}")
        carried.update(dict.fromkeys(versions[first : last + 1], span.carried))
        after = last + 1
    return carried


def _spans(*told: tuple[str, str, Carried]) -> tuple[Span, ...]:
    return tuple(Span(*span) for span in told)


def _guava() -> Iterator[Span]:
    # r03 is older than any number; 24.1-jre is older than 24.1.1-android, which fixes one of them.
    beginning, since_1, since_11 = (f"GHSA-{i}" for i in _GUAVA)
    yield Span("r03", "r09", Carried((beginning,), 3.3, 3.3))
    # (3.3² + 5.5²) / 8.8 is 4.675 but for the last bit: the nearest double lies below it.
    two = Carried((beginning, since_1), 4.4, 4.67)
    yield Span("10.0-rc1", "11.0-rc1", two)
    yield Span("11.0", "24.1-jre", Carried((beginning, since_1, since_11), 4.9, 5.17))
    yield Span("24.1.1-android", "31.1-jre", two)


_GUAVA = ("5mg8-w23w-74h3", "7g45-4rm6-3mm3", "mvr2-9pj6-7w5j")

# certifi: two ids of one CVE, of which only the GHSA has a vector; the third has no score at all.
_TRUSTCOR = ("GHSA-43fp-rhv2-5gv8", "PYSEC-2022-42986")
_ETUGRA = "PYSEC-2023-135"

_REDIRECT = ("GHSA-x84v-xcm2-53pg", "PYSEC-2018-28")
_PROXY = ("GHSA-j8r2-6x86-q33q", "PYSEC-2023-74")
_COOKIES_2014 = ("PYSEC-2014-13", "PYSEC-2014-14")
_COOKIES_2015 = "PYSEC-2015-17"

# jinja2: two ids of one CVE hit all below 3.1.6. Whatever has a score has 5.4 (version 4).
_SANDBOX = ("GHSA-cpwx-vrp4-4pq7", "PYSEC-2026-1471")
_JINJA = {
    ("2.0rc1", "2.7.1"): ("2014-8", "2014-82", "2019-217", "2019-220", "2021-66", "2026-1475"),
    ("2.7.2", "2.7.2"): ("2014-82", "2019-217", "2019-220", "2021-66", "2026-1475"),
    ("2.7.3", "2.8"): ("2019-217", "2019-220", "2021-66", "2026-1475"),
    ("2.8.1", "2.10"): ("2019-217", "2021-66", "2026-1475"),
    ("2.10.1", "2.11.2"): ("2021-66", "2026-1475"),
    ("2.11.3", "3.0.0rc2"): ("2026-1475",),
    ("3.0.0", "3.1.4"): ("2026-1472", "2026-1475"),
    ("3.1.5", "3.1.5"): (),
}


def _jinja() -> Iterator[Span]:
    for (first, last), others in _JINJA.items():
        ids = (*_SANDBOX, *(f"PYSEC-{other}" for other in others))
        yield Span(first, last, Carried(tuple(sorted(ids)), 5.4, 5.4))


_POLLUTION = Carried(("GHSA-xvch-5gv4-984h",), 9.8, 9.8)
_BOTH_POLLUTIONS = Carried(("GHSA-vh95-rmgr-6w4m", "GHSA-xvch-5gv4-984h"), 7.7, 8.27)
_DEBUG = Carried(("GHSA-gxpj-cx7g-858c",), 3.7, 3.7)
_ACORN = Carried(("GHSA-6chw-6frg-f759",), 7.5, 7.5)
_BRACES_OLD, _BRACES_NEW = "GHSA-832h-xg76-4gv6", "GHSA-v6h2-p8h4-qcjw"
_BRACES = Carried((_BRACES_NEW,), 1.3, 1.3)

# nokogiri: 1.7 (version 4), 2.6, 7.5 and 5.3 (version 3), and LOW without a vector.
_NOKOGIRI = (
    "GHSA-5v8h-3h3q-446p",
    "GHSA-8678-w3jw-xfc2",
    "GHSA-c4rq-3m3g-8wgx",
    "GHSA-v2fc-qm4h-8hqv",
    "GHSA-vvfq-8hwr-qm4m",
)
_NOKOGIRI_BEFORE = Carried(_NOKOGIRI, 3.82, 5.13)

FIRST_DAY: Spans = {
    # 2015.04.28 is 2015.4.28, and 2017.11.05 is 2017.11.5 (PEP 440).
    (PYPI, "certifi"): _spans(
        ("2015.04.28", "2017.7.27.1", Carried((_ETUGRA,))),
        ("2017.11.5", "2022.9.24", Carried((*_TRUSTCOR, _ETUGRA), 6.8, 6.8)),
        ("2022.12.7", "2023.5.7", Carried((_ETUGRA,))),
    ),
    (PYPI, "requests"): _spans(
        ("0.2.0", "2.0.1", Carried((_REDIRECT[0], *_COOKIES_2014, _REDIRECT[1]), 7.5, 7.5)),
        (
            "2.1.0",
            "2.2.1",
            Carried((_REDIRECT[0], *_COOKIES_2014, _COOKIES_2015, _REDIRECT[1]), 7.5, 7.5),
        ),
        (
            "2.3.0",
            "2.5.3",
            Carried((_PROXY[0], _REDIRECT[0], _COOKIES_2015, _REDIRECT[1], _PROXY[1]), 6.8, 6.87),
        ),
        (
            "2.6.0",
            "2.19.1",
            Carried((_PROXY[0], _REDIRECT[0], _REDIRECT[1], _PROXY[1]), 6.8, 6.87),
        ),
        ("2.20.0", "2.30.0", Carried(_PROXY, 6.1, 6.1)),
    ),
    (PYPI, "jinja2"): tuple(_jinja()),
    # None of its records has a score.
    (PYPI, "urllib3"): _spans(
        ("0.3", "1.16", Carried(("PYSEC-2018-32", "PYSEC-2020-148", "PYSEC-2021-108"))),
        (
            "1.17",
            "1.18",
            Carried(("PYSEC-2017-98", "PYSEC-2018-32", "PYSEC-2020-148", "PYSEC-2021-108")),
        ),
        ("1.18.1", "1.22", Carried(("PYSEC-2018-32", "PYSEC-2020-148", "PYSEC-2021-108"))),
        ("1.23", "1.25.1", Carried(("PYSEC-2020-148", "PYSEC-2021-108"))),
        ("1.25.2", "1.25.7", Carried(("PYSEC-2020-148", "PYSEC-2020-149", "PYSEC-2021-108"))),
        ("1.25.8", "1.25.8", Carried(("PYSEC-2020-148", "PYSEC-2021-108"))),
        ("1.25.9", "1.26.4", Carried(("PYSEC-2021-108",))),
    ),
    # What fixes one branch lies within no range of another.
    (NPM, "acorn"): _spans(
        ("5.5.0", "5.7.3", _ACORN), ("6.0.0", "6.4.0", _ACORN), ("7.0.0", "7.1.0", _ACORN)
    ),
    (NPM, "minimist"): _spans(
        ("0.0.0", "0.2.0", _BOTH_POLLUTIONS),
        ("0.2.1", "0.2.3", _POLLUTION),
        ("1.0.0", "1.2.2", _BOTH_POLLUTIONS),
        ("1.2.3", "1.2.5", _POLLUTION),
    ),
    (NPM, "ms"): _spans(
        ("0.1.0", "0.7.0", Carried(("GHSA-3fx5-fwvr-xrjg", "GHSA-w9mr-4mfr-499f"), 6.4, 6.59)),
        ("0.7.1", "1.0.0", Carried(("GHSA-w9mr-4mfr-499f",), 5.3, 5.3)),
    ),
    # The malware was 4.4.2, which the registry took away.
    (NPM, "debug"): _spans(
        ("0.0.1", "2.6.8", _DEBUG),
        ("3.0.0", "3.0.1", _DEBUG),
        ("3.2.0", "3.2.6", _DEBUG),
        ("4.0.0", "4.3.0", _DEBUG),
    ),
    (NPM, "color-name"): (),
    (NPM, "brace-expansion"): _spans(("0.0.0", "1.1.6", Carried((_BRACES_OLD,), 7.5, 7.5))),
    (MAVEN, "com.google.guava:guava"): tuple(_guava()),
    # 20040616 is a version of long ago whose number is above 3.2.2.
    (MAVEN, "commons-collections:commons-collections"): _spans(
        ("1.0", "3.2.1", Carried(("GHSA-6hgm-866r-3cjv", "GHSA-fjq5-5j5f-mvxh"), 8.9, 8.99))
    ),
    (MAVEN, "commons-beanutils:commons-beanutils"): _spans(
        ("1.6", "1.9.4", Carried(("GHSA-wxr5-93ph-8wr9",), 8.8, 8.8))
    ),
    (MAVEN, "commons-lang:commons-lang"): _spans(
        ("2.1", "2.6", Carried(("GHSA-j288-q9x7-2f5v",), 6.5, 6.5))
    ),
    (MAVEN, "org.apache.commons:commons-lang3"): _spans(
        ("3.17.0", "3.17.0", Carried(("GHSA-j288-q9x7-2f5v",), 6.5, 6.5))
    ),
    (CARGO, "base64"): _spans(("0.1.0", "0.5.1", Carried(("RUSTSEC-2017-0004",), 9.8, 9.8))),
    # Informational: unmaintained, and unsound. The notice about spin of 2019 is withdrawn.
    (CARGO, "gcc"): _spans(("0.0.1", "0.3.55", Carried(("RUSTSEC-2025-0121",)))),
    (CARGO, "spin"): _spans(("0.9.3", "0.9.7", Carried(("RUSTSEC-2023-0031",)))),
    # Two ids of one flaw: RustSec's has no score, GitHub's is HIGH.
    (CARGO, "shlex"): _spans(
        ("0.1.0", "1.2.1", Carried(("GHSA-r7qv-8r2h-pg27", "RUSTSEC-2024-0006"), 8.0, 8.0))
    ),
    (RUBYGEMS, "nokogiri"): _spans(("1.0.0", "1.11.0.rc2-x86_64-linux", _NOKOGIRI_BEFORE)),
    (NUGET, "microsoft.data.sqlclient"): _spans(
        ("3.0.1", "3.0.1", Carried(("GHSA-98g6-xh36-x2p7",), 8.7, 8.7))
    ),
    # LOW without a vector.
    (NUGET, "newtonsoft.json"): _spans(
        ("3.5.8", "12.0.3", Carried(("GHSA-5crp-9r3c-p9vr",), 2.0, 2.0))
    ),
}
"""By package; what a span leaves out carries nothing."""

_GONE = (MAVEN, "commons-lang:commons-lang")

SECOND_DAY: Spans = {
    **{package: spans for package, spans in FIRST_DAY.items() if package != _GONE},
    # One advisory is new; its version 4 score is 1.3, and 3.1 by version 3 does not count.
    (NPM, "brace-expansion"): _spans(
        ("0.0.0", "0.0.0", Carried((_BRACES_OLD,), 7.5, 7.5)),
        ("1.0.0", "1.1.6", Carried((_BRACES_OLD, _BRACES_NEW), 4.4, 6.58)),
        ("1.1.7", "1.1.11", _BRACES),
        ("2.0.0", "2.0.1", _BRACES),
        ("3.0.0", "3.0.0", _BRACES),
        ("4.0.0", "4.0.0", _BRACES),
    ),
    # One of the two is withdrawn.
    (MAVEN, "commons-collections:commons-collections"): _spans(
        ("1.0", "3.2.1", Carried(("GHSA-fjq5-5j5f-mvxh",), 9.8, 9.8))
    ),
    # A new one (5.3) from 1.5.1 on, which is newer than its release candidates, and a new version.
    (RUBYGEMS, "nokogiri"): _spans(
        ("1.0.0", "1.5.1.rc1-x86-mswin32-60", _NOKOGIRI_BEFORE),
        ("1.5.1", "1.13.6", Carried((*_NOKOGIRI, "GHSA-wx95-c6cv-8532"), 4.07, 5.17)),
    ),
    # It is HIGH now and has a vector.
    (NUGET, "newtonsoft.json"): _spans(
        ("3.5.8", "12.0.3", Carried(("GHSA-5crp-9r3c-p9vr",), 7.5, 7.5))
    ),
}
"""The same packages after the second day's update and sync; commons-lang is gone."""
