"""How to reach the registries. `open()` yields a client bound to the running event loop."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import dagster as dg

from src.cache import FileCache
from src.services.apis.pypi_api import PyPIClient
from src.session import HttpOptions, http_session, user_agent
from src.settings import get_settings


class RegistryResource(dg.ConfigurableResource):
    """Manners towards one registry; None takes the value from the settings."""

    rate_per_second: float | None = None
    concurrency: int | None = None
    timeout_seconds: float | None = None
    budget_seconds: float | None = None

    def http_options(self) -> HttpOptions:
        """Return the options of this registry's HTTP session."""
        settings = get_settings()

        def chosen(own: float | None, default: float) -> float:
            return default if own is None else own

        return HttpOptions(
            user_agent=user_agent(settings.http_contact),
            rate_per_second=chosen(self.rate_per_second, settings.http_rate_per_second),
            concurrency=int(chosen(self.concurrency, settings.http_concurrency)),
            timeout_seconds=chosen(self.timeout_seconds, settings.http_timeout_seconds),
            budget_seconds=chosen(self.budget_seconds, settings.http_budget_seconds),
        )


class PyPIServiceResource(RegistryResource):
    """The PyPI registry, or a mirror of it."""

    base_url: str | None = None
    files_url: str | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[PyPIClient]:
        """Yield a client and close its connections afterwards."""
        settings = get_settings()
        base = self.base_url or settings.pypi_url
        files = self.files_url or settings.pypi_files_url
        cache = FileCache(settings.cache_dir)
        async with http_session(self.http_options(), bases=(base, files)) as http:
            yield PyPIClient(http, base_url=base, files_url=files, cache=cache)
