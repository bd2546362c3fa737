"""What locations/get and settings/get answer, in the order and with the types of the document's samples."""

from typing import Literal

from msgspec import Struct

from callboard.facades.bloom.models.envelope import Status
from callboard.facades.bloom.models.tickets import Ticket


class Open(Struct, frozen=True):
    """A range of today, local time."""

    open_today_from: str
    open_today_to: str


class Text(Struct, frozen=True):
    title: str
    message: str


class Texts(Struct, frozen=True):
    your_turn: Text
    almost_your_turn: Text


class Rules(Struct, frozen=True):
    """`settings` of a location, or of all."""

    request_ticket_radius: int
    request_ticket_min_customers: int
    request_ticket_min_waiting_time: int
    allow_multi_ticket: bool
    notification_texts: Texts


class Service(Struct, frozen=True):
    """A queue in locations/get, where the number of those who wait is a text."""

    id: str
    tag: str
    description: str
    waiting_tickets: str
    waiting_avg: str
    state: int


class Location(Struct, frozen=True, kw_only=True):
    """What either of the two samples has."""

    id: str
    name: str
    city: str
    region: str
    country: str
    coordinates: str
    address: str
    isOpen: bool
    working_hours: list[Open] | Literal[""]
    contacts: Literal[""] = ""
    options: Literal[""] = ""
    created_at: Literal[""] = ""
    updated_at: Literal[""] = ""
    services: list[Service]
    tickets: list[Ticket]


class Locations(Struct, frozen=True):
    status: Status
    locations: list[Location]
    settings: Rules


class Setting(Struct, frozen=True):
    id: str
    value: str


class Settings(Struct, frozen=True):
    success: Literal[True]
    settings: list[Setting]
