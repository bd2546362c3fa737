"""From the request to call the next ticket, as it is sent, to the document at a screen: of one, and of 1,000.

The server is a process of its own with its private store; the screens and the desk share one process, on the same
machine. `answer` is when the desk has its own answer, `last screen` when everybody has the document.
"""

import asyncio
import tempfile
import time
from pathlib import Path

import uvloop

from bench.child import Staff, server, staff
from bench.crowd import fill
from bench.figures import percentile, show
from bench.room import ROOM
from bench.sockets import Socket, close, connect
from callboard.compose import clock

SCREENS = {1: 300, 1_000: 60}  # and how often is called
PAUSE_S = 0.02  # between two calls: a desk does not call in bursts


async def call(desk: Staff, screens: list[Socket]) -> tuple[float, list[float]]:
    """How long the answer took, and each screen's document that shows the call (ms)."""
    for screen in screens:
        screen.arrived.clear()
    began = time.perf_counter()
    label = (await desk.post("desks/desk/call_next"))["ticket"]["label"]
    answered = time.perf_counter()
    needle = f'"{label}"'.encode()
    seen: list[float] = []
    waiting = screens
    while waiting:
        await asyncio.sleep(0.005)
        assert time.perf_counter() - began < 10
        still = []
        for screen in waiting:
            moment = next((moment for moment, text in screen.frames() if needle in text), None)
            if moment is None:
                still.append(screen)
            else:
                seen.append((moment - began) * 1000)
        waiting = still
    return (answered - began) * 1000, seen


async def measure(port: int, desk: Staff, count: int, times: int) -> list[object]:
    screens = await connect(port, ["/live/board/hall"] * count)
    answers: list[float] = []
    documents: list[float] = []
    last: list[float] = []
    for _ in range(times + 5):
        answered, seen = await call(desk, screens)
        answers.append(answered)
        documents += seen
        last.append(max(seen))
        await asyncio.sleep(PAUSE_S)
    close(screens)
    answers, documents, last = answers[5:], documents[5 * count :], last[5:]
    figures = [percentile(documents, 0.5), percentile(documents, 0.99), max(documents)]
    return [f"{count:,}", *figures, percentile(last, 0.5), percentile(answers, 0.5), percentile(answers, 0.99)]


async def run(directory: Path) -> list[list[object]]:
    async with server(directory) as running:
        await fill(running.store_url, ROOM, clock, "a", sum(SCREENS.values()) + 5 * len(SCREENS))
        async with staff(running) as desk:
            return [await measure(running.port, desk, count, times) for count, times in SCREENS.items()]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="cb") as data, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        rows = runner.run(run(Path(data)))
    head = ["screens", "p50 ms", "p99 ms", "max ms", "last screen p50", "answer p50", "answer p99"]
    show("a call, from the request to the screen", head, rows)


if __name__ == "__main__":
    main()
