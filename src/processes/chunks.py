"""Long streams in handy pieces."""

from collections.abc import AsyncIterator
from typing import TypeVar

Item = TypeVar("Item")


async def chunked(items: AsyncIterator[Item], size: int) -> AsyncIterator[list[Item]]:
    """Yield lists of `size` items, the last one shorter; nothing for an empty stream."""
    chunk: list[Item] = []
    async for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
