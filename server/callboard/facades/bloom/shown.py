"""A ticket, its customer, location and service as the document's samples show them; pure."""

from callboard.domain.customer import Customer
from callboard.domain.identity import location_uuid, queue_uuid
from callboard.domain.model import Location, Queue
from callboard.domain.names import name_in
from callboard.domain.standing import Standing
from callboard.facades.bloom import kept, translation
from callboard.facades.bloom.models.tickets import Master, Ticket, TicketCustomer, TicketService


def ticket(standing: Standing, customer: Customer) -> Ticket:
    """Of one that is shown, to the customer whose it is and in their language."""
    now, location, language = standing.ticket, standing.location, kept.language(customer)
    hours, minutes = translation.hours_minutes(standing.wait_min)
    zone = location.time_zone
    return Ticket(
        id=now.id,
        description=name_in(standing.queue.name, language, location.languages[0]),
        ticket_number=translation.ticket_number(now),
        tag=translation.tag(now.label),
        number=now.number,
        create_date=translation.when(zone, now.created_at) or "",
        startcall_date=translation.when(zone, translation.starts_at(now)),
        endcall_date=translation.when(zone, now.closed_at),
        waiting_tickets=str(standing.ahead or 0),
        hours=hours,
        minutes=minutes,
        state=translation.state(now),
        customer=_customer(customer),
        master=master(location, language),
        service=_service(location, standing.queue, language),
    )


def master(location: Location, language: str) -> Master:
    return Master(
        id=location_uuid(location),
        name=name_in(location.name, language, location.languages[0]),
        address=location.address,
        phone=location.phone,
        email=location.email,
        website=location.website,
        coordinates=translation.coordinates(location),
        timezone=location.time_zone,
    )


def _customer(customer: Customer) -> TicketCustomer:
    return TicketCustomer(customer.id, kept.shown_name(customer), customer.phone or None, customer.email or None)


def _service(location: Location, queue: Queue, language: str) -> TicketService:
    name = name_in(queue.name, language, location.languages[0])
    return TicketService(queue_uuid(queue), None, queue.tag, "", name, None)
