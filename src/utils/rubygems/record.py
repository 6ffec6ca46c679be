"""Documents of one gem into the record that is stored. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping

from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import InvalidKeyError
from src.schemas.package import (
    UNKNOWN,
    Fact,
    Facts,
    PackageRecord,
    Requirements,
    VersionRecord,
)
from src.utils.repo_normalizer import normalize_repository_url, repository_owner
from src.utils.rubygems.documents import ApiGem, ApiVersion, GemDocuments
from src.utils.rubygems.info import InfoLine
from src.utils.rubygems.names import package_purl, split_version, version_purl
from src.utils.rubygems.requirements import Dependency, read_requirements
from src.utils.rubygems.versions import is_prerelease, order_key
from src.utils.serial_numbers import number_versions
from src.utils.times import utc_text

_NOT_TOLD = ApiVersion("", ())


def build_record(documents: GemDocuments) -> PackageRecord:
    """Return the record of a gem. One odd version or requirement is kept as text and counted."""
    counts: Counter[str] = Counter(documents.counts)
    versions = tuple(_version_records(documents, counts))
    repository = find_repository(documents.gem)
    return PackageRecord(
        ecosystem=Ecosystem.RUBYGEMS,
        name=documents.name,
        purl=package_purl(documents.name),
        source_revision=documents.revision,
        versions=versions,
        vendor=repository_owner(repository),
        repository_url=repository or UNKNOWN,
        facts=_package_facts(documents),
        counts={name: count for name, count in sorted(counts.items()) if count},
    )


def find_repository(gem: ApiGem | None) -> str:
    """Return the gem's repository on a known forge, "" where it names none."""
    found = (normalize_repository_url(link) for link in (gem.links if gem else ()))
    return next(filter(None, found), "")


def newest_version(lines: Iterable[str]) -> str:
    """Return the version that a plain install takes, "" where there is none.

    Releases come before prereleases, then the higher version, then the one for any platform.
    """
    return max(lines, key=_preference, default="")


def _preference(name: str) -> tuple[object, ...]:
    key = order_key(name)
    platform = split_version(name)[1]
    return key is not None, not is_prerelease(name), key or (), platform == "ruby", name


def _version_records(documents: GemDocuments, counts: Counter[str]) -> Iterable[VersionRecord]:
    purls: dict[str, str] = {}
    for name in documents.lines:
        try:
            purls[name] = version_purl(documents.name, name)
        except InvalidKeyError:
            counts["refused_versions"] += 1
    told = documents.versions or {}
    for serial, name in number_versions(purls, order_key):
        counts["legacy_versions"] += serial < 0
        line = documents.lines[name]
        api = told.get(name, _NOT_TOLD)
        yield VersionRecord(
            name=name,
            purl=purls[name],
            serial_number=serial,
            release_date=utc_text(line.created_at) or utc_text(api.created_at),
            requirements=_requirements(documents, line, counts),
            facts=_version_facts(line, api, serial),
        )


def _requirements(
    documents: GemDocuments, line: InfoLine, counts: Counter[str]
) -> Requirements | None:
    if documents.known_sources.get(line.name) == line.source:
        return None
    development = _development(documents, line)
    requirements = read_requirements(line.dependencies, development, line.source)
    counts["invalid_requirements"] += len(requirements.unresolved)
    return requirements


def _development(documents: GemDocuments, line: InfoLine) -> tuple[Dependency, ...] | None:
    """Return what a document of this very version tells; one of another file tells nothing."""
    newest = documents.gem
    of_version = newest if newest and newest.version == line.name else None
    told = documents.development.get(line.name, of_version)
    if told is None or (told.sha and line.checksum and told.sha != line.checksum):
        return None
    return told.development


def _version_facts(line: InfoLine, api: ApiVersion, serial: int) -> Facts:
    facts: dict[str, Fact] = {
        "platform": split_version(line.name)[1],
        "ruby_version": line.ruby_version,
        "rubygems_version": line.rubygems_version,
    }
    if serial >= 0:
        facts["prerelease"] = is_prerelease(line.name)
    if api.licenses:
        facts["license"] = ", ".join(api.licenses)
    return facts


def _package_facts(documents: GemDocuments) -> Mapping[str, Fact]:
    """Leave out what no document tells, so that it overwrites nothing."""
    facts: dict[str, Fact] = {}
    if documents.gem is not None:
        facts["license"] = ", ".join(documents.gem.licenses)
    if documents.artifact_names is not None:
        facts["import_names"] = list(documents.artifact_names)
        facts["import_names_source"] = documents.artifact_source
    return facts
