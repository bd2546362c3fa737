"""What server-sent events and long poll cost the server beside a WebSocket: 1,000 of each on one board, one kind after
the other, each on a server of its own.

A delivery is one document for one client, and for long poll its next request too; from the processor time of each call
that of calls with one client is taken off; medians of calls. Memory and opening are of the later nine in ten clients.
"""

import asyncio
import tempfile
from pathlib import Path

import uvloop

from bench.child import Staff, resident_kib, server, staff
from bench.crowd import fill
from bench.figures import percentile, show
from bench.peers import spent_s
from bench.room import ROOM
from bench.ways import Client, EventStream, LongPoll, Room, WebSocket
from callboard.compose import clock

CLIENTS = 1_000
CALLS = 60
QUIET_S = 1
REST_S = 0.02  # after the last client has its document: the next questions are read
KINDS: dict[str, type[Client]] = {"WebSocket": WebSocket, "server-sent events": EventStream, "long poll": LongPoll}


async def calls(pid: int, desk: Staff, room: Room) -> float:
    """Processor time (s) of a call, until all have its document and the server is at rest again."""
    spent: list[float] = []
    for _ in range(CALLS):
        before = spent_s({pid})
        room.expect(room.clients[0].seq + 1)
        await desk.post("desks/desk/call_next")
        await room.told()
        await asyncio.sleep(REST_S)
        spent.append(spent_s({pid}) - before)
    return percentile(spent, 0.5)


async def measure(directory: Path, kind: type[Client]) -> list[float]:
    """Microseconds a delivery, KiB a client, microseconds to open one."""
    async with server(directory) as running:
        await fill(running.store_url, ROOM, clock, "a", 2 * CALLS + 200)
        async with staff(running) as desk:
            room = Room()
            try:
                await room.open(running.port, ["/live/board/hall"], kind)
                alone_s = await calls(running.pid, desk, room)
                first, more = CLIENTS // 10 - 1, CLIENTS * 9 // 10
                await room.open(running.port, ["/live/board/hall"] * first, kind)
                await asyncio.sleep(QUIET_S)
                kib, spent = resident_kib(running.pid), spent_s({running.pid})
                await room.open(running.port, ["/live/board/hall"] * more, kind)
                await asyncio.sleep(QUIET_S)
                open_s, kib = (spent_s({running.pid}) - spent) / more, resident_kib(running.pid) - kib
                each_s = (await calls(running.pid, desk, room) - alone_s) / (CLIENTS - 1)
            finally:
                room.close()
    return [each_s * 1e6, kib / more, open_s * 1e6]


def main() -> None:
    figures: list[list[float]] = []
    rows: list[list[object]] = []
    with tempfile.TemporaryDirectory(prefix="cb") as data, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for number, (name, kind) in enumerate(KINDS.items()):
            (directory := Path(data) / str(number)).mkdir()
            figures.append(runner.run(measure(directory, kind)))
            cells = [cell for one, first in zip(figures[-1], figures[0], strict=True) for cell in (one, one / first)]
            rows.append([name, *cells])
    head = ["1,000 clients", "us a delivery", "ratio", "KiB each, idle", "ratio", "us to open", "ratio"]
    show("three ways to the same documents", head, rows)


if __name__ == "__main__":
    main()
