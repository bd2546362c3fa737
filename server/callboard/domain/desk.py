"""The document of a desk: pure, from one picture of a location and the names that staff may see."""

from collections.abc import Mapping

from callboard.domain.board import queue_wait
from callboard.domain.documents import DeskNote, DeskQueue, DeskTicket, DeskUndo, DeskView
from callboard.domain.model import Desk, Location, Person, Ticket
from callboard.domain.names import name_in
from callboard.domain.picture import DeskState, Picture

NOBODY = Person(token="")
SHOWN = 50  # of everybody who waits for this desk


def desk_view(
    location: Location, desk: Desk, picture: Picture, people: Mapping[str, Person], now: int, undo_ms: int
) -> DeskView:
    """What staff at a desk see. `people` by ticket; who waits is in the order in which this desk would call them."""
    state = picture.desks.get(desk.id, DeskState())
    locale = location.languages[0]
    current = picture.at_desks.get(desk.id)

    def shown(tickets: list[Ticket]) -> list[DeskTicket]:
        return [_ticket(location, ticket, people.get(ticket.id, NOBODY), locale) for ticket in tickets]

    return DeskView(
        seq=picture.seq,
        epoch=picture.epoch,
        at=now,
        desk=desk.id,
        name=name_in(desk.name, locale, location.languages[0]),
        tag_name=desk.tag,
        location=name_in(location.name, locale, location.languages[0]),
        open=state.open,
        staff=state.staff,
        current=shown([current])[0] if current else None,
        held=shown(picture.held),
        waiting=shown(call_order(desk, picture)[:SHOWN]),
        booked=shown(picture.booked),
        recent=shown(picture.closed),
        queues=[_queue(location, desk, picture, name, locale) for name in picture.lines],
        undo=_undo(picture, desk, now, undo_ms),
        time_zone=location.time_zone,
    )


def call_order(desk: Desk, picture: Picture) -> list[Ticket]:
    """Who waits for a desk, as it would call them: queue by queue, or by arrival over all of them."""
    waiting = [ticket for queue in desk.queues for ticket in picture.lines[queue].first]
    if desk.take == "arrival":
        waiting.sort(key=lambda ticket: float(ticket.score))
    return waiting


def _undo(picture: Picture, desk: Desk, now: int, undo_ms: int) -> DeskUndo | None:
    last = picture.undo.get(desk.id)
    if last is None or now > last.at + undo_ms:
        return None
    return DeskUndo(kind=last.kind, label=last.label, until=last.at + undo_ms)


def _queue(location: Location, desk: Desk, picture: Picture, name: str, locale: str) -> DeskQueue:
    queue = next(queue for queue in location.queues if queue.id == name)
    line = picture.lines[name]
    return DeskQueue(
        id=name,
        tag=queue.tag,
        name=name_in(queue.name, locale, location.languages[0]),
        colour=queue.colour,
        open=line.open,
        waiting=line.waiting,
        wait=queue_wait(location, queue, picture),
        served_here=name in desk.queues,
    )


def _ticket(location: Location, ticket: Ticket, person: Person, locale: str) -> DeskTicket:
    queue = next(queue for queue in location.queues if queue.id == ticket.queue)
    return DeskTicket(
        id=ticket.id,
        label=ticket.label,
        state=ticket.state,
        queue=queue.id,
        queue_name=name_in(queue.name, locale, location.languages[0]),
        colour=queue.colour,
        name=person.name,
        priority=ticket.priority,
        joined_at=ticket.joined_at,
        called_at=ticket.called_at,
        started_at=ticket.started_at,
        slot_at=ticket.slot_at,
        calls=ticket.calls,
        retry_count=ticket.retry_count,
        held_by=ticket.held_by,
        locale=ticket.locale,
        notes=[DeskNote(note.at, note.text) for note in person.notes],
        no_texts=person.no_texts,
    )
