"""One transition, in a store that keeps everything (`appendfsync always`), with 10, 1,000 and 100,000 people waiting.

Latency is what the caller waits for; the script is what the store works for it (INFO commandstats), by so many commands
of its own. All should be the same however many wait: `ratio` is against the smallest crowd.
"""

import asyncio
import tempfile
import time
from collections import defaultdict
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

import uvloop

from bench.crowd import fill
from bench.figures import percentile, show
from bench.room import ROOM
from callboard.compose import clock
from callboard.store.embedded import Embedded
from callboard.store.redis import Connection
from callboard.store.transitions import Done, Store

CROWDS = (10, 1_000, 100_000)
ROUNDS = 200
COMMANDS = ("join", "call_next", "recall", "finish")
OUTSIDE = {"eval", "evalsha", "info"}  # what the caller sends, and the watch


class Spent(NamedTuple):
    """What scripts have cost the store so far."""

    us: float
    commands: int


class Watch:
    """Notes of each command how long it took, and what its script took in the store."""

    def __init__(self, connection: Connection) -> None:
        self.latency: dict[str, list[float]] = defaultdict(list)
        self.script: dict[str, list[float]] = defaultdict(list)
        self.commands: dict[str, list[float]] = defaultdict(list)
        self._client = connection.client

    async def time(self, store: Store, command: str, *args: str) -> Done:
        before, began = await self._spent(), time.perf_counter()
        done: Done = await getattr(store, command)(*args)
        self.latency[command].append((time.perf_counter() - began) * 1000)
        after = await self._spent()
        self.script[command].append(after.us - before.us)
        self.commands[command].append(after.commands - before.commands)
        return done

    async def _spent(self) -> Spent:
        stats = {
            name.removeprefix("cmdstat_"): each for name, each in (await self._client.info("commandstats")).items()
        }
        inside = sum(each["calls"] for name, each in stats.items() if name not in OUTSIDE)
        return Spent(sum(stats[name]["usec"] for name in ("eval", "evalsha") if name in stats), inside)


class Crowd:
    """A store of its own in which so many wait."""

    def __init__(self, waiting: int, connection: Connection) -> None:
        self.waiting = waiting
        self.watch = Watch(connection)
        self.store = Store(connection, ROOM, clock)

    async def round(self) -> None:
        """Takes as many as it adds."""
        await self.watch.time(self.store, "join", "a")
        called = (await self.watch.time(self.store, "call_next", "desk")).ticket
        assert called
        await self.watch.time(self.store, "recall", called.id, "desk")
        await self.watch.time(self.store, "finish", called.id, "desk")


async def gathered(stack: AsyncExitStack, data: Path, waiting: int) -> Crowd:
    """The store is started anew when all are there: who comes so fast scatters the memory of its script engine."""
    embedded = Embedded(data)
    await fill(await embedded.start(), ROOM, clock, "a", waiting)
    await embedded.stop()
    connection = Connection.open(await embedded.start())
    stack.push_async_callback(embedded.stop)
    stack.push_async_callback(connection.close)
    crowd = Crowd(waiting, connection)
    await crowd.store.open_desk("desk", staff="bench")
    await crowd.round()  # the scripts are there
    crowd.watch = Watch(connection)
    return crowd


async def run(data: Path) -> list[list[object]]:
    """The crowds take turns, so that whatever else the machine does meets them all."""
    async with AsyncExitStack() as stack:
        crowds = [await gathered(stack, data / str(waiting), waiting) for waiting in CROWDS]
        for _ in range(ROUNDS):
            for crowd in crowds:
                await crowd.round()
    return [
        [command, f"{crowd.waiting:,}", *_figures(crowd.watch, crowds[0].watch, command)]
        for command in COMMANDS
        for crowd in crowds
    ]


def _figures(watch: Watch, first: Watch, command: str) -> list[float]:
    found = []
    pairs = ((watch.latency[command], first.latency[command]), (watch.script[command], first.script[command]))
    for values, least in pairs:
        half = percentile(values, 0.5)
        found += [half, percentile(values, 0.99), half / percentile(least, 0.5)]
    return [*found, percentile(watch.commands[command], 0.5)]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="cb") as data, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        rows = runner.run(run(Path(data)))
    head = ["command", "waiting", "p50 ms", "p99 ms", "ratio", "script p50 us", "script p99 us", "ratio", "commands"]
    show("one transition", head, rows)


if __name__ == "__main__":
    main()
