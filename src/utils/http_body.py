"""Takes a response body apart as it arrives: gzip, its true length, and a limit on both."""

import zlib
from collections.abc import AsyncIterable, Callable, Mapping

from src.schemas.errors import (
    InvalidPayloadError,
    PayloadTooLargeError,
    RegistryUnavailableError,
)
from src.utils.http_rules import declared_length

_STEP = 256 * 1024
_GZIP = zlib.MAX_WBITS | 16
CODINGS = ("", "identity", "gzip", "x-gzip")


async def read_body(
    chunks: AsyncIterable[bytes],
    headers: Mapping[str, str],
    write: Callable[[bytes], object],
    *,
    limit: int,
    url: str,
) -> None:
    """Pass the decoded body on to `write`.

    Raises PayloadTooLargeError (before anything is read where the length is declared),
    RegistryUnavailableError for a body that was cut off, InvalidPayloadError for a broken one.
    """
    length = declared_length(headers)
    if length is not None and length > limit:
        raise PayloadTooLargeError(f"{length} bytes, allowed are {limit}: {url}", url=url)
    coding = headers.get("content-encoding", "").strip().lower()
    body = BodyReader(write, coding=coding, limit=limit, url=url)
    async for chunk in chunks:
        body.feed(chunk)
    if not body.complete(length):
        raise RegistryUnavailableError(f"body cut off after {body.raw_bytes} bytes: {url}", url=url)


class BodyReader:
    """Decodes one body into `write`, never holding more than a step of decoded bytes.

    `limit` bounds the decoded bytes. The HTTP library would inflate a chunk of the network whole
    before anyone could look at its size, up to a thousandfold; zlib is therefore called here, with
    a bound on its output.
    """

    __slots__ = ("_inflate", "_limit", "_url", "_write", "decoded_bytes", "raw_bytes")

    def __init__(
        self, write: Callable[[bytes], object], *, coding: str, limit: int, url: str
    ) -> None:
        """Raises InvalidPayloadError for a content coding that was never asked for."""
        if coding not in CODINGS:
            raise InvalidPayloadError(f"unknown content coding {coding[:40]!r}: {url}", url=url)
        self._inflate = zlib.decompressobj(_GZIP) if coding.endswith("gzip") else None
        self._write = write
        self._limit = limit
        self._url = url
        self.raw_bytes = 0
        self.decoded_bytes = 0

    def feed(self, data: bytes) -> None:
        """Take the next bytes from the network.

        Raises PayloadTooLargeError above the limit, InvalidPayloadError for broken gzip.
        """
        self.raw_bytes += len(data)
        if self._inflate is None:
            self._pass_on(data)
            return
        try:
            self._feed_gzip(self._inflate, data)
        except zlib.error as error:
            raise InvalidPayloadError(f"broken gzip body: {self._url}", url=self._url) from error

    def complete(self, declared_bytes: int | None) -> bool:
        """Tell whether nothing was cut off: neither of what was declared nor of the gzip stream."""
        if declared_bytes is not None and self.raw_bytes < declared_bytes:
            return False
        return self._inflate is None or self._inflate.eof or not self.raw_bytes

    def _feed_gzip(self, inflate: "zlib._Decompress", data: bytes) -> None:
        more = True
        while data or more:
            if inflate.eof:
                if not data:
                    return
                self._inflate = inflate = zlib.decompressobj(_GZIP)  # next member, RFC 1952, 2.2
            decoded = inflate.decompress(data, _STEP)
            self._pass_on(decoded)
            data = inflate.unconsumed_tail or inflate.unused_data
            # All input may be taken while zlib still holds back output beyond the bound.
            more = len(decoded) == _STEP

    def _pass_on(self, data: bytes) -> None:
        self.decoded_bytes += len(data)
        if self.decoded_bytes > self._limit:
            raise PayloadTooLargeError(
                f"the body is larger than {self._limit} bytes: {self._url}", url=self._url
            )
        if data:
            self._write(data)
