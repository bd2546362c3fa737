"""What one event costs the server with 0, 1 and 100 webhooks, and how many deliveries a second 1 and 4 workers make.

The store is a private one without a journal. Workers are processes of their own; the receivers, which answer 204 at
once, share one process with what counts. A rate is that between the first delivery and the last.
"""

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvloop
from aiohttp import web

from bench.figures import show
from bench.room import ROOM
from callboard.compose import clock
from callboard.delivery.worker import item
from callboard.domain.events import Witnessed
from callboard.domain.watch import Watch
from callboard.noticed import SHAPE, OwnShape
from callboard.settings import Settings
from callboard.store.accounts import Accounts
from callboard.store.keys import partition
from callboard.store.reads import Reads
from callboard.store.redis import Connection
from callboard.store.stream import Group
from callboard.store.transitions import Store
from callboard.store.watches import Watches
from callboard.webhooks.planner import Planner
from callboard.webhooks.send import nobody
from callboard.webhooks.worker import NAME, notices, webhooks_worker
from servers import start_server

EVENTS = 200
RECEIVERS, TOLD = 16, 100  # each is told of so many events
HERE = partition("bench")


async def cost(url: str, count: int) -> float:
    """Milliseconds from an event that is read to its deliveries on their list."""
    connection = Connection.open(url)
    watches, reads, box = Watches(connection, clock), Reads(connection, ROOM), notices(connection)
    for number in range(count):
        await watches.add(Watch(organization="bench", shape=SHAPE, address=f"http://127.0.0.1:9/{number}"))
    await joins(connection, EVENTS)
    planner = Planner(reads, watches, box, {SHAPE: OwnShape()})
    group = Group(connection, NAME, HERE, "bench", Witnessed)
    await group.start()
    done, began = 0, time.perf_counter()
    while events := await group.read(count=20):
        for event in events:
            plan = await planner.plan(event)
            assert len(plan.schedule) == count
            if plan.schedule:
                await box.schedule(event.location, [item(each) for each in plan.schedule], (), clock())
        await group.ack(events)
        done += len(events)
    took = time.perf_counter() - began
    assert done == EVENTS
    await group.close()
    await connection.close()
    return took * 1000 / done


async def joins(connection: Connection, count: int) -> None:
    store = Store(connection, ROOM, clock)
    for _ in range(count):
        await store.join("a", force=True)


async def rate(url: str, workers: int) -> float:
    """Deliveries a second."""
    connection = Connection.open(url)
    watches, signing = Watches(connection, clock), Accounts(connection, clock, session_hours=1).signing
    moments: list[float] = []
    all_told = asyncio.Event()
    async with receivers(moments, all_told) as addresses:
        for address in addresses:
            key = await signing.make("bench", organization="bench")
            more = {"organization": "bench", "shape": SHAPE}
            await watches.add(Watch(**more, address=address, signing_keys=(key.id,)))  # type: ignore[arg-type]
        await joins(connection, TOLD)
        running = [
            await asyncio.create_subprocess_exec(sys.executable, __file__, url, str(number))
            for number in range(workers)
        ]
        async with asyncio.timeout(120):
            await all_told.wait()
        for process in running:
            process.terminate()
            await process.wait()
    await connection.close()
    assert len(moments) == RECEIVERS * TOLD, "told twice"
    return (len(moments) - 1) / (moments[-1] - moments[0])


@asynccontextmanager
async def receivers(moments: list[float], all_told: asyncio.Event) -> AsyncIterator[list[str]]:
    """Each at a port of its own: a server is asked by a few at once."""

    async def take(request: web.Request) -> web.Response:
        await request.read()
        moments.append(time.perf_counter())
        if len(moments) >= RECEIVERS * TOLD:
            all_told.set()
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app)
    await runner.setup()
    for _ in range(RECEIVERS):
        await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield [f"http://127.0.0.1:{address[1]}/hook" for address in runner.addresses]
    await runner.cleanup()


async def work(url: str, number: str) -> None:
    """One worker, until it is ended."""
    connection = Connection.open(url)
    settings = Settings(webhook_private_networks=("127.0.0.0/8",))
    signing = Accounts(connection, clock, session_hours=1).signing
    given = (Reads(connection, ROOM), Watches(connection, clock), signing, {SHAPE: OwnShape()}, settings, number)
    await webhooks_worker(*given, clock, random.random, lambda lane, state: None, nobody).run()


def main() -> None:
    costs, rates = [], []
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for count in (0, 1, 100):
            with tempfile.TemporaryDirectory(prefix="cb") as data, start_server(Path(data)) as url:
                costs.append([f"{count}", runner.run(cost(url, count))])
        for workers in (1, 4):
            with tempfile.TemporaryDirectory(prefix="cb") as data, start_server(Path(data)) as url:
                rates.append([f"{workers}", runner.run(rate(url, workers))])
    show("one event, from the stream to its due list", ["webhooks", "ms"], costs)
    show(f"deliveries to {RECEIVERS} receivers", ["workers", "a second"], rates)


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:])) if len(sys.argv) > 1 else main()
