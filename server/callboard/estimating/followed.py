"""One location as its events are followed: what was learned of it, and what is expected of its lines."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from callboard.domain.events import Event, Kind
from callboard.domain.expected import Expected, Told, line_of
from callboard.domain.hours import local_s
from callboard.domain.model import Location, State, Ticket
from callboard.domain.picture import Picture
from callboard.domain.tally import Tally, count
from callboard.domain.wait import Forecast, Lobby, follow, forecast, keep_due, scored, take
from callboard.domain.wait import State as Lesson
from callboard.domain.wait.facts import (
    AnyFact,
    Booked,
    Called,
    Created,
    DayStart,
    DeskClosed,
    DeskOpened,
    Released,
    Started,
    Unbooked,
    Withdrawn,
)
from callboard.domain.wait.heard import heard
from callboard.domain.wait.lobby import DAY
from callboard.domain.wait.pause import Pause, at_once
from callboard.estimating.lobby import lobby_of
from callboard.store.learned import Learned

UNKNOWN = Told(-1, -1, 0)

_decode = msgspec.json.Decoder(Lesson).decode
_decode_tally = msgspec.json.Decoder(Tally).decode


class Followed:
    """Takes each event once: those that it has seen change nothing. Who was at a desk or gone when it met the lines
    does not count. No I/O; `learned` is all of it."""

    def __init__(self, location: Location, learned: Learned | None) -> None:
        self.epoch = learned.epoch if learned else ""
        self.seen = learned.seen if learned else -1
        self._lesson, self._tally = Lesson(), Tally()
        if learned:
            self._begin(learned)
        self.apply(location)

    def _begin(self, learned: Learned) -> None:
        """What another version has kept and this one cannot read is learned, or counted, anew."""
        try:
            self._lesson = _decode(learned.state)
        except msgspec.DecodeError:
            self.seen = -1
        with suppress(msgspec.DecodeError):
            self._tally = _decode_tally(learned.tally or "{}")

    def apply(self, location: Location) -> None:
        """The site file as it is now."""
        self.location = location
        self._zone = ZoneInfo(location.time_zone)
        self._lobby: Lobby = lobby_of(location)

    @property
    def somebody_waits(self) -> bool:
        return bool(self._lesson.waiting)

    @property
    def learned(self) -> Learned:
        state, tally = msgspec.json.encode(self._lesson), msgspec.json.encode(self._tally)
        return Learned(self.epoch, self.seen, state.decode(), tally.decode())

    def misses(self, event: Event) -> bool:
        """Whether something has happened between what it has seen and this event."""
        return event.kind is Kind.RESTORED or event.seq > self.seen + 1

    def hear(self, events: Iterable[Event], pause: Pause = at_once) -> bool:
        """Whether any was new. Now and then they bring promises for everybody, and that takes a while."""
        before = self.seen
        for event in events:
            if event.kind is not Kind.EXPECTED and event.seq > self.seen:
                self._take(heard(event, self._zone), pause)
                self.seen = event.seq
        return self.seen > before

    def meet(self, picture: Picture, waiting: Iterable[Ticket], booked: Iterable[Ticket], at: int) -> None:
        """The lines as they stand, where their events are not there to be followed: at first, and behind a gap."""
        self.epoch, self.seen = picture.epoch, picture.seq
        for fact in self._forward(self._meeting(picture, list(waiting), list(booked), local_s(at, self._zone))):
            follow(self._lesson, self._lobby, fact)

    def expect(self, at: int, pause: Pause = at_once) -> Expected:
        """One pass for everybody who waits, as they are promised it and as a replay says it, and for whoever comes. Of
        a long line it takes a while, in which `pause` is called often."""
        told = forecast(self._lesson, self._lobby, local_s(at, self._zone), pause)
        lines: dict[str, list[Told]] = {queue: [] for queue in self._lobby.services}
        for ticket, said in told.tickets.items():
            lines.setdefault(self._lesson.waiting[ticket].service, []).append(_told(said))
        for queue, said in told.newcomers.items():
            lines[queue].append(_told(said))
        return Expected(
            at=at,
            seq=self.seen,
            lines={queue: line_of(line) for queue, line in lines.items() if line},
            bookings={queue: _told(said) for queue, said in told.bookings.items()},
        )

    def _take(self, facts: Iterable[AnyFact], pause: Pause) -> None:
        for fact in self._forward(facts):
            keep_due(self._lesson, self._lobby, fact.t, pause)
            if one := scored(self._lesson, fact):
                count(self._tally, fact.t, one)
            take(self._lesson, self._lobby, fact, pause)

    def _forward(self, facts: Iterable[AnyFact]) -> Iterator[AnyFact]:
        """By clocks that never go back, as those of several processes and the one in autumn do."""
        return (replace(fact, t=max(fact.t, self._lesson.at)) for fact in facts)

    def _meeting(self, picture: Picture, waiting: list[Ticket], booked: list[Ticket], t: float) -> Iterable[AnyFact]:
        lesson = self._lesson
        open_desks = {name for name, desk in picture.desks.items() if desk.open}
        is_new_day = picture.seq > 0 and int(t // DAY) != lesson.day
        for name, desk in lesson.desks.items():
            if desk.ticket:
                yield Released(t=t, ticket=desk.ticket, desk=name)
            if desk.open and (is_new_day or name not in open_desks):
                yield DeskClosed(t=t, desk=name)
        if is_new_day:
            yield DayStart(t=t, day=int(t // DAY), stays=True)
        yield from (DeskOpened(t=t, desk=name) for name in sorted(open_desks))
        here = {ticket.id for ticket in waiting}
        yield from [Withdrawn(t=t, ticket=name) for name in lesson.waiting if name not in here]
        expected = {ticket.id for ticket in booked}
        yield from [Unbooked(t=t, booking=name) for name in lesson.bookings if name not in expected]
        for ticket in booked:
            if ticket.slot_at:
                yield Booked(t=t, booking=ticket.id, service=ticket.queue, slot=local_s(ticket.slot_at, self._zone))
        for ticket in [*waiting, *picture.at_desks.values()]:
            yield _stands(ticket, t, self._zone)
        for desk_id, ticket in picture.at_desks.items():
            yield Called(t=t, ticket=ticket.id, desk=desk_id)
            if ticket.state is State.SERVING:
                yield Started(t=t, ticket=ticket.id, desk=desk_id)


def _stands(ticket: Ticket, t: float, zone: ZoneInfo) -> Created:
    return Created(
        t=t,
        ticket=ticket.id,
        service=ticket.queue,
        prio=int(ticket.head_start_ms > 0),
        slot=local_s(ticket.slot_at, zone) if ticket.slot_at else None,
        score=local_s(float(ticket.score), zone) if ticket.score else None,
        since=local_s(ticket.joined_at, zone) if ticket.joined_at else None,
    )


def _told(said: Forecast) -> Told:
    if said.low_s is None or said.high_s is None or said.likely_s is None:
        return UNKNOWN
    if said.free:
        return Told(0, 0, 0)
    return Told(round(said.low_s / 60), max(1, round(said.high_s / 60)), round(said.likely_s))
