"""The facts of one published package.json, as the registry keeps it in a packument."""

import re
from collections.abc import Iterable, Mapping

from src.schemas.package import Fact
from src.utils.json_values import clean_text, mapping, text, texts
from src.utils.license_names import is_license_name
from src.utils.npm.versions import is_prerelease, order_key
from src.utils.repo_normalizer import normalize_repository_url

MAX_IMPORT_NAMES = 1_000
"""Import names of one package that are kept, in their order: some export a path for each icon."""

_INSTALL_SCRIPTS = ("preinstall", "install", "postinstall")
_SHORTHAND = re.compile(r"[\w.-]+/[\w.-]+(?:#.*)?")
_NODE = re.compile(r"\s*node\b\s*(.*)", re.DOTALL)


def version_facts(name: str, manifest: Mapping[str, object]) -> dict[str, Fact]:
    """Return the facts of a version; `deprecated` is "" where it is not, since that may end."""
    facts: dict[str, Fact] = {"deprecated": deprecation(manifest)}
    if license_name := read_license(manifest):
        facts["license"] = license_name
    key = order_key(name)
    if key is not None:
        facts["prerelease"] = is_prerelease(key)
    if _has_install_script(manifest):
        facts["has_install_script"] = True
    if bundled := _bundled(manifest):
        facts["bundled"] = bundled
    if engines := _engines_node(manifest.get("engines")):
        facts["engines_node"] = engines
    return facts


def deprecation(manifest: Mapping[str, object]) -> str:
    """Return the message of a deprecation, "" where there is none.

    Old documents hold `false`, "" or `true` here; npm shows a message only where there is one.
    """
    value = manifest.get("deprecated")
    if value is True:
        return "deprecated"
    return text(value).strip()


def read_license(document: Mapping[str, object]) -> str:
    """Return the licence's name, "" where none is told: a text, `{type}`, or a list of these."""
    for key in ("license", "licenses"):
        value = document.get(key)
        names = [_license_name(entry) for entry in (value if isinstance(value, list) else [value])]
        told = ", ".join(dict.fromkeys(name for name in names if name))
        if is_license_name(told):
            return told
    return ""


def read_repository(document: Mapping[str, object]) -> str:
    """Return the normalised address of the repository, "" where none on a known forge is named.

    A text, an object with `url`, or (in old manifests) a list of these; `owner/name` alone stands
    for GitHub, as npm has it.
    """
    value = document.get("repository")
    for entry in value if isinstance(value, list) else [value]:
        address = text(mapping(entry).get("url") if isinstance(entry, dict) else entry).strip()
        if _SHORTHAND.fullmatch(address):
            address = f"github:{address.partition('#')[0]}"
        if found := normalize_repository_url(address):
            return found
    return ""


def import_names(name: str, manifest: Mapping[str, object]) -> list[str]:
    """Return what of the package can be imported by name: itself and its explicit subpaths.

    Node's `exports` (Packages, "Subpath exports"): keys that begin with "./"; those with a pattern
    or a folder name no one path, and null hides a path.
    """
    exports = mapping(manifest.get("exports"))
    subpaths = (
        clean_text(key[2:])
        for key, target in exports.items()
        if key.startswith("./") and "*" not in key and not key.endswith("/") and target is not None
    )
    found = [name, *(f"{name}/{subpath}" for subpath in subpaths)]
    return sorted(set(found))[:MAX_IMPORT_NAMES]


def _license_name(value: object) -> str:
    if isinstance(value, dict):
        value = value.get("type") or value.get("name")
    return text(value).strip()


def _has_install_script(manifest: Mapping[str, object]) -> bool:
    scripts = mapping(manifest.get("scripts"))
    told = manifest.get("hasInstallScript") is True
    return told or any(scripts.get(script) for script in _INSTALL_SCRIPTS)


def _bundled(manifest: Mapping[str, object]) -> list[str]:
    # npm takes both spellings; `true` stands for all dependencies.
    for key in ("bundleDependencies", "bundledDependencies"):
        value = manifest.get(key)
        if value is True:
            value = list(mapping(manifest.get("dependencies")))
        if names := _distinct(texts(value)):
            return names
    return []


def _engines_node(engines: object) -> str:
    # Old manifests hold a list such as ["node >= 0.6"].
    if isinstance(engines, dict):
        return text(engines.get("node")).strip()
    matches = (_NODE.fullmatch(entry) for entry in texts(engines))
    return next((match[1].strip() for match in matches if match and match[1].strip()), "")


def _distinct(names: Iterable[str]) -> list[str]:
    return sorted(set(names))
