"""A WebSocket that says back what it hears: what every suite for frames wants, on the way that live ones go.

Handshake, handover and frames are the server's own; only what becomes of a message is not.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from callboard.hub.connection import Pace
from callboard.hub.frames import Op, frame
from callboard.hub.lean import Lean
from callboard.hub.leaving import LEAVE
from callboard.hub.protocol import Close
from house import served

LARGEST = 20_000_000  # of a message
LINGER_S = 2


class Echo(Lean):
    """No news are left out here: what has no room waits in the transport."""

    __slots__ = ()

    def hear(self, op: Op, payload: bytes) -> None:
        message = frame(op, payload)
        if self.is_blocked:
            self.write_rest(message)
        else:
            self._write(message)


class Alone:
    """The keeper of one socket. Of one that has said goodbye it waits only so long for the end."""

    def __init__(self, frame_bytes: int) -> None:
        self.pace = Pace(frame_bytes=frame_bytes, frames_per_s=1_000_000)
        self.socket = Echo(self)
        self._patience: asyncio.TimerHandle | None = None

    def close(self, code: Close) -> None:
        self.socket.close(code)

    def blocked(self, socket: Lean) -> None:
        pass

    def freed(self, socket: Lean) -> None:
        pass

    def ended(self, socket: Lean) -> None:
        self._patience = asyncio.get_running_loop().call_later(LINGER_S, socket.transport.abort)

    def hung_up(self, socket: Lean) -> None:
        socket.transport.close()

    def forget(self, socket: Lean) -> None:
        pass

    def lost(self, socket: Lean) -> None:
        if self._patience:
            self._patience.cancel()


@asynccontextmanager
async def echoing(frame_bytes: int = LARGEST, **options: Any) -> AsyncIterator[int]:
    """The port of a server whose address `/` echoes. `options` are uvicorn's."""

    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        websocket.scope["extensions"][LEAVE](Alone(frame_bytes).socket)

    async with served(Starlette(routes=[WebSocketRoute("/", echo)]), **options) as port:
        yield port
