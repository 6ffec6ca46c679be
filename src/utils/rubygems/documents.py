"""The API's JSON documents of a gem: its newest version, all versions, and one version.

Each reader raises InvalidPayloadError on what is not the promised document.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from src.schemas.errors import InvalidPayloadError
from src.utils.json_values import load_object, mapping, text, texts
from src.utils.rubygems.info import InfoLine
from src.utils.rubygems.names import version_name
from src.utils.rubygems.requirements import Dependency


@dataclass(frozen=True, slots=True)
class ApiVersion:
    """One version in `/api/v1/versions/<gem>.json`; "" where it does not tell."""

    created_at: str
    licenses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ApiGem:
    """The document of a gem (`/api/v1/gems/…`) or of one version (`/api/v2/…/versions/…`).

    `version` is the name of the version that everything else is of, `sha` that of its file;
    `links` are addresses that may be a repository, the likeliest first.
    """

    name: str
    version: str
    sha: str
    licenses: tuple[str, ...]
    links: tuple[str, ...]
    development: tuple[Dependency, ...] | None


@dataclass(frozen=True, slots=True)
class GemDocuments:
    """All that was fetched of one gem, read but not yet interpreted.

    `revision` is the MD5 of its info document. `known_sources` tells which requirements the graph
    has already. `gem`, `versions` are None where the API was not asked or does not know the gem.
    `development` holds, by version, what the API was asked for of single versions.
    """

    name: str
    revision: str
    lines: Mapping[str, InfoLine]
    known_sources: Mapping[str, str]
    gem: ApiGem | None = None
    versions: Mapping[str, ApiVersion] | None = None
    development: Mapping[str, ApiGem] = field(default_factory=dict)
    artifact_names: tuple[str, ...] | None = None
    artifact_source: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)


_LINKS = (
    "source_code_uri",
    "homepage_uri",
    "bug_tracker_uri",
    "changelog_uri",
    "wiki_uri",
    "documentation_uri",
)


def read_versions(body: bytes, url: str) -> dict[str, ApiVersion]:
    """Read the list of all versions, by version name."""
    try:
        entries = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidPayloadError(f"not JSON: {error}", url=url) from error
    if not isinstance(entries, list):
        raise InvalidPayloadError("not a list of versions", url=url)
    read: dict[str, ApiVersion] = {}
    for values in map(mapping, entries):
        number = text(values.get("number"))
        if not number:
            raise InvalidPayloadError("a version without a number", url=url)
        read[version_name(number, text(values.get("platform")))] = ApiVersion(
            text(values.get("created_at")), texts(values.get("licenses"))
        )
    return read


def read_gem(body: bytes, name: str, url: str) -> ApiGem:
    """Read the document of a gem or of one of its versions; it must be that of `name`."""
    values = load_object(body, url)
    number = text(values.get("version")) or text(values.get("number"))
    if text(values.get("name")) != name or not number:
        found = text(values.get("name"))
        raise InvalidPayloadError(f"the document of {found[:80]!r}, asked was {name!r}", url=url)
    metadata = mapping(values.get("metadata"))
    links = (text(values.get(key)) or text(metadata.get(key)) for key in _LINKS)
    return ApiGem(
        name=name,
        version=version_name(number, text(values.get("platform"))),
        sha=text(values.get("sha")),
        licenses=texts(values.get("licenses")),
        links=tuple(filter(None, links)),
        development=_dependencies(mapping(values.get("dependencies")).get("development")),
    )


def _dependencies(entries: object) -> tuple[Dependency, ...] | None:
    if not isinstance(entries, list):
        return None
    read = map(mapping, entries)
    return tuple((text(entry.get("name")), text(entry.get("requirements"))) for entry in read)
