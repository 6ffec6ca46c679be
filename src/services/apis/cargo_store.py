"""Asks the SQLite file that the dump was made into."""

import sqlite3
import threading
import weakref
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from src.schemas.errors import InvalidPayloadError
from src.services.apis.cargo_database import checksum_of
from src.utils.cargo import documents, dump
from src.utils.cargo.documents import CrateLinks, CrateVersion, Dependency, release_date
from src.utils.json_values import clean_text
from src.utils.name_set import NameSet

_KINDS = {0: documents.KIND_NORMAL, 1: documents.KIND_BUILD, 2: documents.KIND_DEV}

_NAMES = "SELECT name FROM crates WHERE revision <> ''"
_PAGE = """
SELECT name, revision FROM crates WHERE name > ? AND revision <> '' ORDER BY name LIMIT ?
"""
_CRATE = "SELECT id, repository, homepage, revision FROM crates WHERE name = ?"
_VERSIONS = """
SELECT id, num, checksum, yanked, created_at, license, rust_version, links FROM versions
WHERE crate_id = ? ORDER BY id
"""
_DEPENDENCIES = """
SELECT coalesce(crates.name, ''), req, kind, optional, target, alias
FROM dependencies LEFT JOIN crates ON crates.id = dependencies.crate_id
WHERE version_id = ? ORDER BY dependencies.id
"""


class CrateStore:
    """All crates of one dump. Every method blocks; several threads may ask at once."""

    def __init__(self, path: Path) -> None:
        """Open the file; raises InvalidPayloadError where it is damaged."""
        self._lock = threading.Lock()
        address = f"file:{quote(str(path))}?mode=ro&immutable=1"
        try:
            self._database = sqlite3.connect(address, uri=True, check_same_thread=False)
            weakref.finalize(self, self._database.close)
            row = self._database.execute("SELECT dump, crates FROM about").fetchone()
        except sqlite3.Error as error:
            raise InvalidPayloadError(f"no usable file of crates: {error}") from error
        if row is None:
            raise InvalidPayloadError("a file of crates that was not finished")
        self.dump = str(row[0])
        self.total = int(row[1])

    def page(self, after: str, size: int) -> list[tuple[str, str]]:
        """Return name and revision of the next crates by name."""
        return self._ask(_PAGE, after, size)

    def names(self) -> Container[str]:
        """Return every name, independent of this store."""
        return NameSet(name for (name,) in self._ask(_NAMES))

    def crate(
        self, name: str, revision: str, known: Mapping[str, str]
    ) -> tuple[tuple[CrateVersion, ...], CrateLinks] | None:
        """Return the versions of a crate, None where the dump does not hold just this state of it.

        Dependencies are left out where `known` says that they were read. A version that is known
        and not here makes the dump the older of the two: then it is not believed.
        """
        rows = self._ask(_CRATE, name)
        if not rows or rows[0][3] != revision:
            return None
        found = [
            self._with_dependencies(row[0], _read_version(row), known)
            for row in self._ask(_VERSIONS, rows[0][0])
        ]
        if not known.keys() <= {version.num for version in found}:
            return None
        return tuple(found), _read_links(rows[0])

    def facts(self, name: str) -> tuple[dict[str, CrateVersion], CrateLinks] | None:
        """Return what the index does not tell of a crate: dates and licences by version, links.

        None where the dump does not know the crate.
        """
        rows = self._ask(_CRATE, name)
        if not rows:
            return None
        versions = map(_read_version, self._ask(_VERSIONS, rows[0][0]))
        return {version.num: version for version in versions}, _read_links(rows[0])

    def _with_dependencies(
        self, key: int, version: CrateVersion, known: Mapping[str, str]
    ) -> CrateVersion:
        if known.get(version.num) == version.source:
            return version
        found = tuple(map(_read_dependency, self._ask(_DEPENDENCIES, key)))
        return replace(version, dependencies=found)

    def _ask(self, statement: str, *values: object) -> list[Any]:
        try:
            with self._lock:
                return self._database.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise InvalidPayloadError(f"the file of crates is damaged: {error}") from error


def _read_version(row: Sequence[Any]) -> CrateVersion:
    _key, num, checksum, yanked, created, *told = row
    license_text, rust_version, links = map(clean_text, told)
    return CrateVersion(
        num=clean_text(num),
        checksum=checksum_of(checksum),
        yanked=yanked == dump.TRUE,
        created=release_date(created),
        license=license_text,
        rust_version=rust_version,
        links=links,
    )


def _read_dependency(row: Sequence[Any]) -> Dependency:
    name, req, kind, optional, target, alias = row
    return Dependency(
        name=name,
        req=clean_text(req),
        kind=_KINDS.get(kind, str(kind)),
        optional=optional == dump.TRUE,
        target=clean_text(target),
        alias=clean_text(alias) if alias != name else "",
    )


def _read_links(row: Sequence[Any]) -> CrateLinks:
    return CrateLinks(clean_text(row[1]), clean_text(row[2]))
