"""The long campaign: the store and the whole server are killed, and told to stop, again and again under load."""

import os
import signal
from asyncio import sleep, timeout
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random

import pytest

from ledger import SITE, Ledger, Watcher, watching
from running import Running, administrator, serving

pytestmark = [pytest.mark.proof, pytest.mark.timeout(1200)]

LIVES = 20  # of the server
KILLS = 3  # of the store in each
BACK_S = 10.0  # until commands are answered again, on a machine that does all of this at once


class Lives:
    """One server after another on the same directory and port."""

    def __init__(self, directory: Path, stack: AsyncExitStack) -> None:
        self._directory = directory
        self._stack = stack
        self._port = 0

    async def next(self) -> Running:
        settings = {"site": "site.toml", "join_per_minute": 10_000, "store_wait_s": 0.1, "log_level": "warning"}
        server = await self._stack.enter_async_context(serving(self._directory, port=self._port, **settings))
        self._port = server.port
        return server


@asynccontextmanager
async def campaign(tmp_path: Path, seed: int) -> AsyncIterator[tuple[Lives, Running, Ledger]]:
    """Load, a screen and a phone on servers that come and go; in the end everything has to be right."""
    (tmp_path / "site.toml").write_text(SITE)
    async with AsyncExitStack() as stack:
        lives = Lives(tmp_path, stack)
        server = await lives.next()
        client = await stack.enter_async_context(administrator(server))
        ledger = Ledger(client, Random(seed))
        first = await ledger.command("join", "tickets", queue="a")
        screen, phone = Watcher(server.live("board/tv")), Watcher(server.live(f"ticket/{first.token}"))
        async with watching(screen, phone):
            async with ledger.load():
                yield lives, server, ledger
            await ledger.check()
            await screen.agrees(client, "/live/board/tv", within_s=15)
            await phone.agrees(client, f"/live/ticket/{first.token}", within_s=15)
        print(f"seed {seed}: {len(ledger.answered)} commands answered, attempts by status {dict(ledger.statuses)}")
        print(f"the screen connected {screen.connections} times, the phone {phone.connections} times")


async def answers_again(ledger: Ledger) -> None:
    async with timeout(BACK_S):
        await ledger.reach(len(ledger.answered) + 12)


async def test_kills_of_the_store_and_of_the_server_lose_nothing_and_repeat_nothing(tmp_path: Path) -> None:
    chance, kills = Random(11), Counter[str]()
    async with campaign(tmp_path, 11) as (lives, server, ledger):
        for _ in range(LIVES):
            for _ in range(KILLS):
                await sleep(chance.uniform(0.1, 1.5))
                server.kill_store()
                kills["store"] += 1
                await answers_again(ledger)
            await sleep(chance.uniform(0.1, 1.5))
            if chance.random() < 0.3:
                server.kill_store()
                kills["both"] += 1
            os.kill(server.pid, signal.SIGKILL)
            kills["server"] += 1
            assert await server.ended() == -signal.SIGKILL
            server = await lives.next()
            await answers_again(ledger)
    print(f"kills: {dict(kills)}")
    assert ledger.statuses[0] > 0
    assert ledger.statuses[503] > 0


async def test_stops_under_load_are_orderly_and_lose_nothing(tmp_path: Path) -> None:
    chance = Random(13)
    async with campaign(tmp_path, 13) as (lives, server, ledger):
        for life in range(LIVES):
            await sleep(chance.uniform(0.1, 2))
            if life % 4 == 3:
                server.kill_store()
            server.process.send_signal(chance.choice([signal.SIGTERM, signal.SIGINT]))
            assert await server.ended(10) == 0
            server = await lives.next()
            await answers_again(ledger)
    assert set(ledger.statuses) <= {0, 200, 201, 409, 503}
