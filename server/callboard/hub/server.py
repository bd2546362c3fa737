"""uvicorn with what a live server needs besides: whoever does not read is dropped, and a goodbye comes in time."""

import asyncio
import socket
from asyncio.transports import Transport
from collections.abc import Callable
from typing import cast

import uvicorn
from uvicorn.config import Config

from callboard.hub.arriving import Arriving
from callboard.hub.door import door
from callboard.hub.few import Few
from callboard.hub.handshake import WebSockets
from callboard.hub.lean import Lean
from callboard.hub.room import lay_large_pieces_apart
from callboard.hub.sealed import Context

GOODBYE_S = 1.0  # for the answer to it, when the server stops
# New connections that are taken up in one turn of the loop; uvloop takes one for each socket that listens. Those who
# wait in the kernel are few (4096 on Debian), and whoever finds no room there asks again after 1, 3, 7, 15 seconds.
# With more than this nobody is served any sooner, and the loop is held.
AT_ONCE = 4


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
        self._arriving: set[Arriving] = set()  # over TLS

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As the library's for sockets that are given, but TLS begins with `Arriving`. Raises TypeError."""
        loop = asyncio.get_running_loop()
        if not isinstance(self.config.ssl, Context | None):
            raise TypeError("a TLS context whose connections can be written to past their transports is wanted")
        if self.config.ssl:
            lay_large_pieces_apart()
        self.servers = [
            await loop.create_server(self._arrive, sock=taking, backlog=self.config.backlog)
            for each in sockets or ()
            for taking in (each, *(each.dup() for _ in range(AT_ONCE - 1)))
        ]
        self.started = True

    def _arrive(self) -> asyncio.Protocol:
        context = cast(Context | None, self.config.ssl)
        return Arriving(context, self._answer, self._arriving) if context else self._answer()

    def _answer(self) -> asyncio.Protocol:
        config, state, kept = self.config, self.server_state, self.lifespan.state
        made = config.http_protocol_class(config=config, server_state=state, app_state=kept)  # type: ignore[call-arg]
        return made

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._farewell()
        async with asyncio.TaskGroup() as group:
            cutting = group.create_task(self._cut())
            await super().shutdown(sockets)
            cutting.cancel()
        self._turn_away()
        await asyncio.sleep(0)  # for the library to hang up

    def _turn_away(self) -> None:
        """Whose TLS handshake is not over; who is silent amid it is not waited for."""
        for each in tuple(self._arriving):
            each.give_up()

    async def _cut(self) -> None:
        """Listeners that have been told and do not go are not waited for; what was written still reaches them."""
        while True:
            await asyncio.sleep(GOODBYE_S)
            self._turn_away()
            for each in cast(set[asyncio.Protocol], set(self.server_state.connections)):
                transport: Transport = each.transport  # type: ignore[attr-defined]
                is_told = isinstance(each, WebSockets) or (isinstance(each, Lean) and each.is_ended)
                if is_told or _has_said_all(transport):
                    transport.abort()


def _has_said_all(transport: Transport) -> bool:
    """Over TLS, all but the end."""
    try:
        return transport.is_closing() and not transport.get_write_buffer_size()
    except AttributeError:  # asyncio's over TLS, which was closed twice
        return True
