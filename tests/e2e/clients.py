"""Each ecosystem's client as the settings would build it, over a replay server."""

from collections.abc import Callable
from typing import NamedTuple

from src.cache import FileCache
from src.schemas.ecosystem import Ecosystem
from src.services.apis.base import RegistryClient
from src.services.apis.pypi_api import PyPIClient
from src.session import HttpSession


class _Registry(NamedTuple):
    """A client's class, and which prefix of the replay server each of its addresses has."""

    client: Callable[..., RegistryClient[object]]
    addresses: dict[str, str]


REGISTRIES = {
    Ecosystem.PYPI: _Registry(PyPIClient, {"base_url": "pypi", "files_url": "pypi-files"}),
}


def addresses(ecosystem: Ecosystem, server_url: str) -> dict[str, str]:
    """Return the addresses by the name that the client's constructor gives them."""
    prefixes = REGISTRIES[ecosystem].addresses
    return {name: f"{server_url}/{prefix}" for name, prefix in prefixes.items()}


def bases(ecosystem: Ecosystem, server_url: str) -> tuple[str, ...]:
    """Return what a session for this registry may ask."""
    return tuple(addresses(ecosystem, server_url).values())


def build_client(
    ecosystem: Ecosystem, http: HttpSession, server_url: str, cache: FileCache
) -> RegistryClient[object]:
    """Return a client with its own default options."""
    chosen = REGISTRIES[ecosystem].client
    return chosen(http, cache=cache, **addresses(ecosystem, server_url))
