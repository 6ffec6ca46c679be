"""A generated PyPI: many packages of many versions, each document the same on every run."""

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass

from src.local_stack.replay import Document

SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"
PAGE, INFO, FILES = "/pypi/simple/", "/pypi/pypi/", "/pypi-files/packages/"


@dataclass(frozen=True, slots=True)
class Shape:
    """How large the registry is."""

    packages: int = 2_000
    versions: int = 20
    requirements: int = 5


def package_name(number: int) -> str:
    """Return the name of a package."""
    return f"bench-package-{number:06}"


class GeneratedSource:
    """Answers for every document of the registry; what is asked most is made beforehand."""

    def __init__(self, shape: Shape) -> None:
        """Make all documents of a registry of this shape."""
        self.shape = shape
        self._documents: dict[str, Document] = {}
        for number in range(shape.packages):
            self._add_package(number)
        self._add_index()

    def document(self, path: str, _query: str = "") -> Document | None:
        """Return the document at a path."""
        return self._documents.get(path)

    def paths(self) -> list[str]:
        """Return the path of every document that an ingestion asks for."""
        return list(self._documents)

    def _add_index(self) -> None:
        serial = self.shape.packages
        projects = [
            {"name": package_name(number), "_last-serial": number + 1}
            for number in range(self.shape.packages)
        ]
        index = {"meta": {"api-version": "1.4", "_last-serial": serial}, "projects": projects}
        self._add(PAGE, index, SIMPLE_JSON)

    def _add_package(self, number: int) -> None:
        name = package_name(number)
        files = [self._add_version(number, version) for version in range(self.shape.versions)]
        newest = files[-1]
        wheel = _wheel(name)
        newest["hashes"] = {"sha256": hashlib.sha256(wheel).hexdigest()}
        newest["size"] = len(wheel)
        self._documents[FILES + str(newest["filename"])] = Document(wheel, "application/zip")
        serial = number + 1
        page = {
            "meta": {"api-version": "1.4", "_last-serial": serial},
            "name": name,
            "versions": [f"{version}.0" for version in range(self.shape.versions)],
            "files": files,
        }
        self._add(f"{PAGE}{name}/", page, SIMPLE_JSON)
        info = {
            "name": name,
            "version": f"{self.shape.versions - 1}.0",
            "license_expression": "MIT",
            "project_urls": {"Source": f"https://github.test/owner-{number % 100}/{name}"},
        }
        self._add(f"{INFO}{name}/json", {"info": info, "last_serial": serial}, "application/json")

    def _add_version(self, number: int, version: int) -> dict[str, object]:
        name = package_name(number)
        filename = f"{name.replace('-', '_')}-{version}.0-py3-none-any.whl"
        body = self._metadata(number, version)
        self._documents[f"{FILES}{filename}.metadata"] = Document(body, "text/plain")
        return {
            "filename": filename,
            "url": f"https://files.pypi.test/packages/{filename}",
            "hashes": {"sha256": hashlib.sha256(filename.encode()).hexdigest()},
            "requires-python": ">=3.9",
            "size": 10_000,
            "upload-time": f"20{version:02}-01-01T00:00:00.000000Z",
            "yanked": False,
            "core-metadata": {"sha256": hashlib.sha256(body).hexdigest()},
        }

    def _metadata(self, number: int, version: int) -> bytes:
        # As in real packages, requirements change every few versions and not with each.
        era = version // 5
        required = [
            package_name((number * 7 + era * 3 + which * 11 + 1) % self.shape.packages)
            for which in range(self.shape.requirements)
        ]
        lines = [
            "Metadata-Version: 2.4",
            f"Name: {package_name(number)}",
            f"Version: {version}.0",
            "License-Expression: MIT",
            "Requires-Python: >=3.9",
            *(
                f"Requires-Dist: {other} (>={era}.{which},<{era + 2})"
                for which, other in enumerate(required)
            ),
        ]
        return ("\n".join(lines) + "\n\n").encode()

    def _add(self, path: str, body: object, content_type: str) -> None:
        self._documents[path] = Document(json.dumps(body).encode(), content_type)


def _wheel(name: str) -> bytes:
    module = name.replace("-", "_")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for entry in (f"{module}/__init__.py", f"{module}-1.dist-info/RECORD"):
            archive.writestr(zipfile.ZipInfo(entry, (2000, 1, 1, 0, 0, 0)), "")
    return buffer.getvalue()
