"""A packument: the one document that holds all versions of a package, of up to 100 MB.

Only what the graph needs is kept of it, so that its memory is given back once it is read.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from src.schemas.errors import InvalidPayloadError, PackageNotFoundError
from src.schemas.package import Fact, Requirements
from src.utils.npm.manifests import (
    deprecation,
    import_names,
    read_license,
    read_repository,
    version_facts,
)
from src.utils.npm.requirements import SOURCE_NO_MANIFEST, read_requirements, requirement_source
from src.utils.npm.versions import is_prerelease, order_key
from src.utils.pypi.values import clean_text, load_object, mapping, text

_HOLDER_REPOSITORY = "https://github.com/npm/security-holder"
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
    comparable = all(len(part) < 20 and part.isdecimal() for part in (own, expected))  # noqa: PLR2004
    return comparable and int(own) < int(expected)


def read_packument(
    document: Mapping[str, object], name: str, known_sources: Mapping[str, str], known_import: str
) -> Packument:
    """Keep of a packument what the graph needs; never fails for one odd version.

    Requirements are left out where `known_sources` names their source for that version, and import
    names where they were read from `known_import`.
    """
    counts: Counter[str] = Counter()
    manifests = (
        {version: mapping(manifest) for version, manifest in mapping(document["versions"]).items()}
        if document.get("versions")
        else {}
    )
    times = mapping(document.get("time"))
    versions = tuple(
        _read_version(version, manifest, times, known_sources, counts)
        for version, manifest in manifests.items()
    )
    latest = text(mapping(document.get("dist-tags")).get("latest"))
    newest = manifests.get(_newest(manifests, latest), {})
    source = requirement_source(newest) if newest else ""
    known = not source or source == known_import
    return Packument(
        name=name,
        revision=revision_of(document),
        versions=versions,
        latest=latest,
        repository=read_repository(document) or read_repository(newest),
        license=read_license(document) or read_license(newest),
        deprecated=bool(deprecation(newest)),
        placeholder=_is_placeholder(document, newest),
        import_names=None if known else tuple(import_names(name, newest)),
        import_source=source,
        counts=counts,
    )


def _read_version(
    name: str,
    manifest: Mapping[str, object],
    times: Mapping[str, object],
    known_sources: Mapping[str, str],
    counts: Counter[str],
) -> PublishedVersion:
    counts["versions_without_document"] += not manifest
    source = requirement_source(manifest) if manifest else SOURCE_NO_MANIFEST
    covered = known_sources.get(name) == source
    return PublishedVersion(
        name=clean_text(name),
        published=text(times.get(name)),
        requirements=None if covered else read_requirements(manifest, source, counts),
        facts=version_facts(name, manifest),
    )


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
