"""The compact index's `/info/<gem>`: one line a version, with what it requires.

After a line `---` come `VERSION[-PLATFORM] DEPENDENCIES|REQUIREMENTS`, both separated by commas:
`name:constraint&constraint` and `checksum:<sha256>`, `ruby:…`, `rubygems:…`, `created_at:<time>`.
(RubyGems guides, "Compact index"; lib/bundler/compact_index_client/gem_parser.rb)
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from src.schemas.errors import InvalidPayloadError
from src.utils.json_values import clean_text

_JOINED = ", "


@dataclass(frozen=True, slots=True)
class InfoLine:
    """One version as its line tells it; "" where it does not tell.

    `dependencies` are pairs of name and constraint, the latter in the style of a gemspec
    (`>= 1.0, < 2`).
    """

    name: str
    dependencies: tuple[tuple[str, str], ...]
    checksum: str
    ruby_version: str
    rubygems_version: str
    created_at: str
    source: str


def read_info(body: bytes, url: str) -> dict[str, InfoLine]:
    """Return the lines by version name; of a version that stands there twice, the last.

    Raises InvalidPayloadError where this is no info document. One that holds no version is whole:
    all of them were yanked.
    """
    lines = body.decode("utf-8", "replace").split("\n")
    if lines[0].rstrip("\r") != "---" or not body.endswith(b"\n"):
        raise InvalidPayloadError("not an info document of the compact index", url=url)
    read = (_read_line(clean_text(line.rstrip("\r"))) for line in lines[1:] if line.strip())
    return {line.name: line for line in read}


def _read_line(line: str) -> InfoLine:
    name, _, rest = line.partition(" ")
    dependencies, _, told = rest.partition("|")
    facts = _facts(told)
    checksum = facts.get("checksum", "")
    return InfoLine(
        name=name,
        dependencies=tuple(map(_dependency, filter(None, dependencies.split(",")))),
        checksum=checksum,
        ruby_version=_constraint(facts.get("ruby", "")),
        rubygems_version=_constraint(facts.get("rubygems", "")),
        created_at=facts.get("created_at", ""),
        source=f"sha256:{checksum}" if checksum else f"line:{_hash(line)}",
    )


def _facts(told: str) -> Mapping[str, str]:
    pairs = (entry.partition(":") for entry in told.split(","))
    return {key: value for key, _, value in pairs if value}


def _dependency(text: str) -> tuple[str, str]:
    name, _, constraint = text.partition(":")
    return name.strip(), _constraint(constraint)


def _constraint(text: str) -> str:
    return _JOINED.join(part.strip() for part in text.split("&"))


def _hash(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()
