"""Configuration that assets ask for by key. Whatever is left empty comes from the settings."""

from src.dagster_app.resources.extraction import ExtractionResource
from src.dagster_app.resources.queue import MessageStreamResource
from src.dagster_app.resources.registries import PyPIServiceResource
from src.dagster_app.resources.stores import (
    GraphResource,
    PackageServiceResource,
    VersionServiceResource,
)


def default_resources() -> dict[str, object]:
    """Return every resource by its key; nothing is connected before an asset opens it."""
    return {
        "pypi_service": PyPIServiceResource(),
        "package_service": PackageServiceResource(),
        "version_service": VersionServiceResource(),
        "graph_service": GraphResource(),
        "message_stream": MessageStreamResource(),
        "extraction": ExtractionResource(),
    }
