"""What tells one published file of Maven from another: group, artifact, version."""

import re
from dataclasses import dataclass
from functools import lru_cache

from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import InvalidKeyError
from src.utils.purl import make_purl

_ID = re.compile(r"[A-Za-z0-9_.-]+")
"""A group or artifact id, as Maven's DefaultModelValidator has it ("must match …")."""

_VERSION = re.compile(r"""[^\x00-\x20\x7f\\/:"<>|?*${}]{1,200}""")
"""A version that one file can have: without what the validator forbids in file names."""


@dataclass(frozen=True, slots=True, order=True)
class Gav:
    """Group, artifact and version of one POM."""

    group: str
    artifact: str
    version: str

    def __str__(self) -> str:
        """Return `group:artifact:version`, as Maven writes it."""
        return f"{self.group}:{self.artifact}:{self.version}"


def is_id(text: str) -> bool:
    """Tell whether `text` may be a group or artifact id, which become part of a path."""
    return _ID.fullmatch(text) is not None and text.strip(".") != ""


def is_group(text: str) -> bool:
    """Tell whether `text` may be a group id, whose parts between dots become folders."""
    return is_id(text) and "" not in text.split(".")


def is_range(version: str) -> bool:
    """Tell whether a version is a range, which only a list of all versions can resolve."""
    return version.startswith(("[", "("))


def may_be_fetched(gav: Gav) -> bool:
    """Tell whether `gav` names one file: no range, no expression, nothing that leaves its folder."""
    return (
        is_group(gav.group)
        and is_id(gav.artifact)
        and _VERSION.fullmatch(gav.version) is not None
        and gav.version.strip(".") != ""
        and not is_range(gav.version)
    )


@lru_cache(maxsize=65_536)
def package_key(group: str, artifact: str) -> tuple[str, str]:
    """Return name (`group:artifact`) and purl of a package; raises InvalidKeyError on no ids."""
    if not (is_group(group) and is_id(artifact)):
        raise InvalidKeyError(f"no Maven coordinates: {group[:80]!r}:{artifact[:80]!r}")
    name = f"{group}:{artifact}"
    return name, make_purl(Ecosystem.MAVEN, name)
