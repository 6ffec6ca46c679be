"""Advisory times version: who is hit, why, and what fixes it; checked by hand.

`RECORDS` are the facts of published records, cut down to what decides (id, dates, aliases, severity, and
of `affected` the packages used here; a long list of versions is cut to those that a case asks about).
Those whose id begins with `STAGED-` or `MAL-0000-` were made for traps that no record at hand shows.

What `CASES` does not name, a record of `RECORDS` does not hit: so every version of a package here, held
against every record that names the package, has its expected answer.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from src.schemas.advisory import Attribution
from src.schemas.ecosystem import Ecosystem

PYPI, NPM, MAVEN = Ecosystem.PYPI, Ecosystem.NPM, Ecosystem.MAVEN
CARGO, GEM, NUGET = Ecosystem.CARGO, Ecosystem.RUBYGEMS, Ecosystem.NUGET

_FILE = Path(__file__).with_name("records.jsonl")


class Case(NamedTuple):
    """`reason` is "range", "list" or "" for no hit; `name` is canonical; `why` says what it shows."""

    record: str
    ecosystem: Ecosystem
    name: str
    version: str
    reason: str
    fixed_in: str
    why: str


def _cases(
    record: str, ecosystem: Ecosystem, name: str, *rows: tuple[str, str, str, str]
) -> list[Case]:
    return [Case(record, ecosystem, name, *row) for row in rows]


PYPI_CASES = [
    *_cases(
        "GHSA-2gwj-7jmv-h26r", PYPI, "django",
        ("2.2", "range", "2.2.28", "introduced is inclusive"),
        ("2.2.0", "range", "2.2.28", "2.2.0 is 2.2 (PEP 440)"),
        ("2.2.27", "range", "2.2.28", "inside the first of three entries"),
        ("2.2.28rc1", "range", "2.2.28", "a candidate comes before the release that fixes"),
        ("2.2.28", "", "", "fixed is exclusive"),
        ("3.1.14", "", "", "between two entries"),
        ("3.2.12", "range", "3.2.13", "inside the second entry"),
        ("4.0rc1", "", "", "a candidate comes before the version introduced"),
        ("4.0.3", "range", "4.0.4", "inside the third entry"),
        ("4.0.4", "", "", "fixed is exclusive"),
    ),
    *_cases(
        "GHSA-77rm-9x9h-xj3g", PYPI, "protobuf",
        ("2.0.0beta", "range", "3.15.0", "an old spelling that PEP 440 reads as 2.0.0b0"),
        ("3.14.0", "range", "3.15.0", "an alias of the next"),
        ("3.15.0", "", "", "fixed"),
    ),
    *_cases(
        "PYSEC-2022-48", PYPI, "protobuf",
        ("2.0.0beta", "range", "3.15.0", "the alias says the same"),
        ("3.14.0", "range", "3.15.0", "the alias says the same"),
        ("3.15.0", "", "", "fixed"),
    ),
    *_cases(
        "PYSEC-2018-19", PYPI, "paramiko",
        ("0.1-bulbasaur", "list", "", "no version of PEP 440, so by the list alone"),
        ("0.9-jigglypuff", "", "", "no version of PEP 440 and not listed"),
        ("1.17.5", "range", "1.17.6", "the first of six intervals in one range"),
        ("1.17.6", "", "", "fixed"),
        ("1.18.0", "range", "1.18.5", "events out of order: 1.18 stands behind 2.3"),
        ("1.18.5", "", "", "events out of order, and fixed"),
        ("2.0.7", "range", "2.0.8", "an interval amid the range"),
        ("2.3.2", "", "", "fixed in the newest branch"),
        ("2.4.0", "", "", "newer than every interval: the event behind does not reopen it"),
    ),
    *_cases(
        "PYSEC-2021-875", PYPI, "zope",
        ("4.2", "range", "4.3", "events out of order: the older branch stands last"),
        ("4.3", "", "", "fixed, and below the other branch"),
        ("5.1.2", "range", "5.2", "the newer branch stands first"),
        ("5.2", "", "", "fixed"),
    ),
    *_cases(
        "GHSA-v5f6-hjmf-9mc5", PYPI, "pydrive2",
        ("1.16.1", "range", "1.16.2", "published as PyDrive2; one entry has the range"),
        ("1.16.2", "", "", "fixed"),
        ("1.17.0", "list", "", "another entry has a list and no range"),
        ("1.17", "list", "", "1.17 is 1.17.0 (PEP 440)"),
        ("1.17.1", "", "", "neither"),
    ),
    *_cases(
        "PYSEC-2019-144", PYPI, "arrayfire",
        ("3.5.20170817", "", "", "withdrawn, though listed and in the range"),
    ),
    *_cases(
        "OSV-2022-1074", PYPI, "pillow",
        ("9.1.0", "list", "", "its only range is of git, the versions are listed"),
        ("9.3.0", "", "", "a git range says nothing of versions"),
    ),
    *_cases(
        "MAL-2023-8", PYPI, "kangpy",
        ("1.0", "list", "", "malware goes by its list"),
        ("1.1", "", "", "not listed"),
    ),
    *_cases(
        "STAGED-UNREADABLE", PYPI, "staged-unreadable",
        ("1.1", "range", "1.2", "an interval that can be placed stays"),
        ("2.5", "", "", "its interval has no readable beginning: undecided is no hit"),
        ("9.0", "list", "", "its interval has no readable end, but it is listed"),
        ("9.1", "", "", "an unreadable end does not leave a range open"),
    ),
]  # fmt: skip

NPM_CASES = [
    *_cases(
        "GHSA-67hx-6x53-jw92", NPM, "@babel/traverse",
        ("7.23.1", "range", "7.23.2", "a scoped name"),
        ("7.23.2", "", "", "fixed"),
        ("8.0.0-alpha.3", "range", "8.0.0-alpha.4", "a range of prereleases"),
        ("8.0.0-alpha.4", "", "", "fixed in a prerelease"),
        ("8.0.0-alpha.10", "", "", "numeric identifiers compare as numbers (SemVer 11.4.1)"),
    ),
    *_cases(
        "GHSA-67hx-6x53-jw92", NPM, "babel-traverse",
        ("6.26.0", "range", "", "introduced 0 and never fixed"),
    ),
    *_cases(
        "GHSA-29mw-wpgm-hmr9", NPM, "lodash.trim",
        ("3.9.9", "", "", "before introduced"),
        ("4.5.1", "range", "", "last_affected is inclusive"),
        ("4.5.2", "", "", "after last_affected"),
    ),
    *_cases(
        "GHSA-gxpj-cx7g-858c", NPM, "debug",
        ("2.6.8", "range", "2.6.9", "the first of four entries"),
        ("3.1.0", "", "", "between two entries"),
        ("3.2.0", "range", "3.2.7", "introduced again"),
        ("4.3.0", "range", "4.3.1", "the last entry"),
    ),
    *_cases(
        "MAL-2025-46974", NPM, "debug",
        ("4.4.2", "list", "", "one taken-over release"),
    ),
    *_cases(
        "MAL-2025-46971", NPM, "color-convert",
        ("3.1.0", "", "", "not listed"),
        ("3.1.1", "list", "", "one taken-over release"),
    ),
    *_cases(
        "MAL-2023-462", NPM, "fsevents",
        ("0.9.9", "", "", "before introduced"),
        ("1.2.10", "range", "1.2.11", "malware with a closed range and no list"),
        ("1.2.11", "", "", "fixed"),
    ),
    *_cases(
        "MAL-0000-0001", NPM, "staged-malware",
        ("1.0.0", "", "", "the open range is stale where there is a list"),
        ("1.0.1", "list", "", "the list counts"),
        ("2.0.0", "", "", "the open range is stale where there is a list"),
    ),
    *_cases(
        "GHSA-7xfp-9c55-5vqj", NPM, "request",
        ("2.2.5", "", "", "before introduced"),
        ("2.2.6", "range", "2.68.0", "the wider of two ranges that overlap"),
        ("2.67.0", "range", "2.68.0", "in both"),
        ("2.68.0", "", "", "fixed in both"),
    ),
    *_cases(
        "GHSA-mhpp-875w-9cpv", NPM, "jquery",
        ("3.0.0-beta1", "", "", "before the prerelease introduced"),
        ("3.0.0-rc.1", "range", "3.0.0", "also listed: the range is named"),
        ("3.0.0", "", "", "fixed"),
    ),
    *_cases(
        "STAGED-PARTIAL", NPM, "staged-partial",
        ("0.9.9", "", "", "introduced 1 is 1.0.0"),
        ("1.0.0", "range", "2.0", "introduced 1 is 1.0.0"),
        ("1.5.0+build.7", "range", "2.0", "build metadata has no part in the order"),
        ("2.0.0", "", "", "fixed 2.0 is 2.0.0"),
    ),
]  # fmt: skip

MAVEN_CASES = [
    *_cases(
        "GHSA-f4qf-m5gf-8jm8", MAVEN, "org.apache.tomcat:tomcat-coyote",
        ("9.0.0.M1", "list", "9.0.44", "listed, though older than the milestone introduced"),
        ("9.0.0.M17", "range", "9.0.44", "a dot before a milestone is a hyphen"),
        ("9.0.43", "range", "9.0.44", "inside"),
        ("9.0.44", "", "", "fixed"),
        ("8.5.63", "", "", "the range of another artifact"),
    ),
    *_cases(
        "GHSA-f4qf-m5gf-8jm8", MAVEN, "org.apache.tomcat.embed:tomcat-embed-core",
        ("8.5.63", "range", "8.5.64", "its own range"),
        ("9.0.43", "", "", "the range of another artifact"),
    ),
    *_cases(
        "GHSA-r978-9m6m-6gm6", MAVEN, "org.apache.zookeeper:zookeeper",
        ("3.5.10", "", "", "before introduced"),
        ("3.7.2", "range", "3.8.4", "last_affected is inclusive; fixed in the next branch"),
        ("3.7.3", "", "", "after last_affected"),
        ("3.8.3", "range", "3.8.4", "another entry"),
        ("3.9.1", "range", "3.9.2", "another entry"),
        ("3.9.2", "", "", "fixed"),
    ),
    *_cases(
        "GHSA-h2f4-v4c4-6wx4", MAVEN, "org.eclipse.jetty:jetty-server",
        ("9.3.24.v20180605", "range", "9.3.25.v20180904", "dates as qualifiers"),
        ("9.4.0.M0", "", "", "a milestone comes before the release introduced"),
        ("9.4.0.v20161208", "range", "9.4.12.v20180830", "an unknown qualifier comes after 9.4.0"),
        ("9.4.12.RC2", "range", "9.4.12.v20180830", "a candidate comes before any date"),
        ("9.4.12.v20180830", "", "", "fixed"),
    ),
    *_cases(
        "GHSA-rv63-gqm8-9w8q", MAVEN, "io.netty:netty-handler",
        ("4.0.0.Alpha1", "range", "4.0.37.Final", "introduced is inclusive"),
        ("4.0.37.Final", "", "", "fixed"),
        ("4.1.0.Alpha1", "", "", "alpha comes before the beta introduced"),
        ("4.1.0.CR7", "range", "4.1.1.Final", "CR is a release candidate"),
        ("4.1.1", "", "", "4.1.1 is 4.1.1.Final"),
    ),
    *_cases(
        "GHSA-grg4-wf29-r9vv", MAVEN, "org.jboss.netty:netty",
        ("3.2.10.Final", "range", "", "introduced 0 and never fixed, for it is another artifact now"),
    ),
    *_cases(
        "GHSA-735f-pc8j-v9w8", MAVEN, "com.google.protobuf:protobuf-kotlin",
        ("3.25.4", "range", "3.25.5", "scored by version 4 and 3 of CVSS"),
        ("3.25.5", "", "", "fixed"),
        ("4.26.0", "range", "4.27.5", "the next branch"),
        ("4.28.0-RC3", "range", "4.28.2", "a candidate of the last branch"),
    ),
    *_cases(
        "GHSA-w9p3-5cr8-m3jj", MAVEN, "log4j:log4j",
        ("1.2.17", "range", "", "the last version there will be"),
        ("1.2.18", "", "", "after last_affected"),
    ),
    *_cases(
        "STAGED-OTHER-REPOSITORY", MAVEN, "org.example:elsewhere",
        ("1.0", "", "", "an artifact of another repository is not Central's of that name"),
    ),
]  # fmt: skip

CARGO_CASES = [
    *_cases(
        "GHSA-qc84-gqf4-9926", CARGO, "crossbeam-utils",
        ("0.8.6", "range", "0.8.7", "also informational under another id"),
        ("0.8.7", "", "", "fixed"),
    ),
    *_cases(
        "RUSTSEC-2022-0041", CARGO, "crossbeam-utils",
        ("0.8.6", "range", "0.8.7", "informational: unsound"),
        ("0.8.7", "", "", "fixed"),
    ),
    *_cases(
        "RUSTSEC-2024-0399", CARGO, "rustls",
        ("0.23.0", "", "", "introduced and fixed at once: that interval is empty"),
        ("0.23.12", "", "", "before the second interval"),
        ("0.23.13", "range", "0.23.18", "the second interval"),
        ("0.23.18", "", "", "fixed"),
    ),
    *_cases(
        "RUSTSEC-2024-0336", CARGO, "rustls",
        ("0.21.10", "range", "0.21.11", "introduced 0.0.0-0 is before every version"),
        ("0.22.4", "", "", "fixed in its branch"),
        ("0.23.0", "range", "0.23.5", "introduced is inclusive"),
    ),
    *_cases(
        "RUSTSEC-2024-0332", CARGO, "h2",
        ("0.3.25", "range", "0.3.26", "the first interval"),
        ("0.3.26", "", "", "fixed"),
        ("0.4.0-alpha.1", "range", "0.4.4", "0.4.0-0 is before every prerelease of 0.4.0"),
        ("0.4.4", "", "", "fixed"),
    ),
    *_cases(
        "RUSTSEC-2025-0007", CARGO, "ring",
        ("0.17.12", "", "", "withdrawn, though its range is open"),
    ),
    *_cases(
        "RUSTSEC-2025-0009", CARGO, "ring",
        ("0.17.11", "range", "0.17.12", "a record without any score"),
    ),
    *_cases(
        "RUSTSEC-2024-0331", CARGO, "puccinier",
        ("0.1.0", "range", "", "informational: unmaintained"),
    ),
    *_cases(
        "GHSA-wj7f-468m-6mv8", CARGO, "birdcage",
        ("0.6.0", "range", "0.7.0", "a range of type ECOSYSTEM where most are SEMVER"),
        ("0.7.0", "", "", "fixed"),
    ),
    *_cases(
        "RUSTSEC-2026-0219", CARGO, "nostr",
        ("0.44.6", "", "", "fixed"),
        ("0.45.0-alpha.5", "range", "0.45.0-alpha.6", "the prereleases of the next version"),
        ("0.45.0", "", "", "after the fixed prerelease"),
    ),
]  # fmt: skip

GEM_CASES = [
    *_cases(
        "GHSA-24fg-p96v-hxh8", GEM, "rails",
        ("2.0.5", "", "", "before introduced"),
        ("2.1.0", "range", "2.3.11", "introduced is inclusive"),
        ("3.0.0.rc", "", "", "a prerelease comes before the version introduced"),
        ("3.0.3", "range", "3.0.4", "the second entry"),
    ),
    *_cases(
        "GHSA-4c4w-3q45-hp9j", GEM, "aescrypt",
        ("1.0", "range", "", "1.0 orders as 1.0.0"),
        ("1.0.0", "range", "", "last_affected is inclusive"),
        ("1.0.1", "", "", "after last_affected"),
    ),
    *_cases(
        "GHSA-vvfq-8hwr-qm4m", GEM, "nokogiri",
        ("1.18.2-java", "range", "1.18.3", "the platform has no part in the order"),
        ("1.18.3.rc1", "range", "1.18.3", "a prerelease of the version that fixes"),
        ("1.18.3-x86_64-linux-gnu", "", "", "fixed on every platform"),
    ),
    *_cases(
        "MAL-2023-11", GEM, "microsoft_kiota_http",
        ("6.0.1", "list", "", "listed"),
        ("6.0.1-java", "list", "", "lists have numbers without platform"),
        ("6.0.2", "", "", "not listed"),
    ),
    *_cases(
        "GHSA-h4h5-3hr4-j3g2", GEM, "google-protobuf",
        ("3.16.3", "", "", "fixed in its branch"),
        ("3.20.1", "range", "3.20.3", "one of four branches"),
        ("3.21.0.rc.1", "range", "3.21.7", "introduced with a prerelease"),
    ),
    *_cases(
        "GHSA-735f-pc8j-v9w8", GEM, "google-protobuf",
        ("3.16.3", "range", "3.25.5", "another advisory"),
        ("3.20.1", "range", "3.25.5", "another advisory"),
        ("3.21.0.rc.1", "range", "3.25.5", "another advisory"),
        ("3.25.4-x86_64-linux", "range", "3.25.5", "a platform"),
        ("4.27.5", "", "", "fixed in its branch"),
        ("4.28.1", "range", "4.28.2", "the last branch"),
    ),
    *_cases(
        "GHSA-mhpp-875w-9cpv", GEM, "jquery-rails",
        ("3.0.0.beta", "", "", "3.0.0-rc.1 is 3.0.0.pre.rc.1, and beta comes before pre"),
        ("3.0.0.rc.1", "range", "3.0.0", "rc comes after pre"),
        ("3.0.0", "", "", "fixed"),
    ),
]  # fmt: skip

NUGET_CASES = [
    *_cases(
        "GHSA-77rm-9x9h-xj3g", NUGET, "google.protobuf",
        ("3.15.0-rc1", "range", "3.15.0", "the entry of another ecosystem, without case"),
        ("3.15", "", "", "3.15 is 3.15.0"),
    ),
    *_cases(
        "GHSA-gxr4-xjj5-5px2", NUGET, "jquery",
        ("1.10.0.1", "range", "3.5.0", "four numbers; published as jquery"),
        ("3.0.0-RC.1", "range", "3.5.0", "labels compare without case"),
    ),
    *_cases(
        "GHSA-jpcq-cgw6-v4j6", NUGET, "jquery",
        ("1.1.0", "range", "3.5.0", "introduced earlier than its sibling"),
        ("1.10.0.1", "range", "3.5.0", "published as jQuery"),
        ("3.0.0-RC.1", "range", "3.5.0", "labels compare without case"),
        ("3.5.0", "", "", "fixed"),
    ),
    *_cases(
        "GHSA-mhpp-875w-9cpv", NUGET, "jquery",
        ("3.0.0-RC.1", "range", "3.0.0", "labels compare without case"),
    ),
    *_cases(
        "GHSA-x9vc-6hfv-hg8c", NUGET, "npgsql",
        ("4.0.14", "", "", "fixed in its branch"),
        ("4.1.12.0", "range", "4.1.13", "a fourth number of 0 is none"),
        ("8.0.2", "range", "8.0.3", "the newest branch stands first"),
        ("8.0.3", "", "", "fixed"),
    ),
    *_cases(
        "GHSA-8v6j-gc74-fmpp", NUGET, "ajaxnetprofessional",
        ("21.12.22", "range", "21.12.22.1", "21.12.22 is 21.12.22.0"),
        ("21.12.22.1", "", "", "fixed in a fourth number"),
    ),
    *_cases(
        "GHSA-5mfx-4wcx-rv27", NUGET, "azure.identity",
        ("1.10.1", "range", "1.10.2", "one of two advisories"),
        ("1.10.2", "", "", "fixed"),
    ),
    *_cases(
        "GHSA-wvxc-855f-jvrv", NUGET, "azure.identity",
        ("1.10.1", "range", "1.11.0", "the other one"),
        ("1.10.2", "range", "1.11.0", "not fixed yet"),
        ("1.11.0", "", "", "fixed"),
    ),
]  # fmt: skip

CASES: tuple[Case, ...] = (
    *PYPI_CASES,
    *NPM_CASES,
    *MAVEN_CASES,
    *CARGO_CASES,
    *GEM_CASES,
    *NUGET_CASES,
)

ATTRIBUTIONS: Mapping[tuple[Ecosystem, str, str], Attribution] = {
    (PYPI, "arrayfire", "3.5.20170817"): Attribution(),
    (PYPI, "django", "2.2.28"): Attribution(),
    # CVSS 4.0 says 9.3, CVSS 3.1 says 9.8: the higher version counts.
    (PYPI, "django", "2.2.27"): Attribution(("GHSA-2gwj-7jmv-h26r",), 9.3, 9.3),
    # One vulnerability under two ids, of which one has a vector.
    (PYPI, "protobuf", "3.14.0"): Attribution(("GHSA-77rm-9x9h-xj3g", "PYSEC-2022-48"), 7.5, 7.5),
    (NPM, "debug", "4.3.0"): Attribution(("GHSA-gxpj-cx7g-858c",), 3.7, 3.7),
    # Malware is listed and not scored.
    (NPM, "debug", "4.4.2"): Attribution(("MAL-2025-46974",), 0.0, 0.0),
    (NPM, "lodash.trim", "4.5.1"): Attribution(("GHSA-29mw-wpgm-hmr9",), 5.3, 5.3),
    # The informational id has no score to lend, its alias keeps its own.
    (CARGO, "crossbeam-utils", "0.8.6"): Attribution(
        ("GHSA-qc84-gqf4-9926", "RUSTSEC-2022-0041"), 8.1, 8.1
    ),
    (CARGO, "puccinier", "0.1.0"): Attribution(("RUSTSEC-2024-0331",), 0.0, 0.0),
    (CARGO, "ring", "0.17.11"): Attribution(("RUSTSEC-2025-0009",), 0.0, 0.0),
    (CARGO, "rustls", "0.23.0"): Attribution(("RUSTSEC-2024-0336",), 7.5, 7.5),
    # No vector: MODERATE counts as 5.5, LOW as 2.0.
    (GEM, "rails", "3.0.3"): Attribution(("GHSA-24fg-p96v-hxh8",), 5.5, 5.5),
    (GEM, "nokogiri", "1.18.2-java"): Attribution(("GHSA-vvfq-8hwr-qm4m",), 2.0, 2.0),
    # 8.7 and 5.7: mean 7.2; (75.69 + 32.49) / 14.4 = 7.5125.
    (GEM, "google-protobuf", "3.20.1"): Attribution(
        ("GHSA-735f-pc8j-v9w8", "GHSA-h4h5-3hr4-j3g2"), 7.2, 7.51
    ),
    # 8.8 and 5.5: mean 7.15; (77.44 + 30.25) / 14.3 = 7.5308.
    (NUGET, "azure.identity", "1.10.1"): Attribution(
        ("GHSA-5mfx-4wcx-rv27", "GHSA-wvxc-855f-jvrv"), 7.15, 7.53
    ),
    # The neighbour's scores stay with the neighbour.
    (NUGET, "azure.identity", "1.10.2"): Attribution(("GHSA-wvxc-855f-jvrv",), 5.5, 5.5),
    # 6.9, 6.9 and 7.5: mean 7.1; (47.61 + 47.61 + 56.25) / 21.3 = 7.1113.
    (NUGET, "jquery", "3.0.0-RC.1"): Attribution(
        ("GHSA-gxr4-xjj5-5px2", "GHSA-jpcq-cgw6-v4j6", "GHSA-mhpp-875w-9cpv"), 7.1, 7.11
    ),
}
"""What all of `RECORDS` together say of some versions."""

RECORDS: Mapping[str, Mapping[str, Any]] = {
    document["id"]: document
    for document in map(json.loads, _FILE.read_text(encoding="utf-8").splitlines())
}
