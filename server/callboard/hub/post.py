"""What many sockets are sent in one turn of the loop, each its own: gathered first, and then written at once."""

from collections.abc import Sequence
from typing import Protocol

from callboard.hub.wires import Wire, sender


class Wired(Protocol):
    """A socket that may be written to past its transport, see `Lean`."""

    @property
    def wire(self) -> Wire: ...

    def send(self, message: bytes) -> None: ...

    def write_rest(self, data: bytes) -> None: ...


class Post:
    """Whoever adds sees to it that all is sent before the loop goes on: until then nothing else may be written."""

    __slots__ = ("_messages", "_sockets")

    def __init__(self) -> None:
        self._sockets: list[Wired] = []
        self._messages: list[bytes] = []

    def add(self, socket: Wired, message: bytes) -> None:
        self._sockets.append(socket)
        self._messages.append(message)

    def send(self) -> None:
        """In the order in which it came."""
        if self._sockets:
            sockets, self._sockets = self._sockets, []
            messages, self._messages = self._messages, []
            write_each(sockets, messages)


def write_each(sockets: Sequence[Wired], messages: Sequence[bytes]) -> None:
    """Past the transports where nothing waits in them, in a loop that runs in C: a call into the kernel empties the
    processor's caches, and a few instructions in between are sooner there again than all that decides what is sent."""
    sizes: list[int] = []
    send = sender(sockets[0].wire)
    wires, coming = iter([socket.wire for socket in sockets]), iter(messages)
    while len(sizes) < len(sockets):
        try:
            sizes.extend(map(send, wires, coming))
        except OSError:  # of the one after those that `extend` has kept; it knows why it cannot be written to
            message = messages[len(sizes)]
            sockets[len(sizes)].send(message)
            sizes.append(len(message))
    if sum(sizes) < sum(map(len, messages)):
        for socket, message, size in zip(sockets, messages, sizes, strict=True):
            if size < len(message):
                socket.write_rest(message[size:])
