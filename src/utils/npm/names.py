"""Package names: every name that the registry may still serve, and where its document lies.

The rules are those that `validate-npm-package-name` calls valid for old packages: the registry has
names in capitals and with odd characters that nobody could publish today. Case counts: `JSONStream`
and `jsonstream` are two packages.
"""

import re
from functools import lru_cache
from urllib.parse import quote

from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import InvalidKeyError
from src.utils.purl import make_purl

_FRIENDLY = r"[A-Za-z0-9\-_.!~*'()]+"
"""The characters that JavaScript's `encodeURIComponent` leaves as they are."""

_PLAIN = re.compile(rf"(?![._]){_FRIENDLY}")
_SCOPED = re.compile(rf"@{_FRIENDLY}/(?!\.){_FRIENDLY}")
_RESERVED = frozenset({"node_modules", "favicon.ico"})


@lru_cache(maxsize=65_536)
def canonical_name(name: str) -> str:
    """Return the name as it is; raises InvalidKeyError on what the registry cannot have.

    A name starts with neither a period nor an underscore (behind a scope: not with a period), and
    is made of characters that need no escape in an address, with one slash behind a scope.
    """
    scoped = name.startswith("@")
    if not (_SCOPED if scoped else _PLAIN).fullmatch(name) or name.lower() in _RESERVED:
        raise InvalidKeyError(f"not a package name of npm: {name[:80]!r}")
    if scoped and name[1:].split("/", 1)[0] in {".", ".."}:
        raise InvalidKeyError(f"not a scope of npm: {name[:80]!r}")
    package_purl(name)  # longer than the name: what may be a key here may be one there
    return name


@lru_cache(maxsize=65_536)
def package_purl(name: str) -> str:
    """Return the purl of a package; raises InvalidKeyError where it may not be a key."""
    return make_purl(Ecosystem.NPM, name)


def packument_address(base_url: str, name: str) -> str:
    """Return the address of a package's document: one path segment, whatever the name."""
    return f"{base_url}/{quote(name, safe='@')}"
