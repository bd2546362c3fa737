"""`next`: the first who waits goes on, at a desk if one serves the queue."""

from typing import Any

from callboard.domain.model import Desk, Location, Queue, State
from callboard.domain.picture import DeskState, Picture
from callboard.errors import Refusal, Refused
from callboard.facades.agendize.finding import queue_of, shown_after, shown_now
from callboard.facades.agendize.models import OldRegistration, Registration
from callboard.facades.agendize.options import options_of
from callboard.facades.agendize.translation import OLD
from callboard.foreign.operation import Asked
from callboard.store.transitions import Done

TRIES = 100  # each that fails is one with whom somebody else was quicker
UNABLE = frozenset({Refusal.DESK_BUSY, Refusal.DESK_CLOSED})
GONE = frozenset(
    {
        Refusal.ALREADY_CALLED,
        Refusal.ALREADY_SERVING,
        Refusal.NOT_FOUND,
        Refusal.ON_HOLD,
        Refusal.TICKET_CLOSED,
    }
)

Answer = Registration | OldRegistration


async def peek(asked: Asked[Any, Any], version: str) -> Answer:
    """Who is next; nothing changes, unless the organization has clients of version 2.0 that go on by GET."""
    location, queue = queue_of(asked)
    by_get = options_of(asked.services.directory.organization(location.id)).next_by_get
    if by_get and version == OLD and asked.request.method == "GET":
        return await advance(asked, version)
    return await shown_now(asked.services, await _first(asked, queue), version)


async def advance(asked: Asked[Any, Any], version: str) -> Answer:
    """Who was next is in progress now. Refused when nobody waits, or no desk can take them.

    No idempotency key counts: which desk is asked depends on what happened before, so the second time is another call.
    """
    location, queue = queue_of(asked)
    serving = [desk for desk in location.desks if queue.id in desk.queues]
    done = await _at_the_only(asked, queue, serving) if len(serving) == 1 else None
    return await shown_after(asked.services, done or await _next(asked, location, queue, serving), version)


async def _at_the_only(asked: Asked[Any, Any], queue: Queue, serving: list[Desk]) -> Done | None:
    """None when it cannot take anybody."""
    try:
        return await asked.services.store.showing.call_next(serving[0].id, queue=queue.id)
    except Refused as error:
        if error.refusal not in UNABLE:
            raise
        return None


async def _next(asked: Asked[Any, Any], location: Location, queue: Queue, serving: list[Desk]) -> Done:
    picture = await asked.services.reads.picture(location.id)
    if not picture.lines[queue.id].waiting:
        raise Refused(Refusal.QUEUE_EMPTY)  # and no desk is opened for nobody
    return await (_at_desk(asked, queue, _in_order(serving, picture)) if serving else _without_desk(asked, queue))


async def _first(asked: Asked[Any, Any], queue: Queue) -> str:
    first = await asked.services.reads.order(queue.id, 1)
    if not first:
        raise Refused(Refusal.QUEUE_EMPTY)
    return first[0].id


async def _at_desk(asked: Asked[Any, Any], queue: Queue, desks: list[tuple[Desk, bool]]) -> Done:
    """The first of the desks that can; one that is closed is opened for it."""
    store, why = asked.services.store.showing, Refusal.DESK_CLOSED
    for desk, is_open in desks:
        try:
            if not is_open:
                await store.open_desk(desk.id, staff=asked.caller.name)
            return await store.call_next(desk.id, queue=queue.id)
        except Refused as error:
            if error.refusal not in UNABLE:
                raise
            why = error.refusal
    raise Refused(why)


def _in_order(serving: list[Desk], picture: Picture) -> list[tuple[Desk, bool]]:
    """The desks to ask, and whether they are open: first those that are free, then those that have somebody, at last
    one that is closed."""
    states = [(desk, picture.desks.get(desk.id, DeskState())) for desk in serving]
    is_open = sorted(((desk, state) for desk, state in states if state.open), key=lambda each: bool(each[1].ticket))
    closed = [(desk, False) for desk, state in states if not state.open]
    return [(desk, True) for desk, _ in is_open] + closed[:1]


async def _without_desk(asked: Asked[Any, Any], queue: Queue) -> Done:
    store = asked.services.store.showing
    for _ in range(TRIES):
        try:
            return await store.correct(await _first(asked, queue), state=State.SERVING, expected=State.WAITING)
        except Refused as error:
            if error.refusal not in GONE:
                raise
    raise Refused(Refusal.ALREADY_SERVING)
