"""Our server as bench_fanout.py and those like it measure it: with people in line, and a path for each listener."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

from bench.child import server, staff
from bench.crowd import fill
from bench.fanout_parts import Plan
from bench.load import SERVER, on_core, put_on_core
from bench.peers import Served, family, spent_s
from bench.room import ROOM
from callboard.compose import clock
from running import Running

SETTLING_S = 120
LOOK_S = 0.5
IDLE = 0.06  # of a core
BOARD = "/live/board/hall"

Pages = Callable[[list[str]], list[str]]  # paths of what is open, of those of all phones


def callboard(
    directory: Path, plan: Plan, size: int = 0, *, store_on: int = SERVER, **settings: Any
) -> AbstractAsyncContextManager[Served]:
    """Every listener has the board, or each a page of their own behind those who will be called."""

    def pages(phones: list[str]) -> list[str]:
        return phones or [BOARD] * plan.listeners

    behind = plan.listeners if plan.phones else 0
    return line(directory, plan.tickets, behind, pages, store_on=store_on, **settings)


@asynccontextmanager
async def line(
    directory: Path,
    front: int,
    behind: int,
    pages: Pages,
    *,
    on: int | None = SERVER,
    store_on: int = SERVER,
    idle: float = IDLE,
    **settings: Any,
) -> AsyncIterator[Served]:
    """Those in `front` will be called, in order; those `behind` them may have their pages open. The server is `on` a
    core, and its store too; None is wherever there is room. When it takes less than `idle` of a core it is at rest."""
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        with nullcontext() if on is None else on_core(on):
            running = await stack.enter_async_context(server(directory, **settings))
        started_s = time.monotonic() - began
        if on is not None:
            put_on_core(running.store_pid, store_on)
        await fill(running.store_url, ROOM, clock, "a", front)
        done = await fill(running.store_url, ROOM, clock, "a", behind) if behind else []
        someone = await stack.enter_async_context(staff(running))
        await settled(processes(running), idle)
        yield Served(
            running.port,
            lambda: processes(running),
            someone.request("desks/desk/call_next"),
            pages([f"/live/ticket/{each.token}" for each in done]),
            started_s,
            is_tls="tls_cert" in settings,
        )


async def settled(pids: set[int], idle: float = IDLE) -> None:
    """Until they are idle: nobody has to be told any more of those who were put in line."""
    async with asyncio.timeout(SETTLING_S):
        spent, before = spent_s(pids), -1.0
        while spent - before > idle * LOOK_S:
            await asyncio.sleep(LOOK_S)
            before, spent = spent, spent_s(pids)


def processes(running: Running) -> set[int]:
    """Those of the server, and its store; without the short-lived ones by which a store writes to the disk."""
    store = running.store_pid
    return family(running.pid) - family(store) | {store}
