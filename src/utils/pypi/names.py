"""Project names: PEP 503 gives the one spelling, PEP 508 says what is a name at all."""

from functools import lru_cache

from packaging.utils import InvalidName, canonicalize_name

from src.schemas.errors import InvalidKeyError
from src.utils.keys import admit_key


@lru_cache(maxsize=65_536)
def canonical_name(name: str) -> str:
    """Return the PEP 503 spelling; raises InvalidKeyError on what PEP 508 does not call a name."""
    try:
        canonical = canonicalize_name(name, validate=True)
    except InvalidName as error:
        raise InvalidKeyError(f"not a project name (PEP 508): {name[:80]!r}") from error
    return admit_key(canonical)
