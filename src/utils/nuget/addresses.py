"""Addresses: the service index tells where its resources are, and none can lead off the base."""

from dataclasses import dataclass
from urllib.parse import quote, unquote, urljoin, urlsplit

from src.schemas.errors import ForbiddenAddressError, InvalidPayloadError
from src.utils.nuget.values import load_object, objects, text, texts

REGISTRATIONS = "RegistrationsBaseUrl/3.6.0"
"""The one hive that holds SemVer 2 packages; the others answer 404 for well-known packages."""
CATALOG = "Catalog/3.0.0"
PACKAGES = "PackageBaseAddress/3.0.0"

_KEPT = "/~:@!$&'()*+,;=-._"


@dataclass(frozen=True, slots=True)
class Services:
    """Where the resources lie below the base; folders without a trailing slash."""

    registrations: str
    catalog: str
    packages: str

    def registration(self, name: str) -> str:
        """Return the address of a package's registration index."""
        return f"{self.registrations}/{quote(name, safe='')}/index.json"

    def nupkg(self, name: str, version: str) -> str:
        """Return the address of a version's package file; `version` is normal, in any case."""
        lower = quote(version.lower(), safe="")
        plain = quote(name, safe="")
        return f"{self.packages}/{plain}/{lower}/{plain}.{lower}.nupkg"


def service_index_address(base_url: str) -> str:
    """Return the address of the document that names all others."""
    return f"{base_url}/v3/index.json"


def read_services(body: bytes, base_url: str) -> Services:
    """Read the service index.

    Raises InvalidPayloadError where it is none, or lacks a resource that we cannot do without: an
    older form of it is no substitute.
    """
    url = service_index_address(base_url)
    resources: dict[str, str] = {}
    for resource in objects(load_object(body, url).get("resources")):
        for kind in texts(resource.get("@type")):
            resources.setdefault(kind, text(resource.get("@id")))
    missing = [kind for kind in (REGISTRATIONS, CATALOG, PACKAGES) if not resources.get(kind)]
    if missing:
        raise InvalidPayloadError(f"a service index without {', '.join(missing)}", url=url)
    found = (local_address(resources[k], url, base_url) for k in (REGISTRATIONS, CATALOG, PACKAGES))
    registrations, catalog, packages = found
    return Services(registrations.rstrip("/"), catalog, packages.rstrip("/"))


def local_address(published: str, document_url: str, base_url: str) -> str:
    """Return a published address below the base: its path as it is, its host never.

    Query and fragment are left out. Raises ForbiddenAddressError on what is no web address or has
    dots, backslashes or control characters in its path.
    """
    try:
        absolute = urljoin(document_url, published)
        parts = urlsplit(absolute)
    except ValueError as error:
        raise ForbiddenAddressError(f"not an address: {published[:200]!r}") from error
    path = unquote(parts.path)
    odd = "\\" in path or not path.isprintable() or {".", ".."} & set(path.split("/"))
    if parts.scheme not in {"http", "https"} or odd or not path.strip("/"):
        raise ForbiddenAddressError(f"not an address of a document: {published[:200]!r}")
    if absolute.startswith(f"{base_url}/"):
        path = path.removeprefix(urlsplit(base_url).path)
    return f"{base_url}/{quote(path.lstrip('/'), safe=_KEPT)}"
