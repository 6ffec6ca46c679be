"""A small PyPI that a test fills by hand and changes while it is served."""

import hashlib
import json
from dataclasses import dataclass, field

from src.local_stack.replay import Document

SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"


@dataclass
class Release:
    """One version: what it requires, and how it is marked."""

    requires: tuple[str, ...] = ()
    yanked: str | bool = False
    uploaded: str = "2024-01-01T00:00:00.000000Z"


@dataclass
class Project:
    """One project with its releases in the order of their upload."""

    releases: dict[str, Release] = field(default_factory=dict)
    status: str = "active"
    serial: int = 0


class Shelf:
    """Serves the documents of its projects, made anew for each request."""

    def __init__(self) -> None:
        self.projects: dict[str, Project] = {}
        self.serial = 100
        self.hidden: set[str] = set()
        self.fixed: dict[str, Document] = {}

    def put(self, name: str, *, status: str = "active", **releases: Release | list[str]) -> None:
        """Publish versions of a project (`v1_0=["requires"]`), beside those that it has."""
        project = self.projects.setdefault(name, Project())
        for spelled, release in releases.items():
            version = spelled.removeprefix("v").replace("_", ".")
            made = release if isinstance(release, Release) else Release(tuple(release))
            project.releases[version] = made
        project.status = status
        self._touch(project)

    def drop(self, name: str, version: str) -> None:
        """Delete one version."""
        del self.projects[name].releases[version]
        self._touch(self.projects[name])

    def delete(self, name: str) -> None:
        """Delete a project."""
        del self.projects[name]
        self.serial += 1

    def _touch(self, project: Project) -> None:
        self.serial += 1
        project.serial = self.serial

    def document(self, path: str, _query: str = "") -> Document | None:
        if path in self.fixed:
            return self.fixed[path]
        if path == "/pypi/simple/":
            return self._index()
        parts = path.strip("/").split("/")
        if parts[:2] == ["pypi", "simple"]:
            return self._page(parts[2])
        if parts[:2] == ["pypi", "pypi"] and parts[-1] == "json" and len(parts) == 4:
            return self._info(parts[2])
        if parts[0] == "pypi-files" and path.endswith(".metadata"):
            return self._metadata(parts[-1].removesuffix(".metadata"))
        return None

    def _index(self) -> Document:
        projects = [
            {"name": name, "_last-serial": project.serial}
            for name, project in self.projects.items()
            if project.status != "quarantined" and name not in self.hidden
        ]
        meta = {"api-version": "1.4", "_last-serial": self.serial}
        return _json({"meta": meta, "projects": projects}, SIMPLE_JSON)

    def _page(self, name: str) -> Document | None:
        project = self.projects.get(name)
        if project is None:
            return None
        return _json(
            {
                "meta": {"api-version": "1.4", "_last-serial": project.serial},
                "name": name,
                "project-status": {"status": project.status},
                "versions": list(project.releases),
                "files": [
                    _file(name, version, release) for version, release in project.releases.items()
                ],
            },
            SIMPLE_JSON,
        )

    def _info(self, name: str) -> Document | None:
        project = self.projects.get(name)
        if project is None or not project.releases:
            return None
        info = {"name": name, "version": list(project.releases)[-1], "license_expression": "MIT"}
        return _json({"info": info, "last_serial": project.serial}, "application/json")

    def _metadata(self, filename: str) -> Document | None:
        for name, project in self.projects.items():
            for version, release in project.releases.items():
                if _filename(name, version) == filename:
                    return Document(_metadata(name, version, release), "text/plain")
        return None


def _filename(name: str, version: str) -> str:
    return f"{name.replace('-', '_')}-{version}-py3-none-any.whl"


def _metadata(name: str, version: str, release: Release) -> bytes:
    lines = ["Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Dist: {required}" for required in release.requires]
    return ("\n".join(lines) + "\n\n").encode()


def _file(name: str, version: str, release: Release) -> dict[str, object]:
    filename, metadata = _filename(name, version), _metadata(name, version, release)
    return {
        "filename": filename,
        "url": f"https://files.pypi.test/packages/{filename}",
        "hashes": {"sha256": hashlib.sha256(metadata).hexdigest()},
        "upload-time": release.uploaded,
        "yanked": release.yanked,
        "size": 200 * 1024 * 1024,  # too large to be read for import names
        "core-metadata": {"sha256": hashlib.sha256(metadata).hexdigest()},
    }


def _json(body: object, content_type: str) -> Document:
    return Document(json.dumps(body).encode(), content_type)
