"""Core metadata: the same headers that pip would read, and no error page taken for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.metadata import parse_email

from src.schemas.errors import InvalidPayloadError
from src.utils.pypi.metadata import read_headers, read_metadata

HEAD = b"Metadata-Version: 2.1\nName: foo\nVersion: 1.0\n"


def test_requirements_and_licence_are_read_and_the_body_is_not() -> None:
    body = (
        HEAD
        + b"Requires-Dist: a >=1\nrequires-dist: b\n  ; os_name == 'nt'\nLicense: MIT\n"
        + b"\nRequires-Dist: in-the-description\n"
    )
    metadata = read_metadata(body, "foo.whl#sha256=0", "u")
    assert metadata.requires_dist == ("a >=1", "b   ; os_name == 'nt'")
    assert (metadata.license, metadata.source) == ("MIT", "foo.whl#sha256=0")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (b"License-Expression: MIT OR Apache-2.0\nLicense: other\n", "MIT OR Apache-2.0"),
        (b"License: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License\n", "MIT License"),
        (b"License: Permission is\n        granted\n", ""),
        (b"License: " + b"x" * 101 + b"\n", ""),
        (
            b"Classifier: License :: OSI Approved\nClassifier: License :: B\nClassifier: License :: A\n",
            "A, B",
        ),
        (b"", ""),
    ],
)
def test_the_licence_is_the_first_that_is_a_name(headers: bytes, expected: str) -> None:
    assert read_metadata(HEAD + headers, "s", "u").license == expected


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n",
        b"<!doctype html><title>Name: error</title>",
        b'{"message": "Not Found"}',
        b"Name: foo\n",
        b"\0" * 9,
    ],
)
def test_another_document_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidPayloadError):
        read_metadata(body, "s", "u")


def test_a_quarter_of_a_million_lines_are_read_without_recursion() -> None:
    body = HEAD + b"Requires-Dist: a\n" * 250_000
    assert len(read_metadata(body, "s", "u").requires_dist) == 250_000


_LINES = st.lists(
    st.sampled_from(
        [
            b"Requires-Dist: a",
            b"Requires-Dist:b>1",
            b"REQUIRES-DIST:  c ; os_name == 'nt'",
            b"  continued",
            b"\tcontinued",
            b"Classifier: License :: OSI Approved :: MIT License",
            b"X-Other: \xc3\xa9",
            b"Import-Name: foo; private",
            b"no header",
            b"",
            b"Requires-Dist:",
        ]
    ),
    max_size=12,
)


@given(_LINES, st.sampled_from([b"\n", b"\r\n"]))
def test_the_same_requirements_are_read_as_by_the_reference_parser(
    lines: list[bytes], line_end: bytes
) -> None:
    body = HEAD.replace(b"\n", line_end) + line_end.join(lines)
    ours = [" ".join(value.split()) for value in read_headers(body, "u").get("requires-dist", ())]
    reference = parse_email(body)[0].get("requires_dist", [])
    assert ours == [" ".join(value.split()) for value in reference]


@given(st.binary() | st.binary().map(lambda tail: HEAD + tail))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        metadata = read_metadata(body, "s", "u")
    except InvalidPayloadError:
        return
    assert all(value.strip() for value in metadata.requires_dist)
