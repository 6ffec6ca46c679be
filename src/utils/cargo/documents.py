"""What the registry says of a crate, the same whether the dump or the index said it."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from src.utils.cargo.library import Library
from src.utils.cargo.versions import order_key

_UTC = re.compile(
    r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|[+-]00(?::?00)?)?", re.ASCII
)
_REVISION_LENGTH = 32

KIND_NORMAL = "normal"
KIND_BUILD = "build"
KIND_DEV = "dev"


@dataclass(frozen=True, slots=True)
class Dependency:
    """One declared dependency. `name` is the crate meant, `alias` what the manifest calls it else.

    `registry` is the address of another registry, "" for this one. The features asked for are left
    out: they say which parts of the crate are built, not which crate is brought in.
    """

    name: str
    req: str
    kind: str = KIND_NORMAL
    optional: bool = False
    target: str = ""
    alias: str = ""
    registry: str = ""


@dataclass(frozen=True, slots=True)
class CrateVersion:
    """One version. Texts are "" where the source does not tell.

    `dependencies` is None where they were not read, because they are known already. `broken` holds
    the entries that are no dependency, as published.
    """

    num: str
    checksum: str
    yanked: bool
    created: str = ""
    license: str = ""
    rust_version: str = ""
    links: str = ""
    dependencies: tuple[Dependency, ...] | None = None
    broken: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """What the dependencies were read from: a published version never changes them."""
        return f"sha256:{self.checksum}" if self.checksum else "a version without checksum"


@dataclass(frozen=True, slots=True)
class CrateLinks:
    """The addresses that the dump tells of a crate as a whole."""

    repository: str = ""
    homepage: str = ""


@dataclass(frozen=True, slots=True)
class CrateDocuments:
    """All that was read of one crate. `links` and `library` are None where they were not."""

    name: str
    versions: tuple[CrateVersion, ...]
    links: CrateLinks | None = None
    library: Library | None = None
    artifact_source: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)


def crate_revision(versions: Iterable[tuple[str, str, bool]]) -> str:
    """Return a digest of number, checksum and yank of all versions: the state of a crate.

    A published version never changes but for its yank, so both sources come to the same digest.
    """
    lines = sorted(f"{num} {checksum} {yanked:d}\n" for num, checksum, yanked in versions)
    return hashlib.sha256("".join(lines).encode("utf-8", "replace")).hexdigest()[:_REVISION_LENGTH]


def newest(versions: Iterable[CrateVersion]) -> CrateVersion | None:
    """Return the version that speaks for the crate: the newest, rather stable and not yanked."""
    ranked = []
    for version in versions:
        key = order_key(version.num)
        stable = key is not None and key[3]
        ranked.append(
            ((not version.yanked, stable, key is not None, key or (), version.num), version)
        )
    return max(ranked, key=lambda entry: entry[0], default=(None, None))[1]


def release_date(published: str) -> str:
    """Return a time as ISO 8601 in UTC, "" for what is no time.

    Cut to the second: that is all that the index keeps of the time that the dump has in full.
    """
    if match := _UTC.fullmatch(published):
        return f"{match[1]}T{match[2]}Z"
    try:
        moment = datetime.fromisoformat(published)
        in_utc = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return ""
    return in_utc.strftime("%Y-%m-%dT%H:%M:%SZ")
