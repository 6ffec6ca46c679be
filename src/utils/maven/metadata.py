"""`maven-metadata.xml` of a package: which versions it has (repository metadata 1.1.0)."""

from dataclasses import dataclass

from src.schemas.errors import InvalidPayloadError
from src.utils.maven.xml import read_xml, text_of


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the metadata tells; `group` and `artifact` are "" where it does not name them."""

    group: str
    artifact: str
    versions: tuple[str, ...]


def read_metadata(body: bytes, url: str) -> Metadata:
    """Return the versions in the document's order, each once.

    Raises InvalidPayloadError where the body is not the metadata of a package: that of a group
    (plugins) or of one snapshot version lists no versions.
    """
    root = read_xml(body, url, "metadata")
    if root.find("versioning/versions") is None:
        raise InvalidPayloadError(f"metadata without a list of versions: {url}", url=url)
    found = [(entry.text or "").strip() for entry in root.iterfind("versioning/versions/version")]
    return Metadata(
        group=text_of(root, "groupId"),
        artifact=text_of(root, "artifactId"),
        versions=tuple(dict.fromkeys(filter(None, found))),
    )


def check_name(metadata: Metadata, name: str, url: str) -> None:
    """Raise InvalidPayloadError where the metadata is that of another package."""
    group, _, artifact = name.partition(":")
    if metadata.group not in {"", group} or metadata.artifact not in {"", artifact}:
        told = f"{metadata.group}:{metadata.artifact}"
        raise InvalidPayloadError(f"the metadata of {told!r}, asked was {name!r}", url=url)
