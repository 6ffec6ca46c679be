"""A packument into the record that the graph stores."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import InvalidKeyError
from src.schemas.package import (
    STATUS_ACTIVE,
    UNKNOWN,
    Fact,
    Facts,
    PackageRecord,
    VersionRecord,
)
from src.utils.npm.names import package_purl
from src.utils.npm.packument import Packument, PublishedVersion
from src.utils.npm.versions import order_key
from src.utils.purl import make_purl
from src.utils.repo_normalizer import repository_owner
from src.utils.serial_numbers import number_versions

STATUS_DEPRECATED = "deprecated"

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class NpmDocuments:
    """What was fetched of one package; `revision` is the one announced, "" where none was."""

    revision: str
    packument: Packument


def build_record(documents: NpmDocuments) -> PackageRecord:
    """Return the record of a package. Pure, and never fatal for one odd version."""
    packument = documents.packument
    counts: Counter[str] = Counter(packument.counts)
    versions = tuple(_version_records(packument, counts))
    return PackageRecord(
        ecosystem=Ecosystem.NPM,
        name=packument.name,
        purl=package_purl(packument.name),
        source_revision=packument.revision or documents.revision,
        versions=versions,
        vendor=repository_owner(packument.repository) if packument.repository else UNKNOWN,
        repository_url=packument.repository or UNKNOWN,
        facts=_package_facts(packument),
        counts={name: count for name, count in sorted(counts.items()) if count},
    )


def _version_records(packument: Packument, counts: Counter[str]) -> Iterator[VersionRecord]:
    published: dict[str, tuple[PublishedVersion, str]] = {}
    for version in packument.versions:
        try:
            purl = make_purl(Ecosystem.NPM, packument.name, version.name)
        except InvalidKeyError:
            purl = ""
        if purl and version.name:
            published[version.name] = version, purl
        else:
            counts["refused_versions"] += 1
    for serial, name in number_versions(published, order_key):
        version, purl = published[name]
        counts["legacy_versions"] += serial < 0
        yield VersionRecord(
            name=name,
            purl=purl,
            serial_number=serial,
            release_date=version.published if _INSTANT.fullmatch(version.published) else "",
            requirements=version.requirements,
            facts=version.facts,
        )


def _package_facts(packument: Packument) -> Facts:
    """All but the import names are told by every packument, so that each overwrites what was."""
    facts: dict[str, Fact] = {
        "status": STATUS_DEPRECATED if packument.deprecated else STATUS_ACTIVE,
        "license": packument.license,
        "dist_tag_latest": packument.latest,
        "security_placeholder": packument.placeholder,
    }
    if packument.import_names is not None:
        facts["import_names"] = list(packument.import_names)
        facts["import_names_source"] = packument.import_source
    return facts
