"""Hundreds of screens and phones lose their connections at one moment: all come back to the newest, for few reads."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from callboard.app import create_app
from callboard.building import Builder
from callboard.compose import streams
from callboard.descriptors import make_room
from callboard.domain.directory import Directory
from callboard.hub.fanout import Fanout
from callboard.hub.hub import Hub
from callboard.hub.protocol import Document
from callboard.store.redis import Connection
from callboard.store.transitions import Store
from conftest import Clock
from house import make_services, served
from hub.test_server import handshake

T = TypeVar("T")

SCREENS, PHONES = 500, 300
A_HANDFUL = 8
PATIENCE_S = 30


class Client(asyncio.Protocol):
    """One screen or phone, that only listens."""

    def __init__(self, path: str, number: int) -> None:
        self.path = path
        self.address = f"198.51.{number // 100}.{number % 100}"  # from one address only so many may come
        self.data = b""
        self.newest: dict[str, Any] = {}

    async def open(self, port: int) -> None:
        self.data, self.newest = b"", {}
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", port)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        request = f"{handshake(self.path)}\nX-Forwarded-For: {self.address}\n\n"
        transport.write(request.replace("\n", "\r\n").encode())

    def data_received(self, data: bytes) -> None:
        self.data += data
        if self.data.startswith(b"HTTP"):
            head, end, rest = self.data.partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 101 ")
            self.data = rest if end else self.data
        while self._frame():
            pass

    def _frame(self) -> bool:
        if len(self.data) < 4 or self.data.startswith(b"HTTP"):
            return False
        size, start = self.data[1], 2
        if size == 126:
            size, start = int.from_bytes(self.data[2:4], "big"), 4
        if len(self.data) < start + size:
            return False
        if self.data[0] == 0x81 and (said := json.loads(self.data[start : start + size]))["type"] != "beat":
            self.newest = said
        self.data = self.data[start + size :]
        return True


class Asked(Connection):
    """Counts what the store is asked, but for what waits for events."""

    times = 0

    async def call(self, ask: Callable[[], Awaitable[T]]) -> T:
        self.times += 1
        return await super().call(ask)


class Storm:
    """A hall with a screen's channel and those of many phones. `built` is how often each document was."""

    def __init__(self, port: int, clients: list[Client], store: Store, asked: Asked, built: Counter[str]) -> None:
        self.port = port
        self.clients = clients
        self.store = store
        self.asked = asked
        self.built = built

    async def all_come(self) -> None:
        await asyncio.gather(*(client.open(self.port) for client in self.clients))

    def all_go(self) -> None:
        for client in self.clients:
            client.transport.abort()

    async def all_know(self, seq: int) -> None:
        """Everybody has a document that tells of that event, or of a later one."""
        async with asyncio.timeout(PATIENCE_S):
            while not all(client.newest and client.newest["seq"] >= seq for client in self.clients):  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@pytest.fixture
async def storm(store_url: str, connection: Connection, directory: Directory, clock: Clock) -> AsyncIterator[Storm]:
    """All have come."""
    make_room()
    asked, built = Asked.open(store_url), Counter[str]()
    services = make_services(asked, directory, clock, trusted_proxies=("127.0.0.1",))
    build = Builder(services.screens)

    async def count(location: str, channels: list[str]) -> Iterable[Document]:
        built.update(channels)
        return await build(location, channels)

    fanout = Fanout(Hub(), streams=streams(asked), build=count, ping=asked.ping, clock=clock)
    taken = [await services.store.join("general") for _ in range(PHONES)]
    paths = ["/live/board/lobby"] * SCREENS + [f"/live/ticket/{done.token}" for done in taken]
    clients = [Client(path, number) for number, path in enumerate(paths)]
    fanning = asyncio.create_task(fanout.run())
    try:
        async with served(create_app(replace(services, fanout=fanout))) as port:
            storm = Storm(port, clients, services.store, asked, built)
            await storm.all_come()
            await storm.all_know(taken[-1].event.seq)
            yield storm
            storm.all_go()
    finally:
        fanning.cancel()
        await asyncio.gather(fanning, return_exceptions=True)
        await asked.close()


async def test_all_who_lost_their_connection_come_back_to_the_newest_for_a_few_reads(storm: Storm) -> None:
    await storm.store.open_desk("d1", staff="kim")
    storm.built.clear()
    storm.asked.times = 0
    storm.all_go()
    coming = asyncio.create_task(storm.all_come())
    called = await storm.store.call_next("d1")  # while they come
    await coming
    await storm.all_know(called.event.seq)
    assert max(storm.built.values()) <= A_HANDFUL
    assert storm.asked.times < PHONES / 2  # whose secrets are looked up, many at a time
