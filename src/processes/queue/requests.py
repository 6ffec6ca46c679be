"""From an entry of the stream to a request that can be worked on, or the reason why it cannot."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import InvalidKeyError
from src.schemas.package_message_schema import PackageMessageSchema
from src.services.queue.entries import StreamMessage

MAX_BYTES = 262_144
"""A request is a few hundred bytes; its longest fields together have 25 KB."""

REASON_NO_DATA = "no_data_field"
REASON_TOO_LARGE = "message_too_large"
REASON_JSON = "invalid_json"
REASON_SCHEMA = "validation_error"
REASON_UNSUPPORTED = "unsupported_type"

_SHOWN = 80

CanonicalNames = Mapping[Ecosystem, Callable[[str], str]]
"""How each supported ecosystem spells a name; what it does not admit is an InvalidKeyError."""


@dataclass(frozen=True, slots=True)
class Request:
    """A message, and the package that it asks for by its canonical name."""

    message: StreamMessage
    wanted: PackageMessageSchema
    ecosystem: Ecosystem
    name: str


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a message can never succeed: a stable reason, and what exactly is wrong."""

    message: StreamMessage
    reason: str
    details: str


def admit(message: StreamMessage, names: CanonicalNames) -> Request | Rejection:
    """Return what a message asks for, or why nobody can do that."""
    if message.data is None:
        return Rejection(message, REASON_NO_DATA, "the entry has no field `data`")
    body = message.data.encode(errors="surrogateescape")
    if len(body) > MAX_BYTES:
        details = f"the message has {len(body):,} bytes, allowed are {MAX_BYTES:,}"
        return Rejection(message, REASON_TOO_LARGE, details)
    try:
        wanted = PackageMessageSchema.model_validate_json(body)
    except ValidationError as error:
        return _invalid(message, error)
    return _routed(message, wanted, names)


def _routed(
    message: StreamMessage, wanted: PackageMessageSchema, names: CanonicalNames
) -> Request | Rejection:
    ecosystem = Ecosystem.from_label(wanted.node_type)
    if ecosystem is None or ecosystem not in names:
        supported = ", ".join(sorted(known.label for known in names))
        details = f"node_type {wanted.node_type[:_SHOWN]!r} is not one of {supported}"
        return Rejection(message, REASON_UNSUPPORTED, details)
    try:
        name = names[ecosystem](wanted.package)
    except InvalidKeyError as error:
        return Rejection(message, REASON_SCHEMA, f"package: {error}")
    return Request(message, wanted, ecosystem, name)


def _invalid(message: StreamMessage, error: ValidationError) -> Rejection:
    found = error.errors(include_url=False, include_input=False, include_context=False)
    reason = REASON_JSON if found[0]["type"] == "json_invalid" else REASON_SCHEMA
    details = "; ".join(
        f"{'.'.join(map(str, item['loc'])) or 'message'}: {item['msg']}" for item in found
    )
    return Rejection(message, reason, details)
