"""Operations on slots: bookings, reservations until they are confirmed or cancelled, and which slots there are."""

from msgspec import UNSET
from msgspec.structs import replace

from callboard.domain.model import State
from callboard.domain.slots import slots
from callboard.errors import Invalid, Mistake, Refusal, Refused
from callboard.facades.ombori import access
from callboard.facades.ombori.asking import answered, change, held, settled, slot, taken, who
from callboard.facades.ombori.models import Book, Booking, Position, Reserve, Slot, SlotsAsked
from callboard.facades.ombori.moments import iso, moment
from callboard.foreign.operation import Asked

DAY_MS = 24 * 3600 * 1000
DAYS = 7  # of slots when no end is asked for
MOST_DAYS = 31


async def book(asked: Asked[Book, None]) -> Position:
    """For everybody, as the sample shows no key (O3)."""
    location, queue = access.place(asked.request)
    body = asked.body
    start, end = slot(body.booking, location)
    given = who(body, location, body.booking)
    done = await asked.services.store.book(queue.id, slot_at=start, slot_end=end, once=asked.once, **given)
    return await taken(asked, done, given)


async def reserve(asked: Asked[Reserve, None]) -> Position:
    """Stays until it is confirmed or cancelled: the source says that nothing cleans up. A queue may say otherwise."""
    location, queue = access.place(asked.request)
    body = asked.body
    start, end = slot(body.booking, location)
    given = who(body, location, body.booking)
    done = await asked.services.store.reserve(queue.id, slot_at=start, slot_end=end, once=asked.once, **given)
    return _as_sampled(await taken(asked, done, given))


async def change_reservation(asked: Asked[Reserve, None]) -> Position:
    now = await held(asked)
    if now.ticket.state is not State.RESERVED:
        raise Refused(NOT_RESERVED[now.ticket.state])
    return _as_sampled(answered(asked, await change(asked, now, asked.body, asked.body.booking)))


async def confirm(asked: Asked[None, None]) -> Position:
    """A second time is the same again."""
    store, once = asked.services.store.showing, asked.once
    return await settled(asked, lambda ticket: store.confirm(ticket, once=once), Refusal.ALREADY_BOOKED)


async def timeslots(asked: Asked[None, SlotsAsked]) -> list[Slot]:
    """That there is such an operation is known (O1); its address and its words are a guess."""
    location, queue = access.place(asked.request)
    now = asked.services.clock()
    start = moment(asked.query.from_, location, "from") if asked.query.from_ else now
    end = moment(asked.query.to, location, "to") if asked.query.to else start + DAYS * DAY_MS
    if end < start:
        raise Invalid([Mistake("to", "must not be before from, which is now where it is left out")])
    if end > start + MOST_DAYS * DAY_MS:
        raise Invalid([Mistake("to", f"must be at most {MOST_DAYS} days after from")])
    taken = await asked.services.reads.diary(queue.id, start, end)
    found = slots(location, queue, start, end, taken)
    return [Slot(iso(each.start_at), iso(each.end_at), each.available is None or each.available > 0) for each in found]


def _as_sampled(shown: Position) -> Position:
    """S2's answer leaves out what is said of the customer and of a virtual appointment; all else shows it."""
    assert isinstance(shown.booking, Booking), "a reservation has a slot"
    booking = replace(shown.booking, virtual_appointment=None, appointment=None)
    return replace(shown, booking=booking, customer_info=UNSET, tags=UNSET)


NOT_RESERVED = {
    State.BOOKED: Refusal.ALREADY_BOOKED,
    State.WAITING: Refusal.STILL_WAITING,
    State.CALLED: Refusal.ALREADY_CALLED,
    State.SERVING: Refusal.ALREADY_SERVING,
    State.HELD: Refusal.ON_HOLD,
    State.DONE: Refusal.TICKET_CLOSED,
    State.NO_SHOW: Refusal.TICKET_CLOSED,
    State.CANCELLED: Refusal.TICKET_CLOSED,
}
