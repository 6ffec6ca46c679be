"""Each ecosystem's client as the settings would build it, over a replay server."""

from collections.abc import Callable

from src.cache import FileCache
from src.local_stack.replay.addresses import PREFIXES
from src.schemas.ecosystem import Ecosystem
from src.services.apis.base import RegistryClient
from src.services.apis.cargo_api import CargoClient
from src.services.apis.maven_api import MavenClient
from src.services.apis.npm_api import NpmClient
from src.services.apis.nuget_api import NuGetClient
from src.services.apis.pypi_api import PyPIClient
from src.services.apis.rubygems_api import RubyGemsClient
from src.session import HttpSession

CLIENTS: dict[Ecosystem, Callable[..., RegistryClient[object]]] = {
    Ecosystem.PYPI: PyPIClient,
    Ecosystem.NPM: NpmClient,
    Ecosystem.MAVEN: MavenClient,
    Ecosystem.CARGO: CargoClient,
    Ecosystem.RUBYGEMS: RubyGemsClient,
    Ecosystem.NUGET: NuGetClient,
}


def addresses(ecosystem: Ecosystem, server_url: str) -> dict[str, str]:
    """Return the addresses by the name that the client's constructor gives them."""
    own = {
        setting.removeprefix(f"{ecosystem.upper()}_").lower(): prefix
        for setting, prefix in PREFIXES.items()
        if setting.startswith(f"{ecosystem.upper()}_")
    }
    names = {name: "base_url" if name == "url" else name for name in own}
    return {names[name]: f"{server_url}/{prefix}" for name, prefix in own.items()}


def bases(ecosystem: Ecosystem, server_url: str) -> tuple[str, ...]:
    """Return what a session for this registry may ask."""
    return tuple(addresses(ecosystem, server_url).values())


def build_client(
    ecosystem: Ecosystem, http: HttpSession, server_url: str, cache: FileCache
) -> RegistryClient[object]:
    """Return a client with its own default options."""
    return CLIENTS[ecosystem](http, cache=cache, **addresses(ecosystem, server_url))
