"""The archive of a folder of the OSV database: one JSON document an entry."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from src.schemas.errors import ArchiveRefusedError, InvalidPayloadError
from src.services.apis.osv_feed import is_record_id
from src.utils.zip_entries import ZipEntry, read_zip_entry, zip_entries

_SUFFIX = ".json"
_SLICE_SECONDS = 0.2
_SLICE_BYTES = 8 * 1024 * 1024
_SLICE_RECORDS = 500


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """Bounds of an archive: packed bytes, entries, unpacked bytes of one and of all."""

    bytes: int = 8 * 1024**3
    entries: int = 5_000_000
    entry_bytes: int = 32 * 1024**2
    unpacked_bytes: int = 64 * 1024**3


class Archive:
    """The records of one archive, in flat memory; to be gone through once.

    `broken` tells by the name of its entry why a record could not be read; the others are yielded.
    """

    def __init__(self, fetch: Callable[[], Awaitable[Path]], limits: ArchiveLimits) -> None:
        """`fetch` answers the file, once the first record is asked for."""
        self.broken: dict[str, str] = {}
        self._fetch = fetch
        self._limits = limits

    async def __aiter__(self) -> AsyncIterator[dict[str, Any]]:
        """Yield the records; raises InvalidPayloadError where it is no archive or a damaged one."""
        path = await self._fetch()
        stream = await asyncio.to_thread(path.open, "rb")
        try:
            records = self._records(stream)
            while batch := await asyncio.to_thread(_next_batch, records):
                for _, record in batch:
                    if record is not None:
                        yield record
        except (ArchiveRefusedError, OSError) as error:
            raise InvalidPayloadError(f"not the whole archive: {error}") from error
        finally:
            await asyncio.to_thread(stream.close)

    def _records(self, stream: BinaryIO) -> Iterator[tuple[int, dict[str, Any] | None]]:
        """Yield the size of each entry, with its record where that can be read."""
        unpacked = 0
        for entry in zip_entries(stream, max_entries=self._limits.entries):
            if entry.name.endswith("/"):
                continue
            unpacked += entry.size
            if unpacked > self._limits.unpacked_bytes:
                raise ArchiveRefusedError(f"more than {self._limits.unpacked_bytes} bytes unpacked")
            record = None
            try:
                record = _record(stream, entry, self._limits.entry_bytes)
            except (ArchiveRefusedError, ValueError, RecursionError) as error:
                self.broken[entry.name[:200]] = str(error)[:200]
            yield entry.size, record


def is_whole(path: Path) -> bool:
    """Tell whether a file is an archive whose end is there: a directory that can be read."""
    try:
        with path.open("rb") as stream:
            next(zip_entries(stream, max_entries=ArchiveLimits().entries), None)
    except (ArchiveRefusedError, OSError):
        return False
    return True


def _record(stream: BinaryIO, entry: ZipEntry, max_bytes: int) -> dict[str, Any]:
    record = json.loads(read_zip_entry(stream, entry, max_bytes=max_bytes))
    if not isinstance(record, dict):
        raise ArchiveRefusedError("not a JSON object")
    identity = record.get("id")
    if not isinstance(identity, str) or not is_record_id(identity):
        raise ArchiveRefusedError("a record without an id that can be asked for")
    if f"{identity}{_SUFFIX}" != entry.name.rpartition("/")[2]:
        raise ArchiveRefusedError("the record of another id")
    return record


def _next_batch(
    records: Iterator[tuple[int, dict[str, Any] | None]],
) -> list[tuple[int, dict[str, Any] | None]]:
    """Read on for a moment, so that whoever waits can be cancelled; [] at the end."""
    batch: list[tuple[int, dict[str, Any] | None]] = []
    begun, size = time.monotonic(), 0
    for one in records:
        batch.append(one)
        size += one[0]
        full = len(batch) >= _SLICE_RECORDS or size >= _SLICE_BYTES
        if full or time.monotonic() - begun > _SLICE_SECONDS:
            break
    return batch
