"""What server_services/get answers, in the order and with the types of the document's sample."""

from typing import Literal

from msgspec import Struct

from callboard.facades.bloom.models.locations import Open, Rules


class LocalService(Struct, frozen=True, kw_only=True):
    """A queue in server_services/get, where the number of those who wait is a number."""

    id: str
    server_service_id: str
    location_id: str
    name: str
    color: str
    ticket_counter: int
    hours: str
    minutes: str
    tag: str
    waiting_tickets: int
    waiting_avg: str
    isOpen: bool
    open_today_from: str
    open_today_to: str


class ServicePlace(Struct, frozen=True, kw_only=True):
    """A location in server_services/get."""

    id: str
    name: str
    address: str
    phone: str
    email: str
    city: str
    region: str
    country: str
    website: str
    coordinates: str
    timezone: str
    isOpen: bool
    working_hours: list[Open] | Literal[""]
    services: list[LocalService]
    settings: Rules


class ServerService(Struct, frozen=True, kw_only=True):
    """A service that several locations may offer."""

    id: str
    name: str
    state: Literal[""] = ""
    description: Literal[""] = ""
    locations: list[ServicePlace]
    isOpen: bool
    open_today_from: str
    open_today_to: str


class ServerServices(Struct, frozen=True):
    success: Literal[True]
    server_services: list[ServerService]
