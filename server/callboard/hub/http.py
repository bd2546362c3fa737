"""An HTTP connection of uvicorn that can be given away: to a WebSocket, to an endless answer, to one who asks on."""

import socket
from asyncio.transports import BaseTransport, Transport
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, cast

from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState
from websockets.http11 import Request

from callboard.hub.asker import LEND, Lent, Question, question
from callboard.hub.connection import Gone
from callboard.hub.greeting import headers_of, key_of
from callboard.hub.handshake import WebSockets
from callboard.hub.lean import Lean
from callboard.hub.leaving import LEAVE, NOTHING, Fuse, limit_sending

UNHEARD_MS = 30_000  # what was sent and not acknowledged for so long has met a dead end

BODY = {b"content-length", b"transfer-encoding"}  # what a handshake has none of


class Http(HttpToolsProtocol):
    """An HTTP connection that is dropped when an answer meets no reader."""

    stall_s = 12.0
    _came = b""  # last
    _given: Mapping[str, Any] = MappingProxyType({})  # for the extensions of the next request
    _answering: RequestResponseCycle | None = None  # while others wait behind it, `cycle` is the last of them

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
        if self._answering and self.pipeline:
            self._answering.disconnected = True
            self._answering.message_event.set()
            self.pipeline.clear()
        self._answering = None
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

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

    async def lend(self, asked: Question, after: int, begin: Callable[[], Awaitable[None]]) -> Lent | None:
        """`begin` begins an answer, which is not sent: it has the head for this one and for those that follow. None
        where another request waits behind this one."""
        if self.pipeline:
            return None
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
        cycle.transport = self.transport = cast(Transport, NOTHING)
        self._answering = None
        self.connections.discard(self)
        self._stalled.put_out()
        if was_lost or transport.is_closing() or self.pipeline or cycle.more_body:
            transport.abort()
            raise Gone
        self.flow.resume_reading()
        self.scope.pop("extensions")
        self.parser = None  # type: ignore[assignment]
        limit_sending(transport)
        transport.set_protocol(successor)
        successor.begin(transport, self.connections)

    def handle_websocket_upgrade(self) -> None:
        """A head that is as it should be goes over as it was read; else it is written out again, for the library to
        find what is wrong."""
        plain = (self.scope["method"], self.scope["http_version"]) == ("GET", "1.1") and self.url.isascii()
        if plain and not BODY & {name for name, _ in self.headers}:
            self._hand_over()
        else:
            super().handle_websocket_upgrade()
        self.parser = None  # type: ignore[assignment]  # each holds the other until garbage is collected

    def _hand_over(self) -> None:
        self.connections.discard(self)
        self._stalled.put_out()
        protocol = cast(type[WebSockets], self.ws_protocol_class)(self.config, self.server_state, self.app_state)
        protocol.connection_made(self.transport)
        self.transport.set_protocol(protocol)
        url = self.url.decode()
        if key := key_of(self.headers):
            protocol.greet(url, self.headers, key)
        else:
            protocol.ask(Request(url, headers_of(self.headers)))


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


def _notice_dead_ends(transport: Transport) -> None:
    wire = transport.get_extra_info("socket")
    if wire and wire.family != socket.AF_UNIX and hasattr(socket, "TCP_USER_TIMEOUT"):
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNHEARD_MS)
