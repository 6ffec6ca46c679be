"""What the catalog told so far, in one SQLite file: which ids there are, and when each changed last.

An id is offered while one of its versions is not deleted. That needs the state of every version,
millions of them: each is kept as a 63-bit hash (two of ten million share one with a chance of one in
180,000; that id might then be listed, or not, wrongly). Items may come in any order and repeatedly.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from pathlib import Path

from src.schemas.errors import InvalidKeyError
from src.utils.nuget.catalog import CatalogItem
from src.utils.nuget.names import canonical_name
from src.utils.nuget.versions import normalized_name

_FORMAT = 1
_SCHEMA = """
CREATE TABLE head (ticks INTEGER NOT NULL, complete INTEGER NOT NULL);
INSERT INTO head VALUES (0, 0);
CREATE TABLE packages (
    name TEXT PRIMARY KEY, ticks INTEGER NOT NULL, deleted INTEGER NOT NULL, alive INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX packages_by_time ON packages (ticks, name);
CREATE TABLE versions (
    key INTEGER PRIMARY KEY, ticks INTEGER NOT NULL, deleted INTEGER NOT NULL
);
"""
_TOUCH_PACKAGE = """
INSERT INTO packages VALUES (:name, :ticks, :deleted, :alive)
ON CONFLICT (name) DO UPDATE SET
    alive = alive + excluded.alive,
    deleted = CASE
        WHEN excluded.ticks > ticks THEN excluded.deleted
        WHEN excluded.ticks = ticks THEN min(deleted, excluded.deleted)
        ELSE deleted END,
    ticks = max(ticks, excluded.ticks)
"""
_TOUCH_VERSION = """
INSERT INTO versions VALUES (?, ?, ?)
ON CONFLICT (key) DO UPDATE SET ticks = excluded.ticks, deleted = excluded.deleted
"""


@dataclass(frozen=True, slots=True)
class CatalogRow:
    """An id with the time of its newest item; `deleted` where that item only took something away."""

    name: str
    ticks: int
    deleted: bool


class DamagedStoreError(Exception):
    """The file is none of ours, or broken: it is made anew."""


class CatalogStore:
    """One open file. Its calls block, so they are made in threads, one at a time."""

    def __init__(self, database: sqlite3.Connection) -> None:
        """Take an open database; made by `create`, `temporary` and `open_file`."""
        self._database = database
        self._lock = threading.Lock()
        self.refused = 0
        """Items whose id is no id: they are counted and left out."""

    @classmethod
    def create(cls, path: Path | None) -> "CatalogStore":
        """Make an empty file, or one without a name, which ends with its use."""
        database = _connect(str(path) if path is not None else "")
        database.executescript(_SCHEMA)
        database.execute(f"PRAGMA user_version = {_FORMAT}")
        return cls(database)

    @classmethod
    def open_file(cls, path: Path, *, writable: bool) -> "CatalogStore":
        """Open a file as `create` made it; raises DamagedStoreError on any other."""
        try:
            mode = "rw" if writable else "ro&immutable=1"
            database = _connect(f"{path.absolute().as_uri()}?mode={mode}")
            (found,) = database.execute("PRAGMA user_version").fetchone()
            database.execute("SELECT ticks, complete FROM head").fetchone()
        except sqlite3.Error as error:
            raise DamagedStoreError(str(error)) from error
        if found != _FORMAT:
            database.close()
            raise DamagedStoreError(f"format {found}")
        return cls(database)

    def close(self) -> None:
        """Close the file, once a thread that still works with it has ended its slice."""
        with self._lock:
            self._database.close()

    def take(self, rows: Iterator[CatalogRow], count: int) -> list[CatalogRow]:
        """Return the next of these rows."""
        with self._lock:
            return list(islice(rows, count))

    @property
    def head(self) -> int:
        """Every item up to this time is in here, in ticks."""
        return int(self._database.execute("SELECT ticks FROM head").fetchone()[0])

    @property
    def complete(self) -> bool:
        """Whether the catalog has been read to its head, and was not left off midway."""
        return bool(self._database.execute("SELECT complete FROM head").fetchone()[0])

    def set_head(self, ticks: int, *, complete: bool) -> None:
        """Note how far the catalog was read."""
        with self._database:
            self._database.execute("UPDATE head SET ticks = ?, complete = ?", (ticks, complete))

    def add(self, items: Iterable[CatalogItem]) -> None:
        """Take the items of a page."""
        with self._lock, self._database:
            for item in items:
                try:
                    name = canonical_name(item.id)
                except InvalidKeyError:
                    self.refused += 1
                else:
                    alive = self._touch_version(name, item)
                    row = {"ticks": item.ticks, "deleted": item.deleted, "alive": alive}
                    self._database.execute(_TOUCH_PACKAGE, {"name": name, **row})

    def _touch_version(self, name: str, item: CatalogItem) -> int:
        """Return by how much the number of versions on offer changes."""
        key = _key(name, item.version)
        before = self._database.execute(
            "SELECT ticks, deleted FROM versions WHERE key = ?", (key,)
        ).fetchone()
        if before is not None and before[0] >= item.ticks:
            return 0
        self._database.execute(_TOUCH_VERSION, (key, item.ticks, item.deleted))
        was_there = before is not None and not before[1]
        return int(not item.deleted) - int(was_there)

    def count(self) -> int:
        """Count the ids on offer."""
        query = "SELECT count(*) FROM packages WHERE alive > 0"
        return int(self._database.execute(query).fetchone()[0])

    def offered(self) -> Iterator[CatalogRow]:
        """Yield the ids on offer by name."""
        return self._rows("WHERE alive > 0 ORDER BY name")

    def offered_by_time(self) -> Iterator[CatalogRow]:
        """Yield the ids on offer, those changed last at the end."""
        return self._rows("WHERE alive > 0 ORDER BY ticks, name")

    def by_time(self) -> Iterator[CatalogRow]:
        """Yield every id that an item named, those changed last at the end."""
        return self._rows("ORDER BY ticks, name")

    def _rows(self, which: str) -> Iterator[CatalogRow]:
        rows = self._database.execute(f"SELECT name, ticks, deleted FROM packages {which}")  # noqa: S608
        return (CatalogRow(name, ticks, bool(deleted)) for name, ticks, deleted in rows)


def _connect(name: str) -> sqlite3.Connection:
    # One thread at a time, but not always the same. A file is copied away before it is written, so
    # a journal would guard nothing.
    database = sqlite3.connect(name, uri=name.startswith("file:"), check_same_thread=False)
    database.execute("PRAGMA journal_mode = OFF")
    database.execute("PRAGMA synchronous = OFF")
    return database


def _key(name: str, version: str) -> int:
    text = f"{name}/{normalized_name(version).lower()}"
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest) >> 1
