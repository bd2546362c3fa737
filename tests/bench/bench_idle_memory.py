"""What an idle WebSocket costs the server in memory: 1,000 screens of one board, then 1,000 phones, each with its own.

Resident memory of the server process, less what it had with 100 clients of the same kind, for each client more.
"""

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path

import uvloop

from bench.child import resident_kib, server
from bench.crowd import fill
from bench.figures import show
from bench.room import ROOM
from bench.sockets import Socket, close, connect
from callboard.compose import clock
from callboard.store.transitions import Done
from running import Running

FIRST, MORE = 100, 1_000
QUIET_S = 4  # until all have their first document


async def measure(directory: Path, kind: str, path: Callable[[Done], str]) -> list[object]:
    """On a server of its own: memory that others gave back would not be seen to grow."""
    async with server(directory) as running:
        done = await fill(running.store_url, ROOM, clock, "a", FIRST + MORE)
        paths = [path(each) for each in done]
        alone = resident_kib(running.pid)
        first = await grown(running, paths[:FIRST])
        before = resident_kib(running.pid)
        more = await grown(running, paths[FIRST:])
        after = resident_kib(running.pid)
        close([*first, *more])
    return [kind, f"{alone:,}", f"{before:,}", f"{after:,}", (after - before) / len(more)]


async def grown(running: Running, paths: list[str]) -> list[Socket]:
    sockets = await connect(running.port, paths)
    await asyncio.sleep(QUIET_S)
    assert all(socket.arrived for socket in sockets)
    return sockets


async def run(directory: Path) -> list[list[object]]:
    kinds: dict[str, Callable[[Done], str]] = {
        "screens of one board": lambda done: "/live/board/hall",
        "phones": lambda done: f"/live/ticket/{done.token}",
    }
    rows = []
    for number, (kind, path) in enumerate(kinds.items()):
        data = directory / str(number)
        data.mkdir()
        rows.append(await measure(data, kind, path))
    return rows


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="cb") as data, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        rows = runner.run(run(Path(data)))
    show(
        "memory of idle WebSockets",
        ["clients", "without KiB", f"{FIRST} KiB", f"{FIRST + MORE:,} KiB", "KiB each"],
        rows,
    )


if __name__ == "__main__":
    main()
