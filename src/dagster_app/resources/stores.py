"""How to reach the graph, and the stores on top of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import dagster as dg

from src.services.dbs.graph_driver import GraphDriver, open_graph
from src.services.graph import migrations
from src.services.graph.package_states import PackageStates
from src.services.graph.package_store import PackageStore
from src.services.graph.state_store import StateStore
from src.services.graph.version_store import VersionStore
from src.settings import get_settings


class GraphResource(dg.ConfigurableResource):
    """The graph database; its address and credentials come from the settings unless set here."""

    uri: str | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[GraphDriver]:
        """Yield a driver on a graph whose migrations are applied, and close it afterwards."""
        settings = get_settings()
        async with open_graph(
            self.uri or settings.graph_db_uri,
            settings.graph_db_user,
            settings.graph_db_password.get_secret_value(),
        ) as graph:
            await migrations.apply(graph)
            yield graph


class PackageServiceResource(dg.ConfigurableResource):
    """Packages in the graph, and the bookkeeping beside them."""

    def on(self, graph: GraphDriver) -> PackageStore:
        """Return the store of packages on an open graph."""
        return PackageStore(graph)

    def state_on(self, graph: GraphDriver) -> StateStore:
        """Return the store of cursors, failures and runs on an open graph."""
        return StateStore(graph)

    def states_on(self, graph: GraphDriver) -> PackageStates:
        """Return what tells the states of packages on an open graph."""
        return PackageStates(graph)


class VersionServiceResource(dg.ConfigurableResource):
    """Versions in the graph with what they require; None takes the value from the settings."""

    keep_development_requirements: bool | None = None

    def on(self, graph: GraphDriver) -> VersionStore:
        """Return the store of versions on an open graph."""
        own = self.keep_development_requirements
        keep = get_settings().keep_development_requirements if own is None else own
        return VersionStore(graph, keep_development=keep)
