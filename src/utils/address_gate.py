"""Which addresses may be fetched at all: those below a configured base, and no other."""

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import unquote

from src.schemas.errors import ForbiddenAddressError


@dataclass(frozen=True, slots=True)
class Address:
    """An address as the HTTP library understood it, so that nothing is parsed by two rules.

    `port` is None for the scheme's own; `path` is as sent, without the query. `shown` is fit for
    messages: without user and password.
    """

    scheme: str
    host: str
    port: int | None
    path: str
    shown: str


@dataclass(frozen=True, slots=True)
class Base:
    """One configured base; `authorization` is the header value that its user and password make."""

    address: Address
    authorization: str = ""


class AddressGate:
    """Admits what lies below one of the bases."""

    def __init__(self, bases: Collection[Base]) -> None:
        """Sort by path length, so that the closest base decides about credentials."""
        self._bases = sorted(bases, key=lambda base: -len(base.address.path))

    def admit(self, address: Address) -> Base:
        """Return the base that the address lies below, else raise ForbiddenAddressError.

        Paths that step upwards are refused as well, also when the dots are percent-encoded: some
        servers decode before they resolve.
        """
        for base in self._bases:
            if _is_below(address, base.address) and not _climbs(address.path):
                return base
        raise ForbiddenAddressError(
            f"address outside the configured registries: {address.shown}", url=address.shown
        )


def _is_below(address: Address, base: Address) -> bool:
    origin = (address.scheme, address.host, address.port)
    if origin != (base.scheme, base.host, base.port):
        return False
    prefix = base.path.rstrip("/")
    return address.path == prefix or address.path.startswith(f"{prefix}/")


def _climbs(path: str) -> bool:
    if "%" not in path and "/." not in path:
        return False
    segments = unquote(path).replace("\\", "/").split("/")
    return any(segment in {".", ".."} for segment in segments)
