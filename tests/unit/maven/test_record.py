"""Documents of a package into its record."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.ecosystem import Ecosystem
from src.schemas.package import UNKNOWN, Requirement, Requirements
from src.utils.maven.documents import SOURCE_MISSING, MavenDocuments, PublishedVersion
from src.utils.maven.effective import EffectivePom, Gav
from src.utils.maven.record import (
    build_record,
    find_repository,
    is_prerelease,
    newest_version,
    utc_from_milliseconds,
)

NEED = Requirement("g:b", "pkg:maven/g/b", "[1,2)", "compile")
READ = Requirements("pom", required=(NEED,), development=())


def model(**more: object) -> EffectivePom:
    values = {
        "requirements": READ,
        "group": "g",
        "artifact": "a",
        "version": "1.0",
        "packaging": "jar",
    }
    return EffectivePom(**{**values, **more})  # type: ignore[arg-type]


def documents(
    versions: dict[str, PublishedVersion], newest: str = "", **more: object
) -> MavenDocuments:
    return MavenDocuments("g:a", "7-x", versions, newest, **more)  # type: ignore[arg-type]


def test_a_record_names_package_and_versions_in_mavens_order():
    published = {name: PublishedVersion() for name in ("1.10", "1.2", "1.2-rc1", "r03", "1.2-sp")}
    record = build_record(documents(published))
    assert (record.ecosystem, record.name, record.purl) == (Ecosystem.MAVEN, "g:a", "pkg:maven/g/a")
    assert record.source_revision == "7-x"
    assert [(version.serial_number, version.name) for version in record.versions] == [
        (0, "r03"),
        (1, "1.2-rc1"),
        (2, "1.2"),
        (3, "1.2-sp"),
        (4, "1.10"),
    ]
    assert record.versions[1].purl == "pkg:maven/g/a@1.2-rc1"


def test_a_version_carries_what_its_own_pom_says():
    published = {
        "1.0": PublishedVersion(
            "2020-01-02T03:04:05Z",
            "pom",
            model(licenses=("MIT", "Apache-2.0"), exclusions=("x:y<-g:b",)),
        )
    }
    (version,) = build_record(documents(published, "1.0")).versions
    assert version.release_date == "2020-01-02T03:04:05Z"
    assert version.requirements == READ
    assert version.facts == {
        "prerelease": False,
        "packaging": "jar",
        "licenses": ["MIT", "Apache-2.0"],
        "license": "MIT, Apache-2.0",
        "exclusions": ["x:y<-g:b"],
    }


def test_a_version_whose_requirements_are_known_gives_none_again():
    published = {"1.0": PublishedVersion("", "", model()), "0.9": PublishedVersion()}
    record = build_record(documents(published, "1.0"))
    assert [version.requirements for version in record.versions] == [None, None]
    assert record.facts["license"] == ""


@pytest.mark.parametrize("source", ["missing", "unreadable"])
def test_a_version_without_a_readable_pom_is_kept_and_counted(source):
    record = build_record(documents({"1.0": PublishedVersion("", source)}))
    assert record.versions[0].requirements == Requirements(source, development=())
    assert record.counts == {f"{source}_poms_of_versions": 1}
    assert record.facts == {"group_id": "g", "artifact_id": "a"}
    assert (record.vendor, record.repository_url) == (UNKNOWN, UNKNOWN)


def test_counts_of_the_models_add_up():
    published = {
        name: PublishedVersion("", "pom", model(counts={"missing_poms": 1, "none": 0}))
        for name in ("1", "2")
    }
    assert build_record(documents(published, "2", counts={"refused_versions": 3})).counts == {
        "missing_poms": 2,
        "refused_versions": 3,
    }


def test_a_package_has_the_facts_of_its_newest_version():
    newest = model(
        licenses=("MIT",),
        scm_url="https://github.com/owner/name/tree/main",
        organization="Example",
        relocation=Gav("h", "c", "2"),
    )
    published = {
        "1": PublishedVersion("", "pom", model()),
        "2": PublishedVersion("", "pom", newest),
    }
    record = build_record(
        documents(published, "2", artifact_names=("org.x",), artifact_source="a-2.jar")
    )
    assert (record.vendor, record.repository_url) == ("owner", "https://github.com/owner/name")
    assert record.facts == {
        "group_id": "g",
        "artifact_id": "a",
        "license": "MIT",
        "relocated_to": "h:c:2",
        "organization": "Example",
        "import_names": ["org.x"],
        "import_names_source": "a-2.jar",
    }
    assert record.versions[1].facts["relocated_to"] == "h:c:2"
    assert "relocated_to" not in record.versions[0].facts


def test_a_relocation_that_was_taken_back_is_overwritten():
    record = build_record(documents({"1": PublishedVersion("", SOURCE_MISSING, model())}, "1"))
    assert record.facts["relocated_to"] == ""


def test_a_version_that_may_be_no_key_is_left_out_and_counted():
    record = build_record(documents({"1": PublishedVersion(), "1" * 1100: PublishedVersion()}))
    assert [version.name for version in record.versions] == ["1"]
    assert record.counts == {"refused_versions": 1}


@pytest.mark.parametrize(
    ("told", "repository"),
    [
        ({"scm_url": "https://github.com/a/b.git"}, "https://github.com/a/b"),
        ({"scm_connection": "scm:git:git://github.com/a/b.git"}, "https://github.com/a/b"),
        ({"scm_connection": "scm:git:git@github.com:a/b.git"}, "https://github.com/a/b"),
        (
            {"scm_developer_connection": "scm:git:ssh://git@gitlab.com/a/b"},
            "https://gitlab.com/a/b",
        ),
        (
            {"scm_url": "https://svn.test/x", "url": "https://github.com/a/b/"},
            "https://github.com/a/b",
        ),
        ({"scm_url": "https://github.com/a/b/tree/${project.scm.tag}"}, "https://github.com/a/b"),
        ({"scm_url": "https://github.com/${owner}/b", "url": "https://x.test/"}, ""),
        ({}, ""),
    ],
)
def test_the_repository_is_that_of_scm_else_of_the_address(told, repository):
    assert find_repository(model(**told)) == repository


@pytest.mark.parametrize(
    "version",
    [
        "1.0-alpha-1",
        "1.0-BETA",
        "1.0-M1",
        "1.0.a1",
        "1.0b2",
        "2.0-milestone-3",
        "1.3.RC2",
        "4.0-CR1",
        "1.0-SNAPSHOT",
        "10.0-rc3",
        "22.0-rc1-android",
        "1.0-alpha",
    ],
)
def test_qualifiers_before_the_release_make_a_prerelease(version):
    assert is_prerelease(version)


@pytest.mark.parametrize(
    "version",
    [
        "1.0",
        "r03",
        "20040616",
        "23.6-jre",
        "33.0.0-android",
        "2.0.0.Final",
        "1.0-ga",
        "1.0-sp1",
        "1.0-b",
        "9999.0-empty-to-avoid-conflict-with-guava",
        "3.0-dev2",
        "1.0.RELEASE",
        "1.0-mybeta",
        "1.0-m",
    ],
)
def test_others_do_not(version):
    assert not is_prerelease(version)


@pytest.mark.parametrize(
    ("versions", "newest"),
    [
        (["1.0", "1.10", "1.9"], "1.10"),
        (["1.0", "2.0-rc1"], "1.0"),
        (["2.0-rc1", "2.0-beta1"], "2.0-rc1"),
        (["3.2.2", "20040616"], "20040616"),
        ([], ""),
    ],
)
def test_the_newest_is_a_release_where_there_is_one(versions, newest):
    assert newest_version(versions) == newest


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, ""),
        (-1, ""),
        (1_498_982_255_000, "2017-07-02T07:57:35Z"),
        (1_601_551_506_210, "2020-10-01T11:25:06.210Z"),
        (2**62, ""),
    ],
)
def test_times_of_the_index_are_utc(milliseconds, text):
    assert utc_from_milliseconds(milliseconds) == text


@given(st.dictionaries(st.text(min_size=1, max_size=12), st.just(PublishedVersion()), max_size=8))
def test_no_versions_are_too_odd_for_a_record(published):
    record = build_record(documents(published))
    known = [version.serial_number for version in record.versions if version.serial_number >= 0]
    assert known == list(range(len(known)))
    assert len(record.versions) + record.counts.get("refused_versions", 0) == len(published)
