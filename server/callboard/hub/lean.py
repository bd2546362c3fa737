"""An open WebSocket that only listens: a small object on the transport, and one write to a thousand of them.

The handshake is the library's and the application's. After it neither is needed: no task, no scope, no timer, no
parser and no compressor is kept for a client that is silent.
"""

import asyncio
from asyncio.transports import Transport
from collections.abc import Iterator, Sequence
from itertools import islice, repeat
from typing import Any

from callboard.hub.frames import Broken, Deaf, Op, Reader, check_close, close_frame, frame
from callboard.hub.keeper import Keeper
from callboard.hub.protocol import Close
from callboard.hub.sealed import Sealed
from callboard.hub.wires import SHUT, Wire, limit, opened, sender, shut, shut_for

PING = frame(Op.PING, b"")
SECOND = 1.001  # of so many messages, sums of fractions


class Lean(asyncio.Protocol):
    """One client. `wire` is its descriptor while nothing waits in the transport's buffer, else `SHUT`: only then may
    bytes be written past the transport, or they would overtake what waits. Over TLS it is `Sealed`, open or not.

    A wire is of one such while: it fails for ever when that ends, so whoever still has it in a list writes nothing.
    """

    __slots__ = (
        "_connections",
        "_reader",
        "_said_until",
        "address",
        "is_blocked",
        "is_ended",
        "is_heard",
        "keeper",
        "missed",
        "transport",
        "wire",
    )

    transport: Transport

    def __init__(self, keeper: Keeper["Lean"]) -> None:
        self.keeper = keeper
        self.address = ""  # whence it came, for the keeper
        self.wire: Wire = SHUT
        self.is_blocked = False  # something waits in the transport's buffer
        self.missed = False  # and there was news meanwhile
        self.is_ended = False  # goodbye was said, or it is gone
        self.is_heard = True  # since the last ping
        self._reader: Reader | None = None
        self._said_until = 0.0

    def begin(self, transport: Transport, connections: set[Any]) -> None:
        """The transport has this for its protocol; the server waits for its `connections` when it stops."""
        self.transport, self._connections = transport, connections
        connections.add(self)
        self.wire = shut_for(transport)
        limit(transport, 0)
        if not self.is_blocked:
            self._open()

    @property
    def is_sealed(self) -> bool:
        return isinstance(self.wire, Sealed)

    def _open(self) -> None:
        self.wire = opened(self.transport) or self.wire

    def _shut(self) -> None:
        self.wire = shut(self.wire)

    def connection_lost(self, exc: Exception | None) -> None:
        self._shut()
        self.is_ended = True
        self._connections.discard(self)
        self.keeper.lost(self)

    def eof_received(self) -> bool:
        """The keeper has it closed, in its time; over TLS there is no such choice."""
        if not self.is_sealed:
            self.keeper.hung_up(self)
        return not self.is_sealed

    def send(self, message: bytes) -> None:
        """News, as a frame. A client that has not read what came before gets the newest, later."""
        if self.is_blocked:
            self.missed = True
        elif not self.is_ended:
            self._write(message)

    def ping(self) -> None:
        """Ask whether it is there; one that has not answered the last time is not."""
        if not self.is_heard:
            self.close(Close.SILENT)
        elif not self.is_ended:
            self.is_heard = False
            self._write(PING)

    def close(self, code: Close) -> None:
        """Say goodbye, behind what waits; the first code is the one that counts."""
        if not self.is_ended:
            self._write(close_frame(code))
            self._end()

    def late(self) -> None:
        """Its time is over: to read what waits, or to go when goodbye was said."""
        if self.is_ended:
            self.transport.abort()
        else:
            self.close(Close.TOO_SLOW)

    def shutdown(self) -> None:
        """The server stops, and says so to each of its connections in one go; the keeper takes its time."""
        self.keeper.close(Close.RESTARTING)

    def _write(self, data: bytes) -> None:
        size = 0
        if self.wire is not SHUT:
            try:
                size = self.wire.send(data)
            except OSError:  # full; or broken, which the transport finds out by itself
                size = 0
        if size < len(data):
            self.write_rest(data[size:])

    def write_rest(self, data: bytes) -> None:
        """Through the transport, which calls `pause_writing` unless it gets rid of it at once; over TLS perhaps only
        the next time. The wire that was not good enough is made anew."""
        self.transport.write(data)
        if self.is_sealed and not (self.is_blocked or self.is_ended):
            self._shut()
            self._open()
            self.keeper.freed(self)

    def pause_writing(self) -> None:
        self.is_blocked = True
        self._shut()
        self.keeper.blocked(self)

    def resume_writing(self) -> None:
        self.is_blocked = False
        if not self.is_ended:
            self._open()
            self.keeper.freed(self)

    def _end(self) -> None:
        self.is_ended = True
        self._shut()
        self.keeper.ended(self)

    def data_received(self, data: bytes) -> None:
        reader, self._reader = self._reader or Reader(self.keeper.pace.frame_bytes), None
        try:
            for op, payload in reader.feed(data):
                self._hear(op, payload)
        except Broken as broken:
            self._break(broken.code)
        else:
            self._reader = reader if reader.is_amid else None

    def _hear(self, op: Op, payload: bytes) -> None:
        if op is Op.CLOSE:
            return self._part(payload)
        self._count()
        if op is Op.PONG:
            self.is_heard = True
        elif self.is_ended:
            return
        elif op is Op.PING:
            self._answer(payload)
        else:
            self.hear(op, payload)

    def hear(self, op: Op, payload: bytes) -> None:
        """A message, of which nothing becomes."""

    def _count(self) -> None:
        """Clients have nothing to say here, and may say it only so many times in a second. Pings and pongs count too:
        what is read at once has room for a hundred thousand, and everybody waits while they are looked at."""
        now = asyncio.get_running_loop().time()
        self._said_until = max(self._said_until, now) + 1 / self.keeper.pace.frames_per_s
        if self._said_until - now > SECOND:
            raise Broken(Close.TOO_OFTEN)

    def _answer(self, payload: bytes) -> None:
        """Pongs are not news: one who pings and never reads would fill the memory with them."""
        if self.is_blocked:
            self.transport.abort()
        else:
            self._write(frame(Op.PONG, payload))

    def _part(self, payload: bytes) -> None:
        """The client says goodbye, or answers ours."""
        if not self.is_ended:
            check_close(payload)
            self._write(frame(Op.CLOSE, payload[:2]))
            self._end()
        self.transport.close()

    def _break(self, code: int) -> None:
        """What comes from now on is not understood, but read for a while: a connection that is closed with something
        unread takes the goodbye away from the client."""
        self._reader = Deaf()
        if not code:
            self.transport.abort()
        elif not self.is_ended:
            self._write(frame(Op.CLOSE, code.to_bytes(2, "big")))
            self._end()
            if self.transport.can_write_eof():
                self.transport.write_eof()
            else:  # TLS
                self.transport.close()


def write_all(sockets: Sequence[Lean], wires: Iterator[Wire], some: range, message: bytes) -> None:
    """The same frame to some of the sockets: past the transport where nothing waits in it, in a loop that runs in C.

    `wires` go on with those that these had when they were last asked; one that has another now, or none, sees to it
    itself. The sockets are not touched while all goes well: ten thousand of them are not in the processor's cache.
    """
    sizes: list[int] = []
    send = sender(sockets[some.start].wire)
    while len(sizes) < len(some):
        try:
            sizes.extend(map(send, islice(wires, len(some) - len(sizes)), repeat(message)))
        except OSError:  # of the one after those that `extend` has kept
            sockets[some[len(sizes)]].send(message)
            sizes.append(len(message))
    if sizes.count(len(message)) < len(sizes):
        for index, size in zip(some, sizes, strict=True):
            if size < len(message):
                sockets[index].write_rest(message[size:])
