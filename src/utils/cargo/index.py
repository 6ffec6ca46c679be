"""A crate's file in the index: one line of JSON a version (Cargo book, "Registry Index")."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from src.schemas.errors import InvalidPayloadError
from src.utils.cargo.documents import KIND_NORMAL, CrateVersion, Dependency, release_date
from src.utils.json_values import clean_text, text

_TEXTS = ("req", "kind", "target", "package", "registry")


@dataclass(frozen=True, slots=True)
class IndexFile:
    """The versions of a crate in the order of their publication, under its own spelling."""

    name: str
    versions: tuple[CrateVersion, ...]
    counts: Mapping[str, int]


def read_index_file(body: bytes, url: str) -> IndexFile:
    """Read a file of the index.

    Raises InvalidPayloadError where one line is no version, or the lines are of several crates: the
    file is then not the whole promised one. A version that is told twice is taken as told last.
    """
    name = ""
    versions: dict[str, CrateVersion] = {}
    counts: Counter[str] = Counter()
    for line in body.splitlines():
        if not line.strip():
            continue
        entry = _load(line, url)
        name = name or text(entry["name"])
        if entry["name"] != name:
            raise InvalidPayloadError(f"an index file of {name!r} and {entry['name']!r}", url=url)
        version = _version(entry)
        counts["repeated_versions"] += version.num in versions
        versions[version.num] = version
    if not versions:
        raise InvalidPayloadError("an index file without a version", url=url)
    return IndexFile(name, tuple(versions.values()), counts)


def _load(line: bytes, url: str) -> dict[str, object]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidPayloadError(f"a line that is not JSON: {error}", url=url) from error
    told = isinstance(entry, dict) and all(text(entry.get(key)) for key in ("name", "vers"))
    if not told:
        raise InvalidPayloadError("a line that is no version of a crate", url=url)
    fields: dict[str, object] = entry
    return fields


def _version(entry: Mapping[str, object]) -> CrateVersion:
    published = entry.get("deps")
    listed: list[object] = published if isinstance(published, list) else []
    dependencies = [(declared, _dependency(declared)) for declared in listed]
    return CrateVersion(
        num=text(entry["vers"]),
        checksum=text(entry.get("cksum")).lower(),
        yanked=entry.get("yanked") is True,
        created=release_date(text(entry.get("pubtime"))),
        rust_version=text(entry.get("rust_version")),
        links=text(entry.get("links")),
        dependencies=tuple(found for _, found in dependencies if found is not None),
        broken=tuple(_as_text(declared) for declared, found in dependencies if found is None),
    )


def _dependency(declared: object) -> Dependency | None:
    """Return a dependency, None for what is none. Absent and null are the same."""
    if not isinstance(declared, dict) or not text(declared.get("name")):
        return None
    fields = {key: declared.get(key) for key in _TEXTS if declared.get(key) is not None}
    if not all(isinstance(value, str) for value in fields.values()):
        return None
    told = {key: text(value) for key, value in fields.items()}
    package = told.get("package", "")
    name = text(declared["name"])
    return Dependency(
        name=package or name,
        req=told.get("req", ""),
        kind=told.get("kind", KIND_NORMAL),
        optional=declared.get("optional") is True,
        target=told.get("target", ""),
        # `name` is the alias where `package` says what crate is meant.
        alias=name if package and package != name else "",
        registry=told.get("registry", ""),
    )


def _as_text(declared: object) -> str:
    return clean_text(json.dumps(declared, ensure_ascii=False, sort_keys=True))
