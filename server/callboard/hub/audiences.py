"""Everybody who listens to a server, by what and by which way; one timer looks after all of them."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from operator import methodcaller

from callboard.hub.askers import Askers
from callboard.hub.audience import Audience
from callboard.hub.connection import Pace
from callboard.hub.fanout import Fanout
from callboard.hub.lean import Lean
from callboard.hub.pings import Pings
from callboard.hub.protocol import Document
from callboard.hub.seats import Seat, Seats
from callboard.hub.sweep import Pending, Sweep, each
from callboard.hub.watched import Place
from callboard.hub.ways import POLL, SOCKET, STREAM, Way

CLOSES = 64  # connections, in one turn of the loop: it is in the next that the kernel ends them, and no slice sees that
GOODBYE_S = 1  # for one that may not be there, or has its goodbye behind what it does not read

KINDS: Mapping[Way, type[Audience]] = {SOCKET: Audience, STREAM: Audience, POLL: Askers}
Leave = Callable[[Lean], None]


class Audiences:
    """Nothing runs while nobody listens."""

    def __init__(self, fanout: Fanout, pace: Pace, seats: Seats) -> None:
        self.pace = pace
        self.sweep = Sweep(precedence=fanout.precedence)
        self.post = fanout.hub.post
        self._fanout = fanout
        self._seats = seats
        self._by_channel: dict[Way, dict[str, Audience]] = {way: {} for way in KINDS}
        self._here = 0  # who was let in and is not gone
        self._deadlines: dict[Lean, float] = {}  # of who does not read, was said goodbye to, or asks
        self._losses: dict[Lean, asyncio.Future[None]] = {}
        self._tick_s = min(pace.beat_s, pace.send_s, pace.ping_s, pace.linger_s) / 5
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._looking = False
        self._pings = Pings(max(1, round(pace.ping_s / self._tick_s)))
        self._hung_up = Pending(self.sweep, _close, CLOSES)
        self._lost = Pending(self.sweep, self._forget)

    def open(self, place: Place, seat: Seat, leave: Leave, way: Way = SOCKET) -> Lean:
        """One who was let in listens from now on, and has the seat as long as that lasts. `leave` gives the object the
        connection; what it raises is raised."""
        audience = self._by_channel[way].get(place.channel)
        known = audience if audience and not audience.is_over else None
        audience = known or KINDS[way](self, place, way)
        socket = way.client(audience)
        leave(socket)
        socket.address = seat.keep()
        self._here += 1
        audience.add(socket)
        if not known:
            self._by_channel[way][place.channel] = audience
            self._fanout.join(place, audience)
        elif document := self.newest(audience):
            audience.greet(socket, document)
        self._fanout.came(place)
        self._look_after()
        return socket

    async def loss(self, socket: Lean) -> None:
        """Wait until it is gone."""
        if socket.address:
            await self._losses.setdefault(socket, asyncio.get_running_loop().create_future())

    def now(self) -> float:
        if self._loop is None:  # to find it takes a call into the kernel, and each of many phones is told the time
            self._loop = asyncio.get_running_loop()
        return self._loop.time()

    def newest(self, audience: Audience) -> Document | None:
        return self._fanout.hub.newest(audience.place.channel)

    def is_fresh(self, audience: Audience) -> bool:
        return self._fanout.is_fresh(audience.place)

    def can_wait(self, seconds: float) -> bool:
        """Whether that is long enough for one who looks at the time only now and then."""
        return seconds >= 2 * self._tick_s

    def wait(self, socket: Lean, seconds: float) -> None:
        """It is late after that, or up to one look earlier."""
        self._deadlines[socket] = self.now() + seconds - self._tick_s

    def blocked(self, socket: Lean) -> None:
        self._deadlines[socket] = self.now() + self.pace.send_s

    def freed(self, socket: Lean) -> None:
        self._deadlines.pop(socket, None)

    def ended(self, socket: Lean) -> None:
        is_there = socket.is_heard and not socket.is_blocked
        patience_s = self.pace.linger_s if is_there else min(GOODBYE_S, self.pace.linger_s)
        self._deadlines[socket] = self.now() + patience_s

    def hung_up(self, socket: Lean) -> None:
        """Closing takes the kernel a while, and ten thousand may hang up in one moment."""
        self._hung_up.add(socket)

    def lost(self, socket: Lean) -> None:
        self._lost.add(socket)

    def _forget(self, socket: Lean) -> None:
        socket.keeper.forget(socket)
        self._deadlines.pop(socket, None)
        self._seats.free(socket.address)
        socket.address = ""
        self._here -= 1
        if (loss := self._losses.pop(socket, None)) and not loss.done():
            loss.set_result(None)

    def empty(self, audience: Audience) -> None:
        self._fanout.leave(audience.place, audience)
        audiences, channel = self._by_channel[audience.way], audience.place.channel
        if audiences.get(channel) is audience:
            del audiences[channel]

    def _look_after(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._tick_s, self._tick)

    def _tick(self) -> None:
        self._timer = None
        if not self._here:
            return
        self._timer = asyncio.get_running_loop().call_later(self._tick_s, self._tick)
        if not self._looking:
            self._looking = True
            self.sweep.add(self._look())

    def _look(self) -> Iterator[None]:
        now = self.now()
        try:
            yield from each([socket for socket, at in self._deadlines.items() if at <= now], methodcaller("late"))
            yield
            yield from each(self._pings.due(self._everybody, self._here), methodcaller("ping"))
            yield
            yield from each(self._all(), self._beat)
        finally:
            self._looking = False

    def _everybody(self) -> Iterator[Lean]:
        return (socket for audience in self._all() for socket in audience.all())

    def _all(self) -> list[Audience]:
        return list(chain.from_iterable(some.values() for some in self._by_channel.values()))

    def _beat(self, audience: Audience) -> None:
        """So that no silence is longer than it may be, a beat comes up to one look too early."""
        since = self.now() - self.pace.beat_s + self._tick_s
        if audience.is_silent(since) and (version := self._fanout.beat(audience.place)):
            audience.beat(version)


def _close(socket: Lean) -> None:
    if socket.is_blocked:
        socket.transport.abort()
    else:
        socket.transport.close()
