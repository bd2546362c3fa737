"""What one event costs: the read of its location and the documents made of it, for no phone, for 10 and for 1,000."""

import asyncio
import tempfile
import time
from pathlib import Path

import uvloop

from bench.crowd import fill
from bench.figures import percentile, show
from bench.room import ROOM
from callboard.building import Builder
from callboard.compose import clock
from callboard.screens import CALLS, Screens
from callboard.store.embedded import Embedded
from callboard.store.reads import Reads
from callboard.store.redis import Connection
from callboard.store.transitions import Store

PHONES = (0, 10, 1_000)
TIMES = 40


async def measure(reads: Reads, tickets: list[str]) -> list[object]:
    build = Builder(Screens(reads, clock))
    channels = ["board:hall", *(f"ticket:{ticket}" for ticket in tickets)]
    read, whole = [], []
    for _ in range(TIMES):
        began = time.perf_counter()
        await reads.picture("bench", phones=tickets, calls=CALLS)
        between = time.perf_counter()
        documents = list(await build("bench", channels))
        whole.append((time.perf_counter() - between) * 1000)
        read.append((between - began) * 1000)
        await asyncio.sleep(0.01)
    assert len(documents) == len(channels)
    halves = [percentile(read, 0.5), percentile(whole, 0.5), percentile(whole, 0.99)]
    size = sum(len(document.body) for document in documents)
    return [f"{len(tickets):,}", *halves, halves[1] / len(channels) * 1000, f"{size:,}"]


async def run(data: Path) -> list[list[object]]:
    embedded = Embedded(data)
    url = await embedded.start()
    connection = Connection.open(url)
    store, reads = Store(connection, ROOM, clock), Reads(connection, ROOM)
    done = await fill(url, ROOM, clock, "a", 1_100)
    await store.open_desk("desk", staff="bench")
    for _ in range(60):
        await store.call_next("desk")
    tickets = sorted(each.ticket.id for each in done if each.ticket)[60:]
    rows = [await measure(reads, tickets[:count]) for count in PHONES]
    await connection.close()
    await embedded.stop()
    return rows


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="cb") as data, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        rows = runner.run(run(Path(data)))
    head = ["phones", "read p50 ms", "read and documents p50", "p99", "us a document", "bytes"]
    show("one look at a location", head, rows)


if __name__ == "__main__":
    main()
