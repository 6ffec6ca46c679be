"""Which versions a project has, and which files belong to each."""

from collections.abc import Mapping, Sequence

from src.utils.pypi.documents import ProjectInfo, ProjectPage
from src.utils.pypi.file_names import Spellings, parse_version, version_in_file_name
from src.utils.pypi.files import ReleaseFile

Releases = Mapping[str, tuple[ReleaseFile, ...]]


def collect_releases(
    page: ProjectPage, info: ProjectInfo | None, name: str
) -> tuple[Releases, int]:
    """Return the files of every version, and how many files told no version.

    The page's list of versions (PEP 700) speaks first, in its spelling. The JSON document tells
    exactly which file is of which version, and adds releases without files, which pages leave out;
    where it is older than the page, its releases with files are not added, because the page knows
    that they are gone. What is left is told by the names of the files. Every version of the list
    has a file, so a file that fits none (`urllib3-0.3.tar.gz` is of version 0.2) belongs to the one
    listed version that lacks one. Without a list, a file that fits none makes a version.
    """
    told = _told_by_document(page, info)
    collected: dict[str, list[ReleaseFile]] = {
        version: [] for version in (*(page.versions or ()), *told)
    }
    strays = _assign(page, told, name, collected)
    unassigned = len(strays)
    if page.versions is not None:
        bare = [version for version in page.versions if not collected[version]]
        if len(bare) == 1:
            collected[bare[0]] = strays
            unassigned = 0
    on_page = {file.filename for file in page.files}
    for version, files in told.items():
        collected[version].extend(file for file in files if file.filename not in on_page)
    return {version: tuple(files) for version, files in collected.items()}, unassigned


def newest_version(releases: Releases) -> str:
    """Return the version that a plain install takes, "" where there is none to take.

    Versions with files that are not yanked come first, then final ones before prereleases.
    """
    candidates = [version for version, files in releases.items() if files]
    return max(candidates, key=lambda version: _preference(version, releases[version]), default="")


def _told_by_document(page: ProjectPage, info: ProjectInfo | None) -> Releases:
    if info is None:
        return {}
    outdated = page.serial is not None and info.serial is not None and info.serial < page.serial
    if not outdated:
        return info.releases
    return {version: () for version, files in info.releases.items() if not files}


def _assign(
    page: ProjectPage, told: Releases, name: str, collected: dict[str, list[ReleaseFile]]
) -> list[ReleaseFile]:
    """Add the page's files to their versions; return those that fit none."""
    owners = {file.filename: version for version, files in told.items() for file in files}
    spellings = Spellings(collected)
    listed = page.versions is not None
    strays = []
    # Source archives first: unlike wheels, they spell a version as it was published.
    for file in sorted(page.files, key=lambda file: file.kind != "sdist"):
        spelled = version_in_file_name(file.filename, name)
        version = owners.get(file.filename) or _published(spelled, spellings, listed=listed)
        if not version and spelled and not listed:
            version = spelled
            spellings.add(version)
        if version:
            collected.setdefault(version, []).append(file)
        else:
            strays.append(file)
    return strays


def _published(spelled: str, spellings: Spellings, *, listed: bool) -> str:
    if not spelled:
        return ""
    found = spellings.find(spelled, loosely=listed)
    if not found and listed and parse_version(spelled) is None:
        return spellings.find_prefix(spelled)
    return found


def _preference(spelling: str, files: Sequence[ReleaseFile]) -> tuple[object, ...]:
    version = parse_version(spelling)
    offered = not all(file.yanked for file in files)
    if version is None:
        return offered, 0, spelling
    return offered, 1, not version.is_prerelease, version, spelling
