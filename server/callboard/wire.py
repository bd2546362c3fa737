"""The wire below the application: a request that comes too slowly, or has too long a head, is not listened to."""

import fcntl
import sys
import termios
from asyncio.transports import BaseTransport, Transport
from http import HTTPStatus
from ssl import SSLContext
from typing import Any

import msgspec

from callboard.hub import handshake, http
from callboard.hub.door import Door
from callboard.hub.lean import Lean
from callboard.hub.leaving import Fuse
from callboard.listening import BACKLOG

HEAD_BYTES = 16_384
HEADERS = 100
LISTENING = b"GET /live/"
REQUESTS = 32  # that wait behind one; what is read at once has room for ten thousand, and everybody would wait


class HeadTooLong(Exception):
    """More in the head of a request than anybody needs."""


class TooManyAtOnce(Exception):
    """More requests than anybody sends before the first is answered."""


class Http(http.Http):
    """An HTTP connection with deadlines for what comes in: the head of a request, and then its body, whether or not
    anybody reads it. The application answers a slow body before this ends it."""

    head_s = 10.0
    body_s = 35.0
    last_s = 1.0
    _is_last = False
    _is_new = True
    _held = b""

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        self._late = Fuse(self.transport)
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        """Who comes to listen waits at the door; what comes meanwhile waits with it."""
        door: Door | None = getattr(self.server_state, "door", None)
        if self._held:
            self._held += data
            if len(self._held) > HEAD_BYTES:
                self.transport.abort()
        elif door and self._is_new and data.startswith(LISTENING):
            self._held = data
            self._late.put_out()  # now it is we who are late
            door.add(self._come_in)
        else:
            self._received(data)
        self._is_new = False

    def _come_in(self) -> None:
        held, self._held = self._held, b""
        if not self.transport.is_closing():
            self._expect_head()
            self._received(held)

    def _received(self, data: bytes) -> None:
        if self._is_idle:
            self._expect_head()
        self._began_here = False
        super().data_received(data)
        if self._in_head and not self._began_here and not self.transport.is_closing():
            self._seen += len(data)  # a line without an end reaches no callback of the parser
            if self._seen > HEAD_BYTES:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if not self._in_head:
            self._expect_head()
        self._began_here = True

    def on_headers_complete(self) -> None:
        length = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if length > HEAD_BYTES or len(self.headers) > HEADERS:
            self._is_too_long = True
            raise HeadTooLong  # the parser stops, and asks for the answer to a request that it cannot read
        if len(self.pipeline) == REQUESTS:
            raise TooManyAtOnce
        self._in_head = False
        self._late.light(self.body_s)
        super().on_headers_complete()
        if self.cycle is not None and (self._is_last or not self.config.timeout_keep_alive):
            self.cycle.default_headers = [*self.cycle.default_headers, (b"connection", b"close")]

    def on_message_complete(self) -> None:
        self._is_idle = True
        self._late.put_out()
        super().on_message_complete()

    def leave(self, successor: Lean) -> None:
        self._late.put_out()
        super().leave(successor)

    def handle_websocket_upgrade(self) -> None:
        self._late.put_out()
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        """What the parser refuses, in our envelope."""
        too_long = self._is_too_long
        self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE if too_long else HTTPStatus.BAD_REQUEST)

    def connection_lost(self, exc: Exception | None) -> None:
        self._late.put_out()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """The server stops, and whoever has asked is answered: also where the request is still to be read, and where
        somebody has connected just now. Their next one goes elsewhere."""
        if self._in_head or _unread(self.transport):
            self._is_last = True
            self._late.light(self.last_s)
        else:
            super().shutdown()

    def _expect_head(self) -> None:
        self._in_head, self._is_idle, self._is_too_long, self._began_here = True, False, False, False
        self._seen = 0
        self._late.light(self.head_s)

    def _refuse(self, status: HTTPStatus) -> None:
        code = status.phrase.lower().replace(" ", "_")
        error = {"code": code, "message": "The server cannot read this request."}
        body = msgspec.json.encode({"error": error})
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()


def _unread(transport: Transport) -> int:
    """How many bytes have come that nobody has read."""
    wire = transport.get_extra_info("socket")
    if wire is None or wire.fileno() < 0:
        return 0
    return int.from_bytes(fcntl.ioctl(wire.fileno(), termios.FIONREAD, b"\0\0\0\0"), sys.byteorder)


def uvicorn_options(tls: SSLContext | None = None) -> dict[str, Any]:
    """How the server is told to run the application; address, loop and life are the caller's.

    No proxy headers: the application believes those of the settings' proxies only. No access log and no log
    configuration: a path may be a secret, and the application logs patterns instead.
    """
    return {
        **({"ssl_context_factory": lambda config, default: tls} if tls else {}),
        "backlog": BACKLOG,
        "http": Http,
        "ws": handshake.WebSockets,
        "ws_max_size": handshake.FRAME_BYTES,
        "ws_per_message_deflate": False,
        "timeout_keep_alive": 10,
        "timeout_graceful_shutdown": 5,
        "server_header": False,
        "proxy_headers": False,
        "access_log": False,
        "log_config": None,
    }
