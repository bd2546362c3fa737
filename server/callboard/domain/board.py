"""The board's document: pure, from one picture of a location."""

from collections.abc import Callable

from callboard.domain.documents import Board, BoardCall, BoardQueue, Say, Wait
from callboard.domain.estimate import Load, outlook
from callboard.domain.expected import looked_up
from callboard.domain.hours import opening
from callboard.domain.model import Desk, Display, Location, Queue, State, Ticket
from callboard.domain.names import name_in
from callboard.domain.picture import Picture

NEUTRAL = "#5b6b7b"  # of a call whose service is not to be shown
CURRENT = (State.CALLED, State.SERVING)
BOOKED = (State.RESERVED, State.BOOKED)
Speech = Callable[[str, str, str, str], str]  # locale, label, kind and tag of the desk -> what is said


def load(location: Location, queue: Queue, picture: Picture, ahead: int) -> Load:
    """What stands before somebody with `ahead` people before them in a queue."""
    line = picture.lines[queue.id]
    capacity, free = 0.0, 0
    for desk in location.desks:
        state = picture.desks.get(desk.id)
        if state is None or not state.open or queue.id not in desk.queues:
            continue
        busy = [other for other in desk.queues if other == queue.id or picture.lines[other].waiting]
        capacity += 1 / len(busy)
        free += not state.ticket and len(busy) == 1
    return Load(ahead, queue.service_min, line.served, line.served_ms, capacity, free)


def waits(location: Location, queue: Queue, picture: Picture) -> Callable[[int], Wait | None]:
    """What somebody in a queue is told, by how many are ahead: what was worked out for the line, or as long as nothing
    was, the rule for its desks."""
    before = load(location, queue, picture, 0)
    line = picture.expected.lines.get(queue.id) if picture.expected else None
    return looked_up(line, before.free) if line else outlook(before)


def booked_wait(ticket: Ticket, picture: Picture) -> Wait | None:
    """What who has booked, and has not come yet, waits from their time on."""
    if picture.expected is None or ticket.state not in BOOKED or ticket.slot_at is None:
        return None
    return picture.expected.from_slot(ticket.queue, ticket.slot_at)


def queue_wait(location: Location, queue: Queue, picture: Picture) -> Wait | None:
    """What somebody who takes a ticket now would wait."""
    return waits(location, queue, picture)(picture.lines[queue.id].waiting)


def board(location: Location, display: Display, picture: Picture, now: int, speech: Speech) -> Board:
    """What a lobby screen shows and says: the queues it was told to, the calls of those queues, no name."""
    languages = display.languages or location.languages[:1]
    shown = display.queues or tuple(queue.id for queue in location.queues)
    queues = {queue.id: queue for queue in location.queues}
    calls = [ticket for ticket in picture.calls if ticket.queue in shown and ticket.call]
    recent = [ticket for ticket in calls if ticket.state not in CURRENT][: display.recent]
    kept = [ticket for ticket in calls if ticket.state in CURRENT or ticket in recent]
    is_open, opens_at = opening(location, now)
    return Board(
        seq=picture.seq,
        epoch=picture.epoch,
        at=now,
        display=display.id,
        location=name_in(location.name, languages[0], location.languages[0]),
        open=is_open,
        opens_at=opens_at,
        time_zone=location.time_zone,
        languages=list(languages),
        chime=display.chime,
        voice=display.voice,
        calls=[_call(location, queues[ticket.queue], ticket, languages, speech) for ticket in kept],
        queues=[_queue(location, queues[name], picture, languages[0]) for name in shown],
    )


def _call(location: Location, queue: Queue, ticket: Ticket, languages: tuple[str, ...], speech: Speech) -> BoardCall:
    desk = desk_of(location, ticket)
    name, kind, tag = (
        (name_in(desk.name, languages[0], location.languages[0]), desk.kind, desk.tag) if desk else ("", "", "")
    )
    spoken = languages if ticket.locale in languages else (*languages, ticket.locale)
    return BoardCall(
        id=ticket.call,
        ticket=ticket.label,
        desk=name,
        kind=kind,
        queue="" if queue.sensitive else name_in(queue.name, languages[0], location.languages[0]),
        colour=NEUTRAL if queue.sensitive else queue.colour,
        at=ticket.announced_at or ticket.called_at or 0,
        state=ticket.state,
        times=ticket.calls,
        say=[Say(locale, speech(locale, ticket.label, kind, tag)) for locale in spoken] if kind else [],
    )


def _queue(location: Location, queue: Queue, picture: Picture, locale: str) -> BoardQueue:
    line = picture.lines[queue.id]
    return BoardQueue(
        id=queue.id,
        tag=queue.tag,
        name=name_in(queue.name, locale, location.languages[0]),
        colour=queue.colour,
        open=line.open,
        waiting=line.waiting,
        wait=queue_wait(location, queue, picture),
    )


def desk_of(location: Location, ticket: Ticket) -> Desk | None:
    return next((desk for desk in location.desks if desk.id == ticket.desk), None)
