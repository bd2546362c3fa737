"""Who waits in a unit, the oldest first (Q12): for displays."""

from collections.abc import Mapping

from callboard.domain.customer import Customer
from callboard.domain.model import Location, Person, Ticket
from callboard.facades.qflow import kept
from callboard.facades.qflow.asking import Asking
from callboard.facades.qflow.models import TicketsWaitingResult
from callboard.facades.qflow.moments import written
from callboard.facades.qflow.numbers import number_in_path
from callboard.facades.qflow.units import name_of, short, unit_id, unit_name
from callboard.foreign.operation import Asked

MOST = 1000  # of one service


async def tickets_waiting(asked: Asked[None, None]) -> list[TicketsWaitingResult]:
    """GET Tickets/Waiting/{UnitId}."""
    asking = Asking(asked)
    location = asking.services.directory.find_location(asking.organization.id, str(number_in_path(asked, "UnitId")))
    picture = await asking.reads.picture(location.id, first=MOST)
    tickets = [ticket for line in picture.lines.values() for ticket in line.first]
    tickets.sort(key=lambda ticket: (ticket.joined_at or 0, ticket.serial))
    people = await asking.reads.people(location.id, [ticket.id for ticket in tickets])
    customers = await asking.customers_of(people.values())
    return [
        _row(asking, row, location, ticket, people.get(ticket.id), customers) for row, ticket in enumerate(tickets, 1)
    ]


def _row(
    asking: Asking,
    row: int,
    location: Location,
    ticket: Ticket,
    person: Person | None,
    customers: Mapping[str, Customer],
) -> TicketsWaitingResult:
    """Names are for who may see them: a display shortens them (Q12)."""
    _, queue = asking.services.directory.queue(ticket.queue)
    customer = customers.get(person.customer) if person else None
    first, last = _names(person, customer)
    return TicketsWaitingResult(
        row=row,
        process_id=ticket.serial,
        case_id=ticket.known_as or ticket.serial,
        enqueue_time=written(ticket.joined_at or ticket.created_at, asking.server),
        reception_point_id=asking.codes.figures.reception_point,
        q_code=ticket.label.rstrip("0123456789"),
        q_number=ticket.number,
        subject=short(kept.with_ticket(person).subject or "", 100) or None,
        service_name=short(name_of(queue.name, location), 50),
        unit_id=unit_id(location),
        unit_name=unit_name(location),
        personal_id=(short(customer.personal_id, 50) or None) if customer else None,
        first_name=short(first, 50) or None,
        last_name=short(last, 50) or None,
        is_appointment=ticket.slot_at is not None,
    )


def _names(person: Person | None, customer: Customer | None) -> tuple[str, str]:
    """The customer's; of somebody who only gave a name to be called by, its first word and the others (INF)."""
    if customer is not None and (customer.first_name or customer.last_name):
        return customer.first_name, customer.last_name
    first, _, last = (person.name if person else "").strip().partition(" ")
    return first, last
