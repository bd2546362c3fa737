"""What is answered about a ticket, field by field in the order and with the types of the document's samples."""

from typing import Literal

from msgspec import Struct


class TicketCustomer(Struct, frozen=True):
    id: str
    display_name: str
    phone: str | None
    email: str | None


class Master(Struct, frozen=True):
    """A location, as tickets name it."""

    id: str
    name: str
    address: str
    phone: str
    email: str
    website: str
    coordinates: str
    timezone: str


class TicketService(Struct, frozen=True):
    """`master_id` and `color` are null in both samples, also where the colour is known elsewhere."""

    id: str
    master_id: None
    tag: str
    description: Literal[""]
    name: str
    color: None


class Ticket(Struct, frozen=True, kw_only=True):
    id: str
    description: str
    ticket_number: str
    tag: str
    number: int
    create_date: str
    startcall_date: str | None
    endcall_date: str | None
    waiting_tickets: str
    hours: str
    minutes: str
    state: int
    customer: TicketCustomer
    master: Master
    service: TicketService


class Tickets(Struct, frozen=True):
    """A list also for one."""

    success: Literal[True]
    tickets: list[Ticket]


class Created(Struct, frozen=True):
    success: Literal[True]
    ticket: Ticket
