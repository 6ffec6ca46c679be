"""Planned faults: what goes wrong with which request. Every plan is deterministic."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong with one request; a delay alone leaves the answer whole.

    `status` answers with that status instead of the document. `body` answers with those bytes in
    place of the document's (broken JSON, an error page with 200). `cut_after` closes the connection
    after that many bytes, though Content-Length promises all. `hang` never answers.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    content_type: str = ""
    cut_after: int | None = None
    hang: bool = False
    delay_seconds: float = 0.0

    @classmethod
    def broken_json(cls) -> "Fault":
        """Answer 200 with the promised content type, but with half a JSON document."""
        return cls(body=b'{"meta": {"api-version": "1.1"')

    @classmethod
    def error_page(cls) -> "Fault":
        """Answer 200 with a page of HTML, as tired proxies do."""
        return cls(
            body=b"<html><body>We'll be right back</body></html>",
            content_type="text/html",
        )


FaultPlan = Callable[[str, int], Fault | None]
"""Told the path and for which time it is asked (from 1): what goes wrong, None for nothing."""

PASSING = (
    Fault(status=503),
    Fault(status=429, headers={"retry-after": "0"}),
    Fault(status=500),
    Fault(cut_after=10),
)
"""Faults that a client is expected to get over by asking again."""


def no_faults(_path: str, _time: int) -> Fault | None:
    """Let every request succeed."""
    return None


def every_request_fails_once(kinds: Sequence[Fault] = PASSING, *, seed: int = 0) -> FaultPlan:
    """Fail the first request for each path, the kind chosen by the path; later ones succeed."""

    def plan(path: str, time: int) -> Fault | None:
        return kinds[_number(seed, path) % len(kinds)] if time == 1 else None

    return plan


def share(fraction: float, kinds: Sequence[Fault] = PASSING, *, seed: int = 0) -> FaultPlan:
    """Fail that fraction (0 to 1) of all requests; which ones depends on seed, path and time only."""

    def plan(path: str, time: int) -> Fault | None:
        number = _number(seed, f"{time} {path}")
        chance, choice = number % 1_000_000, number // 1_000_000
        return kinds[choice % len(kinds)] if chance < fraction * 1_000_000 else None

    return plan


def mixture(shares: Sequence[tuple[float, Fault]], *, seed: int = 0) -> FaultPlan:
    """Give each fault its own fraction (0 to 1) of all requests, by seed, path and time only."""

    def plan(path: str, time: int) -> Fault | None:
        drawn = _number(seed, f"{time} {path}") / 2**64
        for fraction, fault in shares:
            if drawn < fraction:
                return fault
            drawn -= fraction
        return None

    return plan


def table(faults: Mapping[str, Fault | Sequence[Fault | None]]) -> FaultPlan:
    """Fail the paths named: always the same way, or by a list for the first, second, … request."""

    def plan(path: str, time: int) -> Fault | None:
        entry = faults.get(path)
        if entry is None or isinstance(entry, Fault):
            return entry
        return entry[time - 1] if time <= len(entry) else None

    return plan


def _number(seed: int, text: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed} {text}".encode()).digest()[:8])
