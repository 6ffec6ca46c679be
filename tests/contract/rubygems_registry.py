"""A small RubyGems that a test fills by hand, served as the real one would."""

import base64
import hashlib
import io
import json
import tarfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from src.cache import FileCache
from src.local_stack.replay import Document
from src.local_stack.replay.makers import archive_bytes
from src.schemas.ecosystem import Ecosystem
from src.schemas.http import HttpOptions
from src.services.apis.base import RegistryClient
from src.services.apis.rubygems_api import RubyGemsClient
from src.services.apis.rubygems_gem import RubyGemsOptions
from src.session import http_session
from tests.contract.registry import Published

TEXT, JSON = "text/plain; charset=utf-8", "application/json; charset=utf-8"
PREFIX = "/rubygems"


class FakeRubyGems:
    """The compact index, the API and the gem files of gems that a test publishes.

    A yanked version is simply not there any more: so RubyGems does it. The versions file is
    appended to; `rebuild` builds it anew, as happens once a month. It has one page, so that
    `empty_page` changes nothing.
    """

    ecosystem = Ecosystem.RUBYGEMS
    names = (
        "rack",
        "rake",
        "SexpProcessor",
        "i18n",
        "active_model",
        "net-http-persistent",
        "a.dotted.name",
        "1pass",
        "x",
        "Mixed_Case-1.0",
        "zeitwerk",
        "minitest",
        "tzinfo",
        "_",
    )
    other_spelling = ("SexpProcessor", "SexpProcessor")

    def __init__(self) -> None:
        self.quirks: set[str] = set()
        self._gems: dict[str, dict[str, Published]] = {}
        self._log: list[str] = []
        self._builds = 0

    def publish(self, name: str, versions: Mapping[str, Published]) -> None:
        before = self._gems.get(name, {})
        after = {version: made for version, made in versions.items() if not made.yanked}
        self._gems[name] = after
        tokens = [version for version in after if version not in before]
        tokens += [f"-{version}" for version in before if version not in after]
        for version in after.keys() & before.keys():
            if after[version] != before[version]:
                tokens += [f"-{version}", version]
        self._append(name, tokens)

    def delete(self, name: str) -> None:
        self._append(name, [f"-{version}" for version in self._gems[name]], md5=_md5(b"---\n"))
        del self._gems[name]

    def rebuild(self) -> None:
        """Write the versions file anew, without what was yanked."""
        self._builds += 1
        self._log = []
        for name, versions in sorted(self._gems.items()):
            if versions:
                self._append(name, list(versions))

    def document(self, path: str, query: str = "") -> Document | None:
        kind, _, rest = path.removeprefix(f"{PREFIX}/").partition("/")
        if kind == "versions" and not rest:
            return self._versions()
        if kind == "info":
            return self._info(rest)
        if kind == "gems":
            return self._file(rest.removesuffix(".gem"))
        if rest.startswith("v2/rubygems/"):
            _, _, name, _, version = rest.removesuffix(".json").split("/")
            platform = query.removeprefix("platform=")
            return self._gem(name, f"{version}-{platform}" if platform else version)
        api, _, name = rest.removesuffix(".json").rpartition("/")
        answer = {"v1/gems": self._gem, "v1/versions": self._api_versions}.get(api)
        return None if answer is None else answer(name)

    def listing_path(self) -> str:
        return f"{PREFIX}/versions"

    def package_path(self, name: str) -> str:
        return f"{PREFIX}/info/{name}"

    def open_client(
        self, server_url: str, options: HttpOptions, cache: FileCache
    ) -> AbstractAsyncContextManager[RegistryClient[object]]:
        @asynccontextmanager
        async def opened() -> AsyncIterator[RegistryClient[object]]:
            base = f"{server_url}{PREFIX}"
            async with http_session(options, bases=(base,)) as http:
                yield RubyGemsClient(
                    http, base_url=base, cache=cache, options=RubyGemsOptions(lag_seconds=0.01)
                )

        return opened()

    def _append(self, name: str, tokens: list[str], md5: str = "") -> None:
        body = self._info_body(name)
        self._log.append(f"{name} {','.join(tokens)} {md5 or _md5(body)}\n" if tokens else "")

    def _versions(self) -> Document:
        text = f"created_at: 2026-{self._builds + 1:02}-01T00:00:05Z\n"
        if "unknown_fields" in self.quirks:
            text += "novelty: 1\n"
        log = self._log
        if "repeated_page" in self.quirks and log:
            log = [*log, log[-1]] if "-" not in log[-1].split(" ")[1] else log
        return _text(f"{text}---\n{''.join(log)}".encode())

    def _info(self, name: str) -> Document | None:
        return _text(self._info_body(name)) if name in self._gems else None

    def _info_body(self, name: str) -> bytes:
        lines = [
            self._line(name, version, made) for version, made in self._gems.get(name, {}).items()
        ]
        return "".join(["---\n", *lines]).encode()

    def _line(self, name: str, version: str, made: Published) -> str:
        wanted = ",".join(
            f"{required}:{constraint.replace(', ', '&') or '>= 0'}"
            for required, constraint in made.requires
        )
        checksum = hashlib.sha256(_gem_file(name)).hexdigest()
        return f"{version} {wanted}|checksum:{checksum},created_at:{_date(version)}\n"

    def _api_versions(self, name: str) -> Document | None:
        if name not in self._gems:
            return None
        return self._json(
            [
                {"created_at": _date(version), "licenses": ["MIT"], "platform": platform or "ruby"}
                | {"number": number, "prerelease": False}
                for version in reversed(self._gems[name])
                for number, _, platform in [version.partition("-")]
            ]
        )

    def _gem(self, name: str, version: str = "") -> Document | None:
        versions = self._gems.get(name)
        if not versions or (version and version not in versions):
            return None
        number, _, platform = (version or list(versions)[-1]).partition("-")
        return self._json(
            {
                "name": name,
                "version": number,
                "platform": platform or "ruby",
                "licenses": ["MIT"],
                "source_code_uri": f"https://github.com/owner/{name}",
                "dependencies": {"development": [], "runtime": []},
            }
        )

    def _file(self, file: str) -> Document | None:
        for name, versions in self._gems.items():
            if any(file == f"{name}-{version}" for version in versions):
                return Document(_gem_file(name), "application/octet-stream")
        return None

    def _json(self, body: object) -> Document:
        if "unknown_fields" in self.quirks:
            entries = body if isinstance(body, list) else [body]
            for entry in entries:
                entry["novelty"] = {"x": [1]}
        return Document(json.dumps(body).encode(), JSON)


def _text(body: bytes) -> Document:
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    return Document(body, TEXT, {"repr-digest": f'sha-256="{digest}"'})


def _md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def _date(version: str) -> str:
    return f"2024-01-{1 + sum(version.encode()) % 28:02}T00:00:00Z"


def _gem_file(name: str) -> bytes:
    files = archive_bytes("tar.gz", {f"lib/{name}.rb": ""})
    gemspec = archive_bytes("gz", {"metadata": "require_paths:\n- lib\n"})
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for entry, content in (("metadata.gz", gemspec), ("data.tar.gz", files)):
            info = tarfile.TarInfo(entry)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return packed.getvalue()
