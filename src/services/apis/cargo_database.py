"""The dump as one SQLite file: built once a day, then asked crate by crate."""

import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import groupby, islice
from pathlib import Path

from src.schemas.errors import InvalidKeyError, InvalidPayloadError
from src.services.apis.cargo_spool import Restarted, Spool, Stopped
from src.utils.cargo import dump
from src.utils.cargo.documents import crate_revision
from src.utils.cargo.names import canonical_name

logger = logging.getLogger(__name__)

FORMAT = 1
"""Raised with every change of the tables below, so that no file of another form is read."""

_BATCH = 5_000
_PROGRESS_ROWS = {dump.CRATES: 10_000, dump.VERSIONS: 200_000, dump.DEPENDENCIES: 1_000_000}
_STEPS_BETWEEN_LOOKS = 100_000

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -65536;
CREATE TABLE about (dump TEXT NOT NULL, crates INTEGER NOT NULL) STRICT;
CREATE TABLE crates (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, repository TEXT NOT NULL,
    homepage TEXT NOT NULL, revision TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE versions (
    crate_id INTEGER, id INTEGER, num TEXT NOT NULL, checksum TEXT NOT NULL, yanked TEXT NOT NULL,
    created_at TEXT NOT NULL, license TEXT NOT NULL, rust_version TEXT NOT NULL, links TEXT NOT NULL,
    PRIMARY KEY (crate_id, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE dependencies (
    version_id INTEGER, id INTEGER, crate_id INTEGER NOT NULL, req TEXT NOT NULL,
    kind INTEGER NOT NULL, optional TEXT NOT NULL, target TEXT NOT NULL, alias TEXT NOT NULL,
    PRIMARY KEY (version_id, id)
) STRICT, WITHOUT ROWID;
"""

_INSERT = {
    dump.CRATES: "INSERT OR REPLACE INTO crates (id, name, repository, homepage) VALUES (?,?,?,?)",
    dump.VERSIONS: "INSERT OR REPLACE INTO versions VALUES (?,?,?,?,?,?,?,?,?)",
    dump.DEPENDENCIES: "INSERT OR REPLACE INTO dependencies VALUES (?,?,?,?,?,?,?,?)",
}


def checksum_of(stored: str) -> str:
    r"""Return a checksum as the index writes it; a column of bytes comes as `\x…`."""
    return stored.removeprefix("\\x").lower()


def build_database(spool: Spool, path: Path, url: str) -> None:
    """Read the dump that arrives in `spool` into a new SQLite file at `path`. Blocks; for a thread.

    Begins anew whenever the download does. Raises InvalidPayloadError on a dump that is not whole,
    Stopped when the spool is; what stands at `path` is of use only after neither.
    """
    try:
        while True:
            path.unlink(missing_ok=True)
            try:
                _build(spool, path, url)
            except Restarted:
                continue
            return
    finally:
        spool.enough()


def _build(spool: Spool, path: Path, url: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.executescript(_SCHEMA)
        with _stoppable(database, spool, url):
            database.execute("BEGIN")
            name = ""
            for table in dump.read_dump(spool.reader(), url):
                name = table.dump
                rows = _usable(table.rows) if table.name == dump.CRATES else table.rows
                _insert(database, table.name, rows, spool)
            spool.enough()
            _add_revisions(database, spool)
            count = "SELECT ?, count(*) FROM crates WHERE revision <> ''"
            database.execute(f"INSERT INTO about {count}", (name,))
            database.execute("COMMIT")


@contextmanager
def _stoppable(database: sqlite3.Connection, spool: Spool, url: str) -> Iterator[None]:
    # A long statement looks every few milliseconds whether it is still wanted.
    database.set_progress_handler(lambda: spool.stopped, _STEPS_BETWEEN_LOOKS)
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.DataError) as error:
        raise InvalidPayloadError(
            f"a dump with a row of the wrong kind: {error}", url=url
        ) from error
    except sqlite3.OperationalError as error:
        if spool.stopped:
            raise Stopped from error
        raise


def _usable(rows: Iterator[dump.Row]) -> Iterator[dump.Row]:
    refused = 0
    for row in rows:
        try:
            canonical_name(row[1])
        except InvalidKeyError:
            refused += 1
        else:
            yield row
    if refused:
        logger.warning("crates dump: %d crates have no usable name", refused)


def _insert(
    database: sqlite3.Connection, table: str, rows: Iterator[dump.Row], spool: Spool
) -> None:
    read, step = 0, _PROGRESS_ROWS[table]
    while batch := list(islice(rows, _BATCH)):
        if spool.stopped:
            raise Stopped
        database.executemany(_INSERT[table], batch)
        if read // step != (read + len(batch)) // step:
            logger.info("crates dump: %d %s read", (read + len(batch)) // step * step, table)
        read += len(batch)


def _add_revisions(database: sqlite3.Connection, spool: Spool) -> None:
    """Give each crate the digest of its state; one without versions is offered to nobody."""
    rows = database.execute(
        "SELECT crate_id, num, checksum, yanked FROM versions ORDER BY crate_id"
    )
    digests = (
        (crate_revision(map(_state, group)), crate) for crate, group in groupby(rows, _crate_of)
    )
    while batch := list(islice(digests, _BATCH)):
        if spool.stopped:
            raise Stopped
        database.executemany("UPDATE crates SET revision = ? WHERE id = ?", batch)


def _crate_of(row: Sequence[object]) -> object:
    return row[0]


def _state(row: Sequence[str]) -> tuple[str, str, bool]:
    return row[1], checksum_of(row[2]), row[3] == dump.TRUE
