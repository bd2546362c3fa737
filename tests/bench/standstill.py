"""When a core itself stood still, as those of virtual machines do: for bench_holds.py, lest the server is blamed.

`python -m bench.standstill FILE` wakes each millisecond ahead of everybody else on its core, and notes when it could
not: the moment, and for how long (s). Without the right to go ahead of others it ends at once.
"""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.load import on_core

TICK_S = 0.001
LEAST_S = 0.001  # above a tick


@asynccontextmanager
async def watching(core: int, file: Path) -> AsyncIterator[None]:
    """Stopped by its id."""
    with on_core(core):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.standstill", str(file)),
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )
    try:
        yield
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def standstills(file: Path) -> list[tuple[float, float]]:
    """From when to when."""
    lines = file.read_text("ascii").splitlines() if file.exists() else []
    found = (tuple(map(float, line.split())) for line in lines)
    return [(ended - seconds, ended) for ended, seconds in found]


def _watch(file: Path) -> None:
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except OSError:
        return print("Left out: when the core itself stood still: only root may see that.", flush=True)
    with file.open("a", buffering=1) as out:
        before, parent = time.monotonic(), os.getppid()
        while os.getppid() == parent:  # nobody of this rank may be left behind
            time.sleep(TICK_S)
            now = time.monotonic()
            if now - before > TICK_S + LEAST_S:
                out.write(f"{now} {now - before - TICK_S}\n")
            before = now


if __name__ == "__main__":
    _watch(Path(sys.argv[1]))
