"""Import names: what a Python program writes after `import` to use a package.

Precedence, of a wheel or a source archive:
1. `Import-Name` of the metadata (PEP 794), without those marked private;
2. a source archive's `top_level.txt`, as its build tool wrote it;
3. the modules and packages at the root of the wheel (also of its `.data/purelib` and `platlib`), or
   of the source archive (in `src/` where there is one, else without tests, docs and the like);
4. a wheel's `top_level.txt`.
A top-level folder without code of its own is a namespace: it is named, and so are the first
packages below it (`google`, `google.cloud.storage`).
"""

import keyword
import re
from collections.abc import Iterable, Sequence
from typing import BinaryIO

from src.schemas.errors import InvalidPayloadError
from src.utils.archives import ArchiveContent, read_archive
from src.utils.pypi.files import ReleaseFile, matches_digest
from src.utils.pypi.metadata import Headers, read_headers

MAX_NAMES = 1000
"""Names kept of one package; a namespace of thousands of packages says nothing more."""

_WANTED = re.compile(
    r"[^/]+\.dist-info/(?:METADATA|top_level\.txt)|[^/]+/PKG-INFO"
    r"|[^/]+/(?:src/|lib/)?[^/]+\.egg-info/top_level\.txt"
)
_MODULE = re.compile(r"([^./]+)(?:\.[\w-]+)*\.(?:py|so|pyd)")
_DATA_ROOT = re.compile(r"[^/]+\.data/(?:purelib|platlib)/")
_NOT_IMPORTED = frozenset(
    {
        "setup",
        "conftest",
        "noxfile",
        "fabfile",
        "tasks",
        "manage",
        "versioneer",
        "ez_setup",
        "test",
        "tests",
        "testing",
        "doc",
        "docs",
        "example",
        "examples",
        "sample",
        "samples",
        "benchmark",
        "benchmarks",
        "bench",
        "scripts",
        "tools",
        "build",
        "dist",
    }
)


def read_import_names(artifact: BinaryIO, file: ReleaseFile) -> tuple[str, ...]:
    """Return the import names of a downloaded artifact, a seekable stream at its beginning.

    Raises InvalidPayloadError where it is not the file that the page describes, ArchiveRefusedError
    where it is hostile or broken.
    """
    if not matches_digest(artifact, file.digest):
        raise InvalidPayloadError(f"{file.filename!r} has another digest")
    artifact.seek(0)
    return import_names(read_archive(artifact, wanted=is_wanted), file.filename)


def is_wanted(path: str) -> bool:
    """Tell whether the content of this entry is needed, beside its path."""
    return _WANTED.fullmatch(path) is not None


def import_names(content: ArchiveContent, filename: str) -> tuple[str, ...]:
    """Return the import names of a wheel or source archive, sorted; () where it has none."""
    wheel = filename.endswith(".whl")
    declared = _declared(content)
    if declared is not None:
        return _admit(declared)
    listed = _top_level(content)
    if not wheel and listed:
        return _admit(listed)
    found = _of_wheel(content.paths) if wheel else _of_sdist(content.paths)
    return _admit(found) or _admit(listed)


def _declared(content: ArchiveContent) -> list[str] | None:
    """Return the public names that the metadata declares, None where it declares none."""
    for path, body in content.files.items():
        if not path.endswith(("/METADATA", "/PKG-INFO")):
            continue
        headers = _headers(body)
        if "import-name" in headers or "import-namespace" in headers:
            entries = (*headers.get("import-name", ()), *headers.get("import-namespace", ()))
            fields = (entry.partition(";") for entry in entries)
            return [name.strip() for name, _, mark in fields if mark.strip() != "private"]
    return None


def _headers(body: bytes) -> Headers:
    try:
        return read_headers(body, "")
    except InvalidPayloadError:
        return {}


def _top_level(content: ArchiveContent) -> list[str]:
    return [
        line.strip().replace("/", ".")
        for path, body in sorted(content.files.items())
        if path.endswith("top_level.txt")
        for line in body.decode("utf-8", "replace").splitlines()
    ]


def _of_wheel(paths: Iterable[str]) -> set[str]:
    inner = (_DATA_ROOT.sub("", path, count=1) for path in paths)
    return _of_root([path for path in inner if ".dist-info/" not in path and ".data/" not in path])


def _of_sdist(paths: Sequence[str]) -> set[str]:
    inner = [path.partition("/")[2] for path in paths]
    below_src = [path.removeprefix("src/") for path in inner if path.startswith("src/")]
    if found := _of_root(below_src):
        return found
    packages = {path.split("/")[0] for path in inner if re.fullmatch(r"[^/]+/__init__\.py", path)}
    modules = {match[1] for path in inner if (match := _MODULE.fullmatch(path))}
    return (packages | modules) - _NOT_IMPORTED


def _of_root(paths: Sequence[str]) -> set[str]:
    """Return the modules and packages that begin at a root, namespaces opened."""
    folders: dict[str, bool] = {}
    names: set[str] = set()
    for path in paths:
        *parents, name = path.split("/")
        module = _MODULE.fullmatch(name)
        if module is None:
            continue
        if not parents:
            names.add(module[1])
        else:
            folder = ".".join(parents)
            folders[folder] = folders.get(folder, False) or module[1] == "__init__"
    for folder, regular in folders.items():
        top, *below = folder.split(".")
        names.add(top)
        if regular and below and not _inside_package(folder, folders):
            names.add(folder)
    return names


def _inside_package(folder: str, folders: dict[str, bool]) -> bool:
    parts = folder.split(".")
    return any(folders.get(".".join(parts[:end]), False) for end in range(1, len(parts)))


def _admit(names: Iterable[str]) -> tuple[str, ...]:
    fit = {name for name in names if all(map(_is_identifier, name.split(".")))}
    return tuple(sorted(fit)[:MAX_NAMES])


def _is_identifier(part: str) -> bool:
    return part.isidentifier() and not keyword.iskeyword(part)
