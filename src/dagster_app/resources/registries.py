"""How to reach the registries. `open()` yields a client bound to the running event loop."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import TypeVar

import dagster as dg

from src.cache import FileCache
from src.services.apis.cargo_api import CargoClient
from src.services.apis.maven_api import MavenClient
from src.services.apis.npm_api import NpmClient
from src.services.apis.nuget_api import NuGetClient
from src.services.apis.pypi_api import PyPIClient
from src.services.apis.rubygems_api import RubyGemsClient
from src.services.apis.rubygems_gem import RubyGemsOptions
from src.session import HttpOptions, http_session, user_agent, without_login
from src.settings import Settings, get_settings

Client = TypeVar("Client")

BLOCKED = frozenset({403, 429})
BLOCKED_SECONDS = 1800.0
"""Maven's operators answer 429, and lately 403, to a whole address, for half an hour."""


class RegistryResource(dg.ConfigurableResource):
    """Manners towards one registry; None takes the value from the settings."""

    rate_per_second: float | None = None
    concurrency: int | None = None
    timeout_seconds: float | None = None
    budget_seconds: float | None = None

    def http_options(self, settings: Settings) -> HttpOptions:
        """Return the options of this registry's HTTP session."""

        def chosen(own: float | None, default: float) -> float:
            return default if own is None else own

        return HttpOptions(
            user_agent=user_agent(settings.http_contact),
            rate_per_second=chosen(self.rate_per_second, settings.http_rate_per_second),
            concurrency=int(chosen(self.concurrency, settings.http_concurrency)),
            timeout_seconds=chosen(self.timeout_seconds, settings.http_timeout_seconds),
            budget_seconds=chosen(self.budget_seconds, settings.http_budget_seconds),
        )

    @asynccontextmanager
    async def _client(
        self, build: Callable[..., Client], **addresses: str | None
    ) -> AsyncIterator[Client]:
        """Yield a client of what the addresses name, those left out being the settings' own.

        Each is given as `<setting>=<own or None>` and reaches the client without its first word:
        `pypi_files_url` is the `files_url` of the client, `pypi_url` its `base_url`.
        """
        settings = get_settings()
        chosen = {name: own or str(getattr(settings, name)) for name, own in addresses.items()}
        # Clients name their addresses in errors and in the cache, where no password may stand.
        given = {_of_client(name): without_login(base) for name, base in chosen.items()}
        cache = FileCache(settings.cache_dir)
        bases = tuple(chosen.values())
        async with http_session(self.http_options(settings), bases=bases) as http:
            yield build(http, cache=cache, **given)


def _of_client(setting: str) -> str:
    name = setting.partition("_")[2]
    return "base_url" if name == "url" else name


class PyPIServiceResource(RegistryResource):
    """The PyPI registry, or a mirror of it."""

    base_url: str | None = None
    files_url: str | None = None

    def open(self) -> AbstractAsyncContextManager[PyPIClient]:
        """Yield a client and close its connections afterwards."""
        return self._client(PyPIClient, pypi_url=self.base_url, pypi_files_url=self.files_url)


class NPMServiceResource(RegistryResource):
    """The npm registry and its replication service, or mirrors of them."""

    base_url: str | None = None
    replicate_url: str | None = None

    def open(self) -> AbstractAsyncContextManager[NpmClient]:
        """Yield a client and close its connections afterwards."""
        return self._client(NpmClient, npm_url=self.base_url, npm_replicate_url=self.replicate_url)


class MavenServiceResource(RegistryResource):
    """A mirror of Maven Central, asked slowly and left alone as soon as it refuses."""

    base_url: str | None = None

    def http_options(self, settings: Settings) -> HttpOptions:
        """Return the options of its session: operators of Maven repositories block whole addresses."""
        slow = self.rate_per_second
        return replace(
            super().http_options(settings),
            rate_per_second=settings.maven_rate_per_second if slow is None else slow,
            breaker_statuses=BLOCKED,
            breaker_seconds=BLOCKED_SECONDS,
        )

    def open(self) -> AbstractAsyncContextManager[MavenClient]:
        """Yield a client and close its connections afterwards."""
        return self._client(MavenClient, maven_url=self.base_url)


class CargoServiceResource(RegistryResource):
    """The index of crates and the files of their registry, or mirrors of them."""

    index_url: str | None = None
    static_url: str | None = None

    def open(self) -> AbstractAsyncContextManager[CargoClient]:
        """Yield a client and close its connections afterwards."""
        return self._client(
            CargoClient, cargo_index_url=self.index_url, cargo_static_url=self.static_url
        )


class RubyGemsServiceResource(RegistryResource):
    """The RubyGems registry, or a mirror of it."""

    base_url: str | None = None

    def open(self) -> AbstractAsyncContextManager[RubyGemsClient]:
        """Yield a client and close its connections afterwards."""
        options = RubyGemsOptions(development=get_settings().keep_development_requirements)
        return self._client(partial(RubyGemsClient, options=options), rubygems_url=self.base_url)


class NuGetServiceResource(RegistryResource):
    """The NuGet registry, or a mirror of it."""

    base_url: str | None = None

    def open(self) -> AbstractAsyncContextManager[NuGetClient]:
        """Yield a client and close its connections afterwards."""
        return self._client(NuGetClient, nuget_url=self.base_url)
