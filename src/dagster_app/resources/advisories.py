"""How to reach the advisories: their source, where they are kept, and what attributes them."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import dagster as dg

from src.dagster_app.resources.registries import RegistryResource
from src.processes.attributor import Attributor
from src.services.apis.osv_api import OSVClient
from src.services.dbs.graph_driver import GraphDriver
from src.services.graph.attribution_store import AttributionStore
from src.services.vulnerability.advisory_store import AdvisoryStore, open_advisories
from src.settings import get_settings


class OSVServiceResource(RegistryResource):
    """The OSV database's export, or a mirror of it."""

    base_url: str | None = None

    def open(self) -> AbstractAsyncContextManager[OSVClient]:
        """Yield a client and close its connections afterwards."""
        return self._client(OSVClient, osv_url=self.base_url)


class VulnerabilityServiceResource(dg.ConfigurableResource):
    """The advisory database; its address and credentials come from the settings unless set here."""

    uri: str | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[AdvisoryStore]:
        """Yield the store of advisories; raises StoreUnavailableError where no server answers."""
        settings = get_settings()
        async with open_advisories(
            self.uri or settings.vuln_db_uri,
            settings.vuln_db_user,
            settings.vuln_db_password.get_secret_value(),
        ) as advisories:
            yield advisories


class AttributorResource(dg.ConfigurableResource):
    """What sets the advisories of versions and their scores."""

    def on(self, advisories: AdvisoryStore, graph: GraphDriver) -> Attributor:
        """Return the attributor of an open advisory database and an open graph."""
        return Attributor(advisories, AttributionStore(graph))
