"""What was read of one crate into the record that the graph stores."""

from collections import Counter
from collections.abc import Iterable, Mapping

from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import InvalidKeyError
from src.schemas.package import (
    KIND_INVALID,
    STATUS_ACTIVE,
    UNKNOWN,
    Fact,
    PackageRecord,
    Requirements,
    VersionRecord,
)
from src.utils.cargo.documents import CrateDocuments, CrateVersion, crate_revision, newest
from src.utils.cargo.requirements import is_readable, read_requirements
from src.utils.cargo.versions import order_key, parse_version
from src.utils.keys import admit_key
from src.utils.purl import make_purl
from src.utils.repo_normalizer import normalize_repository_url, repository_owner
from src.utils.serial_numbers import number_versions


def build_record(documents: CrateDocuments) -> PackageRecord:
    """Return the record of a crate.

    Pure, and never fatal for one odd version or dependency: those are kept as text and counted.
    """
    counts: Counter[str] = Counter(documents.counts)
    versions = tuple(_version_records(documents, counts))
    repository = find_repository(documents)
    told = ((version.num, version.checksum, version.yanked) for version in documents.versions)
    return PackageRecord(
        ecosystem=Ecosystem.CARGO,
        name=documents.name,
        purl=make_purl(Ecosystem.CARGO, documents.name),
        source_revision=crate_revision(told),
        versions=versions,
        vendor=repository_owner(repository) if repository else UNKNOWN,
        repository_url=repository or UNKNOWN,
        facts=_package_facts(documents),
        counts={name: count for name, count in sorted(counts.items()) if count},
    )


def find_repository(documents: CrateDocuments) -> str:
    """Return the crate's repository on a known forge, "" where nothing names one.

    The registry's own word comes first, then its home page, then the manifest that was read.
    """
    candidates = []
    if documents.links is not None:
        candidates += [documents.links.repository, documents.links.homepage]
    if documents.library is not None:
        candidates.append(documents.library.repository)
    return next(filter(None, map(normalize_repository_url, candidates)), "")


def _version_records(documents: CrateDocuments, counts: Counter[str]) -> Iterable[VersionRecord]:
    versions: dict[str, CrateVersion] = {}
    purls: dict[str, str] = {}
    for version in documents.versions:
        try:
            number = admit_key(version.num)
            purls[number] = make_purl(Ecosystem.CARGO, documents.name, number)
        except InvalidKeyError:
            counts["refused_versions"] += 1
        else:
            versions[version.num] = version
    for serial, name in number_versions(versions, order_key):
        counts["legacy_versions"] += serial < 0
        yield VersionRecord(
            name=name,
            purl=purls[name],
            serial_number=serial,
            release_date=versions[name].created,
            requirements=_requirements(versions[name], counts),
            facts=_version_facts(versions[name]),
        )


def _requirements(version: CrateVersion, counts: Counter[str]) -> Requirements | None:
    if version.dependencies is None:
        return None
    found = read_requirements(version)
    counts["invalid_requirements"] += sum(entry.kind == KIND_INVALID for entry in found.unresolved)
    counts["unreadable_constraints"] += sum(
        not is_readable(entry.constraints) for entry in (*found.required, *found.optional)
    )
    return found


def _version_facts(version: CrateVersion) -> Mapping[str, Fact]:
    """Leave out what the source does not tell, so that it overwrites nothing."""
    facts: dict[str, Fact] = {"yanked": version.yanked}
    parsed = parse_version(version.num)
    if parsed is not None:
        facts["prerelease"] = bool(parsed.prerelease)
    for name in ("license", "rust_version", "links"):
        if value := getattr(version, name):
            facts[name] = value
    return facts


def _package_facts(documents: CrateDocuments) -> Mapping[str, Fact]:
    facts: dict[str, Fact] = {"status": STATUS_ACTIVE}
    speaking = newest(documents.versions)
    told = (speaking.license if speaking else "") or (
        documents.library.license if documents.library else ""
    )
    if told:
        facts["license"] = told
    if documents.library is not None:
        facts["import_names"] = list(documents.library.names)
        facts["import_names_source"] = documents.artifact_source
    return facts
