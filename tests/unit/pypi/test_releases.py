"""Versions and files: each file lands in its version, and one of them speaks for it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.errors import InvalidPayloadError
from src.utils.pypi.documents import ProjectInfo, ProjectPage, read_info, read_page
from src.utils.pypi.file_names import version_in_file_name
from src.utils.pypi.files import ReleaseFile, read_file, speaking_file
from src.utils.pypi.releases import collect_releases, newest_version
from src.utils.times import utc_text


def page(*filenames: str, versions: tuple[str, ...] | None = None, serial: int = 9) -> ProjectPage:
    files = tuple(ReleaseFile(name, f"/{name}") for name in filenames)
    return ProjectPage("foo", serial, files, versions)


def info(releases: dict[str, list[str]], serial: int = 9) -> ProjectInfo:
    document = {
        "info": {"name": "foo"},
        "last_serial": serial,
        "releases": {
            version: [{"filename": name} for name in names] for version, names in releases.items()
        },
    }
    return read_info(json.dumps(document).encode(), "u")


def names(found: ProjectPage, document: ProjectInfo | None = None) -> dict[str, list[str]]:
    releases, _ = collect_releases(found, document, "foo")
    return {version: [file.filename for file in files] for version, files in releases.items()}


@pytest.mark.parametrize(
    ("filename", "project", "version"),
    [
        ("requests-2.34.2-py3-none-any.whl", "requests", "2.34.2"),
        ("Zope_Interface-1.0-1-cp311-cp311-linux_x86_64.whl", "zope-interface", "1.0"),
        ("foo-1.0.tar.gz", "foo", "1.0"),
        ("foo-bar-1.0-beta.tar.gz", "foo-bar", "1.0-beta"),
        ("foo.bar-1.0.zip", "foo-bar", "1.0"),
        ("foo-1.0-1.tar.gz", "foo", "1.0-1"),
        ("numpy-1.5.0.win32-py2.6.exe", "numpy", "1.5.0"),
        ("foo-1.0.win-amd64-py2.7.msi", "foo", "1.0"),
        ("foo-1.0.linux-x86_64.tar.gz", "foo", "1.0"),
        ("foo-1.0-1.noarch.rpm", "foo", "1.0"),
        ("foo-1.0_beta-py2.7.egg", "foo", "1.0-beta"),
        ("pytz-2004b.2-py2.3.egg", "pytz", "2004b.2"),
        ("renamed-1.0.tar.gz", "foo", "1.0"),
        ("foo.tar.gz", "foo", ""),
        ("", "foo", ""),
    ],
)
def test_a_file_name_tells_its_version(filename: str, project: str, version: str) -> None:
    assert version_in_file_name(filename, project) == version


def test_the_listed_spelling_is_kept_whatever_the_file_says() -> None:
    listed = page(
        "foo-1.0b0-py3-none-any.whl",
        "foo-1.0-beta.tar.gz",
        "foo-2.0.0.tar.gz",
        "foo-3.0_local.1-py3-none-any.whl",
        "foo-2004b-special.tar.gz",
        versions=("1.0-beta", "2.0", "3.0+local.1", "2004b"),
    )
    assert names(listed) == {
        "1.0-beta": ["foo-1.0-beta.tar.gz", "foo-1.0b0-py3-none-any.whl"],
        "2.0": ["foo-2.0.0.tar.gz"],
        "3.0+local.1": ["foo-3.0_local.1-py3-none-any.whl"],
        "2004b": ["foo-2004b-special.tar.gz"],
    }


def test_a_misnamed_file_belongs_to_the_listed_version_that_lacks_one() -> None:
    assert names(page("foo-0.3.tar.gz", "foo-1.0.tar.gz", versions=("0.2", "1.0"))) == {
        "0.2": ["foo-0.3.tar.gz"],
        "1.0": ["foo-1.0.tar.gz"],
    }


def test_a_file_that_could_be_of_several_versions_is_counted() -> None:
    releases, unassigned = collect_releases(
        page("foo-9.tar.gz", versions=("1.0", "2.0")), None, "foo"
    )
    assert (releases, unassigned) == ({"1.0": (), "2.0": ()}, 1)


def test_without_a_list_the_file_names_make_the_versions() -> None:
    unlisted = page(
        "foo-1.0b0-py3-none-any.whl", "foo-1.0-beta.tar.gz", "foo-2.0.tar.gz", "foo-2.0.0.tar.gz"
    )
    assert names(unlisted) == {
        "1.0-beta": ["foo-1.0-beta.tar.gz", "foo-1.0b0-py3-none-any.whl"],
        "2.0": ["foo-2.0.tar.gz"],
        "2.0.0": ["foo-2.0.0.tar.gz"],
    }


def test_the_document_adds_releases_without_files_and_places_odd_ones() -> None:
    document = info({"0.1": [], "1.0": ["misnamed-7.zip"], "2.0": ["foo-2.0.exe"]})
    assert names(page("misnamed-7.zip", versions=("1.0",)), document) == {
        "1.0": ["misnamed-7.zip"],
        "0.1": [],
        "2.0": ["foo-2.0.exe"],
    }


def test_an_outdated_document_brings_no_deleted_release_back() -> None:
    document = info({"0.1": [], "1.0": ["foo-1.0.zip"], "2.0": ["foo-2.0.zip"]}, serial=8)
    assert names(page("foo-2.0.zip", versions=("2.0",)), document) == {
        "2.0": ["foo-2.0.zip"],
        "0.1": [],
    }


@pytest.mark.parametrize(
    ("files", "speaker"),
    [
        (["b-1.tar.gz", "a-1-cp311-cp311-linux_x86_64.whl"], "a-1-cp311-cp311-linux_x86_64.whl"),
        (
            [
                "a-1-cp311-cp311-linux_x86_64.whl",
                "a-1-py3-none-any.whl",
                "a-1-py2.py3-none-any.whl",
            ],
            "a-1-py2.py3-none-any.whl",
        ),
        (["a-1.win32-py2.6.exe", "a-1.zip", "a-1.tar.gz"], "a-1.tar.gz"),
        (["a-1.linux-x86_64.tar.gz", "a-1.zip"], "a-1.zip"),
        (["b-1.rpm", "a-1.egg"], "a-1.egg"),
        ([], None),
    ],
)
def test_one_file_speaks_for_a_release_in_whatever_order_they_come(
    files: list[str], speaker: str | None
) -> None:
    for order in (files, files[::-1]):
        found = speaking_file([ReleaseFile(name, "") for name in order])
        assert (found.filename if found else None) == speaker


@pytest.mark.parametrize(
    ("hashes", "source"),
    [
        ({"md5": "1", "sha256": "2"}, "a#sha256=2"),
        ({"md5": "1"}, "a#md5=1"),
        ({"blake2b_256": "3"}, "a#blake2b_256=3"),
        ({"sha256": None}, "a#"),
        (None, "a#"),
    ],
)
def test_a_source_is_the_file_and_its_hash(hashes: object, source: str) -> None:
    assert read_file({"filename": "a", "hashes": hashes}, "u").source == source


@pytest.mark.parametrize(
    ("metadata", "has_metadata", "digest"),
    [
        ({"core-metadata": {"sha256": "1"}}, True, "sha256=1"),
        ({"core-metadata": True}, True, ""),
        ({"core-metadata": {}}, True, ""),
        ({"core-metadata": False, "data-dist-info-metadata": True}, False, ""),
        ({"data-dist-info-metadata": {"sha256": "1"}}, True, "sha256=1"),
        ({"core-metadata": None}, False, ""),
        ({}, False, ""),
    ],
)
def test_the_separate_metadata_file_is_told_by_either_key(
    metadata: dict[str, object],
    has_metadata: bool,
    digest: str,
) -> None:
    file = read_file({"filename": "a.whl", **metadata}, "u")
    assert (file.has_metadata, file.metadata_digest) == (has_metadata, digest)


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        ("2026-05-14T19:25:26.443000Z", "2026-05-14T19:25:26.443000Z"),
        ("2010-12-23T05:14:23", "2010-12-23T05:14:23Z"),
        ("2020-01-01T01:00:00+02:00", "2019-12-31T23:00:00Z"),
        ("yesterday", ""),
        ("0001-01-01T00:00:00+05:00", ""),
        ("", ""),
    ],
)
def test_every_time_is_told_in_utc(published: str, expected: str) -> None:
    assert utc_text(published) == expected


def test_the_newest_version_is_the_one_a_plain_install_takes() -> None:
    good, gone = ReleaseFile("a", ""), ReleaseFile("b", "", yanked=True)
    assert newest_version({"1.0": (good,), "3.0": (gone,), "2.0rc1": (good,), "9.0": ()}) == "1.0"
    assert newest_version({"2.0rc1": (good,), "3.0": (gone,), "legacy-x": (good,)}) == "2.0rc1"
    assert newest_version({"1.0": (gone,), "2.0": (gone,)}) == "2.0"
    assert newest_version({"1.0": ()}) == ""


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
_FILE = st.fixed_dictionaries(
    {
        "filename": st.text(max_size=12)
        | st.sampled_from(["foo-1.0.tar.gz", "foo-1-py3-none-any.whl"])
    },
    optional=dict.fromkeys(
        ("url", "hashes", "size", "upload-time", "yanked", "requires-python", "core-metadata"),
        _JSON,
    ),
)
_PAGE = st.fixed_dictionaries(
    {"name": st.just("foo") | _JSON, "files": st.lists(_FILE, max_size=4) | _JSON},
    optional={
        "meta": _JSON | st.just({"_last-serial": 3}),
        "versions": _JSON,
        "project-status": _JSON,
    },
)
_INFO = st.fixed_dictionaries(
    {
        "info": _JSON
        | st.dictionaries(
            st.sampled_from(
                [
                    "name",
                    "version",
                    "requires_dist",
                    "license",
                    "classifiers",
                    "project_urls",
                    "home_page",
                ]
            ),
            _JSON,
        )
    },
    optional={
        "releases": st.dictionaries(st.text(max_size=8), st.lists(_FILE, max_size=2) | _JSON),
        "last_serial": _JSON,
    },
)


@given(
    st.one_of(
        _PAGE.map(json.dumps).map(str.encode), st.binary(), _JSON.map(json.dumps).map(str.encode)
    )
)
def test_any_page_is_read_or_refused_and_no_listed_version_is_lost(body: bytes) -> None:
    try:
        found = read_page(body, "u")
    except InvalidPayloadError:
        return
    releases, unassigned = collect_releases(found, None, "foo")
    assert set(found.versions or ()) <= set(releases)
    assert sum(map(len, releases.values())) + unassigned == len(found.files)


@given(
    st.one_of(_INFO.map(json.dumps).map(str.encode), st.binary()),
    _PAGE.map(json.dumps).map(str.encode),
)
def test_any_document_is_read_or_refused_and_no_release_is_lost(body: bytes, other: bytes) -> None:
    try:
        document = read_info(body, "u")
        found = read_page(other, "u")
    except InvalidPayloadError:
        return
    outdated = None not in (found.serial, document.serial) and document.serial < found.serial
    releases, _ = collect_releases(found, document, "foo")
    if not outdated:
        assert set(document.releases) <= set(releases)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'{"message": "Not Found"}',
        b"<html>",
        b'{"files": []',
        b"[" * 100_000,
        b"1" * 5000,
    ],
)
def test_another_document_is_refused_and_not_taken_for_an_empty_one(body: bytes) -> None:
    for read in (read_page, read_info):
        with pytest.raises(InvalidPayloadError):
            read(body, "u")
