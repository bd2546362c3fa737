"""Follows every location's events, and works out what is expected of its lines: once for all processes."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress

from callboard.domain.directory import Directory
from callboard.domain.events import Event
from callboard.domain.model import Location
from callboard.endless import goes_on
from callboard.errors import StoreAway
from callboard.estimating.part import Part
from callboard.precedence import Precedence
from callboard.store.keys import PARTITIONS, partition
from callboard.store.learned import Learning
from callboard.store.reads import Reads
from callboard.store.stream import Group

NAME = "estimate"
BATCH = 500
BLOCK_MS = 500
PAUSE_S = 0.25  # between two reads of a stream that goes on: what happens meanwhile is learned together
KEEP_S = 1.0  # what was learned is kept at most so often, ...
KEPT_PER_S = 100_000  # ... and so much of it (bytes): of ten thousand who wait it is a megabyte, to be written to disk
AWAY_S = 1.0
ALONE_MS = 6000
THREADS = 2


class Estimating:
    """Of each partition one process at a time follows the events, and begins with what the one before has learned.

    What was learned is kept before an event is acknowledged, together with how far it goes: so each event counts once,
    whoever is killed when. It is much, and so is kept for all events of a second together, or of several. The working
    out happens in a thread, nothing waits for it, and it gives way to whoever takes precedence.
    """

    def __init__(self, reads: Reads, consumer: str, clock: Callable[[], int], precedence: Precedence) -> None:
        self._reads = reads
        self._precedence = precedence
        self._learning = Learning(reads.connection)
        self._consumer = consumer
        self._clock = clock

    async def run(self) -> None:
        """Until it is cancelled, through any absence of the store. The threads are its own: while they give way nobody
        else waits for one, to look up an address for instance."""
        threads = ThreadPoolExecutor(THREADS, "estimate")
        try:
            async with asyncio.TaskGroup() as tasks:
                for number in range(PARTITIONS):
                    tasks.create_task(self._follow(number, threads))
        finally:
            threads.shutdown(wait=False, cancel_futures=True)

    async def _follow(self, number: int, threads: Executor) -> None:
        group = Group(self._reads.connection, NAME, number, self._consumer)
        try:
            while goes_on():
                if not self._locations(number):  # the site file may bring one
                    await asyncio.sleep(AWAY_S)
                    continue
                with suppress(StoreAway):
                    await group.start()
                    await self._in_turn(number, group, threads)
                await asyncio.sleep(AWAY_S)
        finally:
            with suppress(StoreAway):
                await group.alone(0)
            await group.close()

    async def _in_turn(self, number: int, group: Group, threads: Executor) -> None:
        """As long as this process is the one."""
        part = Part(self._reads, self._learning, self._clock, self._precedence, threads)
        now = asyncio.get_running_loop().time
        begins, taken, keeps_at = True, list[Event](), float("-inf")
        while goes_on() and await group.alone(ALONE_MS):
            read = await group.read(count=BATCH, block_ms=None if begins else BLOCK_MS, idle_ms=0 if begins else 60_000)
            begins = begins and bool(read)
            taken += read
            await part.take(self._locations(number), read)
            # Who begins reads what is not acknowledged, and would read it again.
            if taken and (begins or len(taken) >= BATCH or now() >= keeps_at):
                size = await part.keep()
                await group.ack(taken)
                taken, keeps_at = [], now() + max(KEEP_S, size / KEPT_PER_S)
            if read and not begins:
                await asyncio.sleep(PAUSE_S)

    def _locations(self, number: int) -> Sequence[Location]:
        directory: Directory = self._reads.directory
        return [location for location in directory.locations if partition(location.id) == number]
