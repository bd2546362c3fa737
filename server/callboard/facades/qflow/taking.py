"""A slot is taken for somebody: at a time, the first that is free, or one that was kept."""

from callboard.domain.directory import Unknown
from callboard.domain.model import Location, Person, Queue, State, Ticket
from callboard.errors import Refusal, Refused
from callboard.facades.qflow import finding
from callboard.facades.qflow.asking import Asking
from callboard.facades.qflow.booking import first_available, slot_at, time_of
from callboard.facades.qflow.booking_models import AppointmentCreation
from callboard.facades.qflow.holder import SOURCE, Holder
from callboard.facades.qflow.moments import written
from callboard.facades.qflow.units import zone_of
from callboard.foreign.person import change_person
from callboard.store.transitions import Done

TRIES = 5  # first slots that somebody else took in the meantime


async def at_time(
    asking: Asking, location: Location, queue: Queue, text: str, holder: Holder, instead_of: Ticket | None = None
) -> Ticket:
    """Raises Invalid, NoCalendar and Refused. What stays in its slot takes the place that it leaves, full or not."""
    start_at, end_at = slot_at(location, queue, time_of(asking, text, location))
    stays = instead_of is not None and (instead_of.queue, instead_of.slot_at) == (queue.id, start_at)
    once = None if instead_of else asking.once  # moved again, it is found closed
    who = holder.of_new_ticket()
    done = await asking.store.book(queue.id, slot_at=start_at, slot_end=end_at, force=stays, once=once, **who)
    return ticket_of(done)


async def at_first(
    asking: Asking, location: Location, queue: Queue, body: AppointmentCreation, holder: Holder
) -> Ticket:
    """In the first free slot that nobody else is quicker to take. Sent again with its key it is refused, since what is
    free is another slot by then: nothing is made twice."""
    at = time_of(asking, body.appointment_date_time, location)
    free = await first_available(asking, location, queue, at, body)
    for attempt, (start_at, end_at) in enumerate(free[:TRIES]):
        once = asking.once and f"{asking.once} {attempt}"
        who = holder.of_new_ticket()
        try:
            return ticket_of(await asking.store.book(queue.id, slot_at=start_at, slot_end=end_at, once=once, **who))
        except Refused as refused:
            if refused.refusal is not Refusal.SLOT_FULL:
                raise
    raise Refused(Refusal.SLOT_FULL)


async def kept_slot(asking: Asking, queue: Queue, slot: int, holder: Holder) -> Ticket:
    """A reservation becomes their appointment, at its own time. Raises Unknown for what is none of that service."""
    found = (await asking.seen(await finding.of_process(asking, slot))).standing
    ticket, person, id = found.ticket, found.person, found.ticket.id
    if ticket.state is not State.RESERVED or ticket.queue != queue.id or person is None:
        raise Unknown("ticket", id)

    async def given(person: Person) -> dict[str, str]:
        return holder.of_kept_slot(person.extra)

    await change_person(asking.services, id, person, given, SOURCE, holder.consent)
    if ticket.locale != holder.locale:
        await asking.store.change_ticket(id, locale=holder.locale)
    return ticket_of(await asking.store.confirm(id, once=asking.once))


def time_text(ticket: Ticket, location: Location) -> str:
    """When it is, on the location's clock."""
    assert ticket.slot_at is not None
    return written(ticket.slot_at, zone_of(location))


def ticket_of(done: Done) -> Ticket:
    assert done.ticket is not None
    return done.ticket
