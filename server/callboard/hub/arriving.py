"""A TLS handshake: by the library, but begun here, so that both of the transports that it leaves are known."""

import asyncio
from asyncio.transports import BaseTransport, Transport
from collections.abc import Callable, Coroutine
from typing import Any, cast

from callboard.hub.sealed import Context, Sealing

# As patient over TLS as with plain connections, see `Http` in `wire`.
PATIENCE_S: dict[str, Any] = {"ssl_handshake_timeout": 10.0, "ssl_shutdown_timeout": 15.0}

Handshake = Coroutine[asyncio.Future[None], None, Transport]


class Arriving(asyncio.Protocol):
    """One who has connected, among `others`; `then` makes the protocol that follows. That hears of the connection when
    the handshake is over, and never where it fails.

    uvloop keeps this, a transport's first protocol, as long as the connection: so it keeps nothing.
    """

    __slots__ = ("_below", "_came", "_context", "_handshake", "_others", "_then", "_waited")

    def __init__(self, context: Context, then: Callable[[], asyncio.Protocol], others: set["Arriving"]) -> None:
        self._context, self._then, self._others = context, then, others
        self._came = b""

    def connection_made(self, transport: BaseTransport) -> None:
        """The library's coroutine is taken a step by hand: a task would begin in the next turn of the loop, when what
        the client says first may have been read already. It waits once, for the handshake."""
        self._below = cast(Transport, transport)
        start_tls = asyncio.get_running_loop().start_tls
        self._handshake = cast(Handshake, start_tls(self._below, self, self._context, server_side=True, **PATIENCE_S))
        self._waited = self._handshake.send(None)
        self._waited.add_done_callback(self._is_over)
        self._others.add(self)

    def data_received(self, data: bytes) -> None:
        """asyncio's loop has read it before it says that the handshake is over."""
        self._came += data

    def give_up(self) -> None:
        """The server has stopped."""
        self._waited.remove_done_callback(self._is_over)
        self._handshake.close()
        self._leave()

    def _leave(self) -> tuple[Handshake, Transport, bytes, Callable[[], asyncio.Protocol]]:
        had = self._handshake, self._below, self._came, self._then
        self._others.discard(self)
        del self._handshake, self._waited, self._below, self._came, self._then
        return had

    def _is_over(self, waited: asyncio.Future[None]) -> None:
        handshake, below, came, then = self._leave()
        try:
            handshake.send(None)
        except StopIteration as done:
            above: Transport = done.value
        except OSError as error:  # it was no TLS, or took too long, or they have gone: the library has hung up
            error.with_traceback(None)  # in which this call is, and with it the future that has the error
            return
        if above.is_closing() and not came:
            return
        cast(Sealing, above.get_extra_info("ssl_object")).below = below
        protocol = then()
        above.set_protocol(protocol)
        protocol.connection_made(above)
        if came:
            protocol.data_received(came)
