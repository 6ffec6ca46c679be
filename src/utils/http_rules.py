"""What an HTTP answer means to us, told without any HTTP library."""

from base64 import b64encode
from collections.abc import Mapping

from src.schemas.errors import (
    InvalidPayloadError,
    PackageNotFoundError,
    RegistryError,
    RegistryUnavailableError,
    RequestRefusedError,
)
from src.schemas.http import Wish
from src.utils.retry_after import retry_after_seconds

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_GONE = frozenset({404, 410})
_TRANSIENT = frozenset({408, 429})
_PARTIAL = 206
_SERVER_ERROR = 500
_CLIENT_ERROR = 400
_MAX_LENGTH_DIGITS = 19
_CONTACT_LENGTH = 200


def error_for_status(
    status: int, headers: Mapping[str, str], url: str, now: float
) -> RegistryError:
    """Return the error that an answer other than 200 stands for; `now` is in epoch seconds."""
    told = f"HTTP {status}: {url}"
    if status in _GONE:
        return PackageNotFoundError(told, url=url, status=status)
    if status in _TRANSIENT or status >= _SERVER_ERROR:
        wait = retry_after_seconds(headers, now)
        return RegistryUnavailableError(told, url=url, status=status, retry_after=wait)
    if status >= _CLIENT_ERROR:
        return RequestRefusedError(told, url=url, status=status)
    return InvalidPayloadError(f"unexpected {told}", url=url, status=status)


def is_wanted_part(status: int, answered: Mapping[str, str], asked: Mapping[str, str]) -> bool:
    """Tell whether this is the part of a document that was asked for (RFC 9110, section 15.3.7)."""
    wanted = asked.get("range", "").replace("=", " ")
    got = answered.get("content-range", "")
    return status == _PARTIAL and wanted != "" and got.startswith(wanted)


def check_content_type(
    headers: Mapping[str, str], allowed: tuple[str, ...], url: str, status: int
) -> None:
    """Raise InvalidPayloadError where `allowed` names types and the body claims another.

    An error page that comes with status 200 is found out here, before a parser sees it.
    """
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if allowed and media_type not in allowed:
        raise InvalidPayloadError(
            f"got {media_type[:80] or 'no content type'!r} where {', '.join(allowed)} was due: {url}",
            url=url,
            status=status,
        )


def declared_length(headers: Mapping[str, str]) -> int | None:
    """Return the `Content-Length`, None where there is none."""
    value = headers.get("content-length", "")
    if len(value) > _MAX_LENGTH_DIGITS or not (value.isascii() and value.isdecimal()):
        return None
    return int(value)


def product_token(product: str, contact: str) -> str:
    """Return a User-Agent value (RFC 9110, section 10.1.5) with the contact in a comment.

    Whatever could end the comment or the header is left out of the contact.
    """
    printable = (c for c in contact if " " <= c <= "~" and c not in "()\\")
    cleaned = "".join(printable).strip()[:_CONTACT_LENGTH]
    return f"{product} (+{cleaned})" if cleaned else product


def request_headers(agent: str, wish: Wish) -> dict[str, str]:
    """Return the headers of a request. gzip is the one content coding that we read."""
    headers = {
        "accept": wish.get("accept", "*/*"),
        "accept-encoding": "gzip",
        "user-agent": agent,
    }
    if etag := wish.get("etag"):
        headers["if-none-match"] = etag
    if start := wish.get("start"):
        headers["range"] = f"bytes={start}-"
        # A packed part could not be told from a part of something packed.
        headers["accept-encoding"] = "identity"
    headers.update((name.lower(), value) for name, value in (wish.get("headers") or {}).items())
    return headers


def basic_authorization(user: str, password: str) -> str:
    """Return the header value of RFC 7617, "" without a user and password."""
    if not user and not password:
        return ""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()
