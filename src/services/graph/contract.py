"""What of the graph is contract with its readers, and what is our bookkeeping."""

from src.schemas.ecosystem import Ecosystem

PACKAGE_LABELS = tuple(ecosystem.label for ecosystem in Ecosystem)
VERSION_LABEL = "Version"
NODE_LABELS = (*PACKAGE_LABELS, VERSION_LABEL)
RELATIONSHIPS = ("HAVE", "REQUIRE", "WAS_OF")

VOLATILE_PROPERTIES = frozenset(
    {"moment", "pending", "asked", "unattributed", "discovered", "visible"}
)
"""What tells of our own runs, not of the packages."""
