"""What it takes to end a connection in time, or to give it to another protocol."""

import asyncio
import socket
from asyncio.transports import Transport

SEND_BUFFER_BYTES = 65536  # in the kernel, for each who listens; the kernel doubles it
LEAVE = "callboard.leave"  # in the extensions of a scope: hands an accepted WebSocket over, or an answer that was begun


class Fuse:
    """Aborts a transport, unless it is put out in time. A plain close waits for the other end to read, for ever."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def light(self, seconds: float) -> None:
        self.put_out()
        self._timer = self._loop.call_later(seconds, self._transport.abort)

    def put_out(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None


class Nothing:
    """In the place of a transport that has been given away."""

    def close(self) -> None:
        pass


NOTHING = Nothing()


def limit_sending(transport: Transport) -> None:
    if wire := transport.get_extra_info("socket"):
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
