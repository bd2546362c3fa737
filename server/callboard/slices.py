"""Long work in slices: between two of them everybody else has their turn."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

SLICE = 128  # documents made and handed to sockets: two milliseconds


async def slices(items: Iterable[T], size: int = SLICE) -> AsyncGenerator[Sequence[T], None]:
    """All items in order, some at a time; those of an iterator are made when it is their turn."""
    coming = iter(items)
    while some := list(islice(coming, size)):
        yield some
        if len(some) < size:
            break
        await asyncio.sleep(0)
