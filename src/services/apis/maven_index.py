"""The repository index as one SQLite file: every main artifact, and every package with its revision.

A kept file is never changed: a newer state is made of a copy. All methods block for less than a
second where a count is given; callers run them in threads, one at a time for each object.
"""

import sqlite3
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import Self

from src.schemas.errors import InvalidPayloadError
from src.utils.maven.index import Change
from src.utils.maven.index_properties import Position

_FORMAT = "1"
_SCHEMA = """
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE artifact (name TEXT, version TEXT, kind TEXT, modified INTEGER NOT NULL,
    PRIMARY KEY (name, version, kind)) WITHOUT ROWID;
CREATE TABLE package (name TEXT PRIMARY KEY, revision TEXT NOT NULL, changed INTEGER NOT NULL)
    WITHOUT ROWID;
CREATE INDEX package_changed ON package (changed, name);
CREATE TABLE touched (name TEXT PRIMARY KEY) WITHOUT ROWID;
"""
_VERSIONS = """
SELECT version, coalesce(min(nullif(modified, 0)), 0) FROM artifact WHERE name = ?
GROUP BY version ORDER BY version
"""
_CACHE_KIB = 64 * 1024

Row = tuple[str, str, int]
"""Name, revision ("" where the package is gone) and the chunk with which it changed."""


class IndexFile:
    """A kept state of the index, for reading.

    `position` is the state; changes are known since the chunk `known_since`: what changed with it or
    before has that number. `total` counts the packages.
    """

    def __init__(self, path: Path) -> None:
        """Open the file; raises InvalidPayloadError where it is none of ours, or damaged."""
        self.path = path
        try:
            self._rows = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
            )
            about = dict(self._rows.execute("SELECT key, value FROM about"))
            self.position = Position(about["chain"], int(about["number"]))
            self.known_since = int(about["known_since"])
            self.total = int(about["total"])
            whole = about["format"] == _FORMAT
        except (sqlite3.Error, KeyError, ValueError) as error:
            raise InvalidPayloadError(f"not a kept repository index: {error}") from error
        if not whole:
            raise InvalidPayloadError("a kept repository index of another format")

    def close(self) -> None:
        """Give the file back."""
        self._rows.close()

    def packages(self, after: str, count: int) -> list[Row]:
        """Return up to `count` packages with a name behind `after`, by name."""
        return self._select(
            "SELECT name, revision, changed FROM package WHERE name > ? AND revision != ''"
            " ORDER BY name LIMIT ?",
            (after, count),
        )

    def changed(self, after: tuple[int, str], count: int) -> list[Row]:
        """Return up to `count` packages behind `after` (chunk, name) in the order of their change."""
        return self._select(
            "SELECT name, revision, changed FROM package WHERE (changed, name) > (?, ?)"
            " ORDER BY changed, name LIMIT ?",
            (*after, count),
        )

    def revision(self, name: str) -> str:
        """Return the revision of a package, "" where the index does not have it."""
        rows = self._select("SELECT name, revision, changed FROM package WHERE name = ?", (name,))
        return rows[0][1] if rows else ""

    def versions(self, name: str) -> dict[str, int]:
        """Return the versions of a package with the time (ms) of their oldest main artifact, 0 unknown."""
        try:
            return dict(self._rows.execute(_VERSIONS, (name,)))
        except sqlite3.DatabaseError as error:
            raise self._damaged(error) from error

    def _select(self, statement: str, values: tuple[str | int, ...]) -> list[Row]:
        try:
            return self._rows.execute(statement, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise self._damaged(error) from error

    def _damaged(self, error: sqlite3.DatabaseError) -> InvalidPayloadError:
        """Take the file away, so that the next run fetches the index anew instead of failing too."""
        self.path.unlink(missing_ok=True)
        return InvalidPayloadError(f"the kept repository index is damaged: {error}")


class IndexBuilder:
    """Makes a newer state of the index in a file of its own: of nothing, or of a copy.

    First `add` what the index or its chunks say, then `settle` until it says False, then `finish`.
    """

    def __init__(self, path: Path, position: Position, known_since: int) -> None:
        """`path` is a new file, or the copy of a kept one that is to reach `position`."""
        is_new = not path.exists()
        self._rows = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._position = position
        for pragma in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_CACHE_KIB}"):
            self._rows.execute(f"PRAGMA {pragma}")
        if is_new:
            self._rows.executescript(_SCHEMA)
        self._rows.execute("BEGIN")
        self._about({"known_since": known_since, "total": 0} if is_new else {})

    def __enter__(self) -> Self:
        """Build within a `with` block, so that the file is closed whatever happens."""
        return self

    def __exit__(self, *_raised: object) -> None:
        """Close the file; it is of use only after `finish`."""
        self._rows.close()

    def remember(self, rows: Iterable[Row]) -> None:
        """Take over packages as an earlier state had them, so that what did not change stays unchanged."""
        kept = list(rows)
        self._rows.executemany("INSERT INTO package VALUES (?, ?, ?)", kept)
        self._touch(name for name, _, _ in kept)

    def add(self, changes: list[Change]) -> None:
        """Take what the index or a chunk says, in its order."""
        for change in changes:
            key = (change.name, change.version, change.kind)
            if change.modified is None:
                self._rows.execute(
                    "DELETE FROM artifact WHERE name = ? AND version = ? AND kind = ?", key
                )
            else:
                self._rows.execute(
                    "INSERT OR REPLACE INTO artifact VALUES (?, ?, ?, ?)", (*key, change.modified)
                )
        self._touch(change.name for change in changes)

    def settle(self, number: int, count: int) -> bool:
        """Give up to `count` touched packages their revision, changed with chunk `number`; False at the end.

        The revision is made of versions and their times alone, so that it is the same by whichever way
        a state was reached.
        """
        names = self._rows.execute(
            "SELECT name FROM touched ORDER BY name LIMIT ?", (count,)
        ).fetchall()
        for (name,) in names:
            revision = _revision(self._rows.execute(_VERSIONS, (name,)).fetchall())
            self._rows.execute(
                "INSERT INTO package VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
                " revision = excluded.revision, changed = excluded.changed"
                " WHERE revision != excluded.revision",
                (name, revision, number),
            )
        self._rows.executemany("DELETE FROM touched WHERE name = ?", names)
        return bool(names)

    def finish(self) -> int:
        """Make the file one that can be kept; return how many packages it has."""
        (total,) = self._rows.execute(
            "SELECT count(*) FROM package WHERE revision != ''"
        ).fetchone()
        self._about({"total": total})
        self._rows.execute("COMMIT")
        return int(total)

    def _about(self, more: dict[str, int]) -> None:
        position = {"chain": self._position.chain, "number": self._position.number}
        values = {"format": _FORMAT, **position, **more}
        self._rows.executemany(
            "INSERT OR REPLACE INTO about VALUES (?, ?)",
            [(key, str(value)) for key, value in values.items()],
        )

    def _touch(self, names: Iterable[str]) -> None:
        self._rows.executemany(
            "INSERT OR IGNORE INTO touched VALUES (?)", [(name,) for name in dict.fromkeys(names)]
        )


def _revision(versions: list[tuple[str, int]]) -> str:
    if not versions:
        return ""
    told = "".join(f"{version}\0{modified}\n" for version, modified in versions)
    return f"{len(versions)}-{blake2b(told.encode(), digest_size=12).hexdigest()}"
