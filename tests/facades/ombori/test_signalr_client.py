"""Microsoft's own SignalR client, on Node, hears what becomes of a position."""

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from callboard.facades.ombori.live import CHANNEL
from callboard.hub.connection import Pace
from callboard.hub.protocol import Close
from callboard.services import Services
from callboard.store.transitions import Done
from conftest import Clock
from facades.ombori.conftest import ROOT, STAFFED
from facades.ombori.test_signalr import Live, running

HERE = Path(__file__).parent / "signalr"
INSTALL = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The listening program, with the client that it needs beside it."""
    if not (shutil.which("node") and shutil.which("npm")):
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("no node and npm on this machine")
    directory = tmp_path_factory.mktemp("signalr")
    for file in HERE.iterdir():
        shutil.copy(file, directory)
    done = subprocess.run(INSTALL, cwd=directory, capture_output=True, text=True, timeout=150)
    assert done.returncode == 0, done.stderr
    return directory / "client.cjs"


class Heard:
    """What the program says, line by line."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def next(self) -> tuple[str, Any]:
        assert self._process.stdout
        async with asyncio.timeout(20):
            line = await self._process.stdout.readline()
        assert line, "the program has ended"
        said = json.loads(line)
        return said["what"], said["value"]

    async def started(self) -> dict[str, Any]:
        """The first position. What arrives together with the handshake's answer is heard before the start is said."""
        said = dict([await self.next(), await self.next()])
        assert said.keys() == {"started", "update"}
        assert said["started"] is True
        return self._position(said["update"])

    async def position(self) -> dict[str, Any]:
        """Of the next update."""
        what, value = await self.next()
        assert what == "update", (what, value)
        return self._position(value)

    def _position(self, value: dict[str, Any]) -> dict[str, Any]:
        assert value.keys() == {"position"}
        position: dict[str, Any] = value["position"]
        return position


@asynccontextmanager
async def client(
    program: Path, live: Live, path: str, *, timeout_ms: int = 30_000, **headers: str
) -> AsyncIterator[Heard]:
    url = f"http://127.0.0.1:{live.port}{path}?userId=8f0c1d9e-0000-4000-8000-000000000000"
    process = await asyncio.create_subprocess_exec(
        *("node", str(program), url, json.dumps(headers), str(timeout_ms)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin
    try:
        yield Heard(process)
        process.stdin.close()
        async with asyncio.timeout(20):
            await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_it_hears_the_walk_of_a_position(program: Path, services: Services, clock: Clock) -> None:
    async with running(services) as live:
        store, id = live.services.store, await live.join()
        await store.open_desk("d1", staff="kim")
        async with client(program, live, live.path(id)) as heard:
            told = await heard.started()
            assert (told["id"], told["status"], told["label"], told["numberInTheQueue"]) == (id, "pending", "A1", 1)
            assert told["_ts"] == clock.now // 1000
            walk: list[tuple[Callable[[], Awaitable[Done]], str]] = [
                (lambda: store.call_next("d1"), "notified"),
                (lambda: store.put_back(id), "pending"),
                (lambda: store.call_next("d1"), "notified"),
                (lambda: store.start(id), "fulfilled"),
                (lambda: store.finish(id), "completed"),
            ]
            for command, status in walk:
                clock.pass_(s=1)
                await command()
                told = await heard.position()
                assert (told["status"], told["_ts"]) == (status, clock.now // 1000)
            assert told["retryCount"] == 1


async def test_it_comes_back_by_itself_and_hears_the_newest(program: Path, services: Services) -> None:
    async with running(services) as live:
        id = await live.join()
        async with client(program, live, live.path(id)) as heard:
            first = await heard.started()
            live.services.fanout.hub.hang_up(f"{CHANNEL}:{id}", Close.RESTARTING)
            assert await heard.next() == ("reconnecting", None)
            said = [await heard.next(), await heard.next()]  # an update may come before it has said that it is back
            assert ("reconnected", None) in said
            assert ("update", {"position": first}) in said


async def test_it_keeps_the_connection_while_nothing_happens(program: Path, services: Services) -> None:
    """The client hangs up when it hears nothing for so long, not even a ping."""
    quick = running(services, pace=Pace(beat_s=0.1))
    async with quick as live, client(program, live, live.path(await live.join()), timeout_ms=600) as heard:
        await heard.started()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.5):
                await heard.next()


async def test_it_is_told_when_its_position_is_forgotten(program: Path, services: Services) -> None:
    async with running(services) as live:
        id = await live.join()
        async with client(program, live, live.path(id)) as heard:
            await heard.started()
            live.services.fanout.hub.hang_up(f"{CHANNEL}:{id}", Close.UNKNOWN)
            what, why = await heard.next()
            assert what == "closed"
            assert "unknown" in why


async def test_it_is_refused_what_there_is_not(program: Path, services: Services) -> None:
    async with running(services) as live:
        path = f"{ROOT}/queues/general/positions/00000000-0001-8abc-8def-0123456789ab"
        async with client(program, live, path) as heard:
            what, why = await heard.next()
            assert what == "refused"
            assert "404" in why


async def test_it_sends_its_key_where_one_is_needed(program: Path, services: Services, key: str) -> None:
    async with running(services) as live:
        path = live.path(await live.join(STAFFED), queue=STAFFED)
        async with client(program, live, path, ApiKey=key) as heard:
            assert (await heard.started())["status"] == "pending"
        async with client(program, live, path) as heard:
            what, why = await heard.next()
            assert what == "refused"
            assert "401" in why
