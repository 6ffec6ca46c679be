"""Downloads artifacts to look into them: bounded, and never fatal for the package."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Callable
from typing import BinaryIO, TypeVar, cast

from src.schemas.errors import (
    ArchiveRefusedError,
    ForbiddenAddressError,
    InvalidPayloadError,
    PackageNotFoundError,
    PayloadTooLargeError,
    RequestRefusedError,
)
from src.session import HttpSession

Result = TypeVar("Result")

SMALL_ARTIFACT_BYTES = 2 * 1024 * 1024
"""Artifacts up to this size stay in memory; a file for each would cost more than that."""

_LEFT_OUT = (
    PackageNotFoundError,
    PayloadTooLargeError,
    RequestRefusedError,
    ForbiddenAddressError,
)
_REFUSED = (ArchiveRefusedError, InvalidPayloadError)


class ArtifactReader:
    """Reads artifacts of one registry, `concurrency` at once and up to `max_bytes`; 0 reads none."""

    def __init__(self, http: HttpSession, *, max_bytes: int, concurrency: int) -> None:
        """Take the session of the registry."""
        self._http = http
        self._max_bytes = max_bytes
        self._gate = asyncio.Semaphore(concurrency)

    def admits(self, size: int | None = None) -> bool:
        """Whether an artifact of this size, where it is told, would be read at all."""
        return self._max_bytes > 0 and (size or 0) <= self._max_bytes

    async def read(
        self, url: str, look: Callable[[BinaryIO], Result], counts: Counter[str]
    ) -> Result | None:
        """Return what `look` finds in the artifact, None where it is left out.

        Counts `import_names_skipped` where it is absent, too large or elsewhere, and
        `import_names_refused` where it is hostile, broken or not what was promised. `look` gets a
        seekable stream at its beginning, in a thread. Raises RegistryUnavailableError.
        """
        try:
            async with self._gate:
                with tempfile.SpooledTemporaryFile(max_size=SMALL_ARTIFACT_BYTES) as spool:
                    stream = cast("BinaryIO", spool)
                    await self._http.read_into(url, stream, max_bytes=self._max_bytes)
                    stream.seek(0)
                    return await asyncio.to_thread(look, stream)
        except _LEFT_OUT:
            counts["import_names_skipped"] += 1
        except _REFUSED:
            counts["import_names_refused"] += 1
        return None
