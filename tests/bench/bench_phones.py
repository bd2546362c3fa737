"""Many wait in one queue, each with the page open: what a call costs until the last of them has its new document.

The fan-out on a private store, with plain mailboxes for listeners. `read` is spent with the store, `ready` on what is
to be done before the first document, `publish` on making documents and handing them out; `hold` is the longest time in
which nothing else had its turn.
"""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import msgspec
import uvloop

from bench.crowd import fill
from bench.figures import percentile, show
from bench.room import ROOM
from callboard.building import Builder
from callboard.compose import clock, streams
from callboard.garbage import collect_the_young
from callboard.hub.fanout import Built, Fanout
from callboard.hub.hub import Hub, Mailbox
from callboard.hub.watched import Place
from callboard.screens import Screens
from callboard.slices import slices
from callboard.store.embedded import Embedded
from callboard.store.keys import location_key
from callboard.store.reads import Reads
from callboard.store.redis import Connection
from callboard.store.transitions import Store

T = TypeVar("T")
WAITING = (100, 1_000, 10_000)
CALLS = 12
BURST = 1_000


class Watch(Connection):
    """A connection that knows how long it was asked."""

    asked = 0
    spent_s = 0.0

    async def call(self, ask: Callable[[], Awaitable[T]]) -> T:
        began = time.perf_counter()
        try:
            return await super().call(ask)
        finally:
            self.asked += 1
            self.spent_s += time.perf_counter() - began


class Lobby:
    """A running fan-out and what each of its looks took (s)."""

    def __init__(self, connection: Watch) -> None:
        self.connection = connection
        self.reads = Reads(connection, ROOM)
        self.build = Builder(Screens(self.reads, clock))
        self.looks: list[tuple[float, float, float]] = []
        self.held_s = 0.0
        self.mailboxes: dict[str, Mailbox] = {}
        self._ready_at = 0.0
        self.fanout = Fanout(
            Hub(),
            streams=streams(connection),
            build=self._build,
            ping=connection.ping,
            clock=clock,
            built=self._done,
        )

    async def _build(self, location: str, channels: list[str]) -> Built:
        spent, began = self.connection.spent_s, time.perf_counter()
        built = await self.build(location, channels)
        self._ready_at = time.perf_counter()
        self._read_s = self.connection.spent_s - spent
        self._ready_s = self._ready_at - began - self._read_s
        return built

    def _done(self, documents: int) -> None:
        self.looks.append((self._read_s, self._ready_s, time.perf_counter() - self._ready_at))

    async def notice_holds(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            self.held_s = max(self.held_s, time.perf_counter() - before - 0.001)

    def come(self, tickets: list[str]) -> None:
        for ticket in tickets:
            mailbox = self.mailboxes[ticket] = Mailbox()
            self.fanout.join(Place("bench", f"ticket:{ticket}"), mailbox)

    def go(self) -> None:
        for ticket, mailbox in self.mailboxes.items():
            self.fanout.leave(Place("bench", f"ticket:{ticket}"), mailbox)
        self.mailboxes.clear()

    async def all_have(self, seq: int) -> None:
        """Until the newest document of every listener is of that event or a later one."""
        hub = self.fanout.hub
        async for tickets in slices(list(self.mailboxes)):
            for ticket in tickets:
                while not (found := hub.newest(f"ticket:{ticket}")) or found.version.seq < seq:  # noqa: ASYNC110
                    await asyncio.sleep(0.001)

    async def check(self, line: list[str]) -> None:
        """Everybody has been told their place."""
        for place, ticket in enumerate(line):
            [document] = await self.mailboxes[ticket].take()
            assert msgspec.json.decode(document.body)["ahead"] == place, document.body


async def measure(store: Store, lobby: Lobby, line: list[str]) -> list[object]:
    lobby.come(line)
    began, asked = time.perf_counter(), lobby.connection.asked
    await lobby.all_have(0)
    came_ms, came_asked = (time.perf_counter() - began) * 1000, lobby.connection.asked - asked
    lobby.looks.clear()
    lobby.held_s = 0
    last: list[float] = []
    for _ in range(CALLS):
        began = time.perf_counter()
        called = await store.call_next("desk")
        await lobby.all_have(called.event.seq)
        last.append((time.perf_counter() - began) * 1000)
        await lobby.mailboxes[line.pop(0)].take()
        await asyncio.sleep(0.05)
    await lobby.check(line)
    assert called.ticket
    ticket = called.ticket.id
    parts = [percentile([look[part] * 1000 for look in lobby.looks], 0.5) for part in range(3)]
    held_ms = lobby.held_s * 1000
    lobby.looks.clear()
    began = time.perf_counter()
    for done in asyncio.as_completed([store.recall(ticket) for _ in range(BURST)]):
        seq = (await done).event.seq
    await lobby.all_have(max(seq, called.event.seq + BURST))
    burst_ms, looks = (time.perf_counter() - began) * 1000, len(lobby.looks)
    lobby.go()
    return [
        *(f"{len(line) + CALLS:,}", percentile(last, 0.5), max(last), *parts, held_ms),
        *(came_ms, came_asked, burst_ms, looks),
    ]


async def order(connection: Connection) -> list[str]:
    key = location_key("bench", "waiting:a")
    return [str(ticket) for ticket in await connection.client.zrange(key, 0, -1)]


async def run(data: Path) -> list[list[object]]:
    embedded = Embedded(data)
    url = await embedded.start()
    connection = Watch.open(url)
    store = Store(Connection.open(url), ROOM, clock)
    await store.open_desk("desk", staff="bench")
    rows: list[list[object]] = []
    line: list[str] = []
    for count in WAITING:
        done = await fill(url, ROOM, clock, "a", count - len(line))
        line = await order(connection)
        assert len(line) == count and done
        lobby = Lobby(connection)
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(lobby.fanout.run()), tasks.create_task(lobby.notice_holds())]
            collect_the_young()
            rows.append(await measure(store, lobby, line))
            for task in running:
                task.cancel()
    await store.connection.close()
    await connection.close()
    await embedded.stop()
    return rows


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="cb") as data, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        rows = runner.run(run(Path(data)))
    head = ["waiting", "last phone p50 ms", "max", "read", "ready", "publish", "hold", "all come ms", "store calls"]
    show("a call, until the last phone has it", [*head, f"burst of {BURST:,} ms", "looks"], rows)


if __name__ == "__main__":
    main()
