"""Pure: which watches are told of an event, and what is remembered until they are: ids and a ticket, nobody's name."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from callboard.delivery.model import Delivery, Plan
from callboard.domain.events import Event, Kind
from callboard.domain.model import CLOSED, CloseReason, State, Ticket
from callboard.domain.watch import Shape, Watch
from callboard.webhooks import schedule

LANE = "post"
WORTH_MS = 24 * 3_600_000  # as long as closed tickets are kept


class Happened(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event of one ticket, the ticket as it stood after it, and which watch is to be told."""

    event: Event
    ticket: Ticket
    watch: str = ""
    organization: str = ""


def happened(event: Event, ticket: Ticket | None, finished: Ticket | None) -> Iterator[Happened]:
    """One event may end another ticket too: that is told as if it had been finished by itself, and first."""
    if finished is not None:
        yield Happened(event=_ended(event, finished), ticket=finished)
    if ticket is not None:
        yield Happened(event=replace(event, finished=""), ticket=ticket)


def cleared(event: Event, tickets: Iterable[Ticket]) -> Iterator[Happened]:
    """A reset, told as the end of each ticket that it closed."""
    return (Happened(event=_ended(event, ticket), ticket=ticket) for ticket in tickets if ticket.state in CLOSED)


def _ended(event: Event, ticket: Ticket) -> Event:
    return Event(
        id=event.id,
        kind=Kind.FINISHED if ticket.state == State.DONE else Kind.CANCELLED,
        at=event.at,
        location=event.location,
        seq=event.seq,
        ticket=ticket.id,
        queue=ticket.queue,
        desk=ticket.desk,
        state=ticket.state,
        before=_before_its_end(ticket),
        reason=ticket.close_reason or CloseReason.SERVED,
    )


def _before_its_end(ticket: Ticket) -> State:
    """Read from the moments that a closed ticket keeps."""
    if ticket.started_at:
        return State.SERVING
    if ticket.called_at:
        return State.CALLED
    return State.WAITING if ticket.joined_at else State.BOOKED


def plan(what: Iterable[Happened], watches: Mapping[str, Sequence[Watch]], shapes: Mapping[str, Shape]) -> Plan:
    """A delivery for each watch that wants to be told. `watches` are those of each queue, by its id."""
    found = []
    for one in what:
        queues = dict.fromkeys(queue for queue in (one.event.queue, one.event.from_queue) if queue)
        told = {watch.id: watch for queue in queues for watch in watches.get(queue, ())}
        for watch in told.values():
            shape = shapes.get(watch.shape)
            if watch.enabled and shape and shape.wants(one.event, watch):
                told_one = replace(one, watch=watch.id, organization=watch.organization)
                found.append(_delivery(told_one, in_order=not shape.scheduled))
    return Plan(schedule=tuple(found))


def _delivery(one: Happened, *, in_order: bool) -> Delivery:
    """Those of a ticket stand in a line; who reads our own words orders them by `rev`, and so none waits for another
    that may be put off for a day."""
    event = one.event
    return Delivery(
        id=f"{one.watch}:{notice_id(one)}",
        kind=event.kind,
        lane=LANE,
        location=event.location,
        ticket=one.ticket.id,
        at=event.at,
        until=event.at + (WORTH_MS if in_order else schedule.WORTH_MS),
        line=f"{one.watch}:{one.ticket.id}" if in_order else "",
        place=event.seq if in_order else 0,
        what=msgspec.json.encode(one).decode(),
    )


def notice_id(one: Happened) -> str:
    """The same however often it is planned and sent; without a dot, which would end it where signatures are checked."""
    what = "\n".join((one.event.location, one.event.id, one.ticket.id, one.watch))
    return f"msg_{hashlib.sha256(what.encode()).hexdigest()[:32]}"


def remembered(delivery: Delivery) -> Happened:
    return msgspec.json.decode(delivery.what, type=Happened)


def watch_id(delivery_id: str) -> str:
    """The watch that a delivery is for."""
    return delivery_id.partition(":")[0]
