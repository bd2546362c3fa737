"""Workers that are kept running: one that ends is started again, and all are exchanged one after another when told."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from callboard.workers.hired import Hired

FIRST_PAUSE_S, LONGEST_PAUSE_S, HEALTHY_S = 0.1, 10.0, 10.0

log = logging.getLogger("callboard.workers")


class Crew:
    """`hire` starts a worker for a place and may raise OSError. Everybody answers from `begun` on, until `stop`."""

    def __init__(self, size: int, hire: Callable[[int], Awaitable[Hired]]) -> None:
        self._hire = hire
        self._at: dict[int, Hired] = {}
        self._places = range(size)
        self._leaving: set[Hired] = set()  # they were exchanged, and finish what they are at
        self._stopping = asyncio.Event()
        self._exchange = asyncio.Event()

    @property
    def hired(self) -> list[Hired]:
        return [*self._at.values(), *self._leaving]

    async def begin(self) -> str | None:
        """Starts all of them; what keeps one from it, in words. To be followed by `end` in any case."""
        try:
            for place in self._places:
                self._at[place] = await self._hire(place)
        except OSError as error:
            return f"a worker cannot be started: {error.strerror}"
        for worker in self._at.values():
            await worker.begun.wait()
        failed = [worker for worker in self._at.values() if not worker.answers]
        return f"a worker {failed[0].status} before it answered" if failed else None

    async def run(self) -> None:
        """Until `stop`."""
        async with asyncio.TaskGroup() as tasks:
            keeping = [tasks.create_task(self._keep(place)) for place in self._places]
            keeping.append(tasks.create_task(self._exchange_when_told()))
            await self._stopping.wait()
            for task in keeping:
                task.cancel()

    def exchange(self) -> None:
        """One after another a new one takes each place; told meanwhile, once more from the start."""
        self._exchange.set()

    def stop(self) -> None:
        """When told again, at once."""
        if self._stopping.is_set():
            for worker in self.hired:
                worker.hurry()
        self._stopping.set()

    async def end(self) -> None:
        """Returns when nobody is left."""
        for worker in self.hired:
            worker.leave()
        async with asyncio.TaskGroup() as tasks:
            for worker in self.hired:
                tasks.create_task(worker.left())

    async def _keep(self, place: int) -> None:
        now = asyncio.get_running_loop().time
        pause, began = FIRST_PAUSE_S, now()
        while True:
            worker = self._at[place]
            await worker.gone.wait()
            if self._at[place] is not worker:
                began = now()  # exchanged in order
                continue
            pause = FIRST_PAUSE_S if now() - began >= HEALTHY_S else pause
            log.error("worker=%d pid=%d %s", place, worker.pid, worker.status)
            await asyncio.sleep(pause)
            pause, began = min(pause * 2, LONGEST_PAUSE_S), now()
            if self._at[place] is worker:
                with suppress(OSError):  # no memory, no process: the next try is due
                    self._at[place] = await self._hire(place)
                    log.warning("worker=%d pid=%d was started again", place, self._at[place].pid)

    async def _exchange_when_told(self) -> None:
        while True:
            await self._exchange.wait()
            self._exchange.clear()
            if all([await self._take_over(place) for place in self._places if not self._exchange.is_set()]):
                log.info("every worker is a new one")
            elif not self._exchange.is_set():
                log.error("not every worker was exchanged")

    async def _take_over(self, place: int) -> bool:
        """The old one is told to stop when the new one answers."""
        try:
            new = await self._hire(place)
        except OSError as error:
            log.error("worker=%d cannot be started: %s", place, error.strerror)
            return False
        self._leaving.add(new)  # so that it is ended should we stop now
        await new.begun.wait()
        self._leaving.discard(new)
        if not new.answers:
            log.error("worker=%d pid=%d %s before it answered", place, new.pid, new.status)
            return False
        old, self._at[place] = self._at[place], new
        self._leaving.add(old)
        old.leave()
        await old.left()
        self._leaving.discard(old)
        return True
