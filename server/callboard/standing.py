"""Reads where tickets stand, for every API that tells others of them: one instant, one set of numbers for all."""

from collections.abc import Iterable, Sequence
from math import ceil

from callboard.domain.board import load
from callboard.domain.directory import BySerial, Directory, Named, Unknown
from callboard.domain.estimate import Load, wait
from callboard.domain.model import Location, Queue, State
from callboard.domain.picture import PhoneState, Picture
from callboard.domain.standing import Standing
from callboard.store.reads import Reads
from callboard.store.transitions import Done

LIVE = (State.WAITING, State.CALLED, State.SERVING, State.HELD)


async def standing(reads: Reads, ticket: Named, now: int) -> Standing:
    """Where one ticket stands. Raises Unknown."""
    location = reads.directory.location_of_ticket(ticket).id
    found = await standings(reads, location, [ticket.serial if isinstance(ticket, BySerial) else ticket], now)
    if not found:
        raise Unknown("ticket", str(ticket))
    return found[0]


def after(directory: Directory, done: Done) -> Standing:
    """Where the ticket of a command stands that was to show it; raises Unknown for one that is gone by now."""
    assert done.picture is not None, "the store was to show"
    found = seen(directory.location(done.picture.location), done.picture)
    if not found:
        raise Unknown("ticket", done.event.ticket)
    return found[0]


async def standings(reads: Reads, location: str, tickets: Sequence[str | int], now: int) -> list[Standing]:
    """Those of one location, by id or serial, in the order given; one that is gone is left out."""
    picture = await reads.picture(location, phones=tickets, people=True)
    return seen(reads.directory.location(location), picture)


async def of_queue(reads: Reads, queue: str, now: int, states: Iterable[State] = LIVE) -> list[Standing]:
    """All of a queue in these states: who waits in the order in which they will be called, then the others by age."""
    location, _ = reads.directory.queue(queue)
    picture = await reads.picture(location.id, of_queue=(queue, tuple(states)), people=True)
    found = seen(location, picture)
    return sorted(found, key=lambda each: (each.ahead is None, each.ahead or 0, each.ticket.created_at))


def seen(location: Location, picture: Picture) -> list[Standing]:
    """What a picture says of each of its phones."""
    theirs = {phone.ticket.queue for phone in picture.phones.values() if phone.ticket is not None}
    queues = {queue.id: queue for queue in location.queues if queue.id in theirs}
    average = {id: minutes(location, queue, picture, picture.lines[id].waiting) for id, queue in queues.items()}
    return [
        _standing(location, queues[phone.ticket.queue], picture, phone, average[phone.ticket.queue])
        for phone in picture.phones.values()
        if phone.ticket is not None
    ]


def minutes(location: Location, queue: Queue, picture: Picture, ahead: int) -> int:
    """One number for those that show one: the likeliest from now on, a begun minute being a whole one; of the rule for
    desks the middle of the range. With no desk open it is that of one desk, since there is no number for "nobody
    knows"."""
    line = picture.expected.lines.get(queue.id) if picture.expected else None
    before = load(location, queue, picture, ahead)
    if line is not None and line.at(ahead).low >= 0:
        return 0 if ahead < before.free else ceil(line.at(ahead).likely_s / 60)
    if before.capacity <= 0:
        before = Load(before.ahead, before.nominal_min, before.served, before.served_ms, capacity=1, free=0)
    expected = wait(before)
    assert expected is not None, "one desk always has an estimate"
    return (expected.low + (expected.high or expected.low) + 1) // 2


def _standing(location: Location, queue: Queue, picture: Picture, phone: PhoneState, average: int) -> Standing:
    ticket = phone.ticket
    assert ticket is not None
    ahead = phone.rank if ticket.state == State.WAITING else None
    return Standing(
        ticket=ticket,
        person=phone.person,
        location=location,
        queue=queue,
        desk=next((desk for desk in location.desks if desk.id == ticket.desk), None),
        ahead=ahead,
        wait_min=None if ahead is None else minutes(location, queue, picture, ahead),
        average_min=average,
        queue_waiting=picture.lines[queue.id].waiting,
        seq=picture.seq,
        epoch=picture.epoch,
    )
