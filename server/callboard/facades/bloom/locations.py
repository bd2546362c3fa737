"""Where one may go: locations by region, city and nearness, with their services and the customer's own tickets."""

from collections.abc import Sequence
from typing import Any

from babel import Locale

from callboard.domain.identity import location_uuid, queue_uuid
from callboard.domain.model import CLOSED, Location, Queue, State
from callboard.domain.names import name_in
from callboard.domain.remote import distance_km
from callboard.facades.bloom import kept, nearness, tickets, tokens, translation
from callboard.facades.bloom.lines import Line, is_open, lines_of
from callboard.facades.bloom.models.envelope import Status
from callboard.facades.bloom.models.locations import Location as Shown
from callboard.facades.bloom.models.locations import Locations, Service
from callboard.facades.bloom.models.queries import Where
from callboard.facades.bloom.organizations import organization_of
from callboard.facades.bloom.rules import max_radius, rules
from callboard.facades.bloom.today import working_hours
from callboard.facades.bloom.tokens import Owner
from callboard.foreign.operation import Asked
from callboard.standing import seen

COUNTRIES = Locale("en").territories
OPEN = tuple(state for state in State if state not in CLOSED)


async def get(asked: Asked[Any, Where]) -> Locations:
    """For everybody. Whoever sends a token that opens something sees their own open tickets too."""
    owner = await tokens.find(asked)
    directory = asked.services.directory
    organization = owner.organization if owner else (await organization_of(asked.request, asked.services))
    all = directory.locations_of(organization.id)
    chosen = choose(all, asked.query)
    language = kept.language(owner.customer) if owner else ""
    answers = [await _shown(asked, each, owner, language) for each in chosen]
    return Locations(Status(), answers, rules((chosen or all)[0], language))


def choose(all: Sequence[Location], where: Where) -> list[Location]:
    """Those of the region and city, whatever their capitals; with coordinates the nearest first, and none farther away
    than the rules let anybody take a ticket from."""
    found = [each for each in all if _is(where.region, each.region) and _is(where.city, each.city)]
    if not where.coordinates:
        return found
    here, most = nearness.read(where.coordinates), max_radius(all)
    far = {each.id: distance_km(here, each.coordinates) for each in found if each.coordinates}
    near = [each for each in found if each.id in far and (not most or far[each.id] <= most)]
    return sorted(near, key=lambda each: far[each.id])


def country(location: Location) -> str:
    """Its name, as in the document, where we keep a code."""
    return str(COUNTRIES.get(location.country, location.country))


async def _shown(asked: Asked[Any, Where], location: Location, owner: Owner | None, language: str) -> Shown:
    services, now = asked.services, asked.services.clock()
    theirs = (owner.customer.id, OPEN) if owner else None
    picture = await services.reads.picture(location.id, of_customer=theirs)
    queues = lines_of(location, picture, now)
    return Shown(
        id=location_uuid(location),
        name=name_in(location.name, language, location.languages[0]),
        city=location.city,
        region=location.region,
        country=country(location),
        coordinates=translation.coordinates(location),
        address=location.address,
        isOpen=is_open(location, now),
        working_hours=working_hours(location, now),
        services=[_service(location, queue, queues[queue.id], language) for queue in location.queues],
        tickets=tickets.listed(seen(location, picture), owner) if owner else [],
    )


def _service(location: Location, queue: Queue, line: Line, language: str) -> Service:
    return Service(
        id=queue_uuid(queue),
        tag=queue.tag,
        description=name_in(queue.name, language, location.languages[0]),
        waiting_tickets=str(line.waiting),
        waiting_avg=translation.average(line.average_min),
        state=translation.OPEN if line.is_open else translation.CLOSED,
    )


def _is(wanted: str, known: str) -> bool:
    return not wanted.strip() or wanted.strip().casefold() == known.strip().casefold()
