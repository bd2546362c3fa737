"""Many WebSocket clients that cost little: what comes is kept with its moment, and read afterwards."""

import asyncio
import base64
import os
import time
from collections.abc import Iterator
from typing import cast

PER_ADDRESS = 90  # twice that is less than the server lets one address have
CONNECTING = 50


class Socket(asyncio.Protocol):
    """One client of a live address. `arrived` holds what came, each piece with its moment (s)."""

    def __init__(self, host: str, path: str) -> None:
        self.arrived: list[tuple[float, bytes]] = []
        self.open = asyncio.get_running_loop().create_future()
        self._head = b""
        self._request = (
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n\r\n"
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self._request.encode())

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        if not self.open.done():
            self._head += data
            head, end, data = self._head.partition(b"\r\n\r\n")
            if not end:
                return
            if b" 101 " not in head.split(b"\r\n")[0] + b" ":
                self.open.set_exception(ConnectionError(head.decode()))
                return
            self.open.set_result(None)
        if data:
            self.arrived.append((now, data))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.open.done():
            self.open.set_exception(exc or ConnectionError("closed"))

    def frames(self) -> Iterator[tuple[float, bytes]]:
        """Every text that came whole, with the moment at which its last piece did."""
        left = b""
        for moment, data in self.arrived:
            left += data
            while (found := _frame(left)) is not None:
                text, left = found
                yield moment, text


def _frame(data: bytes) -> tuple[bytes, bytes] | None:
    """The first frame's text, and what follows it."""
    if len(data) < 2:
        return None
    size, start = data[1] & 127, 2
    if size >= 126:
        start = 4 if size == 126 else 10
        size = int.from_bytes(data[2:start], "big")
    return (data[start : start + size], data[start + size :]) if len(data) >= start + size else None


async def connect(port: int, paths: list[str]) -> list[Socket]:
    """One client for each path; they share addresses of this machine as the server's limits want it."""
    room = asyncio.Semaphore(CONNECTING)

    async def one(number: int, path: str) -> Socket:
        address = f"127.0.1.{1 + number // PER_ADDRESS}"
        async with room, asyncio.timeout(30):
            _, socket = await asyncio.get_running_loop().create_connection(
                lambda: Socket(f"127.0.0.1:{port}", path), "127.0.0.1", port, local_addr=(address, 0)
            )
            await socket.open
            return socket

    return list(await asyncio.gather(*(one(number, path) for number, path in enumerate(paths))))


def close(sockets: list[Socket]) -> None:
    for socket in sockets:
        socket.transport.abort()
