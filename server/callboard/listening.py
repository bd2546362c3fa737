"""The listening socket: taken before anything is started, and given up so that nobody is turned away."""

import asyncio
import ctypes
import socket
import struct
import sys
from contextlib import suppress

from callboard.settings import Settings
from callboard.starting import Stop

QUIET_S = 0.3  # for handshakes under way
PATIENCE_S = 3.0  # for what has connected and was not taken up yet
BACKLOG = 65_535  # as many as the kernel allows

SO_ATTACH_FILTER = 26  # Linux; Python has no name for it
# For a socket that listens: drop every segment that opens a connection (SYN), pass all others.
WITHOUT_SYN = (
    (0x30, 0, 0, 13),  # load the byte of the flags
    (0x45, 0, 1, 0x02),  # SYN?
    (0x06, 0, 0, 0),  # drop
    (0x06, 0, 0, 0xFFFFFFFF),  # pass
)


def listen(settings: Settings) -> socket.socket:
    """The listening socket, so that a taken port is told before anything is started. Raises Stop."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    address = settings.host.strip("[]"), settings.port
    try:
        return socket.create_server(address, family=family, backlog=BACKLOG, reuse_port=settings.reuse_port)
    except OSError as error:
        why = (error.strerror or str(error)).partition(" (while")[0]
        raise Stop(f"cannot listen on {settings.host} port {settings.port}: {why}") from None


async def give_way(listening: socket.socket) -> None:
    """Returns when a socket that shares its port can be closed and no client notices.

    Linux resets what waits to be accepted on a socket that is closed, though others listen on the port. So from now on
    this one does not hear who comes new: they ask again after a second, as TCP does, and are heard by another. Whoever
    was here before is accepted meanwhile.
    """
    if sys.platform != "linux":
        return
    with suppress(OSError):  # a kernel without filters
        _hear_nobody_new(listening)
    await asyncio.sleep(QUIET_S)
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            while _waiting(listening):  # noqa: ASYNC110 - the kernel tells nobody that a queue is empty
                await asyncio.sleep(0.01)


def _hear_nobody_new(listening: socket.socket) -> None:
    program = b"".join(struct.pack("HBBI", *step) for step in WITHOUT_SYN)
    held = ctypes.create_string_buffer(program, len(program))
    given = struct.pack("HL", len(WITHOUT_SYN), ctypes.addressof(held))
    listening.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, given)


def _waiting(listening: socket.socket) -> int:
    """How many have connected and are not accepted: what `tcp_info` calls `tcpi_unacked`."""
    info = listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 28)
    return int(struct.unpack_from("I", info, 24)[0])
