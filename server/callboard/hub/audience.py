"""The open WebSockets of one channel: to the hub one listener, which writes a document once for all of them."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from callboard.hub.connection import Pace
from callboard.hub.frames import Op, frame
from callboard.hub.lean import Lean, write_all
from callboard.hub.protocol import FRAMES, Close, Document, Version
from callboard.hub.sweep import Sweep, each
from callboard.hub.watched import Place

CHUNK = 128  # sockets, written to in one step: less than a millisecond


class House(Protocol):
    """What audiences share, and whom they tell what becomes of their sockets, as sockets tell it to them."""

    pace: Pace
    sweep: Sweep

    def now(self) -> float: ...

    def newest(self, audience: "Audience") -> Document | None: ...

    def blocked(self, socket: Lean) -> None: ...

    def freed(self, socket: Lean) -> None: ...

    def ended(self, socket: Lean) -> None: ...

    def lost(self, socket: Lean) -> None: ...

    def empty(self, audience: "Audience") -> None: ...


class Audience:
    """`sockets` are those that are told; one that was said goodbye to is no longer among them."""

    __slots__ = ("_done", "_frame", "_todo", "house", "is_over", "place", "sockets", "spoke_at")

    def __init__(self, house: House, place: Place) -> None:
        self.house = house
        self.place = place
        self.sockets: dict[Lean, None] = {}
        self.spoke_at = house.now()
        self.is_over = False
        self._frame = b""
        self._todo: Sequence[Lean] = ()  # who gets the frame, in this order
        self._done = 0  # how many of them have it

    @property
    def pace(self) -> Pace:
        return self.house.pace

    @property
    def count(self) -> int:
        return len(self.sockets)

    def put(self, document: Document) -> None:
        """On its way to everybody; whoever has not got the one before gets only this."""
        self._tell(_encoded(document))

    def greet(self, socket: Lean, document: Document) -> None:
        """The newest, to one who has come, or has been away."""
        socket.send(_encoded(document))

    def beat(self, version: Version) -> None:
        self._tell(frame(Op.TEXT, FRAMES.beat(version).encode()))

    def is_silent(self, since: float) -> bool:
        return not self._todo and self.spoke_at <= since

    def close(self, code: Close) -> None:
        """End everybody, a few at a time."""
        if not self.is_over:
            self.is_over = True
            self.house.sweep.add(each(list(self.sockets), lambda socket: socket.close(code)))

    def _tell(self, message: bytes) -> None:
        waited = self._todo[self._done :]  # these come first, or the last would starve where news comes too fast
        is_going, self._frame, self._done = bool(self._todo), message, 0
        self._todo = [*waited, *(self.sockets.keys() - set(waited))] if waited else list(self.sockets)
        self.spoke_at = self.house.now()
        if not is_going:
            self.house.sweep.add(self._write())

    def _write(self) -> Iterator[None]:
        try:
            while self._done < len(self._todo):
                some = self._todo[self._done : self._done + CHUNK]
                self._done += len(some)
                write_all(some, self._frame)
                yield
        finally:
            self._todo, self._done, self._frame = (), 0, b""

    def blocked(self, socket: Lean) -> None:
        self.house.blocked(socket)

    def freed(self, socket: Lean) -> None:
        self.house.freed(socket)
        if socket.missed:
            socket.missed = False
            if document := self.house.newest(self):
                self.greet(socket, document)

    def ended(self, socket: Lean) -> None:
        self._remove(socket)
        self.house.ended(socket)

    def lost(self, socket: Lean) -> None:
        self._remove(socket)
        self.house.lost(socket)

    def _remove(self, socket: Lean) -> None:
        if socket in self.sockets:
            del self.sockets[socket]
            if not self.sockets:
                self.house.empty(self)


def _encoded(document: Document) -> bytes:
    return frame(Op.TEXT, document.body)
