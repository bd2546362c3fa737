"""What a location's events say of its lobby, as facts: by where a ticket was and where it is, whatever the command."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from callboard.domain.events import Event, Kind
from callboard.domain.hours import local_s
from callboard.domain.model import CLOSED, CloseReason, State
from callboard.domain.wait.facts import (
    AnyFact,
    Booked,
    Called,
    Cancelled,
    Created,
    DayStart,
    DeskClosed,
    DeskOpened,
    Finished,
    NoShow,
    Released,
    Started,
    Unbooked,
    Withdrawn,
)

AT_A_DESK = (State.CALLED, State.SERVING)
# What these say is of a person, of a moment, or of nothing that moves.
ASIDE = frozenset(
    {
        Kind.RECALLED,
        Kind.ERASED,
        Kind.PERSON_CHANGED,
        Kind.TICKET_CHANGED,
        Kind.NOTED,
        Kind.FEEDBACK,
        Kind.REMINDED,
        Kind.QUEUE_OPENED,
        Kind.QUEUE_CLOSED,
        Kind.RESTORED,
        Kind.EXPECTED,
    }
)
GAVE_UP = (CloseReason.CUSTOMER, CloseReason.ABANDONED)


def heard(event: Event, zone: ZoneInfo) -> Iterator[AnyFact]:
    """In the order in which they happened. What says nothing of the line (a person's address, a rating, a second
    announcement, a reservation that may never be confirmed) has none."""
    t = local_s(event.at, zone)
    match event.kind:
        case Kind.RESET:
            yield from _night(event, t)
            yield DayStart(t=t, day=int(t // 86_400), stays=bool(event.stays))
        case Kind.DESK_OPENED:
            yield DeskOpened(t=t, desk=event.desk)
        case Kind.DESK_CLOSED:
            yield DeskClosed(t=t, desk=event.desk)
        case kind if kind not in ASIDE and event.ticket:
            yield from _moved(event, t, zone)


def _night(event: Event, t: float) -> Iterator[AnyFact]:
    """Nobody sits at a desk any more. How long the last service took is not known: it was forgotten."""
    for desk, _, ticket in (each.partition("=") for each in event.left.split()):
        if ticket:
            yield Released(t=t, ticket=ticket, desk=desk)
        yield DeskClosed(t=t, desk=desk)


def _moved(event: Event, t: float, zone: ZoneInfo) -> Iterator[AnyFact]:
    if event.finished and event.desk:
        yield Finished(t=t, ticket=event.finished, desk=event.desk)
    if event.before == event.state and event.kind not in _PLACES:
        return
    yield from _left(event, t)
    yield from _came(event, t, zone)
    if event.reopened:
        yield Called(t=t, ticket=event.reopened, desk=event.desk)


# After these a ticket stands elsewhere though its state is the same.
_PLACES = frozenset({Kind.POSTPONED, Kind.TRANSFERRED, Kind.CORRECTED, Kind.RESCHEDULED, Kind.UNDONE})


def _left(event: Event, t: float) -> Iterator[AnyFact]:
    """What its leaving the state before says. Who is served without a desk is nobody's to wait for."""
    if event.before in AT_A_DESK and event.state not in AT_A_DESK:
        if not event.desk:
            return
        if event.state == State.DONE:
            yield Finished(t=t, ticket=event.ticket, desk=event.desk)
        elif event.state == State.NO_SHOW:
            yield NoShow(t=t, ticket=event.ticket, desk=event.desk)
        else:  # nothing is known of a service
            yield Released(t=t, ticket=event.ticket, desk=event.desk)
    elif event.before == State.WAITING and event.state == State.CANCELLED and event.reason in GAVE_UP:
        yield Cancelled(t=t, ticket=event.ticket)
    elif (
        event.before == State.WAITING and event.state != State.WAITING and not (event.state in AT_A_DESK and event.desk)
    ):
        yield Withdrawn(t=t, ticket=event.ticket)
    elif event.before in (State.BOOKED, State.RESERVED) and event.state in CLOSED:
        yield Unbooked(t=t, booking=event.ticket)


def _came(event: Event, t: float, zone: ZoneInfo) -> Iterator[AnyFact]:
    """What its coming into the state after says."""
    if event.state == State.WAITING:
        yield _created(event, t, zone)
    elif event.state == State.BOOKED and event.slot_at:
        yield Booked(t=t, booking=event.ticket, service=event.queue, slot=local_s(event.slot_at, zone))
    elif event.state in AT_A_DESK and event.desk:
        if event.before not in AT_A_DESK:
            if event.before != State.WAITING:  # from where it was held, or by a correction
                yield _created(event, t, zone)
            yield Called(t=t, ticket=event.ticket, desk=event.desk)
        if event.state == State.SERVING:
            yield Started(t=t, ticket=event.ticket, desk=event.desk)


def _created(event: Event, t: float, zone: ZoneInfo) -> Created:
    came_with_a_booking = event.before in (State.BOOKED, State.RESERVED)
    return Created(
        t=t,
        ticket=event.ticket,
        service=event.queue,
        prio=int(event.head_start_ms > 0),
        slot=local_s(event.slot_at, zone) if event.slot_at else None,
        booking=event.ticket if came_with_a_booking else None,
        score=local_s(float(event.score), zone) if event.score else None,
        since=local_s(event.joined_at, zone) if event.joined_at and event.joined_at < event.at else None,
    )
