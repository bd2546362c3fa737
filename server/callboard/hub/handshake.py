"""WebSockets as uvicorn and the library keep them: their handshake, and whoever does not leave after it.

Most leave at once, to be an object of the hub. So of a handshake as every client writes it no more is made than an
answer takes: the library's own state comes into being when something else than leaving is asked of it.
"""

import asyncio
import logging
from asyncio.transports import BaseTransport, Transport
from typing import Any, cast

from uvicorn._types import ASGISendEvent
from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.protocol import Protocol
from websockets.server import ServerProtocol
from websockets.utils import accept_key

from callboard.hub.connection import Gone
from callboard.hub.greeting import ACCEPTING, Pairs, Plain, headers_of
from callboard.hub.lean import Lean
from callboard.hub.leaving import LEAVE, NOTHING, Fuse, limit_sending

FRAME_BYTES = 4096  # clients have nothing to say; a longer message ends in 1009 before it is read whole
FRAMES_PER_S = 200
PIECE = 1024  # bytes

ACCEPTED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "

# uvicorn logs each handshake with its path, and the path of a ticket's page is a secret.
log = logging.getLogger(__name__)
log.setLevel(logging.WARNING)


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
        """All that uvicorn's own has, except `conn`."""
        self.config, self.app, self.app_state = config, config.loaded_app, app_state
        self.root_path, self.asgi_version = config.root_path, config.asgi_version
        self.connections, self.tasks = server_state.connections, server_state.tasks
        self.default_headers = server_state.default_headers
        self.loop = _loop or asyncio.get_running_loop()
        self.logger = log
        self.transport, self.scheme = cast(Transport, None), cast(Any, None)
        self.server = self.client = None
        self.queue, self.writable = asyncio.Queue(), asyncio.Event()
        self.writable.set()
        self.handshake_initiated = self.handshake_complete = False
        self.close_sent = self.disconnected = self.read_paused = False
        self.close_timer = self.ping_timer = self.pong_timer = None
        self.close_timeout, self.initial_response = 10.0, None
        self.ping_interval, self.ping_timeout = config.ws_ping_interval, config.ws_ping_timeout
        self.pending_ping_payload, self.ping_sent_at, self.last_ping_rtt = None, 0.0, 0.0
        self.frames, self.curr_msg_data_type = [], "bytes"
        self._conn: ServerProtocol | None = None
        self._greeted: tuple[str, Pairs] | None = None

    def _may_accept(self) -> bool:
        """Nothing has been said by either side, and nobody is gone."""
        is_over = self.handshake_complete or self.initial_response or self.disconnected or self.transport.is_closing()
        return bool(self._greeted) and self._conn is None and not is_over

    @property
    def conn(self) -> ServerProtocol:  # type: ignore[override]
        """The library's state, as it would be had it been there from the beginning."""
        if self._conn is None:
            self._conn = ServerProtocol(max_size=FRAME_BYTES, logger=log)
            if self._greeted:
                self._expect_frames()
                self.request = Request(self._greeted[0], headers_of(self._greeted[1]))
                self.response = self._conn.accept(self.request)
                if self.handshake_complete:
                    self._conn.send_response(self.response)
                    self._conn.data_to_send()
        return self._conn

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        self._stalled, self._ending = Fuse(self.transport), Fuse(self.transport)
        limit_sending(self.transport)

    def ask(self, request: Request) -> None:
        """The handshake begins with a request that was read already: what follows are frames."""
        self._expect_frames()
        self.handle_connect(request)

    def _expect_frames(self) -> None:
        """The head of the request was read, and not by the library."""
        self.conn.parser.close()
        self.conn.parser = Protocol.parse(self.conn)
        next(self.conn.parser)

    def greet(self, url: str, headers: Pairs, key: str) -> None:
        """The same, of a handshake whose `key_of` was found."""
        self._greeted, self._key = (url, headers), key
        self._conn = cast(ServerProtocol, ACCEPTING)
        self.handle_connect(cast(Request, Plain(url, headers)))
        self._conn = None

    async def send(self, message: ASGISendEvent) -> None:
        """To accept whom it greeted needs no library."""
        is_plain = message["type"] == "websocket.accept" and not (message.get("subprotocol") or message.get("headers"))
        if not is_plain or not self._may_accept():
            self._conn = self.conn  # and with it the library's `response`
            return await super().send(message)
        self.handshake_complete = True
        said = b"".join(b"%b: %b\r\n" % pair for pair in self.default_headers)
        self.transport.write(b"%b%b\r\n%b\r\n" % (ACCEPTED, accept_key(self._key).encode(), said))
        self.start_keepalive()

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
        if was_lost or transport.is_closing() or not self.queue.empty() or (self._conn and self.conn.reader.buffer):
            transport.abort()  # also one who speaks before it was answered, which no client may
            raise Gone
        self.scope["extensions"].clear()
        if self._conn:
            self._conn.parser.close()
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
