"""`maven-metadata.xml` of a package."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.errors import InvalidPayloadError
from src.utils.maven.metadata import Metadata, check_name, read_metadata

URL = "http://maven.test/a/b/maven-metadata.xml"


def metadata(versions: str, head: str = "<groupId>a</groupId><artifactId>b</artifactId>") -> bytes:
    return f"<metadata>{head}<versioning><versions>{versions}</versions></versioning></metadata>".encode()


def test_versions_stand_in_the_documents_order_each_once():
    body = metadata(
        "<version>1.0</version><version> r03\n</version><version>1.0</version><version/>"
    )
    assert read_metadata(body, URL) == Metadata("a", "b", ("1.0", "r03"))


def test_what_it_does_not_need_is_read_over():
    body = (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<metadata modelVersion="1.1.0" xmlns="urn:x">'
        b"<groupId>a</groupId><artifactId>b</artifactId><version>2</version><unknown/><versioning>"
        b"<latest>2</latest><release>2</release><versions><version>1</version><version>2</version>"
        b"</versions><lastUpdated>20181129182853</lastUpdated></versioning></metadata>"
    )
    assert read_metadata(body, URL).versions == ("1", "2")


def test_names_may_be_missing():
    assert read_metadata(metadata("<version>1</version>", ""), URL) == Metadata("", "", ("1",))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<html><body>Not Found</body></html>", id="a page"),
        pytest.param(b'{"versions": []}', id="JSON"),
        pytest.param(metadata("<version>1</version>")[:-20], id="cut"),
        pytest.param(b"<metadata/>", id="no versions at all"),
        pytest.param(
            b"<metadata><plugins><plugin><name>x</name></plugin></plugins></metadata>",
            id="of a group",
        ),
        pytest.param(
            b"<metadata><versioning><snapshotVersions/></versioning></metadata>", id="of a snapshot"
        ),
        pytest.param(b"<project><version>1</version></project>", id="a POM"),
        pytest.param(
            b'<!DOCTYPE m [<!ENTITY e "x">]><metadata>&e;</metadata>', id="a document type"
        ),
    ],
)
def test_what_is_not_the_metadata_of_a_package_is_refused(body):
    with pytest.raises(InvalidPayloadError):
        read_metadata(body, URL)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_the_documented_error(body):
    with contextlib.suppress(InvalidPayloadError):
        read_metadata(body, URL)


@pytest.mark.parametrize("names", [("", ""), ("a", ""), ("a", "b")])
def test_metadata_without_names_may_be_anybodys(names):
    check_name(Metadata(*names, ()), "a:b", URL)


@pytest.mark.parametrize("names", [("x", "b"), ("a", "x"), ("", "x")])
def test_metadata_of_another_package_is_refused(names):
    with pytest.raises(InvalidPayloadError):
        check_name(Metadata(*names, ()), "a:b", URL)
