"""A hall with fifty desks, and several processes that work on it at once."""

import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import msgspec

from callboard.domain.directory import Directory
from callboard.domain.model import Site
from callboard.store.redis import Connection
from callboard.store.transitions import Store
from conftest import Clock

DESKS = 50
PROCESSES = 5
PRIORITIES = {"elderly": 15, "urgent": 10_000}
QUEUES = {"q1": "A", "q2": "B", "q3": "C", "q4": "D", "q5": "E"}


def desk(number: int) -> dict[str, Any]:
    """Two to four queues, in all kinds of orders; every third desk goes by arrival."""
    shuffled = random.Random(number).sample(sorted(QUEUES), 2 + number % 3)
    take = "arrival" if number % 3 == 0 else "listed"
    return {"id": f"d{number}", "tag": str(number), "name": f"Desk {number}", "queues": shuffled, "take": take}


def hall() -> Directory:
    queues = [{"id": id, "tag": tag, "name": id, "priorities": PRIORITIES} for id, tag in QUEUES.items()]
    location = {"id": "hall", "name": "Hall", "queues": queues, "desks": [desk(number) for number in range(DESKS)]}
    return Directory([msgspec.convert({"organization": {"id": "big", "name": "Big"}, "locations": [location]}, Site)])


@asynccontextmanager
async def processes(url: str, directory: Directory, clock: Clock) -> AsyncIterator[list[Store]]:
    """Stores with connections of their own; desk number n is at the one with n modulo their number."""
    async with AsyncExitStack() as stack:
        connections = [Connection.open(url, wait_s=10) for _ in range(PROCESSES)]
        for each in connections:
            stack.push_async_callback(each.close)
        yield [Store(each, directory, clock) for each in connections]
