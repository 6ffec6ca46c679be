"""The one gate for strings that become keys in the graph."""

import unicodedata

from src.schemas.errors import InvalidKeyError

MAX_KEY_BYTES = 1024


def admit_key(text: str) -> str:
    """Return `text` unchanged if the graph may hold it as a key, else raise InvalidKeyError.

    Admitted are 1 to 1,024 bytes of UTF-8 without control characters and outer white space.
    Anything else must not reach a driver: with a uniqueness constraint, an empty or padded key
    kills FalkorDB 4.16, and delivering it again would kill it again.
    """
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise InvalidKeyError(f"key is not valid Unicode: {text[:80]!r}") from error
    if not 1 <= size <= MAX_KEY_BYTES:
        raise InvalidKeyError(
            f"key has {size} bytes, allowed are 1 to {MAX_KEY_BYTES}: {text[:80]!r}"
        )
    if text != text.strip():
        raise InvalidKeyError(f"key has outer white space: {text[:80]!r}")
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise InvalidKeyError(f"key has control characters: {text[:80]!r}")
    return text
