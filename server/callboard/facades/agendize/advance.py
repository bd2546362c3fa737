"""`next`: the first who waits goes on, at a desk if one serves the queue."""

from typing import Any

from callboard.domain.model import Desk, Location, Queue, State
from callboard.domain.picture import Picture
from callboard.errors import Refusal, Refused
from callboard.facades.agendize.finding import queue_of, shown_now
from callboard.facades.agendize.models import OldRegistration, Registration
from callboard.foreign.operation import Asked

TRIES = 100  # each that fails is one with whom somebody else was quicker
UNABLE = frozenset({Refusal.DESK_BUSY, Refusal.DESK_CLOSED})
GONE = frozenset({Refusal.ALREADY_SERVING, Refusal.NOT_FOUND})

Answer = Registration | OldRegistration


async def peek(asked: Asked[Any, Any], version: str) -> Answer:
    """Who is next; nothing changes."""
    _, queue = queue_of(asked)
    return await shown_now(asked.services, await _first(asked, queue), version)


async def advance(asked: Asked[Any, Any], version: str) -> Answer:
    """Who was next is in progress now. Refused when nobody waits, or no desk can take them."""
    location, queue = queue_of(asked)
    await _first(asked, queue)
    serving = [desk for desk in location.desks if queue.id in desk.queues]
    ticket = await (_at_desk(asked, location, queue, serving) if serving else _without_desk(asked, queue))
    return await shown_now(asked.services, ticket, version)


async def _first(asked: Asked[Any, Any], queue: Queue) -> str:
    first = await asked.services.reads.order(queue.id, 1)
    if not first:
        raise Refused(Refusal.QUEUE_EMPTY)
    return first[0].id


async def _at_desk(asked: Asked[Any, Any], location: Location, queue: Queue, serving: list[Desk]) -> str:
    """A desk that is open and free, else one that is open, else the first, which is opened for it."""
    store, why = asked.services.store, Refusal.DESK_CLOSED
    picture = await asked.services.reads.picture(location.id)
    for desk in _in_order(serving, picture):
        try:
            if not _is_open(desk, picture):
                await store.open_desk(desk.id, staff=asked.caller.name)
            done = await store.call_next(desk.id, queue=queue.id, once=asked.once)
        except Refused as error:
            if error.refusal not in UNABLE:
                raise
            why = error.refusal
            continue
        assert done.ticket is not None, "a desk calls a ticket"
        return done.ticket.id
    raise Refused(why)


def _in_order(serving: list[Desk], picture: Picture) -> list[Desk]:
    """At most one that is closed."""
    is_open = [desk for desk in serving if _is_open(desk, picture)]
    closed = [desk for desk in serving if not _is_open(desk, picture)]
    return sorted(is_open, key=lambda desk: bool(picture.desks[desk.id].ticket)) + closed[:1]


def _is_open(desk: Desk, picture: Picture) -> bool:
    return desk.id in picture.desks and picture.desks[desk.id].open


async def _without_desk(asked: Asked[Any, Any], queue: Queue) -> str:
    for _ in range(TRIES):
        ticket = await _first(asked, queue)
        try:
            await asked.services.store.correct(ticket, state=State.SERVING, once=asked.once)
        except Refused as error:
            if error.refusal not in GONE:
                raise
        else:
            return ticket
    raise Refused(Refusal.ALREADY_SERVING)
