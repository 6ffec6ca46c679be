"""A packument: the one document that holds all versions of a package, of up to 100 MB.

Only what the graph needs is kept of it, so that its memory is given back once it is read.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice

from src.schemas.errors import InvalidPayloadError, PackageNotFoundError
from src.schemas.package import Fact, Requirements
from src.utils.json_values import clean_text, load_object, mapping, text
from src.utils.npm.manifests import (
    deprecation,
    import_names,
    read_license,
    read_repository,
    version_facts,
)
from src.utils.npm.requirements import SOURCE_NO_MANIFEST, read_requirements, requirement_source
from src.utils.npm.versions import is_prerelease, order_key

_HOLDER_REPOSITORY = "https://github.com/npm/security-holder"
_COUNTER = re.compile(r"[0-9]{1,18}")
_HOLDER_DESCRIPTION = "security holding package"


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """One version as the packument tells it; `requirements` None where they are known already."""

    name: str
    published: str
    requirements: Requirements | None
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Packument:
    """All that is kept of a packument.

    `latest` is the dist-tag as published, "" without one. `import_names` is None where they are
    known already; `import_source` is what they are of.
    """

    name: str
    revision: str
    versions: tuple[PublishedVersion, ...]
    latest: str
    repository: str
    license: str
    deprecated: bool
    placeholder: bool
    import_names: tuple[str, ...] | None
    import_source: str
    counts: Mapping[str, int] = field(default_factory=dict)


def load_packument(body: bytes, name: str, url: str) -> dict[str, object]:
    """Return the document, once it is sure that it is the packument of this package.

    Raises InvalidPayloadError on anything else, PackageNotFoundError where all of the package was
    unpublished: such a document has no versions any more, but tells when they went.
    """
    document = load_object(body, url)
    told = document.get("name", document.get("_id"))
    if told != name:
        raise InvalidPayloadError(f"the document of {told!r:.80}, asked was {name!r}", url=url)
    versions, times = document.get("versions"), document.get("time")
    if not isinstance(versions, dict | None) or not (
        isinstance(versions, dict) or isinstance(times, dict)
    ):
        raise InvalidPayloadError("not a packument: it has no versions", url=url)
    if not versions and mapping(times).get("unpublished"):
        raise PackageNotFoundError(f"unpublished: {name}", url=url)
    return document


def revision_of(document: Mapping[str, object]) -> str:
    """Return the revision that the registry calls this state, "" where it does not tell."""
    return text(document.get("_rev")).strip()


def is_older(revision: str, announced: str) -> bool:
    """Tell whether a revision is certainly older than the announced one.

    Revisions are a counter and a hash (`12-abc…`). Where one of them is not, nothing is known.
    """
    own, expected = (part.partition("-")[0] for part in (revision, announced))
    comparable = all(_COUNTER.fullmatch(part) for part in (own, expected))
    return comparable and int(own) < int(expected)


class PackumentParser:
    """Keeps of a packument what the graph needs, slice by slice; never fails for one odd version.

    Requirements are left out where `known_sources` names their source for that version, and import
    names where they were read from `known_import`.
    """

    def __init__(
        self,
        document: Mapping[str, object],
        name: str,
        known_sources: Mapping[str, str],
        known_import: str,
    ) -> None:
        """Take a document of `load_packument`."""
        self._document = document
        self._name = name
        self._known_sources = known_sources
        self._known_import = known_import
        published = mapping(document.get("versions"))
        self._manifests = {version: mapping(entry) for version, entry in published.items()}
        self._times = mapping(document.get("time"))
        self._rest = iter(self._manifests.items())
        self._versions: list[PublishedVersion] = []
        self._counts: Counter[str] = Counter()

    def read(self, count: int) -> bool:
        """Read up to `count` more versions; False once all were read."""
        batch = list(islice(self._rest, count))
        self._versions += [self._read_version(name, manifest) for name, manifest in batch]
        return bool(batch)

    def packument(self) -> Packument:
        """Return what was kept."""
        document = self._document
        latest = text(mapping(document.get("dist-tags")).get("latest"))
        newest = self._manifests.get(_newest(self._manifests, latest), {})
        source = requirement_source(newest) if newest else ""
        known = not source or source == self._known_import
        return Packument(
            name=self._name,
            revision=revision_of(document),
            versions=tuple(self._versions),
            latest=latest,
            repository=read_repository(document) or read_repository(newest),
            license=read_license(document) or read_license(newest),
            deprecated=bool(deprecation(newest)),
            placeholder=_is_placeholder(document, newest),
            import_names=None if known else tuple(import_names(self._name, newest)),
            import_source=source,
            counts=self._counts,
        )

    def _read_version(self, name: str, manifest: Mapping[str, object]) -> PublishedVersion:
        self._counts["versions_without_document"] += not manifest
        source = requirement_source(manifest) if manifest else SOURCE_NO_MANIFEST
        requirements = None
        if self._known_sources.get(name) != source:
            requirements = read_requirements(manifest, source, self._counts)
        return PublishedVersion(
            name=clean_text(name),
            published=text(self._times.get(name)),
            requirements=requirements,
            facts=version_facts(name, manifest),
        )


def read_packument(
    document: Mapping[str, object], name: str, known_sources: Mapping[str, str], known_import: str
) -> Packument:
    """Read a packument of ordinary size in one go; see `PackumentParser`."""
    parser = PackumentParser(document, name, known_sources, known_import)
    parser.read(len(mapping(document.get("versions"))))
    return parser.packument()


def _newest(versions: Mapping[str, object], latest: str) -> str:
    """Return the version that a plain install takes: the tag's, else the highest, stable first."""
    if latest in versions:
        return latest
    keys = [(key, name) for name in versions if (key := order_key(name)) is not None]
    stable = [entry for entry in keys if not is_prerelease(entry[0])]
    return max(stable or keys, default=(None, ""))[1]


def _is_placeholder(document: Mapping[str, object], newest: Mapping[str, object]) -> bool:
    """Tell whether the registry put an empty package in the place of one that it took away."""
    held = text(newest.get("version")).endswith("-security")
    told = text(document.get("description") or newest.get("description")).strip().lower()
    repository = read_repository(document) or read_repository(newest)
    return held and (told == _HOLDER_DESCRIPTION or repository == _HOLDER_REPOSITORY)
