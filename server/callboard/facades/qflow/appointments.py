"""Appointments: made, moved, cancelled. Who asks is answered with the same object, ids filled in (Q3, Q4, Q5)."""

from msgspec.structs import replace

from callboard.domain.directory import Unknown
from callboard.domain.model import CLOSED, CloseReason, State, Ticket
from callboard.errors import Refusal, Refused
from callboard.facades.qflow import finding, taking
from callboard.facades.qflow.asking import Asking
from callboard.facades.qflow.booking_models import AppointmentCancel, AppointmentCreation, AppointmentReschedule
from callboard.facades.qflow.detail import Seen
from callboard.facades.qflow.faults import AlreadyArrived
from callboard.facades.qflow.holder import of_moved, of_new
from callboard.facades.qflow.noting import note
from callboard.facades.qflow.translation import ARRIVED
from callboard.foreign.operation import Asked

SYSTEM = 1  # UserId (Q3)


async def create(asked: Asked[AppointmentCreation, None]) -> AppointmentCreation:
    """PUT Appointments (Q3)."""
    asking, body = Asking(asked), asked.body
    location, queue = asking.service(body.service_id)
    customer = await asking.customer(body.customer_id)
    if customer is None:
        raise Unknown("customer", "")
    holder = of_new(body, customer, location)
    if body.reserved_slot_id:
        ticket = await taking.kept_slot(asking, queue, body.reserved_slot_id, holder)
    elif body.book_first_available:
        ticket = await taking.at_first(asking, location, queue, body, holder)
    else:
        ticket = await taking.at_time(asking, location, queue, body.appointment_date_time, holder)
    at = taking.time_text(ticket, location)
    return replace(body, process_id=ticket.serial, case_id=ticket.serial, appointment_date_time=at)


async def reschedule(asked: Asked[AppointmentReschedule, None]) -> AppointmentReschedule:
    """PATCH Appointments (Q4): a new process of the same case; the old one is cancelled once there is a new one."""
    asking, body = Asking(asked), asked.body
    old = await asking.seen(await finding.of_process(asking, body.original_process_id))
    _check_expected(old.standing.ticket)
    if old.standing.ticket.state in CLOSED:
        raise Refused(Refusal.TICKET_CLOSED)
    here = old.standing.location, old.standing.queue
    location, queue = asking.service(body.service_id) if body.service_id else here
    holder = of_moved(old, body, location)
    if body.reserved_slot_id:
        new = await taking.kept_slot(asking, queue, body.reserved_slot_id, holder)
    else:
        leaves = old.standing.ticket
        new = await taking.at_time(asking, location, queue, body.appointment_date_time, holder, instead_of=leaves)
    is_same_case = location.id == old.standing.location.id  # elsewhere it is another (INF)
    await _close(asking, old, new, is_same_case, body)
    case_id, at = old.case_id if is_same_case else new.serial, taking.time_text(new, location)
    return replace(body, process_id=new.serial, case_id=case_id, appointment_date_time=at)


async def cancel(asked: Asked[AppointmentCancel, None]) -> AppointmentCancel:
    """DELETE Appointments (Q5), with a body."""
    asking, body = Asking(asked), asked.body
    seen = await asking.seen(await finding.of_process(asking, body.process_id))
    ticket = seen.standing.ticket
    _check_expected(ticket)
    if ticket.state not in CLOSED:
        await _note_reason(asking, seen, body)
    reason = CloseReason.CUSTOMER if body.user_id in (None, 0, SYSTEM) else CloseReason.STAFF
    await asking.store.cancel(ticket.id, reason=reason, once=asking.once)
    return body


def _check_expected(ticket: Ticket) -> None:
    """Only what is still to come is moved or cancelled here. What never was an appointment is none."""
    if ticket.slot_at is None or ticket.state is State.RESERVED:
        raise Unknown("ticket", ticket.id)
    if ticket.state in ARRIVED:
        raise AlreadyArrived


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
    given = {
        "cancellation_reason_id": body.cancellation_reason_id or None,
        "cancellation_reason_ext_ref": getattr(body, "cancellation_reason_ext_ref", None),
        "cancellation_comment": body.cancellation_comment,
    }
    await note(asking, seen, lambda known: given)
