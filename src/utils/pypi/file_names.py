"""Which version a file belongs to, told by its name alone.

Needed because the simple index lists the files of all versions in one row. Two and a half decades
of build tools named files in their own ways, so strict rules come first and then tolerant ones.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from packaging.utils import canonicalize_name, canonicalize_version
from packaging.version import Version

_EXTENSION = re.compile(
    r"(?:\.tar\.(?:gz|bz2|xz|Z|lzma)|\.(?:whl|egg|zip|tgz|exe|msi|rpm|deb|dmg|tar|pybundle))$"
)
_PLATFORM = re.compile(
    r"(?:[.-](?:win32|win-|linux-|macosx-|darwin-|cygwin-|noarch$|src$|i[3-6]86$|x86_64$)"
    r"|-py\d).*$",
    re.IGNORECASE,
)
_VERSION_START = re.compile(r"[-_](?=v?\d)")
_SEPARATORS = re.compile(r"[-_.+!]+")
_WHEEL_FIELDS = (5, 6)


@lru_cache(maxsize=65_536)
def parse_version(spelling: str) -> Version | None:
    """Return the PEP 440 version, None where the spelling is a legacy one."""
    try:
        return Version(spelling)
    except ValueError:  # InvalidVersion is one; a number of 4,300 digits is another
        return None


def version_in_file_name(filename: str, project: str) -> str:
    """Return the version that a file name spells, "" where it spells none.

    `project` is the canonical name. Rules: a wheel has it in its second field (PEP 427), any other
    file after the project's name, before a platform.
    """
    stem = _EXTENSION.sub("", filename)
    if filename.endswith(".whl"):
        fields = stem.split("-")
        if len(fields) in _WHEEL_FIELDS and canonicalize_name(fields[0]) == project:
            return fields[1]
    rest = _after_project(stem, project)
    if filename.endswith(".egg"):
        return rest.split("-", 1)[0].replace("_", "-")
    version = _PLATFORM.sub("", rest)
    return version.rpartition("-")[0] or version if filename.endswith(".rpm") else version


def _after_project(stem: str, project: str) -> str:
    for match in re.finditer("[-_]", stem):
        if canonicalize_name(stem[: match.start()]) == project:
            return stem[match.end() :]
    start = _VERSION_START.search(stem)
    return stem[start.end() :] if start else ""


class Spellings:
    """Finds the published spelling of a version that a file name spells in its own way.

    Exact text first, then PEP 440's normal form, then equality (`1.0` is `1.0.0`), then whatever
    is equal but for separators, because file names escape `+`, `!` and `-`.
    """

    def __init__(self, published: Iterable[str]) -> None:
        """Know the versions that a document spells out; the first of equal ones wins."""
        self._forms: tuple[dict[str, str], ...] = ({}, {}, {}, {})
        for spelling in published:
            self.add(spelling)

    def add(self, spelling: str) -> None:
        """Know one more version."""
        for forms, form in zip(self._forms, _forms(spelling), strict=True):
            forms.setdefault(form, spelling)

    def find(self, spelling: str, *, loosely: bool = True) -> str:
        """Return the published spelling of this version, "" where there is none.

        Not `loosely` is by exact text and normal form alone: where file names are all there is,
        `1.0` and `1.0.0` may be two releases.
        """
        forms_asked = _forms(spelling) if loosely else _forms(spelling)[:2]
        for forms, form in zip(self._forms, forms_asked, strict=False):
            if form in forms:
                return forms[form]
        return ""

    def find_prefix(self, text: str) -> str:
        """Return the longest published version that `text` begins with, "" where there is none."""
        for match in reversed(list(_SEPARATORS.finditer(text))):
            if found := self.find(text[: match.start()]):
                return found
        return ""


@lru_cache(maxsize=65_536)
def _forms(spelling: str) -> tuple[str, str, str, str]:
    version = parse_version(spelling)
    normal = str(version) if version else spelling
    equal = canonicalize_version(version) if version else spelling
    return spelling, normal, equal, _SEPARATORS.sub("-", spelling).lower()
