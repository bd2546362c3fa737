"""What goes out over TLS past the transports: sealed by the library's state of the connection, written by us.

Three calls into C for each message. Through both transports of a loop a delivery takes half as long again.
"""

import ssl
from asyncio.transports import Transport
from socket import SocketType
from typing import Any, cast

CUT = "nothing goes past the transport"
_send = SocketType.send


class Sealing(ssl.SSLObject):
    """The library's state of one connection, with its two sides: what it has sealed is taken out of `outgoing`, and
    `below` is the transport that this is sent by. Known from the handshake on, see `Arriving`."""

    outgoing: ssl.MemoryBIO
    below: Transport


class Context(ssl.SSLContext):
    """One whose connections may be written to past their transports."""

    sslobject_class = Sealing

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        made = cast(Sealing, super().wrap_bio(incoming, outgoing, server_side, cast(Any, server_hostname), session))
        made.outgoing = outgoing
        return made


class Sealed:
    """What `Lean` has for its wire over TLS. It is good for as long as nothing waits in the transport below, and fails
    for ever after."""

    __slots__ = ("_sealing", "_wire")

    def __init__(self, wire: SocketType, sealing: Sealing) -> None:
        """The descriptor is the transport's, to close as well."""
        self._wire, self._sealing = wire, sealing

    @property
    def is_open(self) -> bool:
        return self._wire.fileno() >= 0

    @property
    def below(self) -> Transport:
        return self._sealing.below

    def detach(self) -> int:
        """It fails from now on."""
        return self._wire.detach()

    def send(self, message: bytes) -> int:
        """How much of it went: all, as things are. Raises OSError where nothing did.

        What is sealed has to be sent, and before all that is sealed later. So where the kernel has no room the rest
        is the lower transport's, of which the upper one says nothing; and this was the last that went here.
        """
        if not self.is_open:
            raise OSError(CUT)
        sealing = self._sealing
        below = sealing.below
        if below.is_closing() or below.get_write_buffer_size():
            self.detach()  # the descriptor may soon be another's, or the library says something of its own
            raise OSError(CUT)
        size = sealing.write(message)
        record = sealing.outgoing.read()
        try:
            sent = _send(self._wire, record)
        except OSError:  # full; or broken, which the transport finds out by itself
            sent = 0
        if sent < len(record):
            self.detach()
            below.write(record[sent:])
        return size
