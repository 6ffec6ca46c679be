"""`nexus-maven-repository-index.properties`: where the index stands, and which chunks are there."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from src.schemas.errors import InvalidKeyError, InvalidPayloadError

_LINE = re.compile(r"\s*([^=:\s#!]+)\s*[=:]\s*(.*?)\s*")
_PREFIX = "nexus.index."
_CHAIN = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_NUMBER = re.compile(r"[0-9]{1,12}")
_TIME_FORMAT = "%Y%m%d%H%M%S.%f %z"


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A state of the index: the chain that its chunks belong to, and the last chunk in it."""

    chain: str
    number: int

    def __str__(self) -> str:
        """Return the form in which the position is kept."""
        return f"{self.chain}/{self.number}"


@dataclass(frozen=True, slots=True)
class IndexProperties:
    """What the properties tell; `timestamp` is in ms, 0 where they do not tell."""

    position: Position
    chunks: frozenset[int]
    timestamp: int

    def chunks_after(self, number: int) -> list[int] | None:
        """Return the chunks that lead from `number` to the head, None where one is not there."""
        wanted = range(number + 1, self.position.number + 1)
        return list(wanted) if self.chunks.issuperset(wanted) else None


def parse_position(text: str) -> Position:
    """Read a position as `Position` writes it; raises InvalidKeyError on anything else."""
    chain, slash, number = text.rpartition("/")
    if not (slash and _CHAIN.fullmatch(chain) and _NUMBER.fullmatch(number)):
        raise InvalidKeyError(f"not a position of the repository index: {text[:80]!r}")
    return Position(chain, int(number))


def read_properties(body: bytes, url: str) -> IndexProperties:
    """Read a Java properties file (ISO 8859-1); InvalidPayloadError where it is none of an index."""
    values = {}
    for line in body.decode("latin-1").splitlines():
        if (match := _LINE.fullmatch(line)) and match[1].startswith(_PREFIX):
            values[match[1].removeprefix(_PREFIX)] = match[2].replace("\\", "")
    chain, last = values.get("chain-id", ""), values.get("last-incremental", "")
    if not (_CHAIN.fullmatch(chain) and _NUMBER.fullmatch(last)):
        raise InvalidPayloadError(f"not the properties of an index: {url}", url=url)
    chunks = (value for name, value in values.items() if re.fullmatch(r"incremental-\d+", name))
    return IndexProperties(
        position=Position(chain, int(last)),
        chunks=frozenset(int(value) for value in chunks if _NUMBER.fullmatch(value)),
        timestamp=_milliseconds(values.get("timestamp", "")),
    )


def _milliseconds(text: str) -> int:
    try:
        moment = datetime.strptime(text, _TIME_FORMAT).astimezone(UTC)
    except (ValueError, OverflowError):
        return 0
    return round(moment.timestamp() * 1000)
