"""The case of a ticket, field for field."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from callboard.domain.customer import Customer
from callboard.domain.identity import queue_number
from callboard.domain.model import Organization, State
from callboard.domain.standing import Standing
from callboard.facades.qflow import kept
from callboard.facades.qflow.codes import Codes
from callboard.facades.qflow.customer_record import record
from callboard.facades.qflow.models import CaseDetail
from callboard.facades.qflow.moments import minutes_from, written
from callboard.facades.qflow.translation import action, shown, words
from callboard.facades.qflow.units import (
    name_of,
    root_name,
    short,
    unit_description,
    unit_id,
    unit_name,
    unit_path,
    zone_of,
)

AT_COUNTER = frozenset({State.CALLED, State.SERVING})
SERVED = frozenset({State.SERVING, State.DONE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A ticket with all that its case is made of. `server` is the zone of the server's dates."""

    standing: Standing
    customer: Customer | None
    organization: Organization
    codes: Codes
    server: ZoneInfo

    @property
    def kept(self) -> kept.Kept:
        return kept.with_ticket(self.standing.person)

    @property
    def case_id(self) -> int:
        """That of the case's first process, however often it was moved."""
        return self.standing.ticket.known_as or self.standing.ticket.serial

    @property
    def reference_at(self) -> int:
        """The time of an appointment, else of the enqueueing (S3 does not describe it: INF)."""
        ticket = self.standing.ticket
        return ticket.slot_at or ticket.joined_at or ticket.created_at


def case_detail(seen: Seen) -> CaseDetail:
    ticket, kept_here = seen.standing.ticket, seen.kept
    return CaseDetail(
        case_id=seen.case_id,
        process_id=ticket.serial,
        process_guid=ticket.id,
        ticket=short(ticket.label, 20) or None,
        subject=kept_here.subject,
        ext_ref=kept_here.ext_ref,
        customer=None if seen.customer is None else record(seen.customer, seen.server),
        language_code=ticket.locale,
        is_direct_admit=ticket.source == "staff",
        appointment_type_name=appointment_type(seen)[1] if ticket.slot_at is not None else None,
        queue_position=seen.standing.ahead,
        wait_time_est=seen.standing.wait_min,
        custom_properties=kept_here.custom_properties,
        **_dates(seen),
        **codes_of(seen),
        **_agent(seen),
        **_service(seen),
        **_unit(seen),
        **_counters(seen),
    )


def appointment_type(seen: Seen) -> tuple[int, str]:
    """Its number and name; one that the table does not know is called as the first is."""
    table = seen.codes.appointment_type
    first = next(iter(table))
    number = str(seen.kept.appointment_type_id or first)
    return int(number), short(table.get(number, table[first]), 50)


def codes_of(seen: Seen) -> dict[str, Any]:
    """The four codes and the action, each with its words."""
    ticket, codes = seen.standing.ticket, seen.codes
    row, step = shown(ticket, codes), action(ticket, codes)
    return {
        "case_status": row.case_status,
        "case_status_desc": words(codes.case_status, row.case_status),
        "process_status": row.process_status,
        "process_status_desc": words(codes.process_status, row.process_status),
        "action": step,
        "action_desc": words(codes.action, step),
        "entity_status": row.entity_status,
        "entity_status_desc": words(codes.entity_status, row.entity_status),
        "resolution": row.resolution,
        "resolution_desc": words(codes.resolution, row.resolution),
    }


def _dates(seen: Seen) -> dict[str, Any]:
    """On the server's clock; how far the location's is from it stands beside them."""
    ticket, server = seen.standing.ticket, seen.server
    created_at = seen.kept.created_at or ticket.created_at
    return {
        "case_date_created": written(created_at, server),
        "reference_date": written(seen.reference_at, server),
        "arrival_time": None if ticket.joined_at is None else written(ticket.joined_at, server),
        "time_zone_offset": minutes_from(server, zone_of(seen.standing.location), seen.reference_at),
        "last_updated": written(ticket.closed_at or ticket.changed_at or ticket.created_at, server),
    }


def _agent(seen: Seen) -> dict[str, Any]:
    """Staff are known by the name that they sign in with, which may be their own (INF)."""
    staff = seen.standing.ticket.staff
    first, _, last = staff.partition(" ")
    return {
        "user_name": staff or None,
        "user_first_name": short(first, 25) or None,
        "user_last_name": short(last, 25) or None,
        "user_served_name": short(staff, 51) or None if seen.standing.ticket.state in SERVED else None,
    }


def _service(seen: Seen) -> dict[str, Any]:
    name = short(name_of(seen.standing.queue.name, seen.standing.location), 50)
    return {"service_id": queue_number(seen.standing.queue), "service_name": name, "service_desc": name}


def _unit(seen: Seen) -> dict[str, Any]:
    location, types = seen.standing.location, seen.codes.unit_type
    return {
        "unit_id": unit_id(location),
        "unit_name": unit_name(location),
        "unit_description": unit_description(location),
        "unit_type_id": types.location,
        "unit_parent_name": root_name(seen.organization),
        "parent_unit_type_id": types.organization,
        "unit_path": unit_path(seen.organization, location),
    }


def _counters(seen: Seen) -> dict[str, Any]:
    """The counter where somebody is now, and where they were or are served."""
    desk, state = seen.standing.desk, seen.standing.ticket.state
    name = short(name_of(desk.name, seen.standing.location), 50) if desk else None
    return {
        "location_name": name if state in AT_COUNTER else None,
        "location_served_name": name if state in SERVED else None,
    }
