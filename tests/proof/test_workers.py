"""The long campaign on workers: they are killed, exchanged, and their server hands its port on, again and again."""

import os
import signal
from asyncio import sleep, timeout
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random

import pytest

from ledger import SITE, Ledger, watching
from processes import children, is_running, until, workers
from running import Running, administrator, serving
from servers import start_server
from test_workers import Screen, passing_by

pytestmark = [pytest.mark.proof, pytest.mark.timeout(1200)]

TIMES = 15
WORKERS = 3


async def test_workers_come_and_go_and_nothing_is_lost(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text(SITE)
    chance, done = Random(17), Counter[str]()
    with start_server(tmp_path) as url:
        settings = {
            "site": "site.toml",
            "redis": url,
            "reuse_port": True,
            "workers": WORKERS,
            "join_per_minute": 10_000,
            "log_level": "info",
        }
        async with AsyncExitStack() as stack:
            server = await stack.enter_async_context(serving(tmp_path, **settings))
            client = await stack.enter_async_context(administrator(server))
            ledger = Ledger(client, Random(18))
            screens = [Screen(server.live("board/tv")) for _ in range(6)]
            async with watching(*screens):
                async with ledger.load():
                    for number in range(TIMES):
                        await sleep(chance.uniform(0.1, 1))
                        what = ("killed", "exchanged", "handed on")[number % 3]
                        done[what] += 1
                        if what == "killed":
                            await kill_one(server, chance)
                        elif what == "exchanged":
                            await exchange(server)
                        else:
                            new = await stack.enter_async_context(serving(tmp_path, **settings | {"port": server.port}))
                            await stop(server)
                            server = new
                        async with timeout(20):
                            await ledger.reach(len(ledger.answered) + 20)
                await ledger.check()
                for screen in screens:
                    await screen.agrees(client, "/live/board/tv", within_s=20)
    print(f"{dict(done)}: {len(ledger.answered)} commands answered, attempts by status {dict(ledger.statuses)}")
    assert set(ledger.statuses) <= {0, 200, 201, 409}


async def kill_one(server: Running, chance: Random) -> None:
    killed = chance.choice(sorted(workers(server)))
    os.kill(killed, signal.SIGKILL)
    await until(lambda: len(workers(server) - {killed}) == WORKERS)


async def exchange(server: Running) -> None:
    """Meanwhile nobody who comes is refused."""
    server.log.text = ""
    async with passing_by(server) as answered:
        server.process.send_signal(signal.SIGHUP)
        await server.log.find("every worker is a new one", within_s=60)
    assert answered and set(answered) == {200}


async def stop(server: Running) -> None:
    family = children(server.pid)
    async with passing_by(server) as answered:
        assert await server.stop(within_s=30) == 0
    assert set(answered) <= {200}
    assert not any(map(is_running, family))
