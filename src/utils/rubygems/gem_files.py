"""Import names: what a Ruby program writes after `require` to use a gem.

A `.gem` is a tar archive of `metadata.gz` (the gemspec as YAML) and `data.tar.gz` (the files). What
lies below a require path of the gemspec ("lib" unless it names others) can be required by its path
without `.rb`. Named are the files at the shallowest level that has any: `lib/rails.rb` is `rails`;
where only `lib/archive/tar/minitar.rb` and deeper files exist, it is `archive/tar/minitar`.
"""

import posixpath
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

import yaml

from src.schemas.errors import ArchiveRefusedError
from src.utils.archives import ArchiveLimits
from src.utils.rubygems.digests import sha256_of
from src.utils.rubygems.nested_tar import read_nested_tar

MAX_NAMES = 1000
"""Names kept of one gem."""

DEFAULT_REQUIRE_PATHS = ("lib",)

_METADATA = "metadata.gz"
_DATA = "data.tar.gz"
_METADATA_BYTES = 4 * 1024 * 1024
_GZIP = zlib.MAX_WBITS | 16
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FEATURE = re.compile(r"[A-Za-z0-9_][\w.+-]*(?:/[A-Za-z0-9_][\w.+-]*)*", re.ASCII)
_OPENING = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_CLOSING = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
_ENDING_A_NODE = (yaml.ScalarEvent, yaml.AliasEvent, *_CLOSING)
_NEVER_REQUIRED = frozenset({"extconf", "mkrf_conf"})
"""Build scripts that lie at the top of a require path named `ext`."""


def read_import_names(
    gem: BinaryIO, checksum: str, limits: ArchiveLimits | None = None
) -> tuple[str, ...]:
    """Return the import names of a `.gem`, a seekable stream, sorted; () where it has none.

    Raises ArchiveRefusedError where it is not the file that the index describes, or is hostile or
    broken. A checksum that is no SHA-256 refutes nothing.
    """
    gem.seek(0)
    if _SHA256.fullmatch(checksum):
        if sha256_of(gem).hex() != checksum:
            raise ArchiveRefusedError("a gem with another checksum than the index tells")
        gem.seek(0)
    outer, inner = read_nested_tar(
        gem,
        nested=_DATA,
        outer_wanted=lambda path: path == _METADATA,
        inner_wanted=lambda _path: False,
        limits=limits,
    )
    metadata = outer.files.get(_METADATA)
    paths = require_paths(_unpacked(metadata)) if metadata else DEFAULT_REQUIRE_PATHS
    return import_names(inner.paths, paths)


def require_paths(metadata: bytes) -> tuple[str, ...]:
    """Return the require paths of a gemspec in YAML; the default where it cannot be read.

    Only the parser's events are looked at: nothing is built, so that tags and anchors do nothing.
    """
    try:
        events = yaml.parse(metadata, Loader=yaml.CSafeLoader)
        found = _top_level_texts(events, "require_paths")
    except (yaml.YAMLError, ValueError, RecursionError):
        return DEFAULT_REQUIRE_PATHS
    return tuple(filter(None, found)) or DEFAULT_REQUIRE_PATHS


def import_names(files: Iterable[str], require_paths: Sequence[str]) -> tuple[str, ...]:
    """Return what can be required of these files, of the shallowest level that has any."""
    levels: dict[int, set[str]] = {}
    folders = {posixpath.normpath(path) for path in require_paths}
    for file in files:
        for folder in folders:
            name = _feature(file, folder)
            if name:
                levels.setdefault(name.count("/"), set()).add(name)
    return tuple(sorted(levels[min(levels)])[:MAX_NAMES]) if levels else ()


def _feature(file: str, folder: str) -> str:
    prefix = "" if folder == "." else f"{folder}/"
    if not file.startswith(prefix) or not file.endswith(".rb"):
        return ""
    name = file[len(prefix) :].removesuffix(".rb")
    return name if _FEATURE.fullmatch(name) and name not in _NEVER_REQUIRED else ""


def _top_level_texts(events: Iterable[yaml.Event], key: str) -> tuple[str, ...]:
    """Return the texts of the list that stands under `key` in a document's outermost mapping."""
    stream = iter(events)
    depth = nodes = 0
    for event in stream:
        depth += isinstance(event, _OPENING) - isinstance(event, _CLOSING)
        if depth != 1 or not isinstance(event, _ENDING_A_NODE):
            continue
        nodes += 1
        if nodes % 2 and isinstance(event, yaml.ScalarEvent) and event.value == key:
            return _texts(stream)
    return ()


def _texts(stream: Iterator[yaml.Event]) -> tuple[str, ...]:
    first = next(stream)
    if isinstance(first, yaml.ScalarEvent):
        return (first.value,)
    if not isinstance(first, yaml.SequenceStartEvent):
        return ()
    found: list[str] = []
    for event in stream:
        if not isinstance(event, yaml.ScalarEvent):
            break
        found.append(event.value)
    return tuple(found)


def _unpacked(data: bytes) -> bytes:
    """Unpack a gemspec; of one that is longer than any should be, the beginning."""
    reader = zlib.decompressobj(_GZIP)
    try:
        unpacked = reader.decompress(data, _METADATA_BYTES)
    except zlib.error as error:
        raise ArchiveRefusedError(f"broken metadata of a gem: {error}") from error
    if not reader.eof and len(unpacked) < _METADATA_BYTES:
        raise ArchiveRefusedError("metadata of a gem that is cut off")
    return unpacked
