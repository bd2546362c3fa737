"""Several processes on one port and one store: any of them takes any command and serves any screen, and each may go."""

import asyncio
import json
import os
import re
import signal
from asyncio import timeout
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from random import Random
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from callboard.store.place import running_store
from ledger import SITE, Ledger, Watcher, watching
from processes import children, holder, is_running, until, workers
from running import Running, administrator, serving, spawned, visitor
from servers import start_server

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="asks Linux about processes"),
]

WORKERS = 2
EASY: dict[str, Any] = {"workers": WORKERS, "join_per_minute": 10_000, "log_level": "warning"}


class Screen(Watcher):
    """Another process may be a moment behind the one before: the newest wins, as on a real screen."""

    def _take(self, document: dict[str, Any]) -> None:
        if document["epoch"] != self.shown.get("epoch") or document.get("seq", 0) >= self.shown["seq"]:
            super()._take(document)


@asynccontextmanager
async def one_at_each(server: Running, path: str) -> AsyncIterator[dict[int, ClientConnection]]:
    """A listener at every worker. Who accepts a connection is for the system to say, so they may be many."""
    async with AsyncExitStack() as stack:
        found: dict[int, ClientConnection] = {}
        async with timeout(20):
            while len(found) < WORKERS:
                socket = await stack.enter_async_context(connect(server.live(path), max_queue=None))
                if pid := holder(server, socket):
                    found.setdefault(pid, socket)
        yield found


@asynccontextmanager
async def some_load(ledger: Ledger) -> AsyncIterator[None]:
    """One kiosk and one desk at work; at the end of the block each finishes what it is at."""
    await ledger.command("open", "desks/d1/open")
    async with asyncio.TaskGroup() as clients:
        clients.create_task(ledger.kiosk())
        clients.create_task(ledger.desk("d1"))
        yield
        ledger.closing = True


async def shows(socket: ClientConnection, label: str) -> None:
    async with timeout(20):
        while label not in [call["ticket"] for call in json.loads(await socket.recv()).get("calls", ())]:
            pass


async def code_of(socket: ClientConnection) -> int | None:
    """By which the server ends it; none when it dies."""
    try:
        async with timeout(20):
            while True:
                await socket.recv()
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


async def test_a_command_that_any_worker_takes_is_on_the_screens_of_all(tmp_path: Path) -> None:
    async with serving(tmp_path, **EASY) as server, administrator(server) as robin:
        assert (await robin.post("/api/v1/desks/desk-1/open")).status_code == 200
        async with one_at_each(server, "board/lobby") as screens:
            for number in range(1, 5):
                async with visitor(server) as someone:  # who comes by a new connection, to whichever worker
                    taken = await someone.post("/api/v1/tickets", json={"queue": "service"})
                    assert taken.json()["ticket"]["label"] == f"A{number:03d}"
                called = await robin.post("/api/v1/desks/desk-1/call_next", headers={"Connection": "close"})
                assert called.json()["ticket"]["label"] == f"A{number:03d}"
                for screen in screens.values():
                    await shows(screen, f"A{number:03d}")
        for _ in range(6):
            async with visitor(server) as someone:
                assert (await someone.get("/readyz")).status_code == 200
                told = (await someone.get("/metrics")).text
        joined = re.search(r'^callboard_http_requests_total{.*route="/api/v1/tickets".*} (\S+)$', told, re.M)
        assert joined and float(joined[1]) == 4  # all workers together, whichever is asked
        assert server.out.text.count("callboard ready on") == server.out.text.count("/setup/") == 1


async def test_a_worker_that_is_killed_is_started_again_and_nothing_is_lost(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text(SITE)
    async with serving(tmp_path, site="site.toml", **EASY) as server, administrator(server) as client:
        ledger, screen = Ledger(client, Random(3)), Screen(server.live("board/tv"))
        async with one_at_each(server, "board/tv") as screens, watching(screen):
            async with some_load(ledger):
                await ledger.reach(40)
                killed, other = screens
                os.kill(killed, signal.SIGKILL)
                assert await code_of(screens[killed]) is None
                await ledger.reach(len(ledger.answered) + 40)
                await until(lambda: len(workers(server) - {killed}) == WORKERS)
                await server.log.find(r"WARNING callboard.workers worker=\d pid=\d+ was started again")
                await ledger.reach(len(ledger.answered) + 20)
            await ledger.check()
            await screen.agrees(client, "/live/board/tv", within_s=20)
            assert holder(server, screens[other]) == other  # whom it did not concern
        assert set(ledger.statuses) <= {0, 200, 201, 409, 503}


async def test_told_to_exchange_its_workers_it_refuses_nobody(tmp_path: Path) -> None:
    """Each time a new one answers before an old one is told to stop; the site is read again, too."""
    (tmp_path / "site.toml").write_text(SITE)
    settings = EASY | {"log_level": "info"}
    async with serving(tmp_path, site="site.toml", **settings) as server, administrator(server) as client:
        ledger, screen = Ledger(client, Random(4)), Screen(server.live("board/tv"))
        before = workers(server)
        async with one_at_each(server, "board/tv") as screens, watching(screen), passing_by(server) as answered:
            async with some_load(ledger):
                await ledger.reach(20)
                (tmp_path / "site.toml").write_text(SITE.replace('"Advice"', '"Counsel"'))
                server.process.send_signal(signal.SIGHUP)
                assert [await code_of(socket) for socket in screens.values()] == [1012] * WORKERS
                await server.log.find("every worker is a new one")
                await ledger.reach(len(ledger.answered) + 20)
            await ledger.check()
            await screen.agrees(client, "/live/board/tv", within_s=20)
        assert answered and set(answered) == {200}
        assert not workers(server) & before and len(workers(server)) == WORKERS
        assert {queue["name"] for queue in screen.shown["queues"]} >= {"Counsel"}
        assert ledger.statuses[503] == 0
        assert ledger.statuses[0] <= WORKERS  # sent on an idle connection just as it was closed


@asynccontextmanager
async def passing_by(server: Running) -> AsyncIterator[list[int]]:
    """New connections, one after another for as long as the block lasts; what each was answered."""
    answered: list[int] = []
    over = asyncio.Event()

    async def come() -> None:
        while not over.is_set():
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            with closing(writer):
                writer.write(b"GET /api/v1/locations/hall HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
                answered.append(int((await reader.readuntil(b"\r\n")).split()[1]))
                await reader.read()
            await asyncio.sleep(0.01)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(2):
            tasks.create_task(come())
        try:
            yield answered
        finally:
            over.set()


async def test_a_site_with_a_mistake_exchanges_nobody(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text(SITE)
    async with serving(tmp_path, site="site.toml", **EASY) as server:
        before = workers(server)
        (tmp_path / "site.toml").write_text("[organization\n")
        server.process.send_signal(signal.SIGHUP)
        await server.log.find("ERROR callboard the site stays as it was; ")
        os.kill(min(before), signal.SIGKILL)  # and who comes instead serves the site that the others serve
        await server.log.find("was started again")
        await until(lambda: len(workers(server)) == WORKERS)
        async with one_at_each(server, "board/tv") as screens:
            assert set(screens) == workers(server)


async def test_a_parent_that_is_killed_leaves_nothing_behind(tmp_path: Path) -> None:
    (counting := tmp_path / "counting").mkdir()
    settings: dict[str, Any] = {"port": 0, "store_wait_s": 0.2, "env": {"TMPDIR": str(counting)}} | EASY
    async with spawned(tmp_path, "serve", **settings) as server:
        await server.ready()
        assert any(counting.iterdir())
        family = children(server.pid)
        assert len(family) == WORKERS + 1
        async with one_at_each(server, "board/lobby") as screens:
            os.kill(server.pid, signal.SIGKILL)
            assert [await code_of(socket) for socket in screens.values()] == [1012] * WORKERS
        await until(lambda: not any(map(is_running, family)))
        assert running_store(server.directory) is None
        assert not any(counting.iterdir())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_told_to_stop_everybody_stops_in_order(tmp_path: Path, number: signal.Signals) -> None:
    async with serving(tmp_path, **EASY) as server:
        family = children(server.pid)
        async with one_at_each(server, "board/lobby") as screens:
            closing = [asyncio.create_task(code_of(socket)) for socket in screens.values()]
            assert await server.stop(number) == 0
            assert await asyncio.gather(*closing) == [1012] * WORKERS
        assert not any(map(is_running, family))
        assert server.out.text.splitlines()[-1] == "callboard stopped"
        assert running_store(server.directory) is None
        assert server.log.text == ""


async def test_another_server_takes_the_port_over_and_nobody_is_refused(tmp_path: Path) -> None:
    """Commands, screens and people who come just then; the old one is told to stop when the new one answers."""
    (tmp_path / "site.toml").write_text(SITE)
    with start_server(tmp_path) as url:
        settings = {"site": "site.toml", "redis": url, "reuse_port": True, "join_per_minute": 10_000, "workers": 1}
        async with AsyncExitStack() as stack:
            old = await stack.enter_async_context(serving(tmp_path, **settings))
            client = await stack.enter_async_context(administrator(old))
            ledger, screen = Ledger(client, Random(5)), Screen(old.live("board/tv"))
            async with watching(screen), passing_by(old) as answered:
                async with some_load(ledger):
                    await ledger.reach(40)
                    new = await stack.enter_async_context(serving(tmp_path, **settings | {"port": old.port}))
                    assert await old.stop() == 0
                    await ledger.reach(len(ledger.answered) + 60)
                await ledger.check()
                await screen.agrees(client, "/live/board/tv", within_s=20)
            assert new.url == old.url
            assert answered and set(answered) == {200}
            assert ledger.statuses[503] == 0
            assert ledger.statuses[0] <= 1
            assert screen.connections >= 1
