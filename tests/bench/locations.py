"""Our server with several locations, each with a desk that calls, screens and phones."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from bench.child import server, staff
from bench.crowd import fill
from bench.load import SERVER, on_core
from bench.ours import processes
from bench.peers import Served
from callboard import site
from callboard.compose import clock
from callboard.domain.directory import Directory

ORGANIZATION = '[organization]\nid = "bench"\nname = "Bench"\n'
LOCATION = """
[[locations]]
id = "l{0}"
name = "Location {0}"

[[locations.queues]]
id = "q{0}"
tag = "A"
name = "Queue"

[[locations.desks]]
id = "d{0}"
tag = "1"
name = "Desk"
queues = ["q{0}"]

[[locations.displays]]
id = "h{0}"
name = "Hall"
"""


@asynccontextmanager
async def locations(directory: Path, count: int, front: int, boards: int, phones: int) -> AsyncIterator[list[Served]]:
    """One of the answered for each location. In each, so many people in `front` will be called."""
    file = directory / "site.toml"
    file.write_text(
        '[organization]\nid = "bench"\nname = "Bench"\n' + "".join(map(LOCATION.format, range(count))), "ascii"
    )
    rooms = Directory(site.load([file]))
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        with on_core(SERVER):
            running = await stack.enter_async_context(server(directory, file))
        started_s, served = time.monotonic() - began, list[Served]()
        for number in range(count):
            await fill(running.store_url, rooms, clock, f"q{number}", front)
            done = await fill(running.store_url, rooms, clock, f"q{number}", phones)
            someone = await stack.enter_async_context(staff(running, f"d{number}"))
            paths = [f"/live/board/h{number}"] * boards + [f"/live/ticket/{each.token}" for each in done]
            request = someone.request(f"desks/d{number}/call_next")
            served.append(Served(running.port, lambda: processes(running), request, paths, started_s))
        yield served
