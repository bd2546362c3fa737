"""An appointment as it is read."""

from callboard.domain.directory import Unknown
from callboard.domain.identity import queue_number
from callboard.domain.model import State
from callboard.facades.qflow import finding
from callboard.facades.qflow.asking import Asking
from callboard.facades.qflow.booking_models import Appointment
from callboard.facades.qflow.detail import Seen, appointment_type, codes_of
from callboard.facades.qflow.moments import minutes_from, written
from callboard.facades.qflow.numbers import number_in_path
from callboard.facades.qflow.units import name_of, short, unit_id, unit_name, unit_path, zone_of
from callboard.foreign.operation import Asked


async def get_appointment(asked: Asked[None, None]) -> Appointment:
    """GET Appointments/{id} (Q6): the id is the ProcessId. A walk-in is none."""
    asking = Asking(asked)
    seen = await asking.seen(await finding.of_process(asking, number_in_path(asked, "id")))
    ticket = seen.standing.ticket
    if ticket.slot_at is None or ticket.state is State.RESERVED:
        raise Unknown("ticket", ticket.id)
    return appointment(seen, ticket.slot_at)


def appointment(seen: Seen, slot_at: int) -> Appointment:
    """AppointmentDate is on the clock of its location, the other dates on the server's (Q6)."""
    standing, ticket, codes = seen.standing, seen.standing.ticket, codes_of(seen)
    location, queue, server = standing.location, standing.queue, seen.server
    type_id, type_name = appointment_type(seen)
    slot_end = ticket.slot_end or slot_at + round(queue.slot_min * 60_000)
    return Appointment(
        appointment_id=ticket.serial,
        case_id=seen.case_id,
        process_id=ticket.serial,
        process_guid=ticket.id,
        created_date=written(ticket.created_at, server),
        appointment_date=written(slot_at, zone_of(location)),
        arrival_date=None if ticket.joined_at is None else written(ticket.joined_at, server),
        time_zone_offset=minutes_from(server, zone_of(location), slot_at),
        appointment_type_id=type_id,
        appointment_type_name=type_name,
        duration=round((slot_end - slot_at) / 60_000),
        appointment_type_ext_ref=None,
        case_ext_ref=seen.kept.ext_ref,
        subject=seen.kept.subject,
        current_entity_status=codes["entity_status"],
        current_entity_status_desc=codes["entity_status_desc"],
        resolution=codes["resolution"],
        resolution_desc=codes["resolution_desc"],
        service_id=queue_number(queue),
        service_name=short(name_of(queue.name, location), 50),
        service_ext_ref=queue.id,
        unit_id=unit_id(location),
        unit_name=unit_name(location),
        unit_path=short(unit_path(seen.organization, location), 150),
        unit_ext_ref=location.id,
    )
