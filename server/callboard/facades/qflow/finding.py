"""Which ticket is meant: by process, by case, by person, by somebody else's reference. Never another organization's."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

from callboard.domain.directory import Named, Unknown
from callboard.domain.model import Location, State, Ticket
from callboard.facades.qflow import kept
from callboard.facades.qflow.asking import Asking
from callboard.facades.qflow.translation import ARRIVED
from callboard.facades.qflow.units import zone_of

DAY_MS = 24 * 3600 * 1000


async def of_process(asking: Asking, process: int) -> Named:
    """The ticket whose serial that is; there may be none. Raises Unknown."""
    return await asking.reads.named(process, [location.id for location in asking.locations])


async def of_case(asking: Asking, case: int) -> str:
    """The newest process of a case. Raises Unknown."""
    return _own(asking, await asking.reads.ticket_known_as(case))


async def of_person(asking: Asking, personal_id: str, type_ext_ref: str | None = None) -> str:
    """The person's next appointment of today that has not arrived, else the last that has. Raises Unknown."""
    return _next(asking, await tickets_of_person(asking, personal_id, type_ext_ref)).id


async def tickets_of_person(asking: Asking, personal_id: str, type_ext_ref: str | None = None) -> list[Ticket]:
    """All of a customer's. Raises Unknown for somebody whom the organization does not know."""
    customer = await asking.services.customers.find(asking.organization.id, personal_id=personal_id)
    if customer is None or type_ext_ref not in (None, kept.with_customer(customer).personal_id_type_ext_ref):
        raise Unknown("customer", "")
    locations = [location.id for location in asking.locations]
    return await asking.reads.tickets_of_customer(customer.id, locations)


async def of_reference(asking: Asking, ext_ref: str, among: list[Ticket] | None = None) -> str:
    """Today's appointment with that ExtRef, among a person's tickets or all. Raises Unknown."""
    tickets = await _of_today(asking) if among is None else among
    referred: list[Ticket] = []
    for location in asking.locations:
        here = [ticket for ticket in tickets if ticket.location == location.id]
        people = await asking.reads.people(location.id, [ticket.id for ticket in here])
        referred += [ticket for ticket in here if kept.with_ticket(people.get(ticket.id)).ext_ref == ext_ref]
    return _next(asking, referred).id


async def _of_today(asking: Asking) -> list[Ticket]:
    """Appointments of all locations; those that wait for one that is still to come are left out later."""
    found: list[Ticket] = []
    for location in asking.locations:
        found += await asking.reads.booked_between(location.id, asking.now - DAY_MS, asking.now + DAY_MS)
    return found


def _next(asking: Asking, tickets: Iterable[Ticket]) -> Ticket:
    """INF: the earliest of today; who has come already is found again, so that asking twice is the same as once."""
    today = [ticket for ticket in tickets if _is_today(asking, ticket)]
    booked = [ticket for ticket in today if ticket.state is State.BOOKED]
    arrived = [ticket for ticket in today if ticket.state in ARRIVED]
    if booked:
        return min(booked, key=lambda ticket: (ticket.slot_at or 0, ticket.serial))
    if arrived:
        return max(arrived, key=lambda ticket: (ticket.joined_at or 0, ticket.serial))
    raise Unknown("ticket", "")


def _is_today(asking: Asking, ticket: Ticket) -> bool:
    """On the calendar of its location."""
    if ticket.slot_at is None:
        return False
    location = asking.services.directory.location(ticket.location)
    return _day(location, ticket.slot_at) == _day(location, asking.now)


def _day(location: Location, at: int) -> date:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(zone_of(location)).date()


def _own(asking: Asking, ticket: str) -> str:
    directory = asking.services.directory
    if directory.organization(directory.location_of_ticket(ticket).id).id != asking.organization.id:
        raise Unknown("ticket", ticket)
    return ticket
