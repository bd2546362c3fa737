"""Where bytes go past a transport: its descriptor, or what seals them first. `SHUT` where they may not."""

from asyncio.transports import Transport
from collections.abc import Callable
from socket import SocketType
from typing import Any, cast

from callboard.hub.sealed import Sealed, Sealing

Wire = SocketType | Sealed

SHUT = SocketType()  # this one always fails
SHUT.close()
SHUT_SEALED = Sealed(SHUT, cast(Sealing, None))  # the same over TLS


def opened(transport: Transport) -> Wire | None:
    """The descriptor is the transport's, to close as well: a wire is detached and never closed."""
    own, sealing = transport.get_extra_info("socket"), _sealing(transport)
    if own is None:
        return None
    wire = SocketType(own.family, own.type, own.proto, own.fileno())
    return Sealed(wire, sealing) if sealing else wire


def shut(wire: Wire) -> Wire:
    """It fails for ever; what is there in its place."""
    wire.detach()
    return SHUT_SEALED if isinstance(wire, Sealed) else SHUT


def shut_for(transport: Transport) -> Wire:
    """Before one is opened."""
    return SHUT_SEALED if _sealing(transport) else SHUT


def limit(transport: Transport, high: int | None) -> None:
    """With 0, a transport's pause and resume tell exactly whether anything waits; None is as it was. TLS pauses at its
    limit, not above it: as soon as something is sealed that the transport below does not take, since that has more."""
    if sealing := _sealing(transport):
        sealing.below.set_write_buffer_limits(high)
        high = None if high is None else high + 1
    transport.set_write_buffer_limits(high)


def sender(wire: Wire) -> Callable[[Any, bytes], int]:
    """What sends on it, and on all that are like it; those of one server are. For a `map`, which runs in C:
    SocketType's is a twentieth cheaper than os.write, which asks the file first."""
    return type(wire).send


def _sealing(transport: Transport) -> Sealing | None:
    found: Sealing | None = transport.get_extra_info("ssl_object")
    return found
