"""What stands in the queue's three places, and what we keep beside a message."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DATA = "data"
ATTEMPTS = "attempts"
FIRST_SEEN = "first_seen"
DEPTH = "depth"
_COUNT_LIMIT = 2**53
_COUNT_DIGITS = 16


@dataclass(frozen=True, slots=True)
class StreamMessage:
    """One entry of the stream. `fields` is as it came; `deliveries` counts this delivery too.

    Beside `data` an entry of ours has `attempts` (tries that failed before), `first_seen` (epoch
    milliseconds) and `depth` (steps from the request of another program to this package).
    """

    id: str
    fields: Mapping[str, str]
    deliveries: int = 1

    @property
    def data(self) -> str | None:
        """The JSON text of the request, None where the entry has no field `data`."""
        return self.fields.get(DATA)

    @property
    def attempts(self) -> int:
        """How many tries failed before this one."""
        return _count(self.fields.get(ATTEMPTS), 0)

    @property
    def again(self) -> bool:
        """Whether somebody worked on it before, however far."""
        return self.deliveries > 1 or self.attempts > 0

    @property
    def first_seen(self) -> int:
        """When the request was first pushed, in epoch milliseconds."""
        return _count(self.fields.get(FIRST_SEEN), milliseconds(self.id))

    @property
    def depth(self) -> int:
        """How far from a request of another program this one is; 0 for the request itself."""
        return _count(self.fields.get(DEPTH), 0)

    def kept(self, *, attempts: int) -> dict[str, str]:
        """Return the fields of the same request for its next try."""
        return {
            DATA: self.fields.get(DATA, ""),
            ATTEMPTS: str(attempts),
            FIRST_SEEN: str(self.first_seen),
            **({DEPTH: str(self.depth)} if self.depth else {}),
        }


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was given up, why, after how many tries, and when first and last seen.

    `fields` are those of the entry, as they are sent again; times are epoch milliseconds.
    """

    id: str
    fields: Mapping[str, str]
    reason: str
    details: str
    message_id: str
    attempts: int
    first_seen: int
    failed_at: int

    @property
    def data(self) -> str | None:
        """The JSON text of the request, None where the entry had none."""
        return self.fields.get(DATA)


def letter_fields(message: StreamMessage, reason: str, details: str, now_ms: int) -> dict[str, str]:
    """Return a dead letter as it stands in Redis.

    `data` is the message's own, so that whoever reads dead letters finds it where it was; what
    came without one stands whole in `entry`.
    """
    kept = {DATA: message.data} if message.data is not None else {"entry": _entry(message.fields)}
    depth = {DEPTH: str(message.depth)} if message.depth else {}
    return {
        **kept,
        **depth,
        "reason": reason,
        "details": details,
        "message_id": message.id,
        ATTEMPTS: str(message.attempts + 1),
        FIRST_SEEN: str(message.first_seen),
        "failed_at": str(now_ms),
    }


def read_letter(id_: str, fields: Mapping[str, str]) -> DeadLetter:
    """Read what `letter_fields` wrote, or another program; what is missing is empty."""
    entry = fields.get("entry")
    original = {key: fields[key] for key in (DATA, DEPTH) if key in fields}
    if DATA not in fields:
        original = _fields_of(entry or "")
    return DeadLetter(
        id=id_,
        fields=original,
        reason=fields.get("reason", ""),
        details=fields.get("details", ""),
        message_id=fields.get("message_id", ""),
        attempts=_count(fields.get(ATTEMPTS), 0),
        first_seen=_count(fields.get(FIRST_SEEN), milliseconds(id_)),
        failed_at=_count(fields.get("failed_at"), milliseconds(id_)),
    )


def milliseconds(id_: str) -> int:
    """Return the time in the id of a stream's entry."""
    return _count(id_.partition("-")[0], 0)


def _entry(fields: Mapping[str, str]) -> str:
    return json.dumps(dict(fields), sort_keys=True)


def _fields_of(text: str) -> dict[str, str]:
    try:
        told: Any = json.loads(text)
    except ValueError:
        return {}
    return {str(k): str(v) for k, v in told.items()} if isinstance(told, dict) else {}


def _count(text: str | None, default: int) -> int:
    """Return a whole number that anybody may have written, the default where it is none."""
    # Python refuses to read a number of thousands of digits, which would end the whole batch.
    if not text or len(text) > _COUNT_DIGITS or not (text.isascii() and text.isdigit()):
        return default
    number = int(text)
    return default if number > _COUNT_LIMIT else number
