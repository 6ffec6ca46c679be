"""The documents of one project into the record that the graph stores."""

from collections import Counter
from collections.abc import Iterable, Mapping

from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import InvalidKeyError
from src.schemas.package import (
    UNKNOWN,
    Fact,
    PackageRecord,
    Requirements,
    VersionRecord,
)
from src.utils.purl import make_purl
from src.utils.pypi.documents import ProjectInfo, PyPIDocuments
from src.utils.pypi.file_names import parse_version
from src.utils.pypi.files import SOURCE_MISSING, ReleaseFile, speaking_file
from src.utils.pypi.metadata import VersionMetadata
from src.utils.pypi.requirements import count_invalid, read_requirements
from src.utils.pypi.versions import order_key
from src.utils.repo_normalizer import normalize_repository_url, repository_owner
from src.utils.serial_numbers import number_versions

REPOSITORY_LABELS = (
    ("source", "source code", "sourcecode", "sources"),
    ("repository", "repo", "code", "git", "github", "gitlab", "scm", "vcs"),
    ("homepage", "home", "home page", "home-page", "website"),
)
"""Labels of `project_urls` that may hold the repository, the most telling first (after the
well-known labels of PEP 753); then come `home_page` and every other label in its order."""


def build_record(documents: PyPIDocuments) -> PackageRecord:
    """Return the record of a project.

    Pure, and never fatal for one odd version or requirement: those are kept as text and counted.
    """
    counts: Counter[str] = Counter(documents.counts)
    versions = tuple(_version_records(documents, counts))
    repository = find_repository(documents.info) if documents.info else ""
    serial = documents.page.serial
    return PackageRecord(
        ecosystem=Ecosystem.PYPI,
        name=documents.name,
        purl=make_purl(Ecosystem.PYPI, documents.name),
        source_revision=documents.revision if serial is None else str(serial),
        versions=versions,
        vendor=repository_owner(repository),
        repository_url=repository or UNKNOWN,
        facts=_package_facts(documents),
        counts={name: count for name, count in sorted(counts.items()) if count},
    )


def find_repository(info: ProjectInfo) -> str:
    """Return the project's repository on a known forge, "" where it names none."""
    by_label = {label.strip().lower(): url for label, url in info.project_urls.items()}
    ranked = [
        by_label[label] for group in REPOSITORY_LABELS for label in group if label in by_label
    ]
    for candidate in (*ranked, info.home_page, *info.project_urls.values()):
        if repository := normalize_repository_url(candidate):
            return repository
    return ""


def _version_records(documents: PyPIDocuments, counts: Counter[str]) -> Iterable[VersionRecord]:
    purls: dict[str, str] = {}
    for name in documents.releases:
        try:
            purls[name] = make_purl(Ecosystem.PYPI, documents.name, name)
        except InvalidKeyError:
            counts["refused_versions"] += 1
    for serial, name in number_versions(purls, order_key):
        counts["legacy_versions"] += serial < 0
        files = documents.releases[name]
        metadata = documents.metadata.get(name)
        yield VersionRecord(
            name=name,
            purl=purls[name],
            serial_number=serial,
            release_date=_release_date(files),
            requirements=_requirements(metadata, counts),
            facts=_version_facts(name, files, metadata),
        )


def _release_date(files: Iterable[ReleaseFile]) -> str:
    # All end in Z. Without it, a full second sorts before its own fractions.
    dates = (file.uploaded for file in files if file.uploaded)
    return min(dates, key=lambda date: date.rstrip("Z"), default="")


def _requirements(metadata: VersionMetadata | None, counts: Counter[str]) -> Requirements | None:
    if metadata is None:
        return None
    requirements = read_requirements(metadata.requires_dist, metadata.source)
    counts["invalid_requirements"] += count_invalid(requirements)
    counts["versions_without_document"] += metadata.source == SOURCE_MISSING
    return requirements


def _version_facts(
    name: str, files: tuple[ReleaseFile, ...], metadata: VersionMetadata | None
) -> Mapping[str, Fact]:
    spoken = speaking_file(files)
    ordered = files if spoken is None else (spoken, *files)
    facts: dict[str, Fact] = {
        "yanked": bool(files) and all(file.yanked for file in files),
        "yanked_reason": "",
        "requires_python": next((f.requires_python for f in ordered if f.requires_python), ""),
    }
    if facts["yanked"]:
        facts["yanked_reason"] = next((f.yanked_reason for f in ordered if f.yanked_reason), "")
    version = parse_version(name)
    if version is not None:
        facts["prerelease"] = version.is_prerelease
    if metadata is not None and metadata.license:
        facts["license"] = metadata.license
    return facts


def _package_facts(documents: PyPIDocuments) -> Mapping[str, Fact]:
    """Leave out what no document tells, so that it overwrites nothing."""
    facts: dict[str, Fact] = {}
    page, info = documents.page, documents.info
    for document in (page, info):
        if document is not None and document.status and "status" not in facts:
            facts["status"] = document.status
            facts["status_reason"] = document.status_reason
    if info is not None and info.version:
        facts["license"] = info.license
    if documents.artifact_names is not None:
        facts["import_names"] = list(documents.artifact_names)
        facts["import_names_source"] = documents.artifact_source
    return facts
