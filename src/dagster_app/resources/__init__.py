"""Configuration that assets ask for by key. Whatever is left empty comes from the settings."""

from src.dagster_app.resources.advisories import (
    AttributorResource,
    OSVServiceResource,
    VulnerabilityServiceResource,
)
from src.dagster_app.resources.extraction import ExtractionResource
from src.dagster_app.resources.queue import MessageQueueResource
from src.dagster_app.resources.registries import (
    CargoServiceResource,
    MavenServiceResource,
    NPMServiceResource,
    NuGetServiceResource,
    PyPIServiceResource,
    RubyGemsServiceResource,
)
from src.dagster_app.resources.stores import (
    GraphResource,
    PackageServiceResource,
    VersionServiceResource,
)


def default_resources() -> dict[str, object]:
    """Return every resource by its key; nothing is connected before an asset opens it."""
    return {
        "pypi_service": PyPIServiceResource(),
        "npm_service": NPMServiceResource(),
        "maven_service": MavenServiceResource(),
        "cargo_service": CargoServiceResource(),
        "rubygems_service": RubyGemsServiceResource(),
        "nuget_service": NuGetServiceResource(),
        "package_service": PackageServiceResource(),
        "version_service": VersionServiceResource(),
        "vulnerability_service": VulnerabilityServiceResource(),
        "attributor": AttributorResource(),
        "osv_service": OSVServiceResource(),
        "graph_service": GraphResource(),
        "message_queue": MessageQueueResource(),
        "extraction": ExtractionResource(),
    }
