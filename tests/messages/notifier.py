"""`python -m messages.notifier SPEC`: the notifier of a server as a process of its own, in fast time, that can be told
on its standard input where to die."""

import asyncio
import sys
import threading

import msgspec
from msgspec import Struct

from callboard import compose
from callboard.delivery import worker
from callboard.domain.directory import Directory
from callboard.domain.model import Site
from callboard.settings import Settings
from callboard.starting import log_to_stderr
from callboard.store.redis import Connection
from messages.fast import Fast, FastLoop
from messages.points import Points


class Spec(Struct, frozen=True):
    time: Fast
    store: str
    site: Site
    settings: dict[str, str | int]


async def notify(spec: Spec) -> None:
    log_to_stderr("error")
    # What the store counts, it counts in its own time.
    worker.BLOCK_MS = round(2000 / spec.time.speed)
    worker.Worker._read.__kwdefaults__ |= {"idle_ms": round(60_000 / spec.time.speed)}  # type: ignore[operator]
    compose.clock = spec.time
    directory = Directory([spec.site])
    parts = compose.compose(msgspec.convert(spec.settings, Settings), Connection.open(spec.store, wait_s=60), directory)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(parts.worker.run())
        tasks.create_task(parts.look.run())
        print("ready", flush=True)


def obey(points: Points) -> None:
    for line in sys.stdin:
        points.die_at = line.strip()


if __name__ == "__main__":
    given = msgspec.json.decode(sys.argv[1], type=Spec)
    threading.Thread(target=obey, args=(Points(),), daemon=True).start()
    with asyncio.Runner(loop_factory=lambda: FastLoop(given.time.speed)) as runner:
        runner.run(notify(given))
