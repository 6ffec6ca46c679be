"""The documents of one package into the record that the graph stores."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import InvalidKeyError
from src.schemas.package import UNKNOWN, Fact, PackageRecord, Requirements, VersionRecord
from src.utils.maven.documents import MavenDocuments, PublishedVersion
from src.utils.maven.effective import EffectivePom
from src.utils.maven.versions import order_key
from src.utils.purl import make_purl
from src.utils.repo_normalizer import normalize_repository_url, repository_owner
from src.utils.serial_numbers import number_versions

_TOKEN = re.compile(r"\d+|[^\W\d_]+")
_BEFORE_RELEASE = frozenset({"alpha", "beta", "milestone", "rc", "cr", "snapshot"})
_SHORT = frozenset({"a", "b", "m"})
"""Stand for alpha, beta and milestone where a digit follows at once."""


def build_record(documents: MavenDocuments) -> PackageRecord:
    """Return the record of a package.

    Pure, and never fatal for one odd version or requirement: those are kept as text and counted.
    """
    counts: Counter[str] = Counter(documents.counts)
    versions = tuple(_version_records(documents, counts))
    newest = documents.versions.get(documents.newest, PublishedVersion()).model
    repository = find_repository(newest) if newest else ""
    return PackageRecord(
        ecosystem=Ecosystem.MAVEN,
        name=documents.name,
        purl=make_purl(Ecosystem.MAVEN, documents.name),
        source_revision=documents.revision,
        versions=versions,
        vendor=repository_owner(repository),
        repository_url=repository or UNKNOWN,
        facts=_package_facts(documents, newest),
        counts={name: count for name, count in sorted(counts.items()) if count},
    )


def newest_version(versions: Iterable[str]) -> str:
    """Return the newest version by Maven's order, a release before any prerelease; "" of none."""
    ordered = [name for _, name in number_versions(versions, order_key)]
    releases = [name for name in ordered if not is_prerelease(name)]
    return next(reversed(releases or ordered), "")


def is_prerelease(version: str) -> bool:
    """Tell whether a qualifier sorts before the release (Version Order Specification)."""
    text = version.lower()
    for token in _TOKEN.finditer(text):
        if token[0] in _BEFORE_RELEASE:
            return True
        if token[0] in _SHORT and text[token.end() : token.end() + 1].isdigit():
            return True
    return False


def utc_from_milliseconds(milliseconds: int) -> str:
    """Return a time of the index as ISO 8601 in UTC, "" for 0, which stands for unknown."""
    if milliseconds <= 0:
        return ""
    seconds, rest = divmod(milliseconds, 1000)
    try:
        moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000)
    except (ValueError, OverflowError, OSError):
        return ""
    precision = "milliseconds" if rest else "seconds"
    return moment.isoformat(timespec=precision).replace("+00:00", "Z")


def find_repository(model: EffectivePom) -> str:
    """Return the repository on a known forge: of `scm`, else of `url`; "" where none is named."""
    candidates = (
        model.scm_url,
        model.scm_connection,
        model.scm_developer_connection,
        model.url,
    )
    for candidate in candidates:
        if repository := normalize_repository_url(candidate):
            return repository
    return ""


def _version_records(documents: MavenDocuments, counts: Counter[str]) -> Iterable[VersionRecord]:
    purls: dict[str, str] = {}
    for name in documents.versions:
        try:
            purls[name] = make_purl(Ecosystem.MAVEN, documents.name, name)
        except InvalidKeyError:
            counts["refused_versions"] += 1
    for serial, name in number_versions(purls, order_key):
        counts["unordered_versions"] += serial < 0
        version = documents.versions[name]
        yield VersionRecord(
            name=name,
            purl=purls[name],
            serial_number=serial,
            release_date=version.released,
            requirements=_requirements(version, counts),
            facts=_version_facts(name, version.model),
        )


def _requirements(version: PublishedVersion, counts: Counter[str]) -> Requirements | None:
    if not version.source:
        return None
    if version.model is None:
        counts[f"{version.source}_poms_of_versions"] += 1
        return Requirements(version.source, development=())
    counts.update(version.model.counts)
    return version.model.requirements


def _version_facts(name: str, model: EffectivePom | None) -> Mapping[str, Fact]:
    facts: dict[str, Fact] = {"prerelease": is_prerelease(name)}
    if model is None:
        return facts
    if model.packaging:
        facts["packaging"] = model.packaging
    if model.licenses:
        facts["licenses"] = list(model.licenses)
        facts["license"] = ", ".join(model.licenses)
    if model.exclusions:
        facts["exclusions"] = list(model.exclusions)
    if model.relocation is not None:
        facts["relocated_to"] = str(model.relocation)
    return facts


def _package_facts(documents: MavenDocuments, newest: EffectivePom | None) -> Mapping[str, Fact]:
    """Leave out what no document tells, so that it overwrites nothing."""
    group, _, artifact = documents.name.partition(":")
    facts: dict[str, Fact] = {"group_id": group, "artifact_id": artifact}
    if newest is not None:
        facts["license"] = ", ".join(newest.licenses)
        # "" where it is not so (any more): a later version may take a relocation back.
        facts["relocated_to"] = "" if newest.relocation is None else str(newest.relocation)
        if newest.organization:
            facts["organization"] = newest.organization
    if documents.artifact_names is not None:
        facts["import_names"] = list(documents.artifact_names)
        facts["import_names_source"] = documents.artifact_source
    return facts
