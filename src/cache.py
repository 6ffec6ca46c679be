"""Complete listings kept in files across runs and processes, so that they are fetched once an hour.

An entry is a data file and a small JSON file that names it. The JSON file is written last and by a
rename, so an entry is complete or absent whenever a process is killed. Writers of one folder wait
for each other by a lock that ends with its process; readers need none.
"""

import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from src.utils.files import new_part

_FORMAT = 1
_COPY_BYTES = 1024 * 1024
_STALE_PART_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class CachedFile:
    """One entry. `stored_at` is in epoch seconds; `fresh` entries may be used without asking."""

    path: Path
    etag: str
    stored_at: float
    fresh: bool


class FileCache:
    """Files by key in one folder, which is made, for its owner only, when first written to."""

    def __init__(
        self, folder: Path, *, ttl_seconds: float = 3600, clock: Callable[[], float] = time.time
    ) -> None:
        """`clock` tells epoch seconds, since entries outlive the process."""
        self._folder = folder
        self._ttl = ttl_seconds
        self._clock = clock

    def get(self, key: str) -> CachedFile | None:
        """Return the entry, None where there is none or not a whole one.

        Its file stays readable until the key has been stored twice more.
        """
        try:
            meta = json.loads(self._meta_path(key).read_bytes())
            name, size = str(meta["file"]), int(meta["size"])
            etag, stored_at = str(meta["etag"]), float(meta["stored_at"])
            known = meta["format"] == _FORMAT and name.startswith(_hashed(key))
            path = self._folder / name
            if not known or path.parent != self._folder or path.stat().st_size != size:
                return None
        except (FileNotFoundError, NotADirectoryError, ValueError, TypeError, KeyError):
            return None
        # An entry from the future (the clock was set back) is not trusted to be fresh.
        return CachedFile(path, etag, stored_at, 0 <= self._clock() - stored_at < self._ttl)

    def revalidated(self, key: str) -> CachedFile:
        """Note that the entry is still the current one (a 304 came) and return it, fresh again.

        Raises KeyError where the entry has vanished meanwhile.
        """
        with self._locked():
            entry = self.get(key)
            if entry is None:
                raise KeyError(key)
            return self._write_meta(key, entry.path, entry.etag)

    def store(self, key: str, source: Path, *, etag: str) -> CachedFile:
        """Take `source` over (it is moved) as the new content of `key`.

        Raises OSError where the folder cannot be written; the old entry then stays.
        """
        with self._locked():
            before = self.get(key)
            data = self._take_over(key, source)
            entry = self._write_meta(key, data, etag)
            self._sweep(key, {data, before.path if before else data})
        source.unlink(missing_ok=True)
        return entry

    def _take_over(self, key: str, source: Path) -> Path:
        # A copy, because `source` may lie on another file system. The data file has a new name each
        # time: whoever still reads the old one is not disturbed.
        part, sink = new_part(self._folder / _hashed(key))
        try:
            with sink, source.open("rb") as content:
                shutil.copyfileobj(content, sink, _COPY_BYTES)
                sink.flush()
                os.fsync(sink.fileno())
            data = part.with_suffix(".data")
            part.replace(data)
        finally:
            part.unlink(missing_ok=True)
        return data

    def _write_meta(self, key: str, data: Path, etag: str) -> CachedFile:
        now = self._clock()
        meta = {
            "format": _FORMAT,
            "key": key,
            "file": data.name,
            "size": data.stat().st_size,
            "etag": etag,
            "stored_at": now,
        }
        part, sink = new_part(self._meta_path(key))
        try:
            with sink:
                sink.write(json.dumps(meta).encode())
                sink.flush()
                os.fsync(sink.fileno())
            part.replace(self._meta_path(key))
        finally:
            part.unlink(missing_ok=True)
        return CachedFile(data, etag, now, fresh=self._ttl > 0)

    def _sweep(self, key: str, kept: set[Path]) -> None:
        # Under the lock: what superseded entries and killed writers left behind.
        for path in self._folder.glob(f"{_hashed(key)}.*.data"):
            if path not in kept:
                path.unlink(missing_ok=True)
        for path in self._folder.glob("*.part"):
            try:
                age = time.time() - path.stat().st_mtime
            except FileNotFoundError:
                continue
            if age > _STALE_PART_SECONDS:
                path.unlink(missing_ok=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._folder / ".lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # given back when the file is closed
            yield

    def _meta_path(self, key: str) -> Path:
        return self._folder / f"{_hashed(key)}.json"


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
