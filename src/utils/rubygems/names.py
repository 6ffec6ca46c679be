"""Gem names and version names: what they may be made of, and how a platform stands in them."""

import re
from functools import lru_cache

from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import InvalidKeyError
from src.utils.keys import admit_key
from src.utils.purl import make_purl

RUBY = "ruby"
"""The platform of a gem that runs anywhere; it stands in no version name."""

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_VERSION_NAME = re.compile(r"[A-Za-z0-9._+-]+")


@lru_cache(maxsize=65_536)
def canonical_name(name: str) -> str:
    """Return the name as it is, for case counts; raises InvalidKeyError on what is no name.

    Letters, digits, ".", "-" and "_" (the registry's `Patterns::NAME_PATTERN`). A name of dots alone
    is refused beyond that: no address could hold it.
    """
    if not _NAME.fullmatch(name) or not name.strip("."):
        raise InvalidKeyError(f"not a gem name: {name[:80]!r}")
    return admit_key(name)


def version_name(number: str, platform: str) -> str:
    """Return the name of a version as the registry spells it: `1.0`, or `1.0-java`."""
    return number if platform in {"", RUBY} else f"{number}-{platform}"


def split_version(name: str) -> tuple[str, str]:
    """Return number and platform of a version's name, which the first "-" parts."""
    number, _, platform = name.partition("-")
    return number, platform or RUBY


@lru_cache(maxsize=65_536)
def package_purl(name: str) -> str:
    """Return the purl of a gem; raises InvalidKeyError."""
    return make_purl(Ecosystem.RUBYGEMS, name)


def version_purl(name: str, version: str) -> str:
    """Return the purl of a version, its platform as a qualifier; raises InvalidKeyError.

    So does a version that could not be part of an address.
    """
    number, platform = split_version(version)
    if not _VERSION_NAME.fullmatch(version) or not number.strip("."):
        raise InvalidKeyError(f"not the name of a version: {version[:80]!r}")
    qualifiers = {} if platform == RUBY else {"platform": platform}
    return make_purl(Ecosystem.RUBYGEMS, name, number, qualifiers=qualifiers)
