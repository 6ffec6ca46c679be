"""The two documents of a project: its page in the simple index and its JSON document.

Each reader raises InvalidPayloadError on what is not the promised document, so that an error page
is never taken for a project without versions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from src.schemas.errors import InvalidKeyError, InvalidPayloadError
from src.utils.json_values import load_object, mapping, text, texts, whole_number
from src.utils.pypi.files import ReleaseFile, read_file
from src.utils.pypi.licenses import choose_license
from src.utils.pypi.metadata import VersionMetadata
from src.utils.pypi.names import canonical_name


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """A page of the simple index (PEP 691, PEP 700, PEP 792).

    `versions` is None where an older page does not list them; `serial` None where the page does not
    tell; `status` "" likewise.
    """

    name: str
    serial: int | None
    files: tuple[ReleaseFile, ...]
    versions: tuple[str, ...] | None
    status: str = ""
    status_reason: str = ""


@dataclass(frozen=True, slots=True)
class ProjectInfo:
    """The JSON document of a project or of one of its versions.

    `name` is as published ("" where it is missing), `version` the one that `requires_dist` and
    `license` are of. `project_urls` and `home_page`
    are as published. `releases` lists every version with its files, in a project's document only.
    """

    name: str
    serial: int | None
    version: str
    requires_dist: tuple[str, ...]
    license: str
    project_urls: Mapping[str, str]
    home_page: str
    releases: Mapping[str, tuple[ReleaseFile, ...]]
    status: str = ""
    status_reason: str = ""


@dataclass(frozen=True, slots=True)
class PyPIDocuments:
    """All that was fetched of one package, read but not yet interpreted.

    `metadata` holds, by version, what was fetched this time; a version that is missing there has
    not changed. `artifact_names` and `artifact_source` are import names and the file they were read
    from, None and "" where none was read.
    """

    name: str
    revision: str
    page: ProjectPage
    info: ProjectInfo | None
    releases: Mapping[str, tuple[ReleaseFile, ...]]
    metadata: Mapping[str, VersionMetadata]
    artifact_names: tuple[str, ...] | None = None
    artifact_source: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)


def read_page(body: bytes, url: str) -> ProjectPage:
    """Read a project's page of the simple index in its JSON form."""
    document = load_object(body, url)
    files = document.get("files")
    name = text(document.get("name"))
    if not isinstance(files, list) or not name or not isinstance(document.get("meta"), dict):
        raise InvalidPayloadError("not a project page (PEP 691)", url=url)
    versions = document.get("versions")
    status, reason = _status(document)
    return ProjectPage(
        name=name,
        serial=whole_number(mapping(document["meta"]).get("_last-serial")),
        files=tuple(read_file(entry, url) for entry in files),
        versions=texts(versions) if isinstance(versions, list) else None,
        status=status,
        status_reason=reason,
    )


def read_info(body: bytes, url: str) -> ProjectInfo:
    """Read the JSON document of a project, or of one of its versions."""
    document = load_object(body, url)
    if not any(isinstance(document.get(key), dict) for key in ("info", "releases")):
        raise InvalidPayloadError("not a project document", url=url)
    info = mapping(document.get("info"))
    status, reason = _status(document)
    return ProjectInfo(
        name=text(info.get("name")),
        serial=whole_number(document.get("last_serial")),
        version=text(info.get("version")),
        requires_dist=texts(info.get("requires_dist")),
        license=choose_license(
            text(info.get("license_expression")),
            text(info.get("license")),
            texts(info.get("classifiers")),
        ),
        project_urls={
            label: text(address) for label, address in mapping(info.get("project_urls")).items()
        },
        home_page=text(info.get("home_page")),
        releases={
            text(version): tuple(read_file(entry, url) for entry in _entries(files))
            for version, files in mapping(document.get("releases")).items()
            if version
        },
        status=status,
        status_reason=reason,
    )


def check_name(published: str, name: str, url: str) -> None:
    """Raise InvalidPayloadError where a document is that of another project."""
    try:
        found = canonical_name(published)
    except InvalidKeyError as error:
        raise InvalidPayloadError(
            f"a document without a name: {published[:80]!r}", url=url
        ) from error
    if found != name:
        raise InvalidPayloadError(f"the document of {found!r}, asked was {name!r}", url=url)


def _entries(files: object) -> list[object]:
    return files if isinstance(files, list) else []


def _status(document: Mapping[str, object]) -> tuple[str, str]:
    status = mapping(document.get("project-status"))
    return text(status.get("status")), text(status.get("reason"))
