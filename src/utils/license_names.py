"""Tells the name of a licence from the licence itself, which some packages put in its place."""

MAX_LICENSE_LENGTH = 100
"""Characters. A longer text is the licence itself and not its name."""


def is_license_name(text: str) -> bool:
    """Whether this is one short line."""
    return 0 < len(text) <= MAX_LICENSE_LENGTH and len(text.splitlines()) == 1
