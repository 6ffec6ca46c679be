"""Import names: the Java packages that hold classes in a jar.

Not counted are the versioned copies of a multi-release jar and other entries of META-INF (JAR file
specification), module descriptors, and names that the Java language does not allow (JLS 3.8, 3.9),
such as the folders of a web or Spring Boot archive.
"""

import re
from collections.abc import Iterable
from typing import BinaryIO

from src.utils.archives import read_archive

MAX_NAMES = 1000
"""Names kept of one package; thousands of packages say nothing more."""

JAR_PACKAGINGS = frozenset(
    {"jar", "bundle", "maven-plugin", "ejb", "eclipse-plugin", "hk2-jar", "takari-jar", "nbm"}
    | {
        "test-jar",
        "maven-archetype",
        "scala-jar",
        "clojure",
        "swc",
        "osgi-bundle",
        "jenkins-module",
    }
)
"""Packagings whose main artifact is a jar."""

_IDENTIFIER = re.compile(r"[^\W\d]\w*|\$\w*")
_KEYWORDS = frozenset(
    re.findall(
        r"\w+",
        "abstract assert boolean break byte case catch char class const continue default do double"
        " else enum extends final finally float for goto if implements import instanceof int"
        " interface long native new package private protected public return short static strictfp"
        " super switch synchronized this throw throws transient try void volatile while true false"
        " null _",
    )
)
_NO_CLASSES = frozenset({"module-info.class", "package-info.class"})


def read_import_names(jar: BinaryIO) -> tuple[str, ...]:
    """Return the import names of a jar; ArchiveRefusedError where it is hostile or broken."""
    return import_names(read_archive(jar, wanted=_nothing).paths)


def import_names(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the packages of all classes among the entries, sorted; () where there are none."""
    folders = {
        folder
        for folder, slash, name in (path.rpartition("/") for path in paths)
        if slash and name.endswith(".class") and name not in _NO_CLASSES
    }
    names = (folder.split("/") for folder in folders if not folder.startswith("META-INF"))
    fit = {".".join(parts) for parts in names if all(map(_is_identifier, parts))}
    return tuple(sorted(fit)[:MAX_NAMES])


def _is_identifier(part: str) -> bool:
    return _IDENTIFIER.fullmatch(part) is not None and part not in _KEYWORDS


def _nothing(_path: str) -> bool:
    return False
