"""Several `callboard serve` on one store, as on several machines, and a client that comes by any of them."""

from asyncio import TaskGroup, sleep, timeout
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import httpx2

from ledger import SITE, Ledger, Watcher, watching
from running import Running, administrator, serving

OFFICES = 3


class Anywhere(httpx2.AsyncClient):
    """Each request goes to any of the servers."""

    def __init__(self, urls: list[str], chance: Random, **options: Any) -> None:
        super().__init__(timeout=20, **options)
        self.urls = urls
        self._chance = chance

    async def request(self, method: str, url: Any, **options: Any) -> httpx2.Response:
        return await super().request(method, f"{self._chance.choice(self.urls)}{url}", **options)


class Offices:
    """`servers` are those that run; each has its screen, which watches that one's port whoever answers there."""

    def __init__(self, tmp_path: Path, stack: AsyncExitStack, settings: dict[str, Any]) -> None:
        self.servers: list[Running] = []
        self.ever: list[Running] = []  # also those that were killed
        self.screens: list[Watcher] = []
        self._tmp_path = tmp_path
        self._stack = stack
        self._settings = settings

    async def open(self, number: int, port: int = 0) -> Running:
        directory = self._tmp_path / f"office-{number}"
        directory.mkdir(exist_ok=True)
        (directory / "site.toml").write_text(SITE)
        server = await self._stack.enter_async_context(serving(directory, port=port, **self._settings))
        self.servers[number:] = [server, *self.servers[number + 1 :]]
        self.ever.append(server)
        return server

    async def agree(self, client: httpx2.AsyncClient, within_s: float = 30) -> None:
        """Waits until every screen shows what the store says, and what any server has for those who come new."""
        async with timeout(within_s):
            while await _in_line(client) != self._shown():  # noqa: ASYNC110 - other processes
                await sleep(0.1)
            async with TaskGroup() as tasks:
                for screen in self.screens:
                    tasks.create_task(screen.agrees(client, "/live/board/tv", within_s=within_s))

    def _shown(self) -> list[dict[str, int]]:
        return [_waiting(screen.shown.get("queues", ())) for screen in self.screens]

    @property
    def epochs(self) -> set[str]:
        return {screen.shown["epoch"] for screen in self.screens}

    async def begin_anew(self, before: set[str], within_s: float = 30) -> None:
        """Waits until all screens show one epoch that none had before."""
        async with timeout(within_s):
            while len(self.epochs) > 1 or self.epochs & before:  # noqa: ASYNC110 - other processes
                await sleep(0.02)


async def _in_line(client: httpx2.AsyncClient) -> list[dict[str, int]]:
    """How many wait in each queue, read from the store; as often as there are screens."""
    response = await client.get("/api/v1/locations/hall")
    return [_waiting(response.json()["queues"])] * OFFICES if response.status_code == 200 else []


def _waiting(queues: Iterable[dict[str, Any]]) -> dict[str, int]:
    return {queue["id"]: queue["waiting"] for queue in queues}


@asynccontextmanager
async def offices(tmp_path: Path, store: str, seed: int, **settings: Any) -> AsyncIterator[tuple[Offices, Ledger]]:
    """Three servers with a screen each, and a ledger whose clients come by any of them."""
    common: dict[str, Any] = {"site": "site.toml", "redis": store, "log_level": "warning"}
    common |= {"join_per_minute": 10_000, "numbers_per_hour": 10_000}
    common |= {"store_wait_s": 0.5}  # some requests are told to come again
    async with AsyncExitStack() as stack:
        found = Offices(tmp_path, stack, common | settings)
        first = await found.open(0)
        robin = await stack.enter_async_context(administrator(first))
        for number in range(1, OFFICES):
            await found.open(number)
        found.screens = [Watcher(server.live("board/tv")) for server in found.servers]
        chance = Random(seed)
        known = {"cookies": robin.cookies, "headers": {"X-CSRF-Token": robin.headers["X-CSRF-Token"]}}
        client = await stack.enter_async_context(Anywhere([server.url for server in found.servers], chance, **known))
        await stack.enter_async_context(watching(*found.screens))
        yield found, Ledger(client, chance)
