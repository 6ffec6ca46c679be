"""Checksums of what was transferred. None is a signature: MD5 stands in documents before 2016."""

import hashlib
from typing import BinaryIO

_CHUNK_BYTES = 256 * 1024


def hex_digest(stream: BinaryIO, algorithm: str = "sha256") -> str:
    """Return the digest of what is left of a stream, in lower-case hexadecimal."""
    digest = hashlib.new(algorithm, usedforsecurity=False)
    while chunk := stream.read(_CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()
