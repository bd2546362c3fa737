"""`callboard` with a probe in its event loop, for bench_holds.py: `python -m bench.probed serve ...` writes into the
file `holds` each stretch of time in which the loop let nobody else have a turn."""

import asyncio
import atexit
import gc
import json
import os
import signal
import time
from collections import Counter
from types import FrameType
from typing import TextIO

import uvloop

from callboard.__main__ import main

FILE = "holds"  # in the working directory
TICK_S = 0.001
LEAST_S = 0.002  # the clock of the loop's timers counts milliseconds
LOOK_S, AGAIN_S = 0.004, 0.001  # a loop held for so long is asked what it does, and then again and again


class Probe:
    """A timer that notices how late it comes, of that how long the loop was at work by itself, and at what."""

    def __init__(self, loop: asyncio.AbstractEventLoop, out: TextIO) -> None:
        self._loop, self._out = loop, out
        self._seen: Counter[tuple[str, str]] = Counter()
        self._gc_s = self._gc_began = 0.0
        self._schedule = os.open("/proc/thread-self/schedstat", os.O_RDONLY)

    def begin(self) -> None:
        gc.callbacks.append(self._collecting)
        signal.signal(signal.SIGALRM, self._look)
        atexit.register(signal.setitimer, signal.ITIMER_REAL, 0)  # or it would end the program
        self._again()

    def _again(self) -> None:
        self._seen.clear()
        self._gc_s = 0.0
        self._at, self._cpu, self._waited = time.monotonic(), time.thread_time(), self._waited_ms()
        signal.setitimer(signal.ITIMER_REAL, LOOK_S, AGAIN_S)
        self._loop.call_later(TICK_S, self._tick)

    def _tick(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        now = time.monotonic()
        held_s = now - self._at - TICK_S
        if held_s >= LEAST_S:
            self._note(now, held_s)
        self._again()

    def _note(self, now: float, held_s: float) -> None:
        hold = {
            "ended": now,
            "held_ms": held_s * 1000,
            "cpu_ms": min(held_s, time.thread_time() - self._cpu) * 1000,
            "gc_ms": self._gc_s * 1000,
            "waited_ms": self._waited_ms() - self._waited,
            "at": [[*where, looks] for where, looks in self._seen.most_common()],
        }
        self._out.write(json.dumps(hold) + "\n")

    def _look(self, signum: int, frame: FrameType | None) -> None:
        """Of the functions under way, the one that the loop called, and the innermost two."""
        called, names = "the loop itself", list[str]()
        while frame and (file := frame.f_code.co_filename.rpartition("/")[2]) != "runners.py":
            called = f"{file} {frame.f_code.co_name}"
            names.append(f"{called}:{frame.f_lineno}")
            frame = frame.f_back
        self._seen[called, " < ".join(names[:2])] += 1

    def _waited_ms(self) -> float:
        """How long in all the kernel has had others run while this thread could have."""
        return int(os.pread(self._schedule, 100, 0).split()[1]) / 1e6

    def _collecting(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self._gc_began = time.monotonic()
        else:
            self._gc_s += time.monotonic() - self._gc_began


def probed_loop() -> uvloop.Loop:
    loop = uvloop.Loop()
    loop.call_soon(Probe(loop, open(FILE, "w", buffering=1, encoding="ascii")).begin)  # noqa: SIM115  until its end
    return loop


if __name__ == "__main__":
    uvloop.new_event_loop = probed_loop
    main(prog_name="callboard")
