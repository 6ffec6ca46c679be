"""Where on the replay server each registry's addresses lie."""

PREFIXES = {
    "PYPI_URL": "pypi",
    "PYPI_FILES_URL": "pypi-files",
    "NPM_URL": "npm",
    "NPM_REPLICATE_URL": "npm-replicate",
    "MAVEN_URL": "maven",
    "CARGO_INDEX_URL": "cargo-index",
    "CARGO_STATIC_URL": "cargo-static",
    "RUBYGEMS_URL": "rubygems",
    "NUGET_URL": "nuget",
    "OSV_URL": "osv",
}
"""The first part of every path, by the setting whose base address ends in it."""


def replayed_addresses(server_url: str) -> dict[str, str]:
    """Return the settings that point every registry at the replay server."""
    return {setting: f"{server_url}/{prefix}" for setting, prefix in PREFIXES.items()}
