"""What the sibling API of queue management answers, as far as it is documented."""

from typing import Literal

from msgspec import Struct


class Called(Struct, frozen=True, kw_only=True):
    """All fields documented."""

    ticket_id: str
    ticketService: str
    ticketServiceTag: str
    ticketNumber: int
    ticketDeskTag: str
    ticketDeskName: str
    callDate: str


class LastTickets(Struct, frozen=True):
    """By service id."""

    success: Literal[True]
    lastTickets: dict[str, list[Called]]


class ServiceState(Struct, frozen=True, kw_only=True):
    """What is in it is guessed: the names are those of the other calls."""

    service_id: str
    name: str
    tag: str
    state: int
    waiting_tickets: int
    waiting_avg: str
    lastTickets: list[Called]


class LocationState(Struct, frozen=True, kw_only=True):
    location_id: str
    isOpen: bool
    services: list[ServiceState]


class InitialState(Struct, frozen=True):
    """The envelope of all of its operations is documented."""

    success: Literal[True]
    answer: LocationState
