"""The order of PyPI's versions: PEP 440, as `packaging` has it."""

from packaging.version import Version

from src.utils.pypi.file_names import parse_version


def order_key(version: str) -> Version | None:
    """Return what a version is sorted by, None for a legacy one, which PEP 440 does not order."""
    return parse_version(version)
