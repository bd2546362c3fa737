"""Pure: which messages follow from an event, how long each is worth sending, and whether it is still true."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from msgspec.structs import replace

from callboard.delivery.model import Delivery, Moot, Plan
from callboard.domain.events import Event, Kind
from callboard.domain.model import CloseReason, Queue, State, Ticket
from callboard.notify.kinds import (
    AGAIN,
    ALMOST,
    BOOKING_DELAYED,
    CALL_WAITS_MS,
    CALLS,
    CANCELLED,
    CONFIRMED,
    DELAYED,
    LANES,
    MISSED,
    MOVED,
    OF_BOOKINGS,
    OF_WAITING,
    REBOOKED,
    REMINDER,
    SAY_AHEAD,
    TAKEN,
    TURN,
    WITHDRAWN,
    apart,
    delivery_id,
)

# What is true in one state alone.
TRUE_IN = {
    **dict.fromkeys(OF_WAITING, State.WAITING),
    **dict.fromkeys(CALLS, State.CALLED),
    **dict.fromkeys(OF_BOOKINGS, State.BOOKED),
    MISSED: State.NO_SHOW,
    CANCELLED: State.CANCELLED,
}
MINUTE_MS = 60_000
OVERNIGHT_MIN = 12 * 60  # what is worth telling a day later, until the slot comes
MOVED_MIN = 10
RECALL_QUIET_MS = 30_000  # a recall sooner than this after a call needs no second message

# After these a line may stand differently. The end of a visit is not among them: who is served stands in no line.
MOVES = frozenset(
    {
        Kind.JOINED,
        Kind.CHECKED_IN,
        Kind.ACTIVATED,
        Kind.CALLED,
        Kind.PUT_BACK,
        Kind.REJOINED,
        Kind.POSTPONED,
        Kind.HELD,
        Kind.RELEASED,
        Kind.TRANSFERRED,
        Kind.CANCELLED,
        Kind.UNDONE,
        Kind.CORRECTED,
        Kind.PERSON_CHANGED,
    }
)
# After these the person has not heard from us yet: joined, arrived with a booking, or told us how to reach them.
FIRST_WORD = frozenset({Kind.JOINED, Kind.CHECKED_IN, Kind.ACTIVATED, Kind.PERSON_CHANGED})
NOT_YET_WAITING = (State.RESERVED, State.BOOKED)


def moved_queues(event: Event) -> list[str]:
    """The queues whose line may stand differently after an event."""
    return [queue for queue in (event.queue, event.from_queue) if queue] if event.kind in MOVES else []


def plan(event: Event, queue: Queue, near: Sequence[Ticket], reach: Mapping[str, Collection[str]]) -> Plan:
    """The deliveries that an event of a queue leads to.

    `near` are the tickets with few enough people ahead, of every queue that moved; `reach` says in which lanes a
    ticket's person can be told. Whoever takes a ticket with few ahead reads so in the first message, which therefore
    bars "almost", unless it is out already: an event may be read again, when it is nearer. Whoever is called needs no
    announcement any more. And since who is near is read later than the event was, somebody may be near whose own first
    event is still to come: "almost" never overtakes "taken".
    """
    own = list(_of_the_event(event, queue, reach.get(event.ticket, ())))
    if any(ticket.id == event.ticket for ticket in near):
        own = [replace(each, bars=_almost_of(each)) if each.kind in SAY_AHEAD else each for each in own]
    soon = [
        almost(ticket, lane, event.at)
        for ticket in near
        if _not_called_yet(ticket)
        for lane in reach.get(ticket.id, ())
    ]
    bar = [delivery_id(ALMOST, event.ticket, lane) for lane in LANES] if event.kind == Kind.CALLED else []
    return Plan(schedule=(*own, *soon), bar=tuple(dict.fromkeys(bar)))


def almost(ticket: Ticket, lane: str, at: int) -> Delivery:
    """That it is almost their turn. Never before they were told that the ticket is taken."""
    made = _made(ALMOST, ticket.id, ticket.location, lane, at, at + 30 * MINUTE_MS)
    return replace(made, after=delivery_id(TAKEN, ticket.id, lane))


def delayed(ticket: Ticket, lane: str, at: int, nth: int) -> Delivery:
    """That it takes longer than was said; after a minute, if it still does: a desk may only change hands."""
    made = _made(DELAYED, ticket.id, ticket.location, lane, at + MINUTE_MS, at + 10 * MINUTE_MS, call=nth)
    return replace(made, what=str(nth))


def booking_delayed(ticket: Ticket, lane: str, at: int) -> Delivery:
    """That a booking will be late; once for its time."""
    slot_at = ticket.slot_at or at
    made = _made(
        BOOKING_DELAYED, ticket.id, ticket.location, lane, min(at + MINUTE_MS, slot_at), slot_at, call=slot_at // 1000
    )
    return replace(made, what=str(slot_at))


def untrue(delivery: Delivery, ticket: Ticket, soon: bool) -> Moot | None:
    """Why a message must not be sent any more, as the ticket stands now and whether it is soon its turn; None when it
    may."""
    if ticket.state != TRUE_IN.get(delivery.kind, ticket.state):
        return Moot(f"ticket is {ticket.state}")
    if delivery.kind == MOVED and ticket.queue != delivery.what:
        return Moot("moved on to another queue")
    if delivery.kind == ALMOST:
        if not _not_called_yet(ticket):
            return Moot("was called already")
        if not soon:
            return Moot("moved back in the line", again=True)
    if delivery.kind == DELAYED and not _not_called_yet(ticket):
        return Moot("was called already")
    if delivery.kind == BOOKING_DELAYED and delivery.what != str(ticket.slot_at):
        return Moot("the booking has moved")
    return None


def _of_the_event(event: Event, queue: Queue, lanes: Collection[str]) -> Iterator[Delivery]:
    make = _MAKERS.get(event.kind)
    if make and event.ticket:
        for lane in lanes:
            yield from make(event, queue, lane)


def _taken(event: Event, queue: Queue, lane: str) -> Iterator[Delivery]:
    """A booking that somebody leaves an address for later is confirmed then."""
    if event.state == State.WAITING and (event.kind in FIRST_WORD or event.before in NOT_YET_WAITING):
        yield _delivery(TAKEN, event, event.ticket, lane, minutes=10)
    elif event.state == State.BOOKED:
        yield _delivery(CONFIRMED, event, event.ticket, lane, minutes=OVERNIGHT_MIN)


def _rebooked(event: Event, queue: Queue, lane: str) -> Iterator[Delivery]:
    if event.state == State.BOOKED:
        yield _delivery(REBOOKED, event, event.ticket, lane, minutes=OVERNIGHT_MIN, call=event.seq)


def _transferred(event: Event, queue: Queue, lane: str) -> Iterator[Delivery]:
    """A booking that is sent on starts to wait, and so has taken its ticket."""
    if event.before in NOT_YET_WAITING:
        yield from _taken(event, queue, lane)
    else:
        yield _delivery(MOVED, event, event.ticket, lane, minutes=MOVED_MIN, call=event.seq, what=event.queue)


def _reminded(event: Event, queue: Queue, lane: str) -> Iterator[Delivery]:
    yield _delivery(REMINDER, event, event.ticket, lane, minutes=queue.reminder_min or 30, call=event.seq)


def _corrected(event: Event, queue: Queue, lane: str) -> Iterator[Delivery]:
    """Staff have put it right: what is so now is told as if it had just become so."""
    make = {State.WAITING: _taken, State.NO_SHOW: _missed, State.CANCELLED: _cancelled}.get(State(event.state))
    if make:
        yield from make(event, queue, lane)


def _called(event: Event, queue: Queue, lane: str) -> Iterator[Delivery]:
    yield _delivery(TURN, event, event.ticket, lane, minutes=5, call=event.seq)


def _recalled(event: Event, queue: Queue, lane: str) -> Iterator[Delivery]:
    yield _delivery(AGAIN, event, event.ticket, lane, minutes=5, call=event.seq, quiet_ms=RECALL_QUIET_MS)


def _missed(event: Event, queue: Queue, lane: str) -> Iterator[Delivery]:
    yield _delivery(MISSED, event, event.ticket, lane, minutes=queue.rejoin_min or 10, call=event.seq)


def _cancelled(event: Event, queue: Queue, lane: str) -> Iterator[Delivery]:
    """Who cancels a booking themselves knows it, but their calendar does not: a mail takes the entry back."""
    if event.reason in (CloseReason.STAFF, CloseReason.RESET):
        yield _delivery(CANCELLED, event, event.ticket, lane, minutes=30)
    elif event.reason == CloseReason.CUSTOMER and event.before == State.BOOKED and lane == "mail":
        own = _delivery(CANCELLED, event, event.ticket, lane, minutes=OVERNIGHT_MIN, what=WITHDRAWN)
        yield replace(own, after=delivery_id(CONFIRMED, event.ticket, lane))


_MAKERS: Mapping[Kind, Callable[[Event, Queue, str], Iterator[Delivery]]] = {
    Kind.BOOKED: _taken,
    Kind.CONFIRMED: _taken,
    Kind.RESCHEDULED: _rebooked,
    Kind.REMINDED: _reminded,
    Kind.JOINED: _taken,
    Kind.CHECKED_IN: _taken,
    Kind.ACTIVATED: _taken,
    Kind.PERSON_CHANGED: _taken,
    Kind.TRANSFERRED: _transferred,
    Kind.CALLED: _called,
    Kind.RECALLED: _recalled,
    Kind.NO_SHOW: _missed,
    Kind.CANCELLED: _cancelled,
    Kind.CORRECTED: _corrected,
}


def _delivery(
    kind: str,
    event: Event,
    ticket: str,
    lane: str,
    *,
    minutes: float,
    call: int = 0,
    quiet_ms: int = 0,
    what: str = "",
) -> Delivery:
    return replace(
        _made(kind, ticket, event.location, lane, event.at, event.at + round(minutes * MINUTE_MS), call=call),
        call=call,
        what=what,
        quiet=delivery_id(TURN if kind in CALLS else kind, ticket, lane) if call else "",
        quiet_ms=quiet_ms,
        apart_ms=CALL_WAITS_MS if kind in CALLS else 0,
    )


def _almost_of(delivery: Delivery) -> str:
    return delivery_id(ALMOST, delivery.ticket, delivery.lane)


def _made(kind: str, ticket: str, location: str, lane: str, at: int, until: int, *, call: int = 0) -> Delivery:
    id, word = delivery_id(kind, ticket, lane, call), apart(ticket, lane)
    return Delivery(id=id, kind=kind, lane=lane, location=location, ticket=ticket, at=at, until=until, apart=word)


def _not_called_yet(ticket: Ticket) -> bool:
    return ticket.state == State.WAITING and ticket.retry_count == 0
