"""Which bytes are a file of Maven, and which are refused."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.errors import InvalidPayloadError
from src.utils.maven.xml import MAX_BYTES, MAX_DEPTH, read_xml, text_of

URL = "http://maven.test/x.pom"


def name_in(body: bytes) -> str:
    return text_of(read_xml(body, URL, "project"), "name")


@pytest.mark.parametrize(
    "body",
    [
        b"<project><name>caf\xc3\xa9</name></project>",
        b"\xef\xbb\xbf<project><name>caf\xc3\xa9</name></project>",
        b'<?xml version="1.0"?><project><name>caf\xc3\xa9</name></project>',
        b'<?xml version="1.0" encoding="UTF-8"?><project><name>caf\xc3\xa9</name></project>',
        b"<?xml version='1.0' encoding='ISO-8859-1'?><project><name>caf\xe9</name></project>",
        b'<?xml version="1.0" encoding = "windows-1252"?><project><name>caf\xe9</name></project>',
        b'<?xml version="1.0" encoding="Cp1252"?><project><name>caf\xe9</name></project>',
        '<?xml version="1.0" encoding="UTF-16"?><project><name>café</name></project>'.encode(
            "utf-16"
        ),
        "<project><name>café</name></project>".encode("utf-16-le"),
        "<project><name>café</name></project>".encode("utf-16-be"),
        b'\n <?xml version="1.0"?><project><name>caf&#233;</name></project>',
        b"<project><name>caf&eacute;</name></project>",
        b"<project><name>\n  caf<![CDATA[\xc3\xa9]]> \n</name></project>",
        b"<project><name>ca<!-- no -->f\xc3\xa9</name></project>",
        b'<project xmlns="http://maven.test/POM/4.0.0"><name>caf\xc3\xa9</name></project>',
        b'<project xsi:schemaLocation="a b"><name>caf\xc3\xa9</name></project>',
        b'<m:project xmlns:m="http://maven.test/POM/4.0.0"><m:name>caf\xc3\xa9</m:name></m:project>',
    ],
)
def test_every_way_to_write_a_text_is_read(body):
    assert name_in(body) == "café"


def test_bytes_that_do_not_fit_the_encoding_are_replaced_as_java_does():
    assert name_in(b"<project><name>caf\xe9</name></project>") == "caf\ufffd"


def test_the_entities_of_xml_stay_what_they_are():
    assert name_in(b"<project><name>&lt;a&amp;b&gt;&quot;&apos;</name></project>") == "<a&b>\"'"


def test_a_missing_or_empty_element_is_the_empty_text():
    root = read_xml(b"<project><a/><b> </b></project>", URL, "project")
    assert [text_of(root, path) for path in ("a", "b", "c", "b/c")] == ["", "", "", ""]


DOCTYPE = b'<!DOCTYPE project [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
LAUGHS = b'<!DOCTYPE project [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"not XML",
        b"<project>",
        b"<project><name>cut",
        b"<project></name></project>",
        b"<project/><project/>",
        b"<project/>trailing",
        b"<project><name>&nonsense;</name></project>",
        b"<project><name>a & b</name></project>",
        b"<project><name>\x00</name></project>",
        b"<project><name>&#0;</name></project>",
        b"<metadata/>",
        b"<html><body>404 Not Found</body></html>",
        b"<!DOCTYPE html><html></html>",
        DOCTYPE + b"<project><name>&a;</name></project>",
        LAUGHS + b"<project><name>&b;</name></project>",
        b'<!DOCTYPE project SYSTEM "http://maven.test/x.dtd"><project/>',
        b'<?xml version="1.0" encoding="nonsense"?><project/>',
        b'<?xml version="1.0" encoding="idna"?><project/>',
        b'<?xml version="1.0" encoding="hex"?><project/>',
        b"\x1f\x8b\x08\x00",
        b"{}",
    ],
)
def test_what_is_no_such_file_or_unsafe_is_refused(body):
    with pytest.raises(InvalidPayloadError) as caught:
        read_xml(body, URL, "project")
    assert caught.value.url == URL


def test_size_and_depth_are_limited():
    deep = b"<project>" + b"<a>" * (MAX_DEPTH - 1) + b"</a>" * (MAX_DEPTH - 1) + b"</project>"
    read_xml(deep, URL, "project")
    with pytest.raises(InvalidPayloadError, match="deep"):
        read_xml(deep.replace(b"<project>", b"<project><a>"), URL, "project")
    with pytest.raises(InvalidPayloadError, match="bytes"):
        read_xml(b"<project>" + b" " * MAX_BYTES + b"</project>", URL, "project")


FRAGMENTS = st.lists(
    st.sampled_from(
        [
            b"<project>",
            b"</project>",
            b"<a>",
            b"</a>",
            b"<",
            b"&",
            b"&eacute;",
            b"&#55296;",
            b"\xff\xfe",
            b"\xef\xbb\xbf",
            b'<?xml version="1.0" encoding="',
            b"utf-7",
            b"utf-16",
            b'"?>',
            b"<!DOCTYPE a [",
            b"]>",
            b"<![CDATA[",
            b"\x00",
            b"+2AA-",
            b" ",
        ]
    ),
    max_size=12,
).map(b"".join)


@given(st.one_of(st.binary(max_size=200), FRAGMENTS))
def test_no_bytes_raise_anything_but_the_documented_error(body):
    with contextlib.suppress(InvalidPayloadError):
        assert read_xml(body, URL, "project").tag == "project"
