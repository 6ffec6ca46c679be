"""The registration of one package into the record that the graph stores."""

from collections import Counter
from collections.abc import Iterable, Mapping

from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import InvalidKeyError
from src.schemas.package import (
    STATUS_ACTIVE,
    UNKNOWN,
    Fact,
    PackageRecord,
    Requirements,
    VersionRecord,
)
from src.utils.nuget.registration import Leaf, NuGetDocuments
from src.utils.nuget.requirements import make_requirements
from src.utils.nuget.versions import order_key, parse_version
from src.utils.purl import make_purl
from src.utils.repo_normalizer import normalize_repository_url
from src.utils.serial_numbers import number_versions

STATUS_DEPRECATED = "deprecated"


def build_record(documents: NuGetDocuments) -> PackageRecord:
    """Return the record of a package.

    Pure, and never fatal for one odd version or requirement: those are kept as text and counted.
    """
    counts: Counter[str] = Counter(documents.counts)
    versions = tuple(_version_records(documents, counts))
    newest = newest_leaf(documents.leaves.values())
    return PackageRecord(
        ecosystem=Ecosystem.NUGET,
        name=documents.name,
        purl=make_purl(Ecosystem.NUGET, documents.name),
        source_revision=documents.revision,
        versions=versions,
        vendor=_vendor(newest),
        repository_url=_repository(newest),
        facts=_package_facts(documents, newest),
        counts={name: count for name, count in sorted(counts.items()) if count},
    )


def newest_leaf(leaves: Iterable[Leaf]) -> Leaf | None:
    """Return the version that speaks for the package: listed before unlisted, stable first."""
    ranked = [
        (leaf.listed, not version.is_prerelease, version.key, leaf)
        for leaf in leaves
        if (version := parse_version(leaf.version)) is not None
    ]
    return max(ranked, key=lambda entry: entry[:3])[3] if ranked else None


def _version_records(documents: NuGetDocuments, counts: Counter[str]) -> Iterable[VersionRecord]:
    purls: dict[str, str] = {}
    for name in documents.leaves:
        try:
            purls[name] = make_purl(Ecosystem.NUGET, documents.name, name)
        except InvalidKeyError:
            counts["refused_versions"] += 1
    for serial, name in number_versions(purls, order_key):
        counts["legacy_versions"] += serial < 0
        leaf = documents.leaves[name]
        yield VersionRecord(
            name=name,
            purl=purls[name],
            serial_number=serial,
            release_date=leaf.released or documents.created.get(name, ""),
            requirements=_requirements(leaf, documents.unchanged, counts),
            facts=_version_facts(leaf),
        )


def _requirements(
    leaf: Leaf, unchanged: frozenset[str], counts: Counter[str]
) -> Requirements | None:
    if leaf.version in unchanged:
        return None
    requirements = make_requirements(leaf.dependencies, leaf.source)
    counts["invalid_requirements"] += len(requirements.unresolved)
    return requirements


def _version_facts(leaf: Leaf) -> Mapping[str, Fact]:
    deprecation = leaf.deprecation
    facts: dict[str, Fact] = {
        "unlisted": not leaf.listed,
        "deprecated": deprecation.told if deprecation else "",
        "deprecation_reasons": list(deprecation.reasons) if deprecation else [],
        "alternate_package": deprecation.alternate if deprecation else "",
        "license": leaf.license,
    }
    if leaf.license_url and not leaf.license:
        facts["license_url"] = leaf.license_url
    version = parse_version(leaf.version)
    if version is not None:
        facts["prerelease"] = version.is_prerelease
    return facts


def _vendor(newest: Leaf | None) -> str:
    return newest.authors[0] if newest is not None and newest.authors else UNKNOWN


def _repository(newest: Leaf | None) -> str:
    addresses = newest.repository_addresses if newest is not None else ()
    found = (normalize_repository_url(address) for address in addresses)
    return next((address for address in found if address), UNKNOWN)


def _package_facts(documents: NuGetDocuments, newest: Leaf | None) -> Mapping[str, Fact]:
    facts: dict[str, Fact] = {}
    if newest is not None:
        facts["status"] = STATUS_DEPRECATED if newest.deprecation else STATUS_ACTIVE
        facts["license"] = newest.license
        facts["display_name"] = newest.id or documents.name
        facts["authors"] = list(newest.authors)
    if documents.artifact_names is not None:
        facts["import_names"] = list(documents.artifact_names)
        facts["import_names_source"] = documents.artifact_source
    return facts
