"""A TLS handshake: by the library, but begun here, so that both of the transports that it leaves are known."""

import asyncio
from asyncio.transports import BaseTransport, Transport
from collections.abc import Callable, Coroutine
from typing import Any, cast

from callboard.hub.sealed import Context, Sealing

# As patient over TLS as with plain connections, see `Http`.
PATIENCE_S: dict[str, Any] = {"ssl_handshake_timeout": 10.0, "ssl_shutdown_timeout": 15.0}


class Arriving(asyncio.Protocol):
    """One who has connected; `then` makes the protocol that follows. It hears of the connection when the handshake is
    over, and never where that fails. One of the loops keeps this as long as the connection, so it keeps nothing."""

    __slots__ = ("_below", "_came", "_context", "_handshake", "_then")

    def __init__(self, context: Context, then: Callable[[], asyncio.Protocol]) -> None:
        self._context, self._then = context, then
        self._came = b""

    def connection_made(self, transport: BaseTransport) -> None:
        """The library's coroutine is taken a step by hand: a task would begin in the next turn of the loop, when what
        the client says first may have been read already. It waits once, for the handshake."""
        self._below = cast(Transport, transport)
        start_tls = asyncio.get_running_loop().start_tls
        self._handshake = cast(
            Coroutine[asyncio.Future[None], None, Transport],
            start_tls(self._below, self, self._context, server_side=True, **PATIENCE_S),
        )
        self._handshake.send(None).add_done_callback(self._is_over)

    def data_received(self, data: bytes) -> None:
        """One of the loops has read it before it says that the handshake is over."""
        self._came += data

    def _is_over(self, waited: asyncio.Future[None]) -> None:
        handshake, below, came, then = self._handshake, self._below, self._came, self._then
        del self._handshake, self._below, self._came, self._then
        try:
            handshake.send(None)
        except StopIteration as done:
            above: Transport = done.value
        except OSError:  # theirs, or ours: nobody can be told
            return
        if above.is_closing():
            return
        cast(Sealing, above.get_extra_info("ssl_object")).below = below
        protocol = then()
        above.set_protocol(protocol)
        protocol.connection_made(above)
        if came:
            protocol.data_received(came)
