"""A generated OSV database of several sizes: archives of all records, and one record changed since.

The first records of a larger size are those of a smaller one. Below `/osv/<size>/` lie the archives,
below `/osv/changed/` a list of changes with one row more, and that record alone.
"""

import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from src.local_stack.replay import Document
from src.schemas.ecosystem import Ecosystem

Record = dict[str, Any]

CHANGED = "changed"
PER_PACKAGE = 10
"""Records of one package, which stand one after another."""
VERSIONS = 100
"""Versions of one package, 0.0.0 to 99.0.0."""
WIDE_PACKAGES = 100
"""Packages of PyPI that its first record names."""
WIDE_FIXED, WIDE_FIXED_LATER = 50, 80

_MALWARE_SLOT = PER_PACKAGE - 1
_STEP, _WIDTH = 5, 20
_WITHDRAWN_EVERY = 50
_VECTORS = (
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N",
    "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
)
_DETAILS = "A crafted document makes the parser read beyond the end of its input. " * 14


def version_name(number: int) -> str:
    """Return a version that every ecosystem's order knows."""
    return f"{number}.0.0"


def package_name(ecosystem: Ecosystem, number: int) -> str:
    """Return the canonical name of a package."""
    name = f"bench-package-{number:06}"
    return f"test.bench:{name}" if ecosystem is Ecosystem.MAVEN else name


def share(ecosystem: Ecosystem, size: int) -> int:
    """Return how many records of a database of this size lie in the folder of an ecosystem."""
    place = list(Ecosystem).index(ecosystem)
    return size // len(Ecosystem) + (place < size % len(Ecosystem))


def record_id(ecosystem: Ecosystem, number: int) -> str:
    """Return the id of a record; every tenth is of malware."""
    kind = "MAL" if number % PER_PACKAGE == _MALWARE_SLOT else "GHSA"
    return f"{kind}-bench-{ecosystem.value}-{number:07}"


def record(ecosystem: Ecosystem, number: int, modified: datetime) -> Record:
    """Return a record of an ordinary size; `hits_of` tells which versions it hits."""
    package, slot = divmod(number, PER_PACKAGE)
    names, first, last = [package_name(ecosystem, package)], _STEP * slot, _STEP * slot + _WIDTH
    if _is_wide(ecosystem, number):
        names = [package_name(ecosystem, each) for each in range(WIDE_PACKAGES)]
        first, last = 0, WIDE_FIXED
    entries = [_affected(ecosystem, name, slot, first, last) for name in names]
    withdrawn = {"withdrawn": "2025-01-01T00:00:00Z"} if _is_withdrawn(number) else {}
    malware = slot == _MALWARE_SLOT
    vector = _VECTORS[number % len(_VECTORS)]
    return {
        "schema_version": "1.7.0",
        "id": record_id(ecosystem, number),
        "modified": _stamp(modified),
        "published": "2024-01-01T00:00:00Z",
        **withdrawn,
        # Two records in a row are one vulnerability.
        "aliases": [] if malware else [f"CVE-2024-{ecosystem.value}-{number // 2:07}"],
        "summary": f"{names[0]} reads beyond its input",
        "details": f"{_DETAILS}({number})",
        "severity": [] if malware else [{"type": f"CVSS_V{vector[5]}", "score": vector}],
        "affected": entries,
        "references": [
            {"type": kind, "url": f"https://advisories.test/{ecosystem.value}/{number}/{kind}"}
            for kind in ("ADVISORY", "WEB", "FIX", "PACKAGE")
        ],
        "database_specific": {"severity": "HIGH", "cwe_ids": ["CWE-125"]},
    }


def hits_of(ecosystem: Ecosystem, number: int) -> int:
    """Return how many versions of the package that it stands with a record hits."""
    if _is_withdrawn(number):
        return 0
    if _is_wide(ecosystem, number):
        return WIDE_FIXED
    return 1 if number % PER_PACKAGE == _MALWARE_SLOT else _WIDTH


class OSVRecords:
    """Answers for the archives of some sizes, and for what changed afterwards."""

    def __init__(self, sizes: Sequence[int]) -> None:
        """Make everything; the newest record is a minute old, since a feed at rest is a fault."""
        self._newest = datetime.now(UTC) - timedelta(minutes=1)
        self._documents: dict[str, Document] = {}
        for ecosystem in Ecosystem:
            counts = {size: share(ecosystem, size) for size in sizes}
            packed = [
                (f"{record_id(ecosystem, n)}.json", json.dumps(self._record(ecosystem, n)))
                for n in range(max(counts.values()))
            ]
            for size, count in counts.items():
                path = f"/osv/{size}/{ecosystem.osv_name}/all.zip"
                self._documents[path] = Document(_zip(packed[:count]), "application/zip")
        self._add_change(share(Ecosystem.PYPI, max(sizes)))

    def document(self, path: str, _query: str = "") -> Document | None:
        """Return the document at a path."""
        return self._documents.get(path)

    def _record(self, ecosystem: Ecosystem, number: int) -> Record:
        return record(ecosystem, number, self._modified(number))

    def _modified(self, number: int) -> datetime:
        return self._newest - timedelta(seconds=number)

    def _add_change(self, count: int) -> None:
        """Let the wide record of PyPI say, later, that more versions are affected."""
        wide = record(Ecosystem.PYPI, 0, self._newest + timedelta(seconds=1))
        for entry in wide["affected"]:
            entry.update(
                _affected(Ecosystem.PYPI, entry["package"]["name"], 0, 0, WIDE_FIXED_LATER)
            )
        folder = f"/osv/{CHANGED}/{Ecosystem.PYPI.osv_name}"
        rows = "".join(f"{row}\n" for row in [_row(wide), *self._rows(count)])
        self._documents[f"{folder}/modified_id.csv"] = Document(rows.encode(), "text/csv")
        body = json.dumps(wide).encode()
        self._documents[f"{folder}/{wide['id']}.json"] = Document(body, "application/json")

    def _rows(self, count: int) -> Iterator[str]:
        for number in range(1, count):
            stamp = _stamp(self._modified(number))
            yield f"{stamp},{record_id(Ecosystem.PYPI, number)}"


def _affected(ecosystem: Ecosystem, name: str, slot: int, first: int, last: int) -> Record:
    package = {"ecosystem": ecosystem.osv_name, "name": name}
    if slot == _MALWARE_SLOT:
        return {"package": package, "versions": [version_name(VERSIONS - 1)]}
    semver = ecosystem in (Ecosystem.NPM, Ecosystem.CARGO)
    introduced = version_name(first) if first else "0"
    events = [{"introduced": introduced}, {"fixed": version_name(last)}]
    listed = [] if semver else [version_name(number) for number in range(first, last)]
    return {
        "package": package,
        "ranges": [{"type": "SEMVER" if semver else "ECOSYSTEM", "events": events}],
        "versions": listed,
    }


def _is_wide(ecosystem: Ecosystem, number: int) -> bool:
    return ecosystem is Ecosystem.PYPI and number == 0


def _is_withdrawn(number: int) -> bool:
    return number % _WITHDRAWN_EVERY == _WITHDRAWN_EVERY - 2


def _row(published: Record) -> str:
    return f"{published['modified']},{published['id']}"


def _stamp(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _zip(entries: Sequence[tuple[str, str]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, body in entries:
            archive.writestr(name, body)
    return buffer.getvalue()
