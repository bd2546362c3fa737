"""uvicorn with what a live server needs besides: whoever does not read is dropped, and a goodbye comes in time."""

import asyncio
import socket
from asyncio.transports import Transport
from collections.abc import Callable
from typing import cast

import uvicorn
from uvicorn.config import Config

from callboard.hub.door import door
from callboard.hub.few import Few
from callboard.hub.handshake import WebSockets
from callboard.hub.lean import Lean

GOODBYE_S = 1.0  # for the answer to it, when the server stops


class Connections(Few[asyncio.Protocol]):
    """Those of a server, in half the room that ten thousand take in a set."""

    __slots__ = ()

    remove = Few.discard


class Server(uvicorn.Server):
    """`farewell` is called when the server begins to stop, before it waits for answers under way: endless ones end
    only when they are told."""

    def __init__(self, config: Config, farewell: Callable[[], object]) -> None:
        super().__init__(config)
        self.server_state.connections = Connections()  # type: ignore[assignment]
        self.server_state.door = door()  # type: ignore[attr-defined]
        self._farewell = farewell

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._farewell()
        async with asyncio.TaskGroup() as group:
            cutting = group.create_task(self._cut())
            await super().shutdown(sockets)
            cutting.cancel()

    async def _cut(self) -> None:
        """Listeners that have been told and do not go are not waited for; what was written still reaches them."""
        while True:
            await asyncio.sleep(GOODBYE_S)
            for each in cast(set[asyncio.Protocol], set(self.server_state.connections)):
                transport: Transport = each.transport  # type: ignore[attr-defined]
                has_said_all = transport.is_closing() and not transport.get_write_buffer_size()  # of TLS, but its end
                if has_said_all or isinstance(each, WebSockets) or (isinstance(each, Lean) and each.is_ended):
                    transport.abort()
