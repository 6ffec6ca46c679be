"""`Repr-Digest` (RFC 9530): the hash of a whole document, also where only a part was sent."""

import base64
import hashlib
import re
from collections.abc import Mapping
from typing import BinaryIO

_SHA256 = re.compile(r'(?:^|[,\s])sha-256=(?:"([^"]*)"|:([^:]*):)', re.IGNORECASE)
_HEX = re.compile(r"[0-9a-fA-F]{64}")
_SHA256_BYTES = 32
_CHUNK_BYTES = 256 * 1024


def announced_sha256(headers: Mapping[str, str]) -> bytes | None:
    """Return the SHA-256 that an answer announces, None where it announces none that can be read.

    Both spellings in use are read: `sha-256=:BASE64:` of the RFC, and `sha-256="BASE64"` of the
    registry's documentation.
    """
    found = _SHA256.search(headers.get("repr-digest", ""))
    if found is None:
        return None
    text = found[1] if found[1] is not None else found[2]
    if _HEX.fullmatch(text):
        return bytes.fromhex(text)
    try:
        digest = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return digest if len(digest) == _SHA256_BYTES else None


def has_sha256(stream: BinaryIO, digest: bytes | None) -> bool:
    """Tell whether what is left of a stream has this digest; None refutes nothing."""
    return digest is None or sha256_of(stream) == digest


def sha256_of(stream: BinaryIO) -> bytes:
    """Return the SHA-256 of what is left of a stream."""
    digest = hashlib.sha256()
    while chunk := stream.read(_CHUNK_BYTES):
        digest.update(chunk)
    return digest.digest()
