"""From the start of `callboard serve` as a process to its ready line: the first, a later one, one with 100,000 tickets.

The median of five. The private store reads its whole file before anything is answered.
"""

import asyncio
import io
import tempfile
import time
from contextlib import redirect_stdout
from pathlib import Path

import uvloop

from bench.child import server
from bench.crowd import fill
from bench.figures import percentile, show
from bench.room import FILE, ROOM
from callboard.compose import clock
from running import spawned

TIMES = 5
TICKETS = 100_000


async def start(directory: Path) -> float:
    """Seconds."""
    with redirect_stdout(io.StringIO()):
        began = time.perf_counter()
        async with spawned(directory, "serve", "--site", str(FILE), port=0) as running:
            await running.ready()
            return time.perf_counter() - began


async def run(directory: Path) -> list[list[object]]:
    fresh = [directory / f"first-{number}" for number in range(TIMES)]
    full = directory / "full"
    for each in (*fresh, full):
        each.mkdir()
    rows = [_row("first run, no data", [await start(each) for each in fresh])]
    rows.append(_row("again, no tickets", [await start(fresh[0]) for _ in range(TIMES)]))
    async with server(full) as running:
        await fill(running.store_url, ROOM, clock, "a", TICKETS)
    size = sum(path.stat().st_size for path in full.rglob("appendonly*") if path.is_file())
    label = f"again, {TICKETS:,} tickets ({size / 1e6:.0f} MB)"
    rows.append(_row(label, [await start(full) for _ in range(TIMES)]))
    return rows


def _row(label: str, seconds: list[float]) -> list[object]:
    return [label, percentile(seconds, 0.5), min(seconds), max(seconds)]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="cb") as data, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        rows = runner.run(run(Path(data)))
    show("start of serve to its ready line", ["data", "median s", "least", "most"], rows)


if __name__ == "__main__":
    main()
