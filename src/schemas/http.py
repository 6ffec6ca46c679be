"""What an HTTP session is told, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol, TypedDict


@dataclass(frozen=True, slots=True)
class HttpOptions:
    """Manners and limits of one HTTP session; every rate and limit holds per host.

    The budget covers one call with all that it waits for: a slot, tokens, attempts, `Retry-After`.
    Whoever starts thousands of calls at once spends it on queueing, so callers bound their own
    concurrency.
    """

    user_agent: str
    rate_per_second: float = 20.0
    """Token bucket; 0 sets no limit."""
    concurrency: int = 20
    timeout_seconds: float = 30.0
    """Silence that ends one attempt: while connecting, or between two reads."""
    budget_seconds: float = 180.0
    max_attempts: int = 5
    breaker_failures: int = 20
    """Consecutive transient failures that open the circuit. The first failure of a call that will
    be tried again counts for none, since many calls at once may meet the same hiccup."""
    breaker_seconds: float = 60.0
    """How long the circuit stays open before one trial request, and the longest pause that a
    `Retry-After` imposes on other calls to the host."""
    breaker_statuses: frozenset[int] = frozenset()
    """Statuses that open the circuit of a host at once, for registries that block whoever asks on: for
    `breaker_seconds`, or as long as `Retry-After` says where that is longer. An answer with one is
    not tried again and always a RegistryUnavailableError, which tells nothing of the document."""
    max_body_bytes: int = 128 * 1024 * 1024
    backoff_seconds: float = 0.5
    """Bound of the first random wait, doubled with each further one up to 60 s."""

    def __post_init__(self) -> None:
        """Refuse what could only fail later; raises ValueError."""
        if not self.user_agent.isascii() or not self.user_agent.isprintable():
            raise ValueError("the User-Agent must be printable ASCII")
        if min(self.concurrency, self.max_attempts, self.breaker_failures) < 1:
            raise ValueError("concurrency, attempts and breaker failures start at 1")
        if min(self.timeout_seconds, self.budget_seconds) <= 0:
            raise ValueError("timeout and budget must be more than 0 s")
        if min(self.rate_per_second, self.breaker_seconds, self.backoff_seconds) < 0:
            raise ValueError("rate, circuit and backoff times may not be negative")


class Wish(TypedDict, total=False):
    """What a caller may say of a request beyond its address; every part may be left out."""

    accept: str
    """The `Accept` header, "*/*" by default."""
    content_types: tuple[str, ...]
    """Media types that a 200 may have; () admits all. Told in lower case, without parameters."""
    max_bytes: int | None
    """Limit of the decoded body; None stands for that of the session."""
    etag: str
    """Asks for an answer of 304 where this entity tag still holds."""
    headers: Mapping[str, str] | None
    """Further headers, which win over those that the session makes."""
    start: int
    """Asks for the bytes from here on. A server that knows no ranges answers 200 with all of them;
    one whose document is shorter answers 416, which is a RequestRefusedError."""
    budget_seconds: float
    """Time for this call in place of the session's budget: for the few documents of many megabytes."""


class StopReading(Exception):  # noqa: N818 - as StopIteration, no error
    """Raised by a sink that has seen enough of a body: the rest is not transferred."""


class Sink(Protocol):
    """Takes a decoded body in order. An attempt that failed is begun anew from byte 0.

    `write` may raise StopReading.
    """

    def write(self, data: bytes, /) -> object:
        """Take the next bytes."""
        ...

    def seek(self, offset: int, /) -> object:
        """Go back to the beginning: another attempt begins."""
        ...

    def truncate(self) -> object:
        """Forget what stands behind the present place."""
        ...


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An answer of status 200, 206 or 304.

    `headers` have lower-case names; `body` is decoded, and empty where it was streamed to a file.
    `url` is where redirects ended, without user and password.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def not_modified(self) -> bool:
        """Whether the caller's copy with the given ETag is still the current one."""
        return self.status == HTTPStatus.NOT_MODIFIED

    @property
    def partial(self) -> bool:
        """Whether the body is what stands behind the `start` that was asked for, and no more."""
        return self.status == HTTPStatus.PARTIAL_CONTENT

    @property
    def etag(self) -> str:
        """The entity tag as sent, "" where there is none."""
        return self.headers.get("etag", "")

    @property
    def content_type(self) -> str:
        """The media type in lower case, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()
