"""A download that one thread reads while it still grows."""

import io
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from src.schemas.http import StopReading

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_WAIT_SECONDS = 0.5


class Restarted(Exception):  # noqa: N818 - no error: the download began anew, and so must its reader
    """Another attempt at the download has begun."""


class Stopped(Exception):  # noqa: N818 - no error: nobody wants the result any more
    """Whoever wanted the content has given up."""


class Spool:
    """A file that takes a body as a sink, and that `reader` reads at the same time.

    The writer's side (`write`, `seek`, `truncate`, `end`) and the reader's may be in two threads.
    """

    def __init__(self, path: Path) -> None:
        """Make the file; raises OSError where it cannot be written."""
        self._file = path.open("w+b", buffering=0)
        self._changed = threading.Condition()
        self._size = 0
        self._attempt = 0
        self._ended = False
        self._stopped = False
        self._enough = False

    def write(self, data: bytes) -> None:
        """Take the next bytes; raises StopReading once the reader has all it needs."""
        with self._changed:
            if self._enough:
                raise StopReading
            os.pwrite(self._file.fileno(), data, self._size)
            self._size += len(data)
            self._changed.notify_all()

    def seek(self, offset: int) -> None:
        """Go back to the beginning: another attempt begins."""
        with self._changed:
            if self._size > offset:
                self._attempt += 1
                self._size = offset
                self._changed.notify_all()

    def truncate(self) -> None:
        """Forget what stands behind the present place."""
        with self._changed:
            self._file.truncate(self._size)

    def end(self) -> None:
        """Say that the body is complete."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def enough(self) -> None:
        """Say that the reader needs no more: what is still to come is not transferred."""
        with self._changed:
            self._enough = True

    def stop(self) -> None:
        """Let the reader fail with Stopped at its next step."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    @property
    def stopped(self) -> bool:
        """Whether the reader is to give up."""
        return self._stopped

    def close(self) -> None:
        """Close the file, once nobody reads or writes."""
        self._file.close()

    def reader(self) -> io.BufferedReader:
        """Return a stream of the present attempt from its beginning.

        Its reads wait for the writer, and raise Restarted or Stopped.
        """
        with self._changed:
            return io.BufferedReader(_Reader(self, self._attempt), 1024 * 1024)

    def read_at(self, place: int, size: int, attempt: int) -> bytes:
        """Return some bytes of an attempt, waiting until there are any; b"" at the end."""
        with self._changed:
            while True:
                if self._stopped:
                    raise Stopped
                if attempt != self._attempt:
                    raise Restarted
                if place < self._size:
                    # Under the lock, so that no other attempt writes here meanwhile.
                    return os.pread(self._file.fileno(), min(size, self._size - place), place)
                if self._ended:
                    return b""
                self._changed.wait(_WAIT_SECONDS)


class _Reader(io.RawIOBase):
    def __init__(self, spool: Spool, attempt: int) -> None:
        self._spool = spool
        self._attempt = attempt
        self._place = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer)
        data = self._spool.read_at(self._place, len(view), self._attempt)
        view[: len(data)] = data
        self._place += len(data)
        return len(data)
