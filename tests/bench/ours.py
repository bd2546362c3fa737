"""Our server as bench_fanout.py and those like it measure it: with people in line, and a path for each listener."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from bench.child import server, staff
from bench.crowd import fill
from bench.fanout_parts import Plan
from bench.load import SERVER, on_core, put_on_core
from bench.peers import Served, family
from bench.room import ROOM
from callboard.compose import clock


@asynccontextmanager
async def callboard(
    directory: Path, plan: Plan, size: int = 0, *, store_on: int = SERVER, **settings: Any
) -> AsyncIterator[Served]:
    """Those who wait are called in order; the phones are of those behind them. `store_on` is the core of its store."""
    async with AsyncExitStack() as stack:
        with on_core(SERVER):
            running = await stack.enter_async_context(server(directory, **settings))
        put_on_core(running.store_pid, store_on)
        await fill(running.store_url, ROOM, clock, "a", plan.tickets)
        paths = ["/live/board/hall"] * plan.listeners
        if plan.phones:
            done = await fill(running.store_url, ROOM, clock, "a", plan.listeners)
            paths = [f"/live/ticket/{each.token}" for each in done]
        someone = await stack.enter_async_context(staff(running))
        request = someone.request("desks/desk/call_next")
        yield Served(running.port, lambda: family(running.pid) | {running.store_pid}, request, paths)
