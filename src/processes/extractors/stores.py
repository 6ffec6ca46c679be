"""The stores that extraction writes to, handed around as one."""

from dataclasses import dataclass

from src.processes.attributor import Attributor, PostponedAttribution
from src.services.graph.package_states import PackageStates
from src.services.graph.package_store import PackageStore
from src.services.graph.state_store import StateStore
from src.services.graph.version_store import VersionStore


@dataclass(frozen=True, slots=True)
class Stores:
    """Packages, their versions, the bookkeeping beside them, and what both tell of their states.

    Without an `attributor` versions are left to a later reconciliation of the advisories.
    """

    packages: PackageStore
    versions: VersionStore
    state: StateStore
    states: PackageStates
    attributor: Attributor | PostponedAttribution | None = None
