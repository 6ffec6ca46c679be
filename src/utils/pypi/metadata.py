"""Core metadata (`METADATA`, `PKG-INFO`, `.metadata`): only the headers, and only those needed.

Reads what `email.parser` reads, as pip does: headers end at the first blank line or at the first
line that is neither a header nor indented. `packaging.metadata.parse_email` gives the same values
in nearly three times the time, and an ingestion of PyPI reads several million of these files.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from src.schemas.errors import InvalidPayloadError
from src.utils.json_values import clean_text
from src.utils.pypi.licenses import choose_license

Headers = Mapping[str, tuple[str, ...]]

_BLANK_LINE = re.compile(rb"\n\r?\n|\r\r")
_BLOCK = re.compile(r"(?>[\x21-\x39\x3b-\x7e]++:.*+\n(?>[ \t].*+\n)*+)*+")
_FIELD = re.compile(
    r"^(metadata-version|name|requires-dist|license|license-expression|classifier"
    r"|import-name|import-namespace):[ \t]*+(.*+(?>\n[ \t].*+)*+)",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class VersionMetadata:
    """What a version's own metadata tells; `source` names the artifact that speaks for it."""

    source: str
    requires_dist: tuple[str, ...] = ()
    license: str = ""


def read_headers(body: bytes, url: str) -> Headers:
    """Return the values of the headers that we use, names in lower case, in their order.

    Raises InvalidPayloadError where the body does not begin with the headers that every metadata
    file has (`Metadata-Version`, `Name`), such as an error page.
    """
    blank = _BLANK_LINE.search(body)
    text = (body[: blank.start() + 1] if blank else body).decode("utf-8", "replace")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    block = _BLOCK.match(f"{text}\n")
    collected: dict[str, list[str]] = {}
    for name, value in _FIELD.findall(block[0] if block else ""):
        collected.setdefault(name.lower(), []).append(value)
    if "metadata-version" not in collected or "name" not in collected:
        raise InvalidPayloadError("not a core metadata file", url=url)
    return {name: tuple(found) for name, found in collected.items()}


def read_metadata(body: bytes, source: str, url: str) -> VersionMetadata:
    """Return the requirements and licence that a metadata file declares.

    Raises InvalidPayloadError on what is no metadata file.
    """
    headers = read_headers(body, url)
    return VersionMetadata(
        source=source,
        requires_dist=tuple(
            value for value in map(_unfold, headers.get("requires-dist", ())) if value
        ),
        license=choose_license(
            _first(headers, "license-expression"),
            _first(headers, "license"),
            tuple(map(_unfold, headers.get("classifier", ()))),
        ),
    )


def _first(headers: Headers, name: str) -> str:
    values = headers.get(name)
    return clean_text(values[0]).strip() if values else ""


def _unfold(value: str) -> str:
    return clean_text(" ".join(value.split("\n")) if "\n" in value else value).strip()
