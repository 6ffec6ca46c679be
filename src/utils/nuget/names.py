"""Package ids: compared without case, so the lower-case form is the one key.

Grammar: `PackageIdValidator` of NuGet.Packaging (words joined by single dots or hyphens); the length is what the public
gallery admits, which is more than today's client.
"""

import re
from functools import lru_cache

from src.schemas.errors import InvalidKeyError
from src.utils.keys import admit_key

MAX_ID_LENGTH = 128

_ID = re.compile(r"\w+(?:[.-]\w+)*")


@lru_cache(maxsize=65_536)
def canonical_name(name: str) -> str:
    """Return the lower-case id; raises InvalidKeyError on what is no package id."""
    if len(name) > MAX_ID_LENGTH or not _ID.fullmatch(name):
        raise InvalidKeyError(f"not a package id of NuGet: {name[:80]!r}")
    return admit_key(_lower_invariant(name))


def _lower_invariant(name: str) -> str:
    # ToLowerInvariant maps character by character, and never one to several.
    if name.isascii():
        return name.lower()
    lowered = ((character, character.lower()) for character in name)
    return "".join(low if len(low) == 1 else character for character, low in lowered)
