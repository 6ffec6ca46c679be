"""Addresses of PyPI's documents and files: none can lead off the two configured bases."""

from urllib.parse import quote, unquote, urljoin, urlsplit

from src.schemas.errors import ForbiddenAddressError

_KEPT = "/~:@!$&'()*+,;=-._"


def page_address(base_url: str, name: str) -> str:
    """Return the address of a project's page in the simple index."""
    return f"{base_url}/simple/{quote(name, safe='')}/"


def project_address(base_url: str, name: str) -> str:
    """Return the address of a project's JSON document."""
    return f"{base_url}/pypi/{quote(name, safe='')}/json"


def version_address(base_url: str, name: str, version: str) -> str:
    """Return the address of a version's JSON document.

    Raises ForbiddenAddressError on a version that would climb the path.
    """
    if version in {"", ".", ".."}:
        raise ForbiddenAddressError(f"no address can hold the version {version!r}")
    return f"{base_url}/pypi/{quote(name, safe='')}/{quote(version, safe='')}/json"


def file_address(published: str, page_url: str, base_url: str, files_url: str) -> str:
    """Return where a file lies below `files_url`: the path as published, the host never.

    A relative address is relative to its page (RFC 3986). Raises ForbiddenAddressError on what is
    no web address or has dots, backslashes or control characters in its path.
    """
    try:
        absolute = urljoin(page_url, published)
        parts = urlsplit(absolute)
    except ValueError as error:
        raise ForbiddenAddressError("a file without a usable address") from error
    path = unquote(parts.path)
    odd = "\\" in path or not path.isprintable() or {".", ".."} & set(path.split("/"))
    if parts.scheme not in {"http", "https"} or odd or path[-1:] in {"", "/"}:
        raise ForbiddenAddressError(f"a file without a usable address: {published[:200]!r}")
    # A mirror may serve both below one host, in folders: these are no part of the file's path.
    folder = next((base for base in (files_url, base_url) if absolute.startswith(f"{base}/")), "")
    path = path.removeprefix(urlsplit(folder).path)
    return f"{files_url}/{quote(path.lstrip('/'), safe=_KEPT)}"
