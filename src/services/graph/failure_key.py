"""Names of failed packages as the graph may hold them.

A name may be the very reason of the failure, so it cannot be the key: with a uniqueness constraint
an empty or padded text kills FalkorDB 4.16.
"""

import hashlib

from src.schemas.ecosystem import Ecosystem

MAX_TEXT = 2000
"""Characters kept of a name or detail."""


def failure_key(ecosystem: Ecosystem, name: str) -> str:
    """Return the key of a package's failure, admissible whatever the name is."""
    digest = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()
    return f"{ecosystem.value}/{digest}"


def storable(text: str) -> str:
    """Return `text` with what no engine stores escaped, and cut; most texts come back unchanged."""
    valid = text[:MAX_TEXT].encode(errors="backslashreplace").decode()
    return valid.replace("\0", "\\x00")
