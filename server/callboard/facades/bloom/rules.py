"""`settings`: who may ask for a ticket from afar, told as the document tells it; of one location, or of them all."""

from collections.abc import Sequence
from math import ceil
from typing import Any

from callboard.domain.model import Location
from callboard.facades.bloom.models.locations import Rules, Setting, Settings
from callboard.facades.bloom.organizations import organization_of
from callboard.facades.bloom.texts import texts
from callboard.foreign.operation import Asked


def rules(location: Location, language: str) -> Rules:
    """Whole numbers, as in the document: of a part of a kilometre or a minute there is one more."""
    remote = location.remote
    return Rules(
        request_ticket_radius=ceil(remote.radius_km),
        request_ticket_min_customers=remote.min_waiting,
        request_ticket_min_waiting_time=ceil(remote.min_wait_min),
        allow_multi_ticket=remote.several_tickets,
        notification_texts=texts(location, language),
    )


def max_radius(locations: Sequence[Location]) -> int:
    """`vt_max_radius`: how far locations are looked for, in kilometres; 0 for any distance."""
    return max((ceil(location.remote.radius_km) for location in locations), default=0)


async def settings(asked: Asked[Any, Any]) -> Settings:
    """The one id that the document shows, and the rules of the first location under their names elsewhere."""
    directory = asked.services.directory
    locations = directory.locations_of((await organization_of(asked.request, asked.services)).id)
    first = rules(locations[0], "")
    values = {
        "vt_max_radius": str(max_radius(locations)),
        "request_ticket_radius": str(first.request_ticket_radius),
        "request_ticket_min_customers": str(first.request_ticket_min_customers),
        "request_ticket_min_waiting_time": str(first.request_ticket_min_waiting_time),
        "allow_multi_ticket": "true" if first.allow_multi_ticket else "false",
    }
    return Settings(True, [Setting(id, value) for id, value in values.items()])
