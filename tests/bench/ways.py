"""One client of a live address for each of the three ways, cheap enough to be thousands: it knows the last event that
it was told of, and what came."""

import asyncio
import base64
import os
from typing import cast

SEQ = b'"seq":'


class Client(asyncio.Protocol):
    """`seq` is the newest event that a whole document has told of; `open` is set by the first."""

    def __init__(self, room: "Room", path: str) -> None:
        self.room = room
        self.path = path
        self.seq = -1
        self.open = asyncio.Event()
        self.left = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.ask()

    def ask(self) -> None:
        self.transport.write(self.request().encode())

    def request(self) -> str:
        return f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{self.headers()}\r\n"

    def headers(self) -> str:
        return ""

    def data_received(self, data: bytes) -> None:
        """Pieces of a document end with its last brace, alone or with what the way puts behind it."""
        data = self.left + data
        if not data.rstrip(b"\r\n").endswith(b"}"):
            self.left = data
            return
        self.left = b""
        found = data.rfind(SEQ)
        if found >= 0 and b'"type":"beat"' not in data[max(0, found - 20) : found]:
            self.told(int(data[found + len(SEQ) : found + 20].partition(b",")[0]))

    def told(self, seq: int) -> None:
        self.seq = seq
        self.open.set()
        self.room.heard(seq)


class WebSocket(Client):
    def headers(self) -> str:
        key = base64.b64encode(os.urandom(16)).decode()
        return f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"


class EventStream(Client):
    def headers(self) -> str:
        return "Accept: text/event-stream\r\n"


class LongPoll(Client):
    """Asks for the next document as soon as it has one, over the same connection."""

    def request(self) -> str:
        path = self.path if self.seq < 0 else f"{self.path}?after={self.seq}&wait=30"
        return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

    def told(self, seq: int) -> None:
        super().told(seq)
        self.ask()


class Room:
    """Clients, and until when they have all been told."""

    def __init__(self) -> None:
        self.clients: list[Client] = []
        self._wanted = -1
        self._missing = 0
        self._all = asyncio.Event()

    async def open(self, port: int, paths: list[str], kind: type[Client], per_address: int = 90) -> None:
        """One client for each path; they share addresses of this machine as the server's limits want it."""
        some = asyncio.Semaphore(50)

        async def one(number: int, path: str) -> None:
            local = (f"127.0.1.{1 + number // per_address}", 0)
            async with some, asyncio.timeout(30):
                _, client = await asyncio.get_running_loop().create_connection(
                    lambda: kind(self, path), "127.0.0.1", port, local_addr=local
                )
                self.clients.append(client)
                await client.open.wait()

        begin = len(self.clients)
        await asyncio.gather(*(one(begin + number, path) for number, path in enumerate(paths)))

    def heard(self, seq: int) -> None:
        if seq == self._wanted:
            self._missing -= 1
            if not self._missing:
                self._all.set()

    def expect(self, seq: int) -> None:
        """To be called before the event happens."""
        self._wanted, self._missing = seq, len(self.clients)
        self._all.clear()

    async def told(self) -> None:
        async with asyncio.timeout(30):
            await self._all.wait()

    def close(self) -> None:
        for client in self.clients:
            client.transport.abort()
