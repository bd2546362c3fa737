"""Appointments: made, moved, cancelled, read. Who asks is answered with the same object, ids filled in (Q3, Q4, Q5)."""

from typing import Any

from msgspec.structs import replace

from callboard.domain.customer import Customer
from callboard.domain.directory import Unknown
from callboard.domain.model import CLOSED, CloseReason, Location, Queue, State, Ticket
from callboard.errors import Refusal, Refused
from callboard.facades.qflow import finding, kept
from callboard.facades.qflow.asking import Asking
from callboard.facades.qflow.booking import first_available, slot_at, time_of
from callboard.facades.qflow.booking_models import AppointmentCancel, AppointmentCreation, AppointmentReschedule
from callboard.facades.qflow.customer_record import contact
from callboard.facades.qflow.detail import Seen
from callboard.facades.qflow.faults import AlreadyArrived
from callboard.facades.qflow.holder import kept_of, of_moved, of_new
from callboard.facades.qflow.moments import written
from callboard.facades.qflow.translation import ARRIVED
from callboard.facades.qflow.units import zone_of
from callboard.foreign.operation import Asked
from callboard.store.transitions import Done

SYSTEM = 1  # UserId (Q3)
TRIES = 5  # first slots that somebody else took in the meantime


async def create(asked: Asked[AppointmentCreation, None]) -> AppointmentCreation:
    """PUT Appointments (Q3)."""
    asking, body = Asking(asked), asked.body
    location, queue = asking.service(body.service_id)
    customer = await asking.customer(body.customer_id)
    if customer is None:
        raise Unknown("customer", "")
    if body.reserved_slot_id:
        return _answer(body, location, await _confirm(asking, queue, body, customer))
    at, who = time_of(asking, body.appointment_date_time, location), of_new(body, customer, location)
    if body.book_first_available:
        free = await first_available(asking, location, queue, at, body)
        return _answer(body, location, await _book_first(asking, queue, free, who))
    start_at, end_at = slot_at(location, queue, at)
    done = await asking.store.book(queue.id, slot_at=start_at, slot_end=end_at, once=asking.once, **who)
    return _answer(body, location, _ticket(done))


async def reschedule(asked: Asked[AppointmentReschedule, None]) -> AppointmentReschedule:
    """PATCH Appointments (Q4): a new process of the same case; the old one is cancelled once there is a new one."""
    asking, body = Asking(asked), asked.body
    old = await asking.seen(await finding.of_process(asking, body.original_process_id))
    _check_expected(old.standing.ticket)
    here = old.standing.location, old.standing.queue
    location, queue = asking.service(body.service_id) if body.service_id else here
    at = time_of(asking, body.appointment_date_time, location)
    start_at, end_at = slot_at(location, queue, at)
    who = of_moved(old, body, location)
    new = _ticket(await asking.store.book(queue.id, slot_at=start_at, slot_end=end_at, **who))
    is_same_case = location.id == old.standing.location.id  # elsewhere it is another (INF)
    await _close(asking, old, new, is_same_case, body)
    case_id = old.case_id if is_same_case else new.serial
    at_text = written(start_at, zone_of(location))
    return replace(body, process_id=new.serial, case_id=case_id, appointment_date_time=at_text)


async def cancel(asked: Asked[AppointmentCancel, None]) -> AppointmentCancel:
    """DELETE Appointments (Q5), with a body."""
    asking, body = Asking(asked), asked.body
    seen = await asking.seen(await finding.of_process(asking, body.process_id))
    _check_expected(seen.standing.ticket)
    await _note_reason(asking, seen, body)
    reason = CloseReason.CUSTOMER if body.user_id in (None, 0, SYSTEM) else CloseReason.STAFF
    await asking.store.cancel(seen.standing.ticket.id, reason=reason, once=asking.once)
    return body


def _check_expected(ticket: Ticket) -> None:
    """Only what is still to come is moved or cancelled here. What never was an appointment is none."""
    if ticket.slot_at is None or ticket.state is State.RESERVED:
        raise Unknown("ticket", ticket.id)
    if ticket.state in ARRIVED:
        raise AlreadyArrived
    if ticket.state in CLOSED:
        raise Refused(Refusal.TICKET_CLOSED)


async def _book_first(asking: Asking, queue: Queue, free: list[tuple[int, int]], who: dict[str, Any]) -> Ticket:
    """In the first of these slots that nobody else is quicker to take."""
    for start_at, end_at in free[:TRIES]:
        try:
            return _ticket(await asking.store.book(queue.id, slot_at=start_at, slot_end=end_at, **who))
        except Refused as refused:
            if refused.refusal is not Refusal.SLOT_FULL:
                raise
    raise Refused(Refusal.SLOT_FULL)


async def _confirm(asking: Asking, queue: Queue, body: AppointmentCreation, customer: Customer) -> Ticket:
    """A slot that is kept for somebody becomes their appointment, at its own time."""
    id = await finding.of_process(asking, body.reserved_slot_id or 0)
    ticket = await asking.reads.ticket(id)
    if ticket.state is not State.RESERVED or ticket.queue != queue.id:
        raise Unknown("ticket", id)
    person = await asking.reads.person(id)
    changes = contact(customer) | {"extra": kept.text(person.extra if person else "", kept_of(body))}
    await asking.store.change_person(id, **changes)
    return _ticket(await asking.store.confirm(id, once=asking.once))


async def _close(asking: Asking, old: Seen, new: Ticket, is_same_case: bool, body: AppointmentReschedule) -> None:
    """If the old one has been closed in the meantime, there is no new one."""
    follower = new.id if is_same_case else ""
    try:
        await _note_reason(asking, old, body)
        await asking.store.cancel(old.standing.ticket.id, reason=CloseReason.RESCHEDULED, followed_by=follower)
    except Refused:
        await asking.store.cancel(new.id, reason=CloseReason.STAFF)
        raise


async def _note_reason(asking: Asking, seen: Seen, body: AppointmentCancel | AppointmentReschedule) -> None:
    person = seen.standing.person
    more = kept.changed(
        seen.kept,
        cancellation_reason_id=body.cancellation_reason_id or None,
        cancellation_reason_ext_ref=getattr(body, "cancellation_reason_ext_ref", None),
        cancellation_comment=body.cancellation_comment,
    )
    if person is not None and more != seen.kept:
        await asking.store.change_person(seen.standing.ticket.id, extra=kept.text(person.extra, more))


def _answer(body: AppointmentCreation, location: Location, ticket: Ticket) -> AppointmentCreation:
    """The time is that of the slot it got."""
    assert ticket.slot_at is not None
    at = written(ticket.slot_at, zone_of(location))
    return replace(body, process_id=ticket.serial, case_id=ticket.serial, appointment_date_time=at)


def _ticket(done: Done) -> Ticket:
    assert done.ticket is not None
    return done.ticket
