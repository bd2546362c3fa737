"""Those who listen to one channel by one way: to the hub one listener, which writes a document once for all of them."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from callboard.hub.connection import Pace
from callboard.hub.few import Few
from callboard.hub.lean import Lean, write_all
from callboard.hub.post import Post
from callboard.hub.protocol import Close, Document, Version
from callboard.hub.sweep import Sweep, each
from callboard.hub.watched import Place
from callboard.hub.ways import SOCKET, Way
from callboard.hub.wires import Wire

CHUNK = 128  # sockets, written to in one step: less than a millisecond
FEW = 4  # these are written to at once, as is a phone's one


class House(Protocol):
    """What audiences share, and whom they tell what becomes of their sockets, as sockets tell it to them."""

    pace: Pace
    sweep: Sweep
    post: Post

    def now(self) -> float: ...

    def newest(self, audience: "Audience") -> Document | None: ...

    def is_fresh(self, audience: "Audience") -> bool: ...

    def wait(self, socket: Lean, seconds: float) -> None: ...

    def blocked(self, socket: Lean) -> None: ...

    def freed(self, socket: Lean) -> None: ...

    def ended(self, socket: Lean) -> None: ...

    def hung_up(self, socket: Lean) -> None: ...

    def lost(self, socket: Lean) -> None: ...

    def empty(self, audience: "Audience") -> None: ...


class Round:
    """A message on its way to many: `sockets`, how many of them were `done`, and the `wires` of the others."""

    __slots__ = ("done", "message", "sockets", "wires")

    def __init__(self, message: bytes, sockets: Sequence[Lean], wires: Sequence[Wire]) -> None:
        self.message = message
        self.sockets, self.wires = sockets, iter(wires)
        self.done = 0


class Audience(Few[Lean]):
    """The sockets that are told; one that was said goodbye to is no longer among them."""

    __slots__ = ("_everybody", "_round", "house", "is_over", "place", "spoke_at", "way")

    def __init__(self, house: House, place: Place, way: Way = SOCKET) -> None:
        super().__init__()
        self.house = house
        self.place = place
        self.way = way
        self.spoke_at = house.now()
        self.is_over = False
        self._round: Round | None = None
        self._everybody: tuple[list[Lean], list[Wire]] | None = None  # until one comes, goes, or gets another wire

    @property
    def pace(self) -> Pace:
        return self.house.pace

    @property
    def count(self) -> int:
        return len(self)

    def put(self, document: Document) -> None:
        """On its way to everybody; whoever has not got the one before gets only this. To a few it goes by the hub's
        post, with what others are told."""
        self._tell(self.way.document(document), self.house.post.add)

    def add(self, socket: Lean) -> None:
        super().add(socket)
        self._everybody = None

    def greet(self, socket: Lean, document: Document) -> None:
        """The newest, to one who has come, or has been away."""
        socket.send(self.way.document(document))

    def beat(self, version: Version) -> None:
        self._tell(self.way.beat(version), Lean.send)

    def is_silent(self, since: float) -> bool:
        return self._round is None and self.spoke_at <= since

    def close(self, code: Close) -> None:
        """End everybody, a few at a time."""
        if not self.is_over:
            self.is_over = True
            self.house.sweep.add(each(list(self), lambda socket: socket.close(code)))

    def _tell(self, message: bytes, send: Callable[[Lean, bytes], None]) -> None:
        self.spoke_at = self.house.now()
        members = self._members
        if self._round is None and isinstance(members, Lean):  # as each of ten thousand phones has it
            send(members, message)
        elif self._round:
            self._round = self._next_round(message, self._round)
        elif len(self) <= FEW:
            for socket in self.all():
                send(socket, message)
        else:
            self._round = Round(message, *self._crowd())
            self.house.sweep.add(self._write())

    def _crowd(self) -> tuple[list[Lean], list[Wire]]:
        if self._everybody is None:
            sockets = list(self)
            self._everybody = sockets, [socket.wire for socket in sockets]
        return self._everybody

    def _next_round(self, message: bytes, last: Round) -> Round:
        """Those who wait come first, or the last would starve where news comes too fast."""
        waiting = last.sockets[last.done :]
        others = set(waiting)
        sockets = [*waiting, *(socket for socket in self if socket not in others)]
        return Round(message, sockets, [socket.wire for socket in sockets])

    def _write(self) -> Iterator[None]:
        try:
            while (now := self._round) and (start := now.done) < len(now.sockets):
                now.done = min(start + CHUNK, len(now.sockets))
                write_all(now.sockets, now.wires, range(start, now.done), now.message)
                yield
        finally:
            self._round = None

    def blocked(self, socket: Lean) -> None:
        self._everybody = None
        self.house.blocked(socket)

    def freed(self, socket: Lean) -> None:
        self._everybody = None
        self.house.freed(socket)
        if socket.missed:
            socket.missed = False
            if document := self.house.newest(self):
                self.greet(socket, document)

    def ended(self, socket: Lean) -> None:
        self._remove(socket)
        self.house.ended(socket)

    def hung_up(self, socket: Lean) -> None:
        self.house.hung_up(socket)

    def lost(self, socket: Lean) -> None:
        self.house.lost(socket)

    def forget(self, socket: Lean) -> None:
        self._remove(socket)

    def _remove(self, socket: Lean) -> None:
        if socket in self:
            self.discard(socket)
            self._everybody = None
            if not self:
                self.house.empty(self)
