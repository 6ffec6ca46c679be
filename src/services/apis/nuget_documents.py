"""How NuGet's documents are asked for: the service index once, every other below the base."""

import asyncio
from typing import Unpack

from src.schemas.errors import InvalidPayloadError, PackageNotFoundError
from src.schemas.http import HttpResponse, Wish
from src.session import HttpSession
from src.utils.nuget.addresses import (
    Services,
    local_address,
    read_services,
    service_index_address,
)

JSON_TYPE = "application/json"


class NuGetSource:
    """Fetches JSON documents of one registry by their published or local addresses."""

    def __init__(self, http: HttpSession, base_url: str) -> None:
        """Take the address without a trailing slash; nothing is asked yet."""
        self.http = http
        self.base_url = base_url
        self._services: Services | None = None
        self._lock = asyncio.Lock()

    async def services(self) -> Services:
        """Return where the resources lie; the service index is read once."""
        async with self._lock:
            if self._services is None:
                url = service_index_address(self.base_url)
                response = await self.promised(url)
                self._services = read_services(response.body, self.base_url)
            return self._services

    def local(self, published: str, document_url: str) -> str:
        """Return a published address below the base; raises ForbiddenAddressError."""
        return local_address(published, document_url, self.base_url)

    async def get(self, url: str, **wish: Unpack[Wish]) -> HttpResponse:
        """Return a JSON document; raises PackageNotFoundError where there is none."""
        wish.setdefault("accept", JSON_TYPE)
        wish.setdefault("content_types", (JSON_TYPE,))
        return await self.http.get(url, **wish)

    async def promised(self, url: str, **wish: Unpack[Wish]) -> HttpResponse:
        """Return a document that the registry itself names or must have.

        That it is missing says nothing of a package: it raises InvalidPayloadError.
        """
        try:
            return await self.get(url, **wish)
        except PackageNotFoundError as error:
            raise InvalidPayloadError(
                f"the registry lacks a document that it names: {url}", url=url, status=error.status
            ) from error
