"""A person's document: pure, from one picture of a location."""

from callboard.domain.board import booked_wait, desk_of, waits
from callboard.domain.documents import Names, Phone, Wait
from callboard.domain.hours import opening
from callboard.domain.model import Desk, Location, Queue, State, Ticket
from callboard.domain.names import name_in
from callboard.domain.picture import Picture

PHASES = {
    State.RESERVED: "booked",
    State.BOOKED: "booked",
    State.CALLED: "called",
    State.SERVING: "serving",
    State.HELD: "held",
    State.DONE: "done",
    State.NO_SHOW: "missed",
    State.CANCELLED: "cancelled",
}


def phone(location: Location, ticket: Ticket, ahead: int | None, picture: Picture, now: int) -> Phone:
    """What one person is told; `ahead` is how many of the queue are called before them, None when they do not wait."""
    queue = next(queue for queue in location.queues if queue.id == ticket.queue)
    desk = desk_of(location, ticket)
    at_desk = desk is not None and ticket.state in (State.CALLED, State.SERVING)
    names = {locale: _names(location, queue, desk if at_desk else None, locale) for locale in location.languages}
    own = names.get(ticket.locale) or names[location.languages[0]]
    wait = booked_wait(ticket, picture) if ahead is None else waits(location, queue, picture)(ahead)
    return Phone(
        seq=picture.seq,
        epoch=picture.epoch,
        at=now,
        label=ticket.label,
        state=ticket.state,
        phase=phase(queue, ticket, ahead, wait),
        location=own.location,
        queue=own.queue,
        ahead=ahead,
        wait=wait,
        desk=own.desk,
        kind=desk.kind if desk and at_desk else "",
        call=ticket.call,
        called_at=ticket.called_at,
        slot_at=ticket.slot_at,
        last_called=next((other.label for other in picture.calls if other.queue == queue.id), ""),
        rejoin_until=rejoin_until(queue, ticket),
        can=allowed(queue, ticket, now),
        close_reason=ticket.close_reason or "",
        time_zone=location.time_zone,
        names=names,
        rating=ticket.rating,
        opens_at=opening(location, now)[1],
        check_in_by=queue.check_in_by,
        travel_min=ticket.travel_min,
    )


def _names(location: Location, queue: Queue, desk: Desk | None, locale: str) -> Names:
    first = location.languages[0]
    return Names(
        location=name_in(location.name, locale, first),
        queue=name_in(queue.name, locale, first),
        desk=name_in(desk.name, locale, first) if desk else "",
    )


def phase(queue: Queue, ticket: Ticket, ahead: int | None, wait: Wait | None) -> str:
    """What to do now, in a word. Waiting is far (no need to be here), near (come closer, or set off) or next (be
    ready)."""
    if ticket.state != State.WAITING or ahead is None:
        return PHASES.get(ticket.state, "far")
    if ahead == 0:
        return "next"
    sets_off = wait is not None and 0 < ticket.travel_min >= wait.low
    return "near" if ahead <= queue.almost_ahead or sets_off else "far"


def rejoin_until(queue: Queue, ticket: Ticket) -> int | None:
    """Until when a missed ticket may come back; None for any other."""
    if ticket.state != State.NO_SHOW or ticket.closed_at is None:
        return None
    return ticket.closed_at + round(queue.rejoin_min * 60_000)


def allowed(queue: Queue, ticket: Ticket, now: int) -> list[str]:
    """The commands that the person may give now."""
    can = [] if ticket.closed_at is not None or ticket.state == State.SERVING else ["cancel"]
    if ticket.state == State.WAITING and ticket.postponed < queue.postpone_max:
        can.append("postpone")
    if (until := rejoin_until(queue, ticket)) is not None and now <= until:
        can.append("rejoin")
    if ticket.state == State.DONE:
        can.append("feedback")
    if ticket.state in (State.RESERVED, State.BOOKED) and ticket.slot_at is not None and queue.check_in_by == "anybody":
        early, late = queue.early_min * 60_000, queue.late_min * 60_000
        if ticket.slot_at - early <= now <= ticket.slot_at + late:
            can.append("check_in")
    return can
