"""The notifiers of a campaign: real processes, killed by their id and started again."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import msgspec

from messages.notifier import Spec
from messages.points import IN_HERE

REACHED_S = 8  # in which a notifier has to come by the point where it is to die
AT_RANDOM = "at random"


class Fleet:
    """`specs` has one for each notifier; `source` is where ours is imported from, if not from this checkout."""

    def __init__(self, specs: list[Spec], source: str = "") -> None:
        self.kills: Counter[str] = Counter()
        self._specs = specs
        self._path = os.pathsep.join(([source] if source else []) + sys.path)
        self._processes: dict[int, Process] = {}
        self._dies_at: dict[int, str] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Fleet"]:
        try:
            await asyncio.gather(*map(self._start, range(len(self._specs))))
            yield self
        finally:
            for process in self._processes.values():
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()

    async def kill(self, number: int, point: str = AT_RANDOM) -> None:
        """Kills one at that point, or now where it does not come by; and starts it again."""
        process = self._processes[number]
        self._dies_at[number] = point
        if point in IN_HERE:
            assert process.stdin
            process.stdin.write(f"{point}\n".encode())
        if point != AT_RANDOM:
            with suppress(TimeoutError):
                async with asyncio.timeout(REACHED_S):
                    await process.wait()
        del self._dies_at[number]
        if process.returncode is None:
            point = AT_RANDOM
            process.kill()
        assert await process.wait() == -signal.SIGKILL
        self.kills[point] += 1
        await self._start(number)

    def dies(self, point: str, number: int) -> None:
        """A provider has come to `point` with a notifier's request: is it to die there, it does."""
        if self._dies_at.get(number) == point:
            with suppress(ProcessLookupError):
                self._processes[number].kill()

    async def _start(self, number: int) -> None:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "messages.notifier", msgspec.json.encode(self._specs[number]).decode()),
            env={**os.environ, "PYTHONPATH": self._path},
            stdin=PIPE,
            stdout=PIPE,
        )
        self._processes[number] = process
        assert process.stdout
        assert await process.stdout.readline() == b"ready\n"
