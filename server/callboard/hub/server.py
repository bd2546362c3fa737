"""uvicorn with what a live server needs besides: whoever does not read is dropped, and a goodbye comes in time."""

import asyncio
import logging
import socket
from asyncio.transports import BaseTransport, Transport
from collections.abc import Callable
from typing import Any, cast

import uvicorn
from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.protocol import Protocol

from callboard.hub.connection import Gone
from callboard.hub.door import door
from callboard.hub.few import Few
from callboard.hub.lean import Lean

FRAME_BYTES = 4096  # clients have nothing to say; a longer message ends in 1009 before it is read whole
SEND_BUFFER_BYTES = 65536  # in the kernel, for each who listens; the kernel doubles it
FRAMES_PER_S = 200
PIECE = 1024  # bytes
LEAVE = "callboard.leave"  # in the extensions of a scope: hands an accepted WebSocket over, or an answer that was begun
GOODBYE_S = 1.0  # for the answer to it, when the server stops

# uvicorn logs each handshake with its path, and the path of a ticket's page is a secret.
log = logging.getLogger(__name__)
log.setLevel(logging.WARNING)


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


class WebSockets(WebSocketsSansIOProtocol):
    """A WebSocket connection with small buffers and no compression, dropped when the client does not read."""

    stall_s = 12.0  # after the hub's own patience
    linger_s = 5.0  # for a closing handshake
    _said_until = 0.0

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.logger = log
        self.conn.logger = log
        self.conn.max_message_size = FRAME_BYTES
        self.conn.available_extensions = None

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        self._stalled, self._ending = Fuse(self.transport), Fuse(self.transport)
        limit_sending(self.transport)

    def ask(self, request: Request) -> None:
        """The handshake begins with a request that was read already: what follows are frames."""
        self.conn.parser.close()
        self.conn.parser = Protocol.parse(self.conn)
        next(self.conn.parser)
        self.handle_connect(request)

    def data_received(self, data: bytes) -> None:
        """In small pieces: the library takes apart all that it is given before anybody can object."""
        for at in range(0, len(data), PIECE):
            if self.transport.is_closing():
                return
            super().data_received(data[at : at + PIECE])

    def handle_events(self) -> None:
        """One who says too much is cut off. Whoever listens to what is said puts up with less."""
        self._said_until = max(self._said_until, self.loop.time()) + len(self.conn.events) / FRAMES_PER_S
        if self._said_until - self.loop.time() > 1:
            self.transport.abort()
        else:
            super().handle_events()

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.handshake_initiated and not self.close_sent:
            cast(dict[str, Any], self.scope["extensions"])[LEAVE] = self.leave

    def leave(self, successor: Lean) -> None:
        """Give the transport of an accepted WebSocket to another protocol, and be no more; raises `Gone`.

        This leans on the insides of uvicorn: it closes `transport` when the application has returned, counts
        `connections` when it stops, and sends nothing once it is `disconnected`. Loops that everything hangs in are
        undone, so that all of it goes at once and not when garbage is collected.
        """
        transport, self.transport = self.transport, cast(Transport, NOTHING)
        self.stop_keepalive()
        self.connections.discard(self)
        was_lost, self.disconnected = self.disconnected, True
        if was_lost or transport.is_closing() or not self.queue.empty() or self.conn.reader.buffer:
            transport.abort()  # also one who speaks before it was answered, which no client may
            raise Gone
        self.scope["extensions"].clear()
        self.conn.parser.close()
        transport.set_protocol(successor)
        successor.begin(transport, self.connections)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stalled.put_out()
        self._ending.put_out()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stalled.light(self.stall_s)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stalled.put_out()

    def handle_ping(self) -> None:
        """Pings are answered outside the flow control, so one who pings and never reads would fill the memory."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.transport.abort()

    def handle_cont(self, event: Frame) -> None:
        """Fragments of nothing cost nothing to send, and each is kept until the last."""
        if len(self.frames) < FRAME_BYTES:
            super().handle_cont(event)
        else:
            self.transport.abort()

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self._ending.light(1)

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        """All has been said, at a shutdown too; what is left is the closing handshake."""
        super().on_task_complete(task)
        if not self.disconnected:
            self._ending.light(self.linger_s if self.writable.is_set() else 0)


class Nothing:
    """In the place of a transport that has been given away."""

    def close(self) -> None:
        pass


NOTHING = Nothing()


def limit_sending(transport: Transport) -> None:
    if wire := transport.get_extra_info("socket"):
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
