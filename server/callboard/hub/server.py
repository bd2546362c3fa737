"""uvicorn with what a live server needs besides: whoever does not read is dropped, and a goodbye comes in time."""

import asyncio
import logging
import socket
from asyncio.transports import BaseTransport, Transport
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, cast

import uvicorn
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.datastructures import Headers
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.protocol import Protocol

from callboard.hub.asker import LEND, Lent, Question, question
from callboard.hub.connection import Gone
from callboard.hub.lean import Lean

FRAME_BYTES = 4096  # clients have nothing to say; a longer message ends in 1009 before it is read whole
SEND_BUFFER_BYTES = 65536  # in the kernel, for each who listens; the kernel doubles it
LEAVE = "callboard.leave"  # in the extensions of a scope: hands an accepted WebSocket over, or an answer that was begun
GOODBYE_S = 1.0  # for the answer to it, when the server stops
UNHEARD_MS = 30_000  # what was sent and not acknowledged for so long has met a dead end

BODY = {b"content-length", b"transfer-encoding"}  # what a handshake has none of

# uvicorn logs each handshake with its path, and the path of a ticket's page is a secret.
log = logging.getLogger(__name__)
log.setLevel(logging.WARNING)


class Server(uvicorn.Server):
    """`farewell` is called when the server begins to stop, before it waits for answers under way: endless ones end
    only when they are told."""

    def __init__(self, config: Config, farewell: Callable[[], object]) -> None:
        super().__init__(config)
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
                if isinstance(each, WebSockets) or (isinstance(each, Lean) and each.is_ended):
                    each.transport.abort()


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


class Http(HttpToolsProtocol):
    """An HTTP connection that is dropped when an answer meets no reader."""

    stall_s = 12.0
    _came = b""  # last
    _given: Mapping[str, Any] = MappingProxyType({})  # for the extensions of the next request

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(cast(Transport, transport))
        self._stalled = Fuse(self.transport)
        _notice_dead_ends(self.transport)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stalled.light(self.stall_s)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stalled.put_out()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stalled.put_out()
        if self.scope:
            self.scope.pop("extensions", None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._came = data
        super().data_received(data)

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        if self.cycle and self.cycle.scope is self.scope and self.scope["method"] == "GET":
            self.scope["extensions"] = extensions = {LEAVE: self.leave, **self._given}
            if self.cycle.keep_alive and not self._given and (asked := question(self._came)):
                extensions[LEND] = partial(self.lend, *asked)
            self._given = {}

    async def lend(self, asked: Question, after: int, begin: Callable[[], Awaitable[None]]) -> Lent:
        """`begin` begins an answer, which is not sent: it has the head for this one and for those that follow."""
        self.cycle.transport = head = cast(Transport, _Head())
        try:
            await begin()
        finally:
            self.cycle.transport = self.transport
        home = partial(_take_back, type(self), self.config, self.server_state, self.app_state)
        return Lent(asked, after, cast(_Head, head).lines, self.leave, home)

    def leave(self, successor: Lean) -> None:
        """Give the transport of an answer whose head was sent to another protocol, and be no more; raises `Gone`.

        This leans on the insides of uvicorn as `WebSockets.leave` does. What came behind the request is thrown away.
        """
        transport, cycle = self.transport, self.cycle
        was_lost, cycle.disconnected = cycle.disconnected, True
        cycle.transport = self.transport = cast(Transport, _NOTHING)
        self.connections.discard(self)
        self._stalled.put_out()
        if was_lost or transport.is_closing() or self.pipeline or cycle.more_body:
            transport.abort()
            raise Gone
        self.flow.resume_reading()
        self.scope.pop("extensions")
        self.parser = None  # type: ignore[assignment]
        _limit_sending(transport)
        transport.set_protocol(successor)
        successor.begin(transport, self.connections)

    def handle_websocket_upgrade(self) -> None:
        """A head that is as it should be goes over as it was read; else it is written out again, for the library to
        find what is wrong."""
        plain = (self.scope["method"], self.scope["http_version"]) == ("GET", "1.1") and self.url.isascii()
        if plain and not BODY & {name for name, _ in self.headers}:
            self._hand_over(Request(self.url.decode(), _headers(self.headers)))
        else:
            super().handle_websocket_upgrade()
        self.parser = None  # type: ignore[assignment]  # each holds the other until garbage is collected

    def _hand_over(self, request: Request) -> None:
        self.connections.discard(self)
        protocol = cast(type[WebSockets], self.ws_protocol_class)(self.config, self.server_state, self.app_state)
        protocol.connection_made(self.transport)
        self.transport.set_protocol(protocol)
        protocol.ask(request)


class WebSockets(WebSocketsSansIOProtocol):
    """A WebSocket connection with small buffers and no compression, dropped when the client does not read."""

    stall_s = 12.0  # after the hub's own patience
    linger_s = 5.0  # for a closing handshake

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
        _limit_sending(self.transport)

    def ask(self, request: Request) -> None:
        """The handshake begins with a request that was read already: what follows are frames."""
        self.conn.parser.close()
        self.conn.parser = Protocol.parse(self.conn)
        next(self.conn.parser)
        self.handle_connect(request)

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
        transport, self.transport = self.transport, cast(Transport, _NOTHING)
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


def _headers(pairs: Iterable[tuple[bytes, bytes]]) -> Headers:
    headers = Headers()
    for name, value in pairs:
        headers[name.decode("latin-1")] = value.decode("latin-1")
    return headers


def _take_back(
    kind: type[Http],
    config: Config,
    state: ServerState,
    app_state: dict[str, Any],
    transport: Transport,
    data: bytes,
    given: Mapping[str, Any],
) -> Http:
    http = kind(config, state, app_state)
    http._given = given
    transport.set_protocol(http)
    http.connection_made(transport)
    if data:
        http.data_received(data)
    return http


class _Head:
    """In the place of a transport while the head of an answer is written, which is kept."""

    lines = b""

    def write(self, data: bytes) -> None:
        """All but the first line, and the moment."""
        kept = [line for line in data.split(b"\r\n")[1:] if line and not line.startswith(b"date:")]
        self.lines = b"".join(line + b"\r\n" for line in kept)

    def close(self) -> None:
        pass


class _Nothing:
    """In the place of a transport that has been given away."""

    def close(self) -> None:
        pass


_NOTHING = _Nothing()


def _limit_sending(transport: Transport) -> None:
    if wire := transport.get_extra_info("socket"):
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)


def _notice_dead_ends(transport: Transport) -> None:
    wire = transport.get_extra_info("socket")
    if wire and wire.family != socket.AF_UNIX and hasattr(socket, "TCP_USER_TIMEOUT"):
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNHEARD_MS)
