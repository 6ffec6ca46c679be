"""Long streams in handy pieces."""

from collections.abc import AsyncIterator, Iterator, Sequence
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


def sliced(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Yield slices of `size` items, the last one shorter; nothing for no items."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
