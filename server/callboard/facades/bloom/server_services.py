"""Services, each with the locations that offer it: queues of one name are one service."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from callboard.domain.directory import Unknown
from callboard.domain.identity import location_uuid, organization_uuid, queue_uuid
from callboard.domain.model import Location, Organization, Queue
from callboard.domain.names import name_in
from callboard.facades.bloom import translation
from callboard.facades.bloom.errors import no_values
from callboard.facades.bloom.lines import Line, is_open, lines
from callboard.facades.bloom.locations import country
from callboard.facades.bloom.models.locations import Open
from callboard.facades.bloom.models.queries import Which
from callboard.facades.bloom.models.server_services import LocalService, ServerService, ServerServices, ServicePlace
from callboard.facades.bloom.organizations import organization_of
from callboard.facades.bloom.rules import rules
from callboard.facades.bloom.shown import master
from callboard.facades.bloom.today import span, today, working_hours
from callboard.foreign.operation import Asked


@dataclass(frozen=True, slots=True)
class Offer:
    """A queue at its location, as part of a service of that id and name."""

    id: str
    name: str
    location: Location
    queue: Queue


async def get(asked: Asked[Any, Which]) -> ServerServices:
    """All, or those of an id, or those that a location offers. An id of nothing is refused; null is no id."""
    services = asked.services
    organization = await organization_of(asked.request, services)
    service, place = (_id(each) for each in (asked.query.server_service_id, asked.query.location_id))
    try:
        only = services.directory.find_location(organization.id, place) if place else None
    except Unknown:
        raise no_values("location") from None
    found = [
        offer
        for offer in offers(organization, services.directory.locations_of(organization.id))
        if service in ("", offer.id) and only in (None, offer.location)
    ]
    if service and not found:
        raise no_values("service")
    places = {offer.location.id: offer.location for offer in found}
    stand = {id: await lines(services, location) for id, location in places.items()}
    return ServerServices(True, [_service(group, stand, services.clock()) for group in _grouped(found)])


def offers(organization: Organization, locations: Iterable[Location]) -> list[Offer]:
    """Every queue. What a service is called in its location's first language makes it the same, whatever the capitals;
    its id follows from that and stays the same as long as the name does."""
    found = []
    for location in locations:
        for queue in location.queues:
            name = name_in(queue.name, location.languages[0], location.languages[0])
            found.append(Offer(_service_id(organization_uuid(organization), name.casefold()), name, location, queue))
    return found


@lru_cache(4096)
def _service_id(space: str, name: str) -> str:
    return str(uuid.uuid5(uuid.UUID(space), name))


def _grouped(offers: list[Offer]) -> list[list[Offer]]:
    groups: dict[str, list[Offer]] = {}
    for offer in offers:
        groups.setdefault(offer.id, []).append(offer)
    return list(groups.values())


def _service(group: list[Offer], stand: Mapping[str, Mapping[str, Line]], now: int) -> ServerService:
    places: dict[str, list[Offer]] = {}
    for offer in group:
        places.setdefault(offer.location.id, []).append(offer)
    first, last = span([each for offer in group for each in today(offer.location, now)])
    shown = [_place(each, stand[id], now) for id, each in places.items()]
    return ServerService(
        id=group[0].id,
        name=group[0].name,
        locations=shown,
        isOpen=any(service.isOpen for place in shown for service in place.services),
        open_today_from=first,
        open_today_to=last,
    )


def _place(offers: list[Offer], queues: Mapping[str, Line], now: int) -> ServicePlace:
    """A location with those of its queues that are this service."""
    location = offers[0].location
    about, hours = master(location, ""), today(location, now)
    return ServicePlace(
        id=about.id,
        name=about.name,
        address=about.address,
        phone=about.phone,
        email=about.email,
        city=location.city,
        region=location.region,
        country=country(location),
        website=about.website,
        coordinates=about.coordinates,
        timezone=about.timezone,
        isOpen=is_open(location, now),
        working_hours=working_hours(location, now),
        services=[_local(each, queues[each.queue.id], hours) for each in offers],
        settings=rules(location, ""),
    )


def _local(offer: Offer, line: Line, hours: list[Open]) -> LocalService:
    """`hours` and `minutes` are what somebody who takes a ticket now would wait."""
    wait_hours, wait_minutes = translation.hours_minutes(line.average_min)
    first, last = span(hours)
    return LocalService(
        id=queue_uuid(offer.queue),
        server_service_id=offer.id,
        location_id=location_uuid(offer.location),
        name=name_in(offer.queue.name, "", offer.location.languages[0]),
        color=offer.queue.colour,
        ticket_counter=line.served,
        hours=wait_hours,
        minutes=wait_minutes,
        tag=offer.queue.tag,
        waiting_tickets=line.waiting,
        waiting_avg=translation.average(line.average_min),
        isOpen=line.is_open,
        open_today_from=first,
        open_today_to=last,
    )


def _id(text: str) -> str:
    return "" if text.strip().lower() == "null" else text.strip()
