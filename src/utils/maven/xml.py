"""XML as Maven repositories hold it: read like Maven's own reader, refused where it is no such file.

Maven reads with a parser that knows no namespaces, no document types, and the entities of HTML
besides those of XML; bytes that do not fit the declared encoding are replaced. A stricter parser
loses published POMs, a laxer one could be made to read files or to unfold without end.
"""

import codecs
import re
from html.entities import name2codepoint
from xml.etree.ElementTree import Element, TreeBuilder
from xml.sax import SAXException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

import defusedxml
from defusedxml.sax import make_parser

from src.schemas.errors import InvalidPayloadError

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 100

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_TEXT_CODECS = re.compile(
    r"utf|ascii|iso8859|iso2022|latin|cp\d|mbcs|koi8|mac|gb|big5|euc|shift_jis|johab|tis|hz|ptcp"
)
"""Of Python's codecs those that are character sets: "idna" or "unicode_escape" are no encodings."""

_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,15});")
_OF_XML = frozenset({"lt", "gt", "amp", "quot", "apos"})


def read_xml(body: bytes, url: str, root: str) -> Element:
    """Return the root element; tags are without prefix and namespace.

    Raises InvalidPayloadError on what is not well-formed, has a document type declaration, another
    root element than `root`, or is larger or deeper than any real file (16 MiB, 100 levels).
    """
    if len(body) > MAX_BYTES:
        raise InvalidPayloadError(f"{len(body)} bytes are no {root} file: {url}", url=url)
    text = _ENTITY.sub(_as_number, _decode(body, url).lstrip())
    parser = make_parser()
    parser.forbid_dtd = True
    builder = _Builder(root)
    parser.setContentHandler(builder)
    try:
        parser.feed(text)
        parser.close()
    except (SAXException, defusedxml.DefusedXmlException, ValueError) as error:
        raise InvalidPayloadError(f"no {root} file ({str(error)[:200]}): {url}", url=url) from error
    return builder.close()


def text_of(parent: Element, path: str) -> str:
    """Return the text of the first element at `path` without outer white space, "" without one."""
    return (parent.findtext(path) or "").strip()


class _Builder(ContentHandler):
    def __init__(self, root: str) -> None:
        super().__init__()
        self._root = root
        self._tree = TreeBuilder()
        self._depth = 0

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: ARG002, N802
        tag = name.rpartition(":")[2]
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise SAXException("nested too deep")
        if self._depth == 1 and tag != self._root:
            raise SAXException(f"the root element is {tag[:80]!r}")
        self._tree.start(tag, {})

    def endElement(self, name: str) -> None:  # noqa: N802
        self._depth -= 1
        self._tree.end(name.rpartition(":")[2])

    def characters(self, content: str) -> None:
        self._tree.data(content)

    def close(self) -> Element:
        return self._tree.close()


def _decode(body: bytes, url: str) -> str:
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    if body[:2] in {b"<\0", b"\0<"}:  # XML 1.0, appendix F: UTF-16 without a mark
        return body.decode("utf-16-le" if body[0] else "utf-16-be", "replace")
    declared = _DECLARED.match(body)
    name = declared[1].decode("ascii") if declared else "utf-8"
    try:
        codec = codecs.lookup(name)
        if _TEXT_CODECS.match(codec.name):
            return body.decode(codec.name, "replace")
    except LookupError:
        pass
    raise InvalidPayloadError(f"unknown encoding {name!r}: {url}", url=url)


def _as_number(entity: re.Match[str]) -> str:
    known = entity[1] in name2codepoint and entity[1] not in _OF_XML
    return f"&#{name2codepoint[entity[1]]};" if known else entity[0]
